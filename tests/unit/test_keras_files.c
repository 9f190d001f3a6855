/* Files of Keras that real Keras' answers do not reach: Keras 1 and Theano's kernels, the first layouts of
 * .keras, weights under other names, what is refused. Files are made here, converted, and the models run. */

#include "tests/unit/keras_writer.h"

/* ---- Keras 1 ---- */

static const float counting[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const float zeros[16];

#define CONV_1(order, shape)                                                                       \
    "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"Convolution2D\", "           \
    "\"config\": "                                                                                 \
    "{\"name\": \"c\", \"nb_filter\": 1, \"nb_row\": 2, \"nb_col\": 2, \"subsample\": [1, 1], "    \
    "\"border_mode\": \"valid\", \"dim_ordering\": \"" order "\", \"bias\": true, "                \
    "\"activation\": \"linear\", \"batch_input_shape\": [null, " shape "]}}]}"

/* One picture of 2x2 in 2 channels: a sum of products. Kernel 1..8 as [out][in][y][x]; TensorFlow's names
 * end in ":0", Theano's do not and its kernels are turned around. */
static void kernels_of_keras_1_are_turned(void **state) {
    (void)state;
    const float tensorflow = 1 * 1 + 2 * 2 + 3 * 3 + 4 * 4 + 5 * 5 + 6 * 6 + 7 * 7 + 8 * 8;
    const float theano = 1 * 4 + 2 * 3 + 3 * 2 + 4 * 1 + 5 * 8 + 6 * 7 + 7 * 6 + 8 * 5;
    const struct entry first[] = {
        {.path = "model_weights/c", .names = "c_W:0 c_b:0"},
        {"model_weights/c/c_W:0", NULL, counting, 8, {1, 2, 2, 2}, 4},
        {"model_weights/c/c_b:0", NULL, zeros, 1, {1}, 1},
    };
    const struct entry second[] = {
        {.path = "model_weights/c", .names = "c_W c_b"},
        {"model_weights/c/c_W", NULL, counting, 8, {1, 2, 2, 2}, 4},
        {"model_weights/c/c_b", NULL, zeros, 1, {1}, 1},
    };
    struct outcome outcome = run_file(first, COUNT(first), CONV_1("th", "2, 2, 2"), "1.2.0", NULL);
    expect(&outcome, 1, &tensorflow);
    outcome = run_file(second, COUNT(second), CONV_1("th", "2, 2, 2"), NULL, NULL);
    expect(&outcome, 1, &theano);
    /* A kernel of the other order does not fit. */
    outcome = run_file(first, COUNT(first), CONV_1("tf", "2, 2, 2"), "1.2.0", NULL);
    expect_refusal(&outcome, "layer 'c' (Conv2D): weight 'c_W:0' does not have the shape");
    outcome = run_file(first, COUNT(first), CONV_1("xy", "2, 2, 2"), "1.2.0", NULL);
    expect_refusal(&outcome, "neither tf nor th");
}

#define WINDOW_1(class, name, sizes, subsample, size)                                              \
    "{\"class_name\": \"" class "\", \"config\": {\"name\": \"" name                               \
                                "\", \"border_mode\": \"same\", "                                  \
                                "\"dim_ordering\": \"tf\", \"nb_filter\": 1, \"bias\": false, "    \
                                "\"" subsample "\": [2, 2], "                                      \
                                "\"batch_input_shape\": [null, " size ", " size ", 1], " sizes     \
                                "}}"
#define CONV_SAME_1(rows, size)                                                                    \
    WINDOW_1("Convolution2D", "c", "\"nb_row\": " rows ", \"nb_col\": 1", "subsample", size)
#define POOL_SAME_1(rows, size)                                                                    \
    WINDOW_1("MaxPooling2D", "p", "\"pool_size\": [" rows ", 1]", "strides", size)

/* TensorFlow pads what the last window lacks, Theano half a window before, whatever the strides are: the
 * file is right only where both are the same. Keras 1 tells them apart by the names of weights alone. */
static void paddings_of_theano_are_not_those_of_tensorflow(void **state) {
    (void)state;
    static const struct {
        const char *layers;
        uint32_t rows;
        const char *refused; /* with Theano; NULL: not */
    } models[] = {
        {CONV_SAME_1("3", "5"), 3, NULL},
        {CONV_SAME_1("3", "4"), 3, "layer 'c' (Conv2D): it was trained with Theano"},
        {CONV_SAME_1("1", "4"), 1, NULL},
        {CONV_SAME_1("2", "4"), 2, "layer 'c' (Conv2D): it was trained with Theano"},
        {POOL_SAME_1("3", "5") ", " CONV_SAME_1("1", "3"), 1, NULL},
        {POOL_SAME_1("3", "4") ", " CONV_SAME_1("1", "2"), 1, "layer 'p' (MaxPooling2D)"},
        {POOL_SAME_1("2", "4") ", " CONV_SAME_1("1", "2"), 1, "layer 'p' (MaxPooling2D)"},
        {POOL_SAME_1("1", "4") ", " CONV_SAME_1("1", "2"), 1, NULL},
        {POOL_SAME_1("5", "5") ", " CONV_SAME_1("1", "3"), 1, "layer 'p' (MaxPooling2D)"},
    };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++)
        for (int theano = 0; theano < 2; theano++) {
            const char *name = theano ? "c_W" : "c_W:0";
            const struct entry entries[] = {
                {.path = "model_weights/c", .names = name},
                {theano ? "model_weights/c/c_W" : "model_weights/c/c_W:0",
                 NULL,
                 counting,
                 models[i].rows,
                 {models[i].rows, 1, 1, 1},
                 4},
            };
            char config[2048];
            snprintf(config, sizeof config, "{\"class_name\": \"Sequential\", \"config\": [%s]}",
                     models[i].layers);
            struct outcome outcome = run_file(entries, 2, config, "1.2.2", NULL);
            if (theano && models[i].refused)
                expect_refusal(&outcome, models[i].refused);
            else if (!outcome.done)
                fail_msg("model %zu: %s", i, outcome.trouble.text);
        }
}

