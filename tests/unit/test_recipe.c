/* Recipes: each resizer, way to fit and step against what the library it is named after makes of a small picture;
 * what is refused; and that a blob keeps them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/recipe.h"
#include "engine/image.h"
#include "engine/resize.h"
#include "tests/unit/drafts.h"

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define WIDTH        19
#define HEIGHT       13

static const struct row {
    const char *resize, *fit, *steps[4];
    uint32_t width, height, hash;
} rows[] = {
#include "tests/unit/recipe_rows.h"
};

static struct fovea_image picture(void) {
    static uint8_t pixels[HEIGHT * WIDTH * 3];
    for (unsigned y = 0; y < HEIGHT; y++)
        for (unsigned x = 0; x < WIDTH; x++)
            for (unsigned c = 0; c < 3; c++)
                pixels[(y * WIDTH + x) * 3 + c] =
                    (uint8_t)(x * 7 + y * 13 + c * 31 + x * y * (c + 1));
    return (struct fovea_image){.pixels = pixels,
                                .width = WIDTH,
                                .height = HEIGHT,
                                .stride = WIDTH * 3,
                                .format = FOVEA_PIXELS_RGB};
}

static struct fovea_recipe recipe_of(const struct row *row) {
    struct fovea_recipe recipe = recipe_default();
    struct recipe_wishes wishes = {.preprocess = preset_choices};
    wishes.resize = choice_find(resize_choices, row->resize);
    wishes.fit = choice_find(fit_choices, row->fit);
    assert_non_null(wishes.resize);
    assert_non_null(wishes.fit);
    for (size_t i = 0; i < COUNT(row->steps) && row->steps[i]; i++)
        wishes.steps.text[wishes.steps.count++] = row->steps[i];
    assert_true(recipe_take(&wishes, &recipe));
    return recipe;
}

/* The tensor, in memory of exactly the sizes promised; NULL, and the check's id in `error`. */
static float *fit(const struct fovea_image *image, const struct fovea_recipe *recipe,
                  uint32_t width, uint32_t height, struct fovea_error *error) {
    const struct fovea_picture place = {height, width, recipe->colour == FOVEA_COLOUR_GREY ? 1 : 3,
                                        false};
    size_t bytes;
    if (fovea_image_scratch(image, recipe, &place, &bytes, error) != FOVEA_OK) return NULL;
    float *tensor = malloc(sizeof(float) * width * height * place.channels);
    void *scratch = malloc(bytes ? bytes : 1);
    assert_non_null(tensor);
    assert_non_null(scratch);
    memset(scratch, 0x5a, bytes);
    assert_int_equal(fovea_image_write(image, recipe, &place, tensor, scratch, bytes, error),
                     FOVEA_OK);
    free(scratch);
    return tensor;
}

static void libraries(void **state) {
    (void)state;
    const struct fovea_image image = picture();
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct fovea_recipe recipe = recipe_of(&rows[i]);
        struct fovea_error error = {0};
        float *got = fit(&image, &recipe, rows[i].width, rows[i].height, &error);
        assert_string_equal(got ? "" : error.text, "");
        uint32_t hash = 0x811c9dc5;
        for (size_t n = 0; n < (size_t)rows[i].width * rows[i].height * 3; n++) {
            assert_true(got[n] >= 0 && got[n] <= 255 && got[n] == (float)(uint8_t)got[n]);
            hash = (hash ^ (uint8_t)got[n]) * 0x01000193;
        }
        if (hash != rows[i].hash) print_error("%s %s %zu\n", rows[i].resize, rows[i].fit, i);
        assert_int_equal(hash, rows[i].hash);
        free(got);
    }
}

/* The numbers of tf.image.resize(picture, (2, 2)) for red, by filter. */
static void tf_filters(void **state) {
    (void)state;
    static const struct {
        const char *resize;
        float want[4];
    } cases[] = {
#include "tests/unit/recipe_tf.h"
    };
    const struct fovea_image image = picture();
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct row row = {cases[i].resize, "stretch", {NULL}, 2, 2, 0};
        const struct fovea_recipe recipe = recipe_of(&row);
        struct fovea_error error = {0};
        float *got = fit(&image, &recipe, 2, 2, &error);
        assert_non_null(got);
        for (int n = 0; n < 4; n++) assert_float_equal(got[3 * n], cases[i].want[n], 1e-3f);
        free(got);
    }
}

/* Mean 0 and deviation 1 whatever the scale; a picture of one colour is zeros, not a division by nothing. */
static void standardised(void **state) {
    (void)state;
    static const char *const steps[] = {"standardise", "samplewise"};
    for (int s = 0; s < 2; s++)
        for (int flat = 0; flat < 2; flat++) {
            const struct row row = {"none", "stretch", {steps[s]}, WIDTH, HEIGHT, 0};
            struct fovea_recipe recipe = recipe_of(&row);
            struct fovea_image image = picture();
            struct fovea_error error;
            uint8_t grey[HEIGHT * WIDTH * 3];
            memset(grey, 77, sizeof grey);
            if (flat) image.pixels = grey;
            recipe.scale = 0.5f;
            float *got = fit(&image, &recipe, WIDTH, HEIGHT, &error);
            double sum = 0, squares = 0;
            for (size_t i = 0; i < sizeof grey; i++) sum += (double)got[i];
            for (size_t i = 0; i < sizeof grey; i++) squares += (double)got[i] * (double)got[i];
            assert_true(sum / sizeof grey < 1e-6 && sum / sizeof grey > -1e-6);
            assert_true(flat ? squares == 0
                             : squares / sizeof grey > 0.9999 && squares / sizeof grey < 1.0001);
            free(got);
        }
}

