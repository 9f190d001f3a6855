/* Sequences in files that are made here: kernels of Conv1D as Keras 1 and Theano had them, and masks where only some of
 * the inputs have one. */

#include "tests/unit/keras_writer.h"

static const float counting[] = {1, 2, 3, 4, 5, 6};

#define CONV_1D(version, rest)                                                                     \
    "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"" version                    \
    "\", \"config\": {\"name\": \"c\", \"activation\": \"linear\", " rest                          \
    ", \"batch_input_shape\": [null, 3, 2]}}]}"
#define OLD                                                                                        \
    CONV_1D("Convolution1D", "\"nb_filter\": 1, \"filter_length\": 3, \"subsample_length\": 1, "   \
                             "\"border_mode\": \"valid\", \"bias\": false")
#define NEW                                                                                        \
    CONV_1D("Conv1D", "\"filters\": 1, \"kernel_size\": [3], \"strides\": [1], \"padding\": "      \
                      "\"valid\", \"use_bias\": false")

/* 1, 2; 3, 4; 5, 6 times a kernel of as many numbers. Keras 1 has [length][1][in][out], and for Theano
 * [out][in][length][1], turned around; Keras 2 [length][in][out], by Theano turned around. */
static void kernels_of_lines_are_turned(void **state) {
    (void)state;
    const struct {
        const char *config, *version, *weight;
        uint64_t dims[4];
        unsigned rank;
        float answer;
    } files[] = {
        {OLD, "1.2.0", "c_W:0", {3, 1, 2, 1}, 4, 1 + 4 + 9 + 16 + 25 + 36},
        {OLD, NULL, "c_W", {1, 2, 3, 1}, 4, 1 * 3 + 3 * 2 + 5 * 1 + 2 * 6 + 4 * 5 + 6 * 4},
        {NEW, "2.2.4", "c/kernel:0", {3, 2, 1}, 3, 1 + 4 + 9 + 16 + 25 + 36},
        {NEW,
         "2.2.4 theano",
         "c/kernel:0",
         {3, 2, 1},
         3,
         1 * 5 + 2 * 6 + 3 * 3 + 4 * 4 + 5 + 6 * 2},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64];
        snprintf(path, sizeof path, "model_weights/c/%s", files[i].weight);
        struct entry entries[] = {{.path = "model_weights/c", .names = files[i].weight},
                                  {path, NULL, counting, 6, {0}, files[i].rank}};
        memcpy(entries[1].dims, files[i].dims, sizeof files[i].dims);
        const struct outcome outcome =
            run_file(entries, COUNT(entries), files[i].config, files[i].version, NULL);
        expect(&outcome, 1, &files[i].answer);
    }
}

#define LAYER(class, name, inbound, rest)                                                          \
    ", {\"class_name\": \"" class "\", \"name\": \"" name "\", \"inbound_nodes\": [[" inbound      \
                                  "]], \"config\": {\"name\": \"" name "\"" rest "}}"
#define MASKED(joined)                                                                             \
    "{\"class_name\": \"Model\", \"config\": {\"name\": \"m\", \"layers\": [{\"class_name\": "     \
    "\"InputLayer\", \"name\": \"x\", \"inbound_nodes\": [], \"config\": {\"name\": \"x\", "       \
    "\"batch_input_shape\": [null, 3, 1]}}" LAYER("Masking", "k", "[\"x\", 0, 0, {}]",             \
                                                  ", \"mask_value\": 2")                           \
        joined LAYER("GlobalAveragePooling1D", "g", "[\"j\", 0, 0, {}]",                           \
                     "") "], "                                                                     \
                         "\"input_layers\": [[\"x\", 0, 0]], \"output_layers\": [[\"g\", 0, 0]]}}"
#define BOTH "[\"k\", 0, 0, {}], [\"x\", 0, 0, {}]"

/* 1, 2, 3 with 2 masked, and all of them: an input without a mask counts as a whole. */
static void masks_are_joined(void **state) {
    (void)state;
    static const struct {
        const char *config;
        size_t count;
        float answer[2];
    } models[] = {
        {MASKED(LAYER("Concatenate", "j", BOTH, ", \"axis\": -1")), 2, {2, 2}},
        {MASKED(LAYER("Concatenate", "j", BOTH, ", \"axis\": 1")), 1, {2}}, /* of 1 3 1 2 3 */
        {MASKED(LAYER("Concatenate", "j", "[\"x\", 0, 0, {}], [\"x\", 0, 0, {}]", ", \"axis\": 1")),
         1,
         {2}},
        {MASKED(LAYER("Add", "j", BOTH, "")), 1, {4}},
        {MASKED(LAYER("Add", "j", "[\"x\", 0, 0, {}], [\"x\", 0, 0, {}]", "")), 1, {4}},
    };
    static const struct entry entries[] = {{.path = "model_weights/k", .names = ""}};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const struct outcome outcome =
            run_file(entries, COUNT(entries), models[i].config, "2.2.4", NULL);
        if (!outcome.done) fail_msg("model %zu: %s", i, outcome.trouble.text);
        assert_int_equal(outcome.count, models[i].count);
        for (size_t n = 0; n < outcome.count; n++)
            if (!(outcome.output[n] > models[i].answer[n] - 1e-5f &&
                  outcome.output[n] < models[i].answer[n] + 1e-5f))
                fail_msg("model %zu: %g", i, (double)outcome.output[n]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_of_lines_are_turned),
        cmocka_unit_test(masks_are_joined),
    };
    return cmocka_run_group_tests_name("sequences", tests, NULL, NULL);
}