/* The same as the file states it since Keras 2. */
static void paddings_go_by_the_stated_backend(void **state) {
    (void)state;
    static const struct {
        const char *version, *kind;
        unsigned window, size;
        const char *refused;
    } models[] = {
        {"2.2.4 tensorflow", "Conv2D", 3, 4, NULL},
        {"2.2.4 theano", "Conv2D", 3, 5, NULL},
        {"2.2.4 theano", "Conv2D", 3, 4, "it was trained with Theano"},
        {"2.2.4 theano", "Conv2DTranspose", 3, 4, "it was trained with Theano"},
        {"2.2.4 cntk", "Conv2D", 3, 5, NULL},
        {"2.2.4 cntk", "Conv2D", 3, 4, "it was trained with CNTK"},
        {"2.2.4 cntk", "Conv2D", 2, 4, NULL},
        {"2.2.4 cntk", "MaxPooling2D", 2, 4, NULL},
        {"2.2.4 cntk", "MaxPooling2D", 3, 6, "it was trained with CNTK"},
        {"3.1.0 jax", "Conv2D", 3, 4, NULL},
    };
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const uint32_t window = models[i].window;
        const struct entry entries[] = {
            {.path = "model_weights/c", .names = "kernel:0"},
            {"model_weights/c/kernel:0", NULL, counting, window, {window, 1, 1, 1}, 4},
            {.path = "model_weights/p", .names = ""},
        };
        char config[1024];
        snprintf(
            config, sizeof config,
            "{\"class_name\": \"Sequential\", \"config\": [{\"class_name\": \"%s\", \"config\": "
            "{\"name\": \"%s\", \"filters\": 1, \"kernel_size\": [%u, 1], \"pool_size\": [%u, 1], "
            "\"strides\": [2, 2], \"padding\": \"same\", \"use_bias\": false, "
            "\"batch_input_shape\": [null, %u, 1, 1]}}]}",
            models[i].kind, models[i].kind[0] == 'C' ? "c" : "p", window, window, models[i].size);
        struct outcome outcome = run_file(entries, COUNT(entries), config, models[i].version, NULL);
        if (models[i].refused)
            expect_refusal(&outcome, models[i].refused);
        else if (!outcome.done)
            fail_msg("model %zu: %s", i, outcome.trouble.text);
    }
}

