/* Checks of whole Keras files that no bend of a good one reaches. */
#include "tests/unit/keras_writer.h"

static const float counting[] = {1, 2, 3, 4, 5, 6, 7, 8};

#define INPUT                                                                                      \
    "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"i\", \"batch_input_shape\": "       \
    "[null, 2]}}"
#define DENSE                                                                                      \
    "{\"class_name\": \"Dense\", \"config\": {\"name\": \"a\", \"units\": 1, \"use_bias\": "       \
    "false, "                                                                                      \
    "\"activation\": \"linear\"}}"
#define SEQUENTIAL(name, layers)                                                                   \
    "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"" name "\", \"layers\": [" layers   \
    "]}}"

static void is_refused(const struct outcome *outcome, const char *id) {
    assert_false(outcome->done);
    if (strcmp(outcome->trouble.check, id) != 0)
        fail_msg("%s: %s, not %s", outcome->trouble.text, outcome->trouble.check, id);
}

static void kernels_have_their_dimensions(void **state) {
    (void)state;
    const struct entry flat[] = {
        {.path = "", .names = "a"},
        {.path = "a", .names = "kernel:0"},
        {"a/kernel:0", NULL, counting, 2, {2}, 1},
    };
    struct outcome outcome =
        run_file(flat, COUNT(flat), NULL, "2.9.0", SEQUENTIAL("s", INPUT ", " DENSE));
    is_refused(&outcome, "K-106");
    static const char old[] =
        "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"Convolution2D\", "
        "\"config\": {\"name\": \"c\", \"nb_filter\": 1, \"nb_row\": 2, \"nb_col\": 2, "
        "\"subsample\": [1, 1], \"border_mode\": \"valid\", \"dim_ordering\": \"th\", "
        "\"bias\": false, \"activation\": \"linear\", \"batch_input_shape\": [null, 2, 2, 2]}}]}";
    const struct entry pair[] = {
        {.path = "model_weights/c", .names = "c_W:0"},
        {"model_weights/c/c_W:0", NULL, counting, 8, {4, 2}, 2},
    };
    outcome = run_file(pair, COUNT(pair), old, "1.2.0", NULL);
    is_refused(&outcome, "K-108");
}

static void names_lead_to_one_weight(void **state) {
    (void)state;
    const struct entry none[] = {{.path = "", .names = "a"}};
    struct outcome outcome =
        run_file(none, COUNT(none), NULL, "2.9.0", SEQUENTIAL("s", INPUT ", " DENSE));
    is_refused(&outcome, "K-120");
    const struct entry two[] = {
        {.path = "", .names = "m"},
        {.path = "m", .names = "a/kernel:0 b/a/kernel:0"},
        {"m/a/kernel:0", NULL, counting, 2, {2, 1}, 2},
        {"m/b/a/kernel:0", NULL, counting, 2, {2, 1}, 2},
    };
    outcome = run_file(two, COUNT(two), NULL, "2.9.0",
                       SEQUENTIAL("s", INPUT ", " SEQUENTIAL("m", INPUT ", " DENSE)));
    is_refused(&outcome, "K-118");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_have_their_dimensions),
        cmocka_unit_test(names_lead_to_one_weight),
    };
    return cmocka_run_group_tests_name("Keras checks", tests, NULL, NULL);
}
