/* Settings that a config leaves out: a file answers as one that states what the Keras that wrote it takes
 * for them. */

#include "tests/unit/keras_writer.h"

static const float numbers[] = {.5f,   -.25f, .75f,  1,    -.5f,   .25f,  2,  -1,
                                .125f, 3,     -.75f, 1.5f, -.125f, .875f, -2, 1.25f};

/* The model of that one layer "l", on an input of `shape`. */
static struct outcome answer(const char *version, const char *shape, const char *class_name,
                             const char *settings) {
    static const struct entry recurrent[] = {
        {.path = "model_weights/l", .names = "l/kernel:0 l/recurrent_kernel:0"},
        {"model_weights/l/l/kernel:0", NULL, numbers, 0, {0}, 2},
        {"model_weights/l/l/recurrent_kernel:0", NULL, numbers, 0, {0}, 2},
    };
    static const struct entry normal[] = {
        {.path = "model_weights/l", .names = "l_gamma:0 l_beta:0 l_running_mean:0 l_running_std:0"},
        {"model_weights/l/l_gamma:0", NULL, numbers + 3, 1, {1}, 1},
        {"model_weights/l/l_beta:0", NULL, numbers, 1, {1}, 1},
        {"model_weights/l/l_running_mean:0", NULL, numbers, 1, {1}, 1},
        {"model_weights/l/l_running_std:0", NULL, numbers + 8, 1, {1}, 1},
    };
    static const struct entry einsum[] = {
        {.path = "model_weights/l", .names = "l/kernel:0"},
        {"model_weights/l/l/kernel:0", NULL, numbers, 2, {1, 2}, 2},
    };
    static const struct entry none[] = {{.path = "model_weights/l", .names = ""}};
    const uint32_t width = strstr(class_name, "GRU") ? 6 : strstr(class_name, "LSTM") ? 8 : 2;
    struct entry own[3];
    char config[1024];
    memcpy(own, recurrent, sizeof own);
    for (int i = 1; i < 3; i++) {
        own[i].count = (uint32_t)i * width;
        own[i].dims[0] = (uint32_t)i;
        own[i].dims[1] = width;
    }
    snprintf(config, sizeof config,
             "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"%s\", \"config\": "
             "{\"name\": \"l\", \"batch_input_shape\": [null, %s]%s}}]}",
             class_name, shape, settings);
    if (strcmp(class_name, "BatchNormalization") == 0)
        return run_file(normal, COUNT(normal), config, version, NULL);
    if (strcmp(class_name, "EinsumDense") == 0)
        return run_file(einsum, COUNT(einsum), config, version, NULL);
    return strstr(settings, "units") ? run_file(own, 3, config, version, NULL)
                                     : run_file(none, 1, config, version, NULL);
}

#define RNN  ", \"units\": 2, \"use_bias\": false"
#define GATE ", \"recurrent_activation\": "
#define ON   ", \"reset_after\": true"
#define OFF  ", \"reset_after\": false"
#define HARD GATE "\"hard_sigmoid\""
#define SOFT GATE "\"sigmoid\""
#define TANH ", \"activation\": \"tanh\""
#define SUM  ", \"equation\": \"ab,bc->ac\", \"output_shape\": 2"