#define LAYER_1(class, name, inbound, rest)                                                        \
    "{\"class_name\": \"" class "\", \"name\": \"" name "\", \"inbound_nodes\": [" inbound         \
                                "], \"config\": {\"name\": \"" name "\"" rest "}}"
#define MODEL_1(layers, output)                                                                    \
    "{\"class_name\": \"Model\", \"config\": {\"name\": \"m\", \"layers\": [" LAYER_1(             \
        "InputLayer", "i", "",                                                                     \
        ", \"batch_input_shape\": [null, 1, 2, 1]") ", " layers                                    \
                                                    "], \"input_layers\": [[\"i\", 0, 0]], "       \
                                                    "\"output_layers\": [[\"" output               \
                                                    "\", 0, 0]]}}"
#define FROM(name) "[[\"" name "\", 0, 0]]"

static struct outcome run_1(const char *config) {
    const struct entry empty[] = {{.path = "model_weights/i", .names = ""}};
    return run_file(empty, 1, config, "1.0.8", NULL);
}

static void layers_of_keras_1_are_those_of_today(void **state) {
    (void)state;
    const float sum[] = {2, 4}, side[] = {1, 1, 2, 2};
    struct outcome outcome = run_1(MODEL_1(LAYER_1("Merge", "a", "[[\"i\", 0, 0], [\"i\", 0, 0]]",
                                                   ", \"mode\": \"sum\", \"mode_type\": \"raw\""),
                                           "a"));
    expect(&outcome, 2, sum);
    outcome = run_1(MODEL_1(LAYER_1("Merge", "a", "[[\"i\", 0, 0], [\"i\", 0, 0]]",
                                    ", \"mode\": \"concat\", \"concat_axis\": 3"),
                            "a"));
    expect(&outcome, 4, side);
    outcome = run_1(MODEL_1(LAYER_1("Merge", "a", "[[\"i\", 0, 0], [\"i\", 0, 0]]",
                                    ", \"mode\": \"f\", \"mode_type\": \"lambda\""),
                            "a"));
    expect_refusal(&outcome, "layer 'a' (Merge): it merges by Python code");
    outcome = run_1(MODEL_1(LAYER_1("Merge", "a", "[[\"i\", 0, 0], [\"i\", 0, 0]]",
                                    ", \"mode\": \"cos\", \"mode_type\": \"raw\""),
                            "a"));
    expect_refusal(&outcome, "layer 'a' (Merge): mode 'cos'");
    outcome = run_1(MODEL_1(LAYER_1("BatchNormalization", "b", FROM("i"), ", \"mode\": 2"), "b"));
    expect_refusal(&outcome, "layer 'b' (BatchNormalization)");
    outcome =
        run_1(MODEL_1(LAYER_1("Lambda", "l", FROM("i"), ", \"function\": \"\\u0000x\""), "l"));
    expect_refusal(&outcome, "layer 'l' is a Lambda");
}

static void paddings_of_keras_1_are_all_read(void **state) {
    (void)state;
    const float padded[] = {0, 0, 0, 0, 1, 2}; /* a row above, a cell to the left */
    static const char *const spellings[] = {"[1, 0, 1, 0]", "{\"top_pad\": 1, \"left_pad\": 1}",
                                            "[[1, 0], [1, 0]]"};
    for (size_t i = 0; i < 3; i++) {
        char config[1024];
        snprintf(
            config, sizeof config,
            MODEL_1(LAYER_1("Convolution2D", "c", "", ", \"dim_ordering\": \"%s\"") ", " LAYER_1(
                        "ZeroPadding2D", "z", FROM("i"), ", \"padding\": %s"),
                    "z"),
            "tf", spellings[i]);
        struct outcome outcome = run_1(config);
        expect(&outcome, 6, padded);
    }
    struct outcome outcome =
        run_1(MODEL_1(LAYER_1("ZeroPadding2D", "z", FROM("i"), ", \"padding\": [1, 1]"), "z"));
    expect_refusal(&outcome, "layer 'z' (ZeroPadding2D): its config does not say whether");
}

