/* Lambdas as the interpreters from Python 2.7 to 3.13 compile them (tests/keras/lambda_codes.py), on 1, 2, ... 6: each
 * version's code says the same. */
#include "tests/unit/keras_writer.h"

static const struct lambda_code {
    int lambda;
    const char *version, *code;
} codes[] = {
#define LAMBDA(lambda, version, code) {lambda, version, code},
#include "tests/unit/lambda_codes.def"
#undef LAMBDA
};

/* By the numbers of tests/keras/lambda_codes.py. */
static const struct answer {
    size_t count;
    float values[12];
} answers[] = {
    {6, {3, 5, 7, 9, 11, 13}},
    {6, {-.25f, -.5f, -.75f, -1, -1.25f, -1.5f}},
    {2, {2, 4}},
    {6, {2, 2, 3, 4, 5, 5}},
    {1, {21}},
    {6, {3, 5, 7, 9, 11, 13}},
    {6, {1, 2, 3, 4, 5, 6}},
    {6, {-1, -2, -3, -4, -5, -6}},
    {6, {0, 1, 4, 9, 16, 25}},
    {12, {1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1}},
    {6, {1, 4, 2, 5, 3, 6}},
    {12, {1, 4, 9, 16, 25, 36, 1, 4, 9, 16, 25, 36}},
    {12, {1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6}},
    {6, {-1, -.5f, 0, 1, 2, 2}},
};

static void each_version_says_the_same(void **state) {
    (void)state;
    static const struct entry entries[] = {{.path = "model_weights/y", .names = ""}};
    uint32_t tried[COUNT(answers)] = {0};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char config[2000];
        snprintf(config, sizeof config,
                 "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"s\",\"layers\":[{\"class_"
                 "name\":\"Lambda\",\"config\":{\"name\":\"y\",\"batch_input_shape\":[null,6],"
                 "\"function\":[\"%s\",null,null],\"function_type\":\"lambda\",\"module\":"
                 "\"__main__\",\"arguments\":{}}}]}}",
                 codes[i].code);
        const struct outcome outcome = run_file(entries, COUNT(entries), config, "2.2.4", NULL);
        const struct answer *answer = &answers[codes[i].lambda];
        if (!outcome.done || outcome.count != answer->count ||
            memcmp(outcome.output, answer->values, answer->count * sizeof(float)) != 0)
            fail_msg("lambda %d of Python %s: %s, %g %g ...", codes[i].lambda, codes[i].version,
                     outcome.done ? "another answer" : outcome.trouble.text,
                     (double)outcome.output[0], (double)outcome.output[1]);
        tried[codes[i].lambda]++;
    }
    for (size_t i = 0; i < COUNT(answers); i++) assert_int_equal(tried[i], 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_version_says_the_same),
    };
    return cmocka_run_group_tests_name("lambdas", tests, NULL, NULL);
}
