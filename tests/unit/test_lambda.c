/* Lambdas as the interpreters from Python 2.7 to 3.13 compile them (tests/keras/lambda_codes.py), on 1, 2, ... 6: each
 * version's code says the same. */
#include "tests/unit/keras_writer.h"

#include <math.h>

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
    {2, {-.5f, -1}},
    {6, {2, 2, 3, 4, 5, 5}},
    {1, {21}},
    {6, {3, 5, 7, 9, 11, 13}},
    {6, {1, 2, 3, 4, 5, 6}},
    {6, {-1, -2, -3, -4, -5, -6}},
    {6, {0, 1, 4, 9, 16, 25}},
    {12, {1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1}},
    {6, {1, 4, 2, 5, 3, 6}},
    {12, {1, 1, 4, 4, 9, 9, 1, 1, 4, 4, 9, 9}},
    {6, {-1, -.5f, 0, 1, 2, 2}},
    /* of TensorFlow 2 */
    {12,
     {0.5317206f, 0.9315937f, 2.1667676f, 2.5666411f, 2.4825399f, 2.8824129f, 4.1175871f,
      4.5174603f, 4.4333591f, 4.8332319f, 6.0684056f, 6.4682798f}},
    {12,
     {1.2707657f, 1.8427823f, 2.5470324f, 3.1190493f, 2.5758581f, 3.1478746f, 3.8521249f,
      4.4241419f, 3.8809505f, 4.4529670f, 5.1572170f, 5.7292337f}},
    {12,
     {0.9829688f, 1.5600780f, 2.3935695f, 2.9706786f, 2.5061450f, 3.0832541f, 3.9167457f,
      4.4938545f, 4.0293217f, 4.6064310f, 5.4399223f, 6.0170312f}},
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
        bool right = outcome.done && outcome.count == answer->count;
        for (size_t n = 0; right && n < answer->count; n++)
            right = fabsf(outcome.output[n] - answer->values[n]) < 2e-6f * 6;
        if (!right)
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