/* Keras 1 states what Keras 2 derives. */
static void a_stated_shape_has_to_be_the_derived_one(void **state) {
    (void)state;
    const struct entry entries[] = {
        {.path = "model_weights/c", .names = "c_W:0"},
        {"model_weights/c/c_W:0", NULL, counting, 1, {1, 1, 1, 1}, 4},
    };
    static const char *const shapes[] = {"[null, 2, 4, 1]", "[null, 3, 4, 1]"};
    const float spread[] = {1, 0, 2, 0, 0, 0, 0, 0};
    for (size_t i = 0; i < 2; i++) {
        char config[2048];
        snprintf(config, sizeof config,
                 MODEL_1(LAYER_1("Deconvolution2D", "c", FROM("i"),
                                 ", \"nb_filter\": 1, \"nb_row\": 1, \"nb_col\": 1, \"bias\": "
                                 "false, \"subsample\": [2, 2], \"border_mode\": \"valid\", "
                                 "\"dim_ordering\": \"tf\", \"output_shape\": %s"),
                         "c"),
                 shapes[i]);
        struct outcome outcome = run_file(entries, 2, config, "1.2.0", NULL);
        if (i == 0)
            expect(&outcome, 8, spread);
        else
            expect_refusal(&outcome, "layer 'c' (Conv2DTranspose): an 'output_shape' other than");
    }
}

/* ---- weights by numbers ---- */

#define DENSE(name, units)                                                                         \
    "{\"module\": \"keras.layers\", \"class_name\": \"Dense\", \"registered_name\": null, "        \
    "\"config\": {\"name\": \"" name "\", \"units\": " units ", \"use_bias\": false, "             \
    "\"activation\": \"linear\"}}"
#define INPUT(size)                                                                                \
    "{\"module\": \"keras.layers\", \"class_name\": \"InputLayer\", \"registered_name\": null, "   \
    "\"config\": {\"name\": \"input\", \"batch_shape\": [null, " size "]}}"
#define SEQUENTIAL(name, layers)                                                                   \
    "{\"module\": \"keras\", \"class_name\": \"Sequential\", \"registered_name\": null, "          \
    "\"config\": {\"name\": \"" name "\", \"layers\": [" layers "]}}"

static const float two = 2, three = 3, five = 5;

static void groups_are_counted_by_class(void **state) {
    (void)state;
    static const char config[] =
        SEQUENTIAL("s", INPUT("1") ", " DENSE("x", "1") ", " SEQUENTIAL(
                            "t", INPUT("1") ", " DENSE("x", "1")) ", " DENSE("y", "1"));
    static const char *const layouts[][3] = {
        {"layers/dense/vars/0", "layers/sequential/layers/dense/vars/0", "layers/dense_1/vars/0"},
        /* Keras 2.12: each layer with weights counts twice. */
        {"_layer_checkpoint_dependencies/dense/vars/0",
         "_layer_checkpoint_dependencies/sequential/_layer_checkpoint_dependencies/dense/vars/0",
         "_layer_checkpoint_dependencies/dense_2/vars/0"},
        /* On Windows. */
        {"layers\\dense/vars/0", "layers\\sequential\\layers\\dense/vars/0",
         "layers\\dense_1/vars/0"},
    };
    const float product = 2 * 3 * 5;
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        const struct entry entries[] = {
            {layouts[i][0], NULL, &two, 1, {1, 1}, 2},
            {layouts[i][1], NULL, &three, 1, {1, 1}, 2},
            {layouts[i][2], NULL, &five, 1, {1, 1}, 2},
        };
        struct outcome outcome = run_file(entries, 3, NULL, NULL, config);
        expect(&outcome, 1, &product);
    }
}

