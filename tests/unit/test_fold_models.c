/* What folding must not change, in whole models with answers worked out by hand; and what conversion sets for each
 * input. */

#include "tests/unit/keras_writer.h"

#define INPUT(shape)                                                                               \
    "{\"class_name\":\"InputLayer\",\"name\":\"x\",\"config\":{\"name\":\"x\",\"batch_input_"      \
    "shape\":[null," shape "]},\"inbound_nodes\":[]}"
#define LAYER(class_name, name, settings, nodes)                                                   \
    ",{\"class_name\":\"" class_name "\",\"name\":\"" name "\",\"config\":{\"name\":\"" name       \
    "\"" settings "},\"inbound_nodes\":[" nodes "]}"
#define MODEL(shape, layers, outputs)                                                              \
    "{\"class_name\":\"Functional\",\"config\":{\"name\":\"m\",\"layers\":[" INPUT(shape) layers   \
        "],\"input_layers\":[[\"x\",0,0]],\"output_layers\":[" outputs "]}}"
#define DENSE  ",\"units\":2,\"use_bias\":false"
#define NORMAL ",\"epsilon\":0.25,\"center\":false,\"scale\":true"
#define WEIGHTS(layer, suffixes)                                                                   \
    { .path = "model_weights/" layer, .names = suffixes }

static const float twice[] = {2, 0, 0, 2}, gamma[] = {3, 3}, other[] = {5, 5}, zeros[] = {0, 0},
                   variance[] = {.75f, .75f};

/* A dense layer that doubles, and normalizations that multiply by 3 and by 5. */
static const struct entry weights[] = {
    WEIGHTS("d", "d/kernel:0"),
    {"model_weights/d/d/kernel:0", NULL, twice, 4, {2, 2}, 2},
    WEIGHTS("n", "n/gamma:0 n/moving_mean:0 n/moving_variance:0"),
    {"model_weights/n/n/gamma:0", NULL, gamma, 2, {2}, 1},
    {"model_weights/n/n/moving_mean:0", NULL, zeros, 2, {2}, 1},
    {"model_weights/n/n/moving_variance:0", NULL, variance, 2, {2}, 1},
    WEIGHTS("o", "o/gamma:0 o/moving_mean:0 o/moving_variance:0"),
    {"model_weights/o/o/gamma:0", NULL, other, 2, {2}, 1},
    {"model_weights/o/o/moving_mean:0", NULL, zeros, 2, {2}, 1},
    {"model_weights/o/o/moving_variance:0", NULL, variance, 2, {2}, 1},
};

static void expect_answer(const char *config, size_t count, const float *values) {
    struct outcome outcome = run_file(weights, COUNT(weights), config, "2.15.0", NULL);
    expect(&outcome, count, values);
}

/* The sum joins the dense layer, which then is not the layer's alone to scale: 3 (2 x + x). */
static void a_normalization_behind_a_sum_scales_both(void **state) {
    (void)state;
    expect_answer(MODEL("2",
                        LAYER("Dense", "d", DENSE, "[[\"x\",0,0,{}]]")
                            LAYER("Add", "a", "", "[[\"d\",0,0,{}],[\"x\",0,0,{}]]")
                                LAYER("BatchNormalization", "n", NORMAL, "[[\"a\",0,0,{}]]"),
                        "[\"n\",0,0]"),
                  2, (const float[]){9, 18});
}

/* Both uses of the layer are scaled, each once and by its own: 3 (2 x) + 5 (2 (2 x)). */
static void a_shared_layer_is_scaled_for_each_use(void **state) {
    (void)state;
    expect_answer(MODEL("2",
                        LAYER("Dense", "d", DENSE, "[[\"x\",0,0,{}]],[[\"d\",0,0,{}]]")
                            LAYER("BatchNormalization", "n", NORMAL, "[[\"d\",0,0,{}]]")
                                LAYER("BatchNormalization", "o", NORMAL, "[[\"d\",1,0,{}]]")
                                    LAYER("Add", "a", "", "[[\"n\",0,0,{}],[\"o\",0,0,{}]]"),
                        "[\"a\",0,0]"),
                  2, (const float[]){26, 52});
    /* The same normalization behind both uses: 3 (2 x) + 3 (2 (2 x)). */
    expect_answer(MODEL("2",
                        LAYER("Dense", "d", DENSE, "[[\"x\",0,0,{}]],[[\"d\",0,0,{}]]") LAYER(
                            "BatchNormalization", "n", NORMAL, "[[\"d\",0,0,{}]],[[\"d\",1,0,{}]]")
                            LAYER("Add", "a", "", "[[\"n\",0,0,{}],[\"n\",1,0,{}]]"),
                        "[\"a\",0,0]"),
                  2, (const float[]){18, 36});
}

/* Whether a model of one layer that does nothing at these sizes takes a picture of others. */
static bool takes_another_size(const char *config) {
    struct writer w;
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    struct fovea_model model, resized;
    const struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}}};
    const struct fovea_shape shape = {3, {3, 5, 2}};
    w_begin(&w, room, true);
    w_end(&w, put_group(&w, "", weights, COUNT(weights), config, "2.15.0"));
    if (!convert_keras(&pool, room, w.size, &options, &converted, &trouble))
        fail_msg("%s", trouble.text);
    assert_int_equal(fovea_model_open(&model, converted.blob, (size_t)converted.size, NULL),
                     FOVEA_OK);
    const size_t bytes = fovea_model_resize_bytes(&model);
    void *tables = pool_get(&pool, bytes + 64, 1, &trouble);
    tables = (uint8_t *)tables + (64 - (uintptr_t)tables % 64) % 64;
    const bool taken =
        fovea_model_resize(&model, &shape, tables, bytes, &resized, NULL) == FOVEA_OK;
    pool_free(&pool);
    return taken;
}

