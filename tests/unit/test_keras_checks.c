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

/* Python takes null for false, but what it would do with it is not fovea's to guess. */
static void a_layer_has_the_weights_that_its_settings_make(void **state) {
    (void)state;
    static const char open[] =
        SEQUENTIAL("s", INPUT ", {\"class_name\": \"Dense\", \"config\": {\"name\": \"a\", "
                              "\"units\": 1, \"use_bias\": null}}");
    const struct entry kernel[] = {
        {.path = "", .names = "a"},
        {.path = "a", .names = "a/kernel:0"},
        {"a/a/kernel:0", NULL, counting, 2, {2, 1}, 2},
    };
    struct outcome outcome = run_file(kernel, COUNT(kernel), NULL, "2.9.0", open);
    is_refused(&outcome, "K-242");
}

/* Operations stand among the layers and have no group in the file; a layer's class may be written there. */
static void operations_have_no_weights(void **state) {
    (void)state;
    static const char config[] = SEQUENTIAL(
        "s",
        INPUT ", {\"module\": \"keras.ops.nn\", \"class_name\": \"Dense\", \"config\": {\"name\": "
              "\"a\", \"units\": 1, \"use_bias\": false, \"activation\": \"linear\"}}");
    const struct entry other[] = {{"layers/other/0", NULL, counting, 2, {2, 1}, 2}};
    struct outcome outcome = run_file(other, COUNT(other), NULL, NULL, config);
    is_refused(&outcome, "K-130");
}

/* Lists of names that were too long for one attribute, and a list of numbers. */
static void names_in_parts_are_texts(void **state) {
    (void)state;
    static const char config[] = SEQUENTIAL("s", INPUT ", " DENSE);
    static const float answer = 1 * 1 + 2 * 2;
    static const uint64_t dims[2] = {2, 1}, none = 0, one = 1;
    for (unsigned kind = 0; kind < 3; kind++) {
        struct writer w;
        unsigned messages;
        w_begin(&w, room, true);
        const struct w_link kernel = {"k", w_contiguous(&w, W_F4, 2, dims, counting, 8)};
        uint64_t group = w_group_begin(&w, &kernel, 1, &messages);
        if (kind == 1)
            w_attribute(&w, "weight_names0", W_F4, 1, &one, counting, 4);
        else
            w_attribute_texts(&w, "weight_names0", 1, 1, "k");
        w_attribute(&w, "weight_names1", W_F8, 1, &none, NULL, 0);
        w_header_end(&w, group, 0);
        const struct w_link links[] = {{"a", group}, {"i", w_group(&w, NULL, 0)}};
        uint64_t root = w_group_begin(&w, links, 2, &messages);
        w_attribute_texts(&w, "layer_names0", 1, 1, "i");
        w_attribute_texts(&w, "layer_names1", 1, 1, kind == 2 ? "x" : "a");
        w_header_end(&w, root, 0);
        w_end(&w, root);
        struct outcome outcome = run(room, w.size, config);
        if (kind == 0)
            expect(&outcome, 1, &answer);
        else
            is_refused(&outcome, kind == 1 ? "H-098" : "K-120");
    }
}

/* A layer's strides are 1, a pool's its size. */
static void strides_that_are_not_stated_are_those_of_keras(void **state) {
    (void)state;
    static const char config[] =
        SEQUENTIAL("s", "{\"class_name\": \"InputLayer\", \"config\": {\"name\": \"i\", "
                        "\"batch_input_shape\": [null, 5, 1]}}, "
                        "{\"class_name\": \"Conv1D\", \"config\": {\"name\": \"a\", "
                        "\"filters\": 1, \"kernel_size\": 2, \"use_bias\": false}}, "
                        "{\"class_name\": \"MaxPooling1D\", \"config\": {\"name\": \"p\", "
                        "\"pool_size\": 2}}");
    static const float answer[] = {2 * 1 + 3 * 2, 4 * 1 + 5 * 2};
    const struct entry kernel[] = {
        {.path = "", .names = "a"},
        {.path = "a", .names = "a/kernel:0"},
        {"a/a/kernel:0", NULL, counting, 2, {2, 1, 1}, 3},
    };
    struct outcome outcome = run_file(kernel, COUNT(kernel), NULL, "2.9.0", config);
    expect(&outcome, 2, answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_have_their_dimensions),
        cmocka_unit_test(names_lead_to_one_weight),
        cmocka_unit_test(a_layer_has_the_weights_that_its_settings_make),
        cmocka_unit_test(strides_that_are_not_stated_are_those_of_keras),
        cmocka_unit_test(operations_have_no_weights),
        cmocka_unit_test(names_in_parts_are_texts),
    };
    return cmocka_run_group_tests_name("Keras checks", tests, NULL, NULL);
}