static void input_shapes_are_found_where_versions_put_them(void **state) {
    (void)state;
    static const char *const configs[] = {
        SEQUENTIAL("s", INPUT("2") ", " DENSE("a", "1")),
        "{\"class_name\": \"Sequential\", \"config\": {\"name\": \"s\", \"build_input_shape\": "
        "[null, 2], \"layers\": [" DENSE("a", "1") "]}}",
        "{\"class_name\": \"Sequential\", \"build_config\": {\"input_shape\": [null, 2]}, "
        "\"config\": {\"name\": \"s\", \"layers\": [" DENSE("a", "1") "]}}",
        "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [{\"class_name\": \"Dense\", "
        "\"build_config\": {\"input_shape\": [null, 2]}, \"config\": {\"name\": \"a\", "
        "\"units\": 1, \"use_bias\": false}}]}}",
        "{\"class_name\": \"Sequential\", \"config\": {\"layers\": [{\"class_name\": \"Dense\", "
        "\"config\": {\"name\": \"a\", \"batch_input_shape\": [null, 2], \"units\": 1, "
        "\"use_bias\": false}}]}}",
        /* the text of a text, as json.dump(model.to_json()) makes it */
        "\"{\\\"class_name\\\": \\\"Sequential\\\", \\\"config\\\": {\\\"layers\\\": "
        "[{\\\"class_name\\\": \\\"Dense\\\", \\\"config\\\": {\\\"name\\\": \\\"a\\\", "
        "\\\"batch_input_shape\\\": [null, 2], \\\"units\\\": 1, \\\"use_bias\\\": "
        "false}}]}}\"",
    };
    const struct entry entries[] = {{"layers/dense/vars/0", NULL, counting, 2, {2, 1}, 2}};
    const float sum = 1 * 1 + 2 * 2;
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        struct outcome outcome = run_file(entries, 1, NULL, NULL, configs[i]);
        expect(&outcome, 1, &sum);
    }
}

static void configs_that_do_not_fit_numbered_weights_are_refused(void **state) {
    (void)state;
    const struct entry entries[] = {
        {"layers/dense/vars/0", NULL, counting, 2, {1, 2}, 2},
        {"layers/dense_1/vars/0", NULL, counting, 2, {2, 1}, 2},
    };
    struct outcome outcome =
        run_file(entries, 2, NULL, NULL, SEQUENTIAL("s", INPUT("1") ", " DENSE("a", "2")));
    expect_refusal(&outcome, "no layer for the file's '/layers/dense_1'");
    outcome = run_file(
        entries, 2, NULL, NULL,
        SEQUENTIAL("s", INPUT("1") ", " DENSE("a", "2") ", " DENSE("b", "1") ", " DENSE("c", "1")));
    expect_refusal(&outcome, "layer 'c' (Dense): its weights are missing");
    outcome = run_file(entries, 2, NULL, NULL,
                       SEQUENTIAL("s", INPUT("1") ", " DENSE("a", "3") ", " DENSE("b", "1")));
    expect_refusal(&outcome, "layer 'a' (Dense): weight '/layers/dense/vars/0' holds 2 numbers");
    outcome = run_file(entries, 1, NULL, NULL, SEQUENTIAL("s", INPUT("2") ", " DENSE("a", "1")));
    expect_refusal(&outcome,
                   "layer 'a' (Dense): weight '/layers/dense/vars/0' does not have the shape");
    outcome = run_file(entries, 2, NULL, NULL, NULL);
    expect_refusal(&outcome, "--config");
}

/* ---- weights by names ---- */