#define AT(shape, class_name, settings)                                                            \
    MODEL(shape, LAYER(class_name, "l", settings, "[[\"x\",0,0,{}]]"), "[\"l\",0,0]")
#define ONE(class_name, settings) AT("1,4,2", class_name, settings)
#define FUNCTION(name, arguments)                                                                  \
    MODEL("1,4,2",                                                                                 \
          LAYER("TFOpLambda", "l", ",\"function\":\"" name "\"", "[\"x\",0,0,{" arguments "}]"),   \
          "[\"l\",0,0]")

/* What vanishes because of the sizes a model was converted for would be missing at others. */
static void what_vanished_by_its_sizes_pins_them(void **state) {
    (void)state;
    assert_true(takes_another_size(ONE("ReLU", "")));
    assert_true(takes_another_size(ONE("Permute", ",\"dims\":[1,2,3]")));
    assert_true(
        takes_another_size(FUNCTION("math.reduce_max", "\"axis\":[1,2],\"keepdims\":true")));
    assert_true(takes_another_size(ONE("Permute", ",\"dims\":[3,2,1]")));
    assert_false(takes_another_size(AT("1,1,2", "Permute", ",\"dims\":[2,1,3]")));
    assert_false(takes_another_size(ONE("Reshape", ",\"target_shape\":[1,4,2]")));
    assert_false(takes_another_size(
        ONE("Resizing", ",\"height\":1,\"width\":4,\"interpolation\":\"bilinear\"")));
    assert_false(takes_another_size(ONE("RandomCrop", ",\"height\":1,\"width\":4")));
    assert_false(takes_another_size(FUNCTION("reverse", "\"axis\":[1]")));
    assert_false(takes_another_size(FUNCTION("reshape", "\"shape\":[-1,1,4,2]")));
    assert_false(takes_another_size(FUNCTION("broadcast_to", "\"shape\":[-1,1,4,2]")));
    assert_false(takes_another_size(FUNCTION("math.reduce_max", "\"axis\":2,\"keepdims\":true")));
}

/* Sizes that a file leaves open are, unless a number of the answer depends on the size they have here. */
static void open_sizes_stay_open(void **state) {
    (void)state;
#define OPEN(name, arguments)                                                                      \
    MODEL("null,null,2",                                                                           \
          LAYER("TFOpLambda", "l", ",\"function\":\"" name "\"", "[\"x\",0,0,{" arguments "}]"),   \
          "[\"l\",0,0]")
    assert_true(takes_another_size(OPEN("math.reduce_mean", "\"axis\":[1,2]")));
    assert_true(takes_another_size(OPEN("nn.relu", "")));
    assert_true(takes_another_size(OPEN("math.multiply", "\"y\":[2,3]")));
    struct writer w;
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    const struct convert_options options = {.recipe = {.scale = 1, .std = {1, 1, 1}}};
    w_begin(&w, room, true);
    w_end(&w, put_group(&w, "", weights, COUNT(weights), OPEN("math.reduce_sum", "\"axis\":[1,2]"),
                        "2.15.0"));
    assert_false(convert_keras(&pool, room, w.size, &options, &converted, &trouble));
    assert_non_null(strstr(trouble.text, "made for one size"));
    pool_free(&pool);
}

/* The recipe of a model whose input has that many channels, converted with one for BGR pictures. */
static struct fovea_recipe recipe_of(const char *config) {
    struct writer w;
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct converted converted;
    struct fovea_model model;
    struct fovea_io io;
    const struct convert_options options = {.recipe = {.resize = FOVEA_RESIZE_PIL_BOX,
                                                       .colour = FOVEA_COLOUR_BGR,
                                                       .scale = .5f,
                                                       .std = {1, 1, 1}}};
    w_begin(&w, room, true);
    w_end(&w, put_group(&w, "", weights, COUNT(weights), config, "2.15.0"));
    if (!convert_keras(&pool, room, w.size, &options, &converted, &trouble))
        fail_msg("%s", trouble.text);
    assert_int_equal(fovea_model_open(&model, converted.blob, (size_t)converted.size, NULL),
                     FOVEA_OK);
    assert_int_equal(fovea_model_input(&model, 0, &io), FOVEA_OK);
    pool_free(&pool);
    return io.recipe;
}

static void recipes_fit_the_channels(void **state) {
    (void)state;
#define PICTURE_OF(channels)                                                                       \
    MODEL("4,4," channels, LAYER("ReLU", "r", "", "[[\"x\",0,0,{}]]"), "[\"r\",0,0]")
    struct fovea_recipe colour = recipe_of(PICTURE_OF("3")), grey = recipe_of(PICTURE_OF("1"));
    struct fovea_recipe none = recipe_of(PICTURE_OF("2"));
    assert_int_equal(colour.colour, FOVEA_COLOUR_BGR);
    assert_int_equal(grey.colour, FOVEA_COLOUR_GREY);
    assert_int_equal(grey.resize, FOVEA_RESIZE_PIL_BOX);
    assert_true(grey.scale == .5f && none.scale == 1);
    assert_int_equal(none.resize, FOVEA_RESIZE_NONE); /* no picture */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_normalization_behind_a_sum_scales_both),
        cmocka_unit_test(a_shared_layer_is_scaled_for_each_use),
        cmocka_unit_test(what_vanished_by_its_sizes_pins_them),
        cmocka_unit_test(open_sizes_stay_open),
        cmocka_unit_test(recipes_fit_the_channels),
    };
    return cmocka_run_group_tests_name("fold models", tests, NULL, NULL);
}