static void refusals(void **state) {
    (void)state;
    const struct fovea_image image = picture();
    static const struct {
        struct fovea_recipe recipe;
        uint32_t width, height, columns, rows;
        const char *check;
    } cases[] = {
        {{.steps = FOVEA_STEPS_MAX + 1}, 4, 4, 0, 0, "S-500"},
        {{.steps = 1, .step = {{(enum fovea_photo_step)99, {0, 0}}}}, 4, 4, 0, 0, "S-501"},
        {{.steps = 1, .step = {{FOVEA_STEP_MEDIAN, {4, 0}}}}, 4, 4, 0, 0, "S-502"},
        {{.steps = 1, .step = {{FOVEA_STEP_CLAHE, {2, 8.5f}}}}, 4, 4, 0, 0, "S-502"},
        {{.steps = 1, .step = {{FOVEA_STEP_SIDE, {0, 0}}}}, 4, 4, 0, 0, "S-502"},
        {{.steps = 1, .step = {{FOVEA_STEP_GAMMA, {-1, 0}}}}, 4, 4, 0, 0, "S-502"},
        {{.resize = FOVEA_RESIZE_TF_AREA, .fit = FOVEA_FIT_CROP_EXACT}, 4, 4, 0, 0, "S-503"},
        {{.resize = FOVEA_RESIZE_TF_AREA, .fit = FOVEA_FIT_PAD}, 1, 9, 65535, 1, "S-504"},
        {{.resize = FOVEA_RESIZE_TF_AREA, .fit = FOVEA_FIT_LETTERBOX}, 4, 4, 65535, 1, "S-505"},
        {{.resize = FOVEA_RESIZE_TF_AREA, .fit = FOVEA_FIT_SHORTER}, 4, 4, 65535, 1, "S-506"},
        {{.resize = FOVEA_RESIZE_TF_AREA, .fit = FOVEA_FIT_SHORTER}, 4, 300, 0, 0, "S-507"},
        {{.resize = FOVEA_RESIZE_TF_AREA,
          .steps = 2,
          .step = {{FOVEA_STEP_RESIZED, {0, 0}}, {FOVEA_STEP_GAMMA, {1, 0}}}},
         4,
         4,
         0,
         0,
         "S-509"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fovea_recipe recipe = cases[i].recipe;
        struct fovea_image other = image;
        struct fovea_error error = {0};
        if (recipe.resize == FOVEA_RESIZE_NONE) recipe.resize = FOVEA_RESIZE_PIL_BOX;
        recipe.scale = recipe.std[0] = recipe.std[1] = recipe.std[2] = 1;
        if (cases[i].columns)
            other = (struct fovea_image){.pixels = image.pixels,
                                         .width = cases[i].columns,
                                         .height = cases[i].rows,
                                         .stride = cases[i].columns,
                                         .format = FOVEA_PIXELS_GREY};
        assert_null(fit(&other, &recipe, cases[i].width, cases[i].height, &error));
        assert_string_equal(error.check, cases[i].check);
    }
}

/* ---- in a blob ---- */

static void put_recipe(struct model_draft *m, uint32_t steps) {
    draft_start(m, 8, 8, 4);
    struct fovea_recipe *recipe = &m->input.recipe;
    recipe->steps = steps;
    for (uint32_t i = 0; i < steps; i++)
        recipe->step[i] = (struct fovea_recipe_step){FOVEA_STEP_CLAHE, {2 + (float)i, 8}};
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    draft_node(m, FOVEA_OP_MAX_POOL, 0, DRAFT_ALONE, 0, words);
    draft_seal(m);
}

static void kept(void **state) {
    (void)state;
    for (uint32_t steps = 0; steps <= FOVEA_STEPS_MAX; steps++) {
        static struct model_draft m;
        struct fovea_model model;
        struct fovea_io io;
        struct fovea_error error;
        put_recipe(&m, steps);
        assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
        assert_int_equal(fovea_model_input(&model, 0, &io), FOVEA_OK);
        assert_int_equal(io.recipe.steps, steps);
        for (uint32_t i = 0; i < steps; i++) {
            assert_int_equal(io.recipe.step[i].step, FOVEA_STEP_CLAHE);
            assert_true(io.recipe.step[i].number[0] == 2 + (float)i);
            assert_true(io.recipe.step[i].number[1] == 8);
        }
        free(m.blob);
    }
}

/* tf.image.central_crop of 13 x 19: what it leaves is read pixel by pixel. */
static void the_centre_is_cut(void **state) {
    (void)state;
    static const struct {
        struct row row;
        uint32_t top, left;
    } cases[] = {
        {{"pil-nearest", "central", {"fraction=0.5"}, 11, 7, 0}, 3, 4},
        {{"pil-nearest", "central", {0}, 17, 13, 0}, 0, 1}, /* 0.875 */
        {{"pil-nearest", "central", {"fraction=1"}, 19, 13, 0}, 0, 0},
    };
    const struct fovea_image image = picture();
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct row *row = &cases[i].row;
        struct fovea_recipe recipe = recipe_of(row);
        struct fovea_error error;
        float *got = fit(&image, &recipe, row->width, row->height, &error);
        assert_non_null(got);
        for (uint32_t y = 0; y < row->height; y++)
            for (uint32_t x = 0; x < 3 * row->width; x++)
                assert_true(
                    got[y * 3 * row->width + x] ==
                    (float)image.pixels[(y + cases[i].top) * image.stride + 3 * cases[i].left + x]);
        free(got);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_centre_is_cut), cmocka_unit_test(libraries),
        cmocka_unit_test(tf_filters),        cmocka_unit_test(standardised),
        cmocka_unit_test(refusals),          cmocka_unit_test(kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