static void names_given_by_themselves_are_matched_by_order(void **state) {
    (void)state;
    static const char config[] =
        SEQUENTIAL("s", INPUT("1") ", " DENSE("dense", "1") ", " DENSE("dense_1", "1"));
    const struct entry entries[] = {
        {.path = "", .names = "input_9 dense_7 dense_8"},
        {.path = "input_9", .names = ""},
        {.path = "dense_7", .names = "dense_7/kernel:0"},
        {"dense_7/dense_7/kernel:0", NULL, &two, 1, {1, 1}, 2},
        {.path = "dense_8", .names = "dense_8/kernel:0"},
        {"dense_8/dense_8/kernel:0", NULL, &three, 1, {1, 1}, 2},
    };
    const float product = 6;
    struct outcome outcome = run_file(entries, COUNT(entries), NULL, "2.9.0", config);
    expect(&outcome, 1, &product);
    outcome = run_file(entries, COUNT(entries), NULL, "2.9.0",
                       SEQUENTIAL("s", INPUT("1") ", " DENSE("dense", "1")));
    expect_refusal(&outcome, "1 layers with weights, the file 2, among them 'dense_7'");
}

#define NESTED(trainable)                                                                          \
    SEQUENTIAL("s", INPUT("1") ", " SEQUENTIAL(                                                    \
                        "m", INPUT("1") ", {\"class_name\": \"BatchNormalization\", \"config\": "  \
                                        "{\"name\": \"b\", \"epsilon\": 0, \"center\": false, "    \
                                        "\"trainable\": " trainable "}}, " DENSE("d", "1")))

/* One list for the model inside: what is trained first. Names that say nothing are read by that order. */
static void weights_of_a_model_inside_are_found_by_order(void **state) {
    (void)state;
    static const float gamma = 10, mean = 0.5f, variance = 4, kernel = 3;
    const struct entry trained[] = {
        {.path = "", .names = "m"},
        {.path = "m", .names = "q/gamma:0 p/kernel:0 q/moving_mean:0 q/moving_variance:0"},
        {"m/q/gamma:0", NULL, &gamma, 1, {1}, 1},
        {"m/p/kernel:0", NULL, &kernel, 1, {1, 1}, 2},
        {"m/q/moving_mean:0", NULL, &mean, 1, {1}, 1},
        {"m/q/moving_variance:0", NULL, &variance, 1, {1}, 1},
    };
    struct entry frozen[6];
    memcpy(frozen, trained, sizeof frozen);
    frozen[1].names = "p/kernel:0 q/gamma:0 q/moving_mean:0 q/moving_variance:0";
    const float value = (1 - 0.5f) / 2 * 10 * 3;
    struct outcome outcome = run_file(trained, 6, NULL, "2.9.0", NESTED("true"));
    expect(&outcome, 1, &value);
    outcome = run_file(frozen, 6, NULL, "2.9.0", NESTED("false"));
    expect(&outcome, 1, &value);
    outcome = run_file(frozen, 6, NULL, "2.9.0", NESTED("true"));
    expect_refusal(&outcome, "layer 'b' (BatchNormalization): its weight 'gamma' is missing");
}

/* ---- refusals ---- */

#define CUSTOM(module, registered)                                                                 \
    SEQUENTIAL("s", INPUT("1") ", {\"module\": " module ", \"class_name\": \"Dense\", "            \
                               "\"registered_name\": " registered                                  \
                               ", \"config\": {\"name\": \"mine\"}}")

static void custom_layers_are_refused_by_name(void **state) {
    (void)state;
    const struct entry entries[] = {{"layers/dense/vars/0", NULL, &two, 1, {1, 1}, 2}};
    static const char *const configs[] = {
        CUSTOM("\"__main__\"", "null"),
        CUSTOM("\"keras.layers\"", "\"mine>Dense\""),
        CUSTOM("\"keras_hub.layers\"", "\"Dense\""),
    };
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        struct outcome outcome = run_file(entries, 1, NULL, NULL, configs[i]);
        expect_refusal(&outcome, "layer 'mine' is a custom layer (Dense)");
    }
}

/* ---- how layers are called ---- */

#define LAYER_2(class, name, inbound, rest)                                                        \
    "{\"class_name\": \"" class "\", \"name\": \"" name "\", \"inbound_nodes\": [" inbound         \
                                "], \"config\": {\"name\": \"" name "\"" rest "}}"