/* Nothing behind `common` means what `stated` does, and not what `other` does. */
static const struct {
    const char *version, *shape, *class_name, *common, *stated, *other;
} rows[] = {
    {"2.1.4", "3, 1", "GRU", RNN SOFT TANH, OFF, ON},
    {"2.3.1", "3, 1", "GRU", RNN SOFT TANH, OFF, ON},
    {"2.4.0", "3, 1", "GRU", RNN SOFT TANH, ON, OFF},
    {"2.15.0", "3, 1", "GRU", RNN SOFT TANH, ON, OFF},
    {"3.0.0", "3, 1", "GRU", RNN SOFT TANH, ON, OFF},
    {"2.2.5", "3, 1", "GRU", RNN TANH ON, HARD, SOFT},
    {"2.3.0", "3, 1", "GRU", RNN TANH ON, SOFT, HARD},
    {"2.2.5", "3, 1", "LSTM", RNN TANH, HARD, SOFT},
    {"2.3.0", "3, 1", "LSTM", RNN TANH, SOFT, HARD},
    {"3.15.1", "3, 1", "LSTM", RNN TANH, SOFT, HARD},
    {"3.15.1", "3, 1", "LSTM", RNN SOFT, TANH, ", \"activation\": null"},
    {"2.2.4-tf", "3, 1", "GRU", RNN ON SOFT, TANH, ", \"activation\": null"},
    {"2.2.4-tf", "3, 1", "SimpleRNN", RNN, TANH, ", \"activation\": null"},
    {"1.0.7", "2, 1", "BatchNormalization", "", ", \"epsilon\": 1e-6", ", \"epsilon\": 1e-5"},
    {"1.0.8", "2, 1", "BatchNormalization", "", ", \"epsilon\": 1e-5", ", \"epsilon\": 1e-6"},
    {"1.1.2", "2, 1", "BatchNormalization", "", ", \"epsilon\": 1e-5", ", \"epsilon\": 1e-3"},
    {"1.2.0", "2, 1", "BatchNormalization", "", ", \"epsilon\": 1e-3", ", \"epsilon\": 1e-5"},
    {"3.1.0", "5, 1", "Cropping1D", "", ", \"cropping\": 1", ", \"cropping\": 2"},
    {"3.1.0", "5, 5, 1", "Cropping2D", "", ", \"cropping\": 0", ", \"cropping\": 1"},
    {"3.1.0", "3, 3, 3, 1", "Cropping3D", "", ", \"cropping\": 1", ", \"cropping\": 0"},
    {"3.1.0", "4, 1", "ZeroPadding1D", "", ", \"padding\": 1", ", \"padding\": 2"},
    {"3.1.0", "2, 2, 1", "ZeroPadding2D", "", ", \"padding\": 1", ", \"padding\": 2"},
    {"3.1.0", "2, 2, 1", "UpSampling2D", "", ", \"size\": 2", ", \"size\": 3"},
    {"3.1.0", "6, 6, 1", "MaxPooling2D", "", ", \"pool_size\": 2", ", \"pool_size\": 3"},
    {"2.2.4-tf", "6, 1", "AveragePooling1D", "", ", \"pool_size\": 2", ", \"pool_size\": 3"},
    {"2.2.4", "6, 1", "AvgPool1D", "", ", \"pool_size\": 2", ", \"pool_size\": 3"},
    {"3.1.0", "1", "EinsumDense", SUM, ", \"bias_axes\": null", ", \"activation\": \"relu\""},
};

static void what_is_left_out_is_what_the_version_takes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct outcome outcome[3];
        const char *more[3] = {"", rows[i].stated, rows[i].other};
        for (int k = 0; k < 3; k++) {
            char settings[512];
            snprintf(settings, sizeof settings, "%s%s", rows[i].common, more[k]);
            outcome[k] = answer(rows[i].version, rows[i].shape, rows[i].class_name, settings);
            if (!outcome[k].done) fail_msg("row %zu: %s", i, outcome[k].trouble.text);
        }
        expect(&outcome[0], outcome[1].count, outcome[1].output);
        if (outcome[2].count == outcome[0].count &&
            memcmp(outcome[2].output, outcome[0].output, outcome[0].count * sizeof(float)) == 0)
            fail_msg("row %zu: '%s' makes no difference", i, rows[i].other);
    }
}

static void what_no_version_tells_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *version, *shape, *class_name, *settings, *words;
    } refused[] = {
        {"1.0.6", "2, 1", "BatchNormalization", "", "'l_running_std:0' before 1.0.7"},
        {NULL, "2, 1", "BatchNormalization", "", "'l_running_std:0' before 1.0.7"},
        {"2.2.4-tf", "3, 1", "GRU", RNN SOFT TANH, "lacks 'reset_after'"},
        {"2.3.0-tf", "3, 1", "LSTM", RNN TANH, "lacks 'recurrent_activation'"},
        {"3.0.0", "6, 1", "AveragePooling1D", "", "'pool_size' is neither"},
        {"3.0.0", "6, 1", "AvgPool1D", "", "'pool_size' is neither"},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct outcome outcome = answer(refused[i].version, refused[i].shape, refused[i].class_name,
                                        refused[i].settings);
        expect_refusal(&outcome, refused[i].words);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_what_the_version_takes),
        cmocka_unit_test(what_no_version_tells_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
