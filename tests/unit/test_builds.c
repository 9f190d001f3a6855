/* Parts of the engine as other builds have them: planning with fewer kernels, opening without halves, resizing where
 * sizes have 32 bits. What they cannot do is refused. They have names of their own here, beside the library's. */
#define fovea_measure          built_measure
#define fovea_plan             built_plan
#define fovea_bind_use         built_bind_use
#define fovea_bind_reserve     built_bind_reserve
#define fovea_bind_floats      built_bind_floats
#define fovea_bind_records     built_bind_records
#define fovea_bind_state_of    built_bind_state_of
#define fovea_bind_scratch_all built_bind_scratch_all
#define fovea_bind_scratch     built_bind_scratch
#define fovea_bind_tensor      built_bind_tensor
#define fovea_bind_numbers     built_bind_numbers
#define fovea_bind_narrow      built_bind_narrow
#define fovea_bind_type        built_bind_type
#define fovea_bind_scale       built_bind_scale
#define fovea_bind_bytes       built_bind_bytes
#define fovea_narrow_widen     built_narrow_widen
#define fovea_bind_weights     built_bind_weights
#define fovea_bind_tasks       built_bind_tasks
#define fovea_bind_map         built_bind_map
#define fovea_bind_tail        built_bind_tail
#define fovea_bind_bounds      built_bind_bounds
#define fovea_bind_rows        built_bind_rows
#define fovea_bind_max_pool    built_bind_max_pool
#define fovea_bind_mean_pool   built_bind_mean_pool
#define fovea_bind_depthwise   built_bind_depthwise
#define fovea_fitting_pixel    built_fitting_pixel
#define fovea_fitting_put      built_fitting_put
#define fovea_fitting_row      built_fitting_row
#define fovea_filtered_support built_filtered_support
#define fovea_room             built_room
#define fovea_image_scratch    built_image_scratch
#define fovea_image_write      built_image_write
#define fovea_resize_filtered  built_resize_filtered
#define fovea_model_open       built_model_open
#define fovea_blob_lay         built_blob_lay
#define FOVEA_OPS_FILE         "tests/unit/one_kernel.def"
#include "engine/plan.c"
#include "engine/bind.c"
#include "engine/op_window.c"
#include "weights/blob_view.c"

#undef SIZE_MAX
#define SIZE_MAX UINT32_MAX
#include "engine/image.c"
#include "engine/resize_filtered.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/drafts.h"

/* Which check refuses a model of one layer. */
static const char *planned(uint32_t op, uint32_t arrays, const uint32_t *words) {
    static struct model_draft m;
    static struct fovea_error error;
    struct fovea_model model;
    size_t bytes;
    draft_start(&m, 8, 8, 4);
    draft_node(&m, op, 0, DRAFT_ALONE, arrays, words);
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    fovea_measure(&model, NULL, &bytes, &error);
    free(m.blob);
    return error.check;
}

static void other_kernels_are_missed(void **state) {
    (void)state;
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    assert_string_equal(planned(FOVEA_OP_MAX_POOL, 0, words), "");
    assert_string_equal(planned(FOVEA_OP_MEAN_POOL, 0, words), "S-001");
    assert_string_equal(planned(FOVEA_OP_DEPTHWISE, 2, words), "S-001");
}

static void halves_are_missed(void **state) {
    (void)state;
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    struct model_draft m;
    struct fovea_model model;
    struct fovea_error error;
    draft_start(&m, 8, 8, 4);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    draft_node(&m, FOVEA_OP_DEPTHWISE, 0, DRAFT_ALONE, 2, words);
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
    m.blob[model.at_arrays + 12] = FOVEA_F16;
    fovea_draft_seal(m.blob, (size_t)m.size);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_VERSION);
    assert_string_equal(error.check, "B-048");
    free(m.blob);
}

/* A place for a picture of these sizes, until the next one. */
static const struct fovea_picture *place_of(uint32_t height, uint32_t width, uint32_t channels) {
    static struct fovea_picture place;
    place = (struct fovea_picture){height, width, channels, false};
    return &place;
}

/* A picture of nearly 4 GiB becomes a row, for which all of its rows are kept at the same time. */
static void scratch_is_too_large(void **state) {
    (void)state;
    static const uint8_t pixel;
    const struct fovea_recipe recipe = {
        .resize = FOVEA_RESIZE_PIL_BICUBIC, .scale = 1, .std = {1, 1, 1}};
    struct fovea_error error;
    for (uint32_t width = 1; width <= 65535; width += 65534) {
        const struct fovea_image image = {.pixels = &pixel,
                                          .width = width,
                                          .height = 65535,
                                          .stride = width,
                                          .format = FOVEA_PIXELS_GREY};
        size_t bytes = 1;
        fovea_image_scratch(&image, &recipe, place_of(1, width, 3), &bytes, &error);
        assert_string_equal(error.check, width == 1 ? "" : "S-033");
        assert_int_equal(bytes > 0, width == 1);
    }
}

/* What a recipe needs and the build does not have. */
static void recipes_are_missed(void **state) {
    (void)state;
    static const uint8_t pixels[4];
    const struct fovea_image image = {
        .pixels = pixels, .width = 2, .height = 2, .stride = 2, .format = FOVEA_PIXELS_GREY};
    struct fovea_recipe recipe = {.resize = FOVEA_RESIZE_CV_AREA, .scale = 1, .std = {1, 1, 1}};
    struct fovea_error error;
    size_t bytes;
    fovea_image_scratch(&image, &recipe, place_of(1, 1, 3), &bytes, &error);
    assert_string_equal(error.check, "S-508");
    recipe.resize = FOVEA_RESIZE_PIL_BOX;
    recipe.steps = 1;
    recipe.step[0] = (struct fovea_recipe_step){FOVEA_STEP_EQUALISE, {0, 0}};
    fovea_image_scratch(&image, &recipe, place_of(1, 1, 3), &bytes, &error);
    assert_string_equal(error.check, "S-510");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_kernels_are_missed),
        cmocka_unit_test(halves_are_missed),
        cmocka_unit_test(scratch_is_too_large),
        cmocka_unit_test(recipes_are_missed),
    };
    return cmocka_run_group_tests_name("builds", tests, NULL, NULL);
}