#define INPUT_2(name) LAYER_2("InputLayer", name, "", ", \"batch_input_shape\": [null, 2]")
#define MODEL_2(name, layers, inputs, output)                                                      \
    "\"class_name\": \"Functional\", \"config\": {\"name\": \"" name "\", \"layers\": [" layers    \
    "], \"input_layers\": " inputs ", \"output_layers\": [" output "]}"

static struct outcome run_2(const char *config) {
    const float one[] = {1, 1}, mean[] = {1, 1};
    const struct entry entries[] = {
        {.path = "model_weights/n", .names = "b/moving_mean:0 b/moving_variance:0"},
        {"model_weights/n/b/moving_mean:0", NULL, mean, 2, {2}, 1},
        {"model_weights/n/b/moving_variance:0", NULL, one, 2, {2}, 1},
    };
    return run_file(entries, COUNT(entries), config, "2.9.0", NULL);
}

/* What a model is called with holds for the layers in it that say nothing themselves. */
static void training_is_handed_down(void **state) {
    (void)state;
    static const struct {
        const char *outer, *inner;
        bool refused;
    } cases[] = {
        {"", "", false},
        {"\"training\": true", "", true},
        {"\"training\": 1", "\"training\": null", true},
        {"\"training\": true", "\"training\": false", false},
    };
    const float normal[] = {0, 1};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char config[2048];
        snprintf(
            config, sizeof config,
            "{" MODEL_2("m",
                        INPUT_2("i") ", {\"name\": \"n\", \"inbound_nodes\": [[[\"i\", 0, 0, "
                                     "{%s}]]], " MODEL_2("n",
                                                         INPUT_2("a") ", " LAYER_2(
                                                             "BatchNormalization", "b",
                                                             "[[\"a\", 0, 0, {%s}]]",
                                                             ", \"epsilon\": 0, \"scale\": false, "
                                                             "\"center\": false"),
                                                         "[[\"a\", 0, 0]]", "[\"b\", 0, 0]") "}",
                        "[[\"i\", 0, 0]]", "[\"n\", 1, 0]") "}",
            cases[i].outer, cases[i].inner);
        struct outcome outcome = run_2(config);
        if (cases[i].refused)
            expect_refusal(&outcome, "layer 'b' (BatchNormalization): it is called with training");
        else
            expect(&outcome, 2, normal);
    }
}

/* A dictionary's tensors go by its keys: 1 2 less 2 4. */
static void dictionaries_go_by_their_keys(void **state) {
    (void)state;
    static const char *const inputs[] = {"[[\"a\", 0, 0], [\"b\", 0, 0]]",
                                         "{\"b\": [\"b\", 0, 0], \"a\": [\"a\", 0, 0]}",
                                         "{\"x\": [\"a\", 0, 0], \"y\": [\"b\", 0, 0]}"};
    const float difference[] = {-1, -2};
    for (size_t i = 0; i < 3; i++) {
        char config[2048];
        snprintf(config, sizeof config,
                 "{" MODEL_2(
                     "m",
                     INPUT_2("i") ", " LAYER_2(
                         "Add", "d", "[[\"i\", 0, 0], [\"i\", 0, 0]]",
                         "") ", {\"name\": \"n\", \"inbound_nodes\": [{\"b\": [\"d\", 0, 0, {}], "
                             "\"a\": [\"i\", 0, 0, {}]}], " MODEL_2(
                                 "n",
                                 INPUT_2("a") ", " INPUT_2("b") ", " LAYER_2(
                                     "Subtract", "s", "[[\"a\", 0, 0, {}], [\"b\", 0, 0, {}]]", ""),
                                 "%s", "[\"s\", 0, 0]") "}",
                     "[[\"i\", 0, 0]]", "[\"n\", 1, 0]") "}",
                 inputs[i]);
        struct outcome outcome = run_2(config);
        if (i < 2)
            expect(&outcome, 2, difference);
        else
            expect_refusal(&outcome, "model 'n': called on a dictionary without 'x'");
    }
}

static void settings_of_functions_are_read(void **state) {
    (void)state;
    static const struct {
        const char *function, *arguments, *refusal;
        float values[2];
    } cases[] = {
        {"keras.activations.relu", "\"max_value\": 1.5", NULL, {1, 1.5f}},
        {"keras.activations.relu", "\"alpha\": 0.5, \"threshold\": 2.0", NULL, {-0.5f, 2}},
        {"math.l2_normalize", "", "it works along the batch", {0, 0}},
        {"reshape", "\"shape\": [2, -1]", "it moves the batch", {0, 0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char config[2048];
        snprintf(config, sizeof config,
                 "{" MODEL_2("m",
                             INPUT_2("i") ", " LAYER_2("TFOpLambda", "f", "[\"i\", 0, 0, {%s}]",
                                                       ", \"function\": \"%s\""),
                             "[[\"i\", 0, 0]]", "[\"f\", 0, 0]") "}",
                 cases[i].arguments, cases[i].function);
        struct outcome outcome = run_2(config);
        if (cases[i].refusal)
            expect_refusal(&outcome, cases[i].refusal);
        else
            expect(&outcome, 2, cases[i].values);
    }
}

static void quantized_layers_are_refused(void **state) {
    (void)state;
    static const char config[] = SEQUENTIAL(
        "s",
        INPUT("1") ", {\"class_name\": \"Dense\", \"config\": {\"name\": \"d\", \"units\": 1, "
                   "\"use_bias\": false, \"dtype\": {\"class_name\": \"QuantizedDTypePolicy\", "
                   "\"config\": {\"mode\": \"float8\"}}}}");
    const struct entry entries[] = {{"layers/dense/vars/0", NULL, &two, 1, {1, 1}, 2}};
    struct outcome outcome = run_file(entries, 1, NULL, NULL, config);
    expect_refusal(&outcome, "layer 'd' (Dense): its weights are quantized");
}

static void other_files_say_that_they_are_none(void **state) {
    (void)state;
    const struct entry other[] = {{"data/x", NULL, counting, 4, {4}, 1}};
    struct outcome outcome = run("", 0, NULL);
    expect_refusal(&outcome, "not a Keras file");
    outcome = run("TFL3....", 8, NULL);
    expect_refusal(&outcome, "not a Keras file");
    outcome = run("{\"class_name\": \"Sequential\"}", 28, NULL);
    expect_refusal(&outcome, "comes with --config");
    outcome = run("PK\3\4", 4, NULL);
    expect_refusal(&outcome, "archive:");
    outcome = run_file(other, 1, NULL, NULL, NULL);
    expect_refusal(&outcome, "an HDF5 file, but not Keras'");
    outcome = run_file(other, 1, SEQUENTIAL("s", INPUT("1")), "2.0.0", NULL);
    expect_refusal(&outcome, "no weights");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernels_of_keras_1_are_turned),
        cmocka_unit_test(paddings_of_theano_are_not_those_of_tensorflow),
        cmocka_unit_test(paddings_go_by_the_stated_backend),
        cmocka_unit_test(layers_of_keras_1_are_those_of_today),
        cmocka_unit_test(paddings_of_keras_1_are_all_read),
        cmocka_unit_test(a_stated_shape_has_to_be_the_derived_one),
        cmocka_unit_test(groups_are_counted_by_class),
        cmocka_unit_test(input_shapes_are_found_where_versions_put_them),
        cmocka_unit_test(configs_that_do_not_fit_numbered_weights_are_refused),
        cmocka_unit_test(names_given_by_themselves_are_matched_by_order),
        cmocka_unit_test(weights_of_a_model_inside_are_found_by_order),
        cmocka_unit_test(custom_layers_are_refused_by_name),
        cmocka_unit_test(training_is_handed_down),
        cmocka_unit_test(dictionaries_go_by_their_keys),
        cmocka_unit_test(settings_of_functions_are_read),
        cmocka_unit_test(quantized_layers_are_refused),
        cmocka_unit_test(other_files_say_that_they_are_none),
    };
    return cmocka_run_group_tests_name("keras files", tests, NULL, NULL);
}
