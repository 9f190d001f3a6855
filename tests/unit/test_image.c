/* Pictures to tensors: colour, scale, crop, filters, scratch, refusals. */
#include "engine/image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct fovea_recipe plain(enum fovea_resize resize, enum fovea_colour colour) {
    struct fovea_recipe r = {
        .resize = resize, .colour = colour, .scale = 1.0f, .std = {1.0f, 1.0f, 1.0f}};
    return r;
}

/* A place for a picture of these sizes, until the next one. */
static const struct fovea_picture *place_of(uint32_t height, uint32_t width, uint32_t channels) {
    static struct fovea_picture place;
    place = (struct fovea_picture){height, width, channels, false};
    return &place;
}

/* Fits with scratch and tensor of exactly the sizes promised, so that a sanitizer sees any excess. */
static float *fit(const struct fovea_image *image, const struct fovea_recipe *recipe,
                  uint32_t height, uint32_t width, uint32_t channels) {
    struct fovea_error error;
    size_t bytes;
    assert_int_equal(
        fovea_image_scratch(image, recipe, place_of(height, width, channels), &bytes, &error),
        FOVEA_OK);
    float *tensor = malloc((size_t)height * width * channels * sizeof *tensor);
    void *scratch = malloc(bytes ? bytes : 1);
    assert_non_null(tensor);
    assert_non_null(scratch);
    memset(scratch, 0xa5, bytes);
    assert_int_equal(fovea_image_write(image, recipe, place_of(height, width, channels), tensor,
                                       scratch, bytes, &error),
                     FOVEA_OK);
    free(scratch);
    return tensor;
}

/* ---- colour and scale ---- */

static void test_colours(void **state) {
    (void)state;
    static const uint8_t rgb[] = {10, 20, 30, 40, 50, 60}, grey[] = {7, 200};
    static const uint8_t bgra[] = {30, 20, 10, 99, 60, 50, 40, 1};
    static const struct {
        const uint8_t *pixels;
        enum fovea_pixels format;
        size_t stride;
        enum fovea_colour colour;
        float want[6];
    } rows[] = {
        {rgb, FOVEA_PIXELS_RGB, 6, FOVEA_COLOUR_RGB, {10, 20, 30, 40, 50, 60}},
        {rgb, FOVEA_PIXELS_RGB, 6, FOVEA_COLOUR_BGR, {30, 20, 10, 60, 50, 40}},
        {rgb, FOVEA_PIXELS_BGR, 6, FOVEA_COLOUR_RGB, {30, 20, 10, 60, 50, 40}},
        {bgra, FOVEA_PIXELS_BGRA, 8, FOVEA_COLOUR_RGB, {10, 20, 30, 40, 50, 60}},
        {bgra, FOVEA_PIXELS_RGBA, 8, FOVEA_COLOUR_BGR, {10, 20, 30, 40, 50, 60}},
        {grey, FOVEA_PIXELS_GREY, 2, FOVEA_COLOUR_RGB, {7, 7, 7, 200, 200, 200}},
        {grey, FOVEA_PIXELS_GREY, 2, FOVEA_COLOUR_BGR, {7, 7, 7, 200, 200, 200}},
        {grey, FOVEA_PIXELS_GREY, 2, FOVEA_COLOUR_GREY, {7, 200}},
        {rgb, FOVEA_PIXELS_RGB, 6, FOVEA_COLOUR_GREY, {18, 48}},
        {bgra, FOVEA_PIXELS_BGRA, 8, FOVEA_COLOUR_GREY, {18, 48}},
    };
    /* at the size of the picture every filter must hand the pixels through */
    for (size_t i = 0; i < COUNT(rows); i++)
        for (int f = FOVEA_RESIZE_NONE; f < FOVEA_RESIZE_COUNT; f++) {
            struct fovea_image image = {.pixels = rows[i].pixels,
                                        .width = 2,
                                        .height = 1,
                                        .stride = rows[i].stride,
                                        .format = rows[i].format};
            struct fovea_recipe recipe = plain((enum fovea_resize)f, rows[i].colour);
            uint32_t channels = rows[i].colour == FOVEA_COLOUR_GREY ? 1 : 3;
            float *got = fit(&image, &recipe, 1, 2, channels);
            for (uint32_t k = 0; k < 2 * channels; k++)
                assert_float_equal(got[k], rows[i].want[k], 0.0f);
            free(got);
        }
}

/* Where channels are first each colour is a plane of its own, with the same numbers. */
static void test_channels_first(void **state) {
    (void)state;
    uint8_t pixels[6 * 5 * 3];
    for (size_t i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 37);
    const struct fovea_image image = {
        .pixels = pixels, .width = 6, .height = 5, .stride = 18, .format = FOVEA_PIXELS_RGB};
    const struct fovea_picture first = {4, 3, 3, true};
    for (int f = FOVEA_RESIZE_PIL_NEAREST; f < FOVEA_RESIZE_COUNT; f++) {
        struct fovea_recipe recipe = plain((enum fovea_resize)f, FOVEA_COLOUR_BGR);
        float *last = fit(&image, &recipe, 4, 3, 3), tensor[4 * 3 * 3];
        uint64_t scratch[512];
        assert_int_equal(
            fovea_image_write(&image, &recipe, &first, tensor, scratch, sizeof scratch, NULL),
            FOVEA_OK);
        for (size_t i = 0; i < COUNT(tensor); i++)
            assert_float_equal(tensor[i % 3 * 12 + i / 3], last[i], 0.0f);
        free(last);
    }
}

/* Which shapes are places for pictures, and how they lie. */
static void test_places(void **state) {
    (void)state;
    static const struct {
        struct fovea_shape shape;
        bool fits;
        struct fovea_picture place;
    } rows[] = {
        {{3, {20, 30, 3}}, true, {20, 30, 3, false}},
        {{3, {20, 30, 1}}, true, {20, 30, 1, false}},
        {{3, {3, 20, 30}}, true, {20, 30, 3, true}},
        {{3, {1, 20, 30}}, true, {20, 30, 1, true}},
        {{3, {3, 20, 3}}, true, {3, 20, 3, false}},
        {{2, {20, 30}}, true, {20, 30, 1, false}},
        {{3, {20, 30, 4}}, false, {0}},
        {{1, {20}}, false, {0}},
        {{4, {2, 20, 30, 3}}, false, {0}},
        {{0, {0}}, false, {0}},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fovea_picture place;
        assert_int_equal(fovea_picture_of(&rows[i].shape, &place), rows[i].fits);
        if (!rows[i].fits) continue;
        assert_int_equal(place.height, rows[i].place.height);
        assert_int_equal(place.width, rows[i].place.width);
        assert_int_equal(place.channels, rows[i].place.channels);
        assert_int_equal(place.first, rows[i].place.first);
    }
}

/* Pillow's "L" of the corners of the colour cube and some between. */
static void test_grey_formula(void **state) {
    (void)state;
    static const uint8_t rgb[] = {255, 0,   0, 0, 255, 0, 0,   0,   255,
                                  255, 255, 0, 1, 2,   3, 250, 100, 5};
    static const float want[] = {76, 150, 29, 226, 2, 134};
    struct fovea_image image = {
        .pixels = rgb, .width = 6, .height = 1, .stride = 18, .format = FOVEA_PIXELS_RGB};
    struct fovea_recipe recipe = plain(FOVEA_RESIZE_NONE, FOVEA_COLOUR_GREY);
    float *got = fit(&image, &recipe, 1, 6, 1);
    for (size_t i = 0; i < 6; i++) assert_float_equal(got[i], want[i], 0.0f);
    free(got);
}

static void test_scale(void **state) {
    (void)state;
    uint8_t pixels[256];
    for (int i = 0; i < 256; i++) pixels[i] = (uint8_t)i;
    struct fovea_image image = {
        .pixels = pixels, .width = 256, .height = 1, .stride = 256, .format = FOVEA_PIXELS_GREY};
    struct fovea_recipe recipe = plain(FOVEA_RESIZE_NONE, FOVEA_COLOUR_GREY);
    static const struct {
        float scale, divisor, mean, std;
    } rows[] = {{1.0f / 255.0f, 255.0f, 0.0f, 1.0f},
                {1.0f / 127.5f, 127.5f, 1.0f, 1.0f},
                {1.0f / 255.0f, 255.0f, 0.485f, 0.229f},
                {0.25f, 4.0f, -2.0f, 0.5f}};
    for (size_t r = 0; r < COUNT(rows); r++) {
        recipe.scale = rows[r].scale;
        recipe.mean[0] = rows[r].mean;
        recipe.std[0] = rows[r].std;
        float *got = fit(&image, &recipe, 1, 256, 1);
        for (int i = 0; i < 256; i++) {
            volatile float value = (float)i / rows[r].divisor; /* rounded at each step */
            value = value - rows[r].mean;
            value = value / rows[r].std;
            assert_memory_equal(&got[i], (const void *)&(float){value}, sizeof value);
        }
        free(got);
    }
}

static void test_mean_per_channel(void **state) {
    (void)state;
    static const uint8_t rgb[] = {10, 20, 30};
    struct fovea_image image = {
        .pixels = rgb, .width = 1, .height = 1, .stride = 3, .format = FOVEA_PIXELS_RGB};
    struct fovea_recipe recipe = plain(FOVEA_RESIZE_NONE, FOVEA_COLOUR_BGR);
    memcpy(recipe.mean, (float[3]){1, 2, 3}, sizeof recipe.mean);
    memcpy(recipe.std, (float[3]){1, 2, 4}, sizeof recipe.std);
    float *got = fit(&image, &recipe, 1, 1, 3);
    assert_float_equal(got[0], 29.0f, 0.0f);
    assert_float_equal(got[1], 9.0f, 0.0f);
    assert_float_equal(got[2], 1.75f, 0.0f);
    free(got);
}

/* ---- filters: Pillow 9.4's pixels for the 6x5 picture (37 x + 59 y) mod 256 ---- */

static const struct {
    enum fovea_resize resize;
    enum fovea_fit fit;
    uint32_t width, height;
    uint8_t want[28];
} pillow[] = {
    {FOVEA_RESIZE_PIL_NEAREST, FOVEA_FIT_STRETCH, 3, 2, {96, 170, 244, 214, 32, 106}},
    {FOVEA_RESIZE_PIL_NEAREST, FOVEA_FIT_STRETCH, 4, 7, {0,   74, 111, 185, 59,  133, 170,
                                                         244, 59, 133, 170, 244, 118, 192,
                                                         229, 47, 177, 251, 32,  106, 177,
                                                         251, 32, 106, 236, 54,  91,  165}},
    {FOVEA_RESIZE_PIL_NEAREST,
     FOVEA_FIT_CROP,
     3,
     4,
     {37, 74, 111, 96, 133, 170, 214, 251, 32, 17, 54, 91}},
    {FOVEA_RESIZE_PIL_BOX, FOVEA_FIT_STRETCH, 3, 2, {78, 152, 141, 162, 108, 118}},
    {FOVEA_RESIZE_PIL_BOX, FOVEA_FIT_STRETCH, 4, 7, {19,  74, 130, 185, 78,  133, 189,
                                                     244, 78, 133, 189, 244, 137, 192,
                                                     120, 47, 196, 251, 51,  106, 196,
                                                     251, 51, 106, 127, 54,  110, 165}},
    {FOVEA_RESIZE_PIL_BOX,
     FOVEA_FIT_CROP,
     3,
     4,
     {37, 74, 111, 126, 163, 200, 214, 251, 32, 17, 54, 91}},
    {FOVEA_RESIZE_PIL_BILINEAR, FOVEA_FIT_STRETCH, 3, 2, {85, 139, 156, 157, 129, 100}},
    {FOVEA_RESIZE_PIL_BILINEAR, FOVEA_FIT_STRETCH, 4, 7, {14,  66, 119, 171, 48,  100, 153,
                                                          205, 90, 142, 171, 174, 132, 184,
                                                          152, 33, 174, 205, 93,  75,  175,
                                                          142, 82, 117, 154, 46,  99,  151}},
    {FOVEA_RESIZE_PIL_BILINEAR,
     FOVEA_FIT_CROP,
     3,
     4,
     {52, 89, 126, 121, 158, 195, 189, 226, 114, 66, 103, 76}},
    {FOVEA_RESIZE_PIL_BICUBIC, FOVEA_FIT_STRETCH, 3, 2, {76, 143, 159, 164, 128, 93}},
    {FOVEA_RESIZE_PIL_BICUBIC, FOVEA_FIT_STRETCH, 4, 7, {8,   60, 119, 171, 40,  91,  157,
                                                         221, 87, 142, 182, 185, 129, 192,
                                                         154, 24, 179, 236, 75,  66,  180,
                                                         145, 69, 124, 156, 22,  105, 158}},
    {FOVEA_RESIZE_PIL_BICUBIC,
     FOVEA_FIT_CROP,
     3,
     4,
     {45, 82, 119, 117, 154, 206, 201, 238, 110, 57, 94, 70}},
    {FOVEA_RESIZE_PIL_LANCZOS, FOVEA_FIT_STRETCH, 3, 2, {75, 147, 157, 170, 128, 90}},
    {FOVEA_RESIZE_PIL_LANCZOS, FOVEA_FIT_STRETCH, 4, 7, {6,   61, 116, 166, 36,  88,  153,
                                                         233, 86, 147, 190, 183, 123, 200,
                                                         154, 16, 181, 255, 68,  48,  181,
                                                         137, 67, 136, 155, 9,   113, 159}},
    {FOVEA_RESIZE_PIL_LANCZOS,
     FOVEA_FIT_CROP,
     3,
     4,
     {45, 82, 112, 113, 150, 216, 208, 245, 109, 58, 95, 61}},
};

static void test_pillow(void **state) {
    (void)state;
    uint8_t pixels[5 * 9]; /* rows with three bytes of padding, which nobody may look at */
    memset(pixels, 0xee, sizeof pixels);
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < 6; x++) pixels[9 * y + x] = (uint8_t)(37 * x + 59 * y);
    struct fovea_image image = {
        .pixels = pixels, .width = 6, .height = 5, .stride = 9, .format = FOVEA_PIXELS_GREY};
    for (size_t i = 0; i < COUNT(pillow); i++)
        for (uint32_t channels = 1; channels <= 3; channels += 2) {
            struct fovea_recipe recipe =
                plain(pillow[i].resize, channels == 1 ? FOVEA_COLOUR_GREY : FOVEA_COLOUR_RGB);
            recipe.fit = pillow[i].fit;
            float *got = fit(&image, &recipe, pillow[i].height, pillow[i].width, channels);
            for (uint32_t k = 0; k < pillow[i].width * pillow[i].height; k++)
                for (uint32_t c = 0; c < channels; c++)
                    assert_int_equal((int)got[k * channels + c], pillow[i].want[k]);
            free(got);
        }
}

/* The three planes do not mix: a colour picture gives what its channels give one by one. */
static void test_planes(void **state) {
    (void)state;
    enum { W = 23, H = 17 };
    uint8_t rgb[W * H * 3], one[W * H];
    for (size_t i = 0; i < sizeof rgb; i++) rgb[i] = (uint8_t)(i * i * 31 + i * 7);
    struct fovea_image image = {
        .pixels = rgb, .width = W, .height = H, .stride = W * 3, .format = FOVEA_PIXELS_RGB};
    struct fovea_image plane = {
        .pixels = one, .width = W, .height = H, .stride = W, .format = FOVEA_PIXELS_GREY};
    for (int f = FOVEA_RESIZE_PIL_NEAREST; f < FOVEA_RESIZE_COUNT; f++) {
        struct fovea_recipe recipe = plain((enum fovea_resize)f, FOVEA_COLOUR_RGB);
        float *all = fit(&image, &recipe, 9, 31, 3);
        recipe.colour = FOVEA_COLOUR_GREY;
        for (int c = 0; c < 3; c++) {
            for (size_t i = 0; i < sizeof one; i++) one[i] = rgb[3 * i + (size_t)c];
            float *got = fit(&plane, &recipe, 9, 31, 1);
            for (int i = 0; i < 9 * 31; i++) assert_float_equal(all[3 * i + c], got[i], 0.0f);
            free(got);
        }
        free(all);
    }
}

/* A picture of one colour stays so: the weights of every output pixel add up to one. */
static void test_flat(void **state) {
    (void)state;
    static const uint32_t sizes[][4] = {{1, 1, 9, 7},    {300, 2, 1, 1}, {64, 48, 64, 7},
                                        {5, 90, 33, 90}, {7, 7, 500, 3}, {1000, 1, 3, 11}};
    static uint8_t pixels[64 * 48];
    memset(pixels, 201, sizeof pixels);
    for (size_t s = 0; s < COUNT(sizes); s++)
        for (int f = FOVEA_RESIZE_PIL_NEAREST; f < FOVEA_RESIZE_COUNT; f++) {
            struct fovea_image image = {.pixels = pixels,
                                        .width = sizes[s][0],
                                        .height = sizes[s][1],
                                        .stride = sizes[s][0],
                                        .format = FOVEA_PIXELS_GREY};
            struct fovea_recipe recipe = plain((enum fovea_resize)f, FOVEA_COLOUR_GREY);
            float *got = fit(&image, &recipe, sizes[s][3], sizes[s][2], 1);
            for (uint32_t i = 0; i < sizes[s][2] * sizes[s][3]; i++)
                assert_float_equal(got[i], 201.0f, f < FOVEA_RESIZE_TF_BICUBIC ? 0.0f : 5e-3f);
            free(got);
        }
}

/* Half-pixel centres, no antialiasing: worked out by hand. */
static void test_tf(void **state) {
    (void)state;
    static const uint8_t pixels[] = {0, 100, 200, 40};
    static const float twice[] = {0, 25, 75, 125, 175, 160, 80, 40}, half[] = {50, 120};
    static const float nearest[] = {0, 0, 100, 100, 200, 200, 40, 40};
    struct fovea_image image = {
        .pixels = pixels, .width = 4, .height = 1, .stride = 4, .format = FOVEA_PIXELS_GREY};
    struct fovea_recipe recipe = plain(FOVEA_RESIZE_TF_BILINEAR, FOVEA_COLOUR_GREY);
    float *got = fit(&image, &recipe, 1, 8, 1);
    for (size_t i = 0; i < 8; i++) assert_float_equal(got[i], twice[i], 1e-4f);
    free(got);
    got = fit(&image, &recipe, 1, 2, 1);
    for (size_t i = 0; i < 2; i++) assert_float_equal(got[i], half[i], 1e-4f);
    free(got);
    recipe.resize = FOVEA_RESIZE_TF_NEAREST;
    got = fit(&image, &recipe, 1, 8, 1);
    for (size_t i = 0; i < 8; i++) assert_float_equal(got[i], nearest[i], 0.0f);
    free(got);
}

/* tf.image sees only the cropped part, Pillow's filters also what lies beside it. */
static void test_crop_edges(void **state) {
    (void)state;
    static const uint8_t pixels[] = {255, 10, 10, 255};
    struct fovea_image image = {
        .pixels = pixels, .width = 4, .height = 1, .stride = 4, .format = FOVEA_PIXELS_GREY};
    struct fovea_recipe recipe = plain(FOVEA_RESIZE_TF_BILINEAR, FOVEA_COLOUR_GREY);
    recipe.fit = FOVEA_FIT_CROP;
    float *got = fit(&image, &recipe, 2, 4, 1); /* box: 2x1, columns 1 and 2 */
    for (size_t i = 0; i < 8; i++) assert_float_equal(got[i], 10.0f, 1e-5f);
    free(got);
    recipe.resize = FOVEA_RESIZE_PIL_BILINEAR;
    got = fit(&image, &recipe, 2, 4, 1);
    assert_true(got[0] > 10.0f && got[1] == 10.0f && got[2] == 10.0f && got[3] > 10.0f);
    free(got);
}

/* ---- scratch and refusals ---- */

static void test_scratch(void **state) {
    (void)state;
    static uint8_t pixels[40 * 30 * 3];
    static float tensor[8 * 8 * 3];
    uint64_t memory[4096];
    struct fovea_image image = {
        .pixels = pixels, .width = 40, .height = 30, .stride = 120, .format = FOVEA_PIXELS_RGB};
    struct fovea_error error;
    for (int f = FOVEA_RESIZE_PIL_NEAREST; f < FOVEA_RESIZE_COUNT; f++) {
        struct fovea_recipe recipe = plain((enum fovea_resize)f, FOVEA_COLOUR_RGB);
        size_t bytes, again;
        assert_int_equal(fovea_image_scratch(&image, &recipe, place_of(8, 8, 3), &bytes, &error),
                         FOVEA_OK);
        assert_int_equal(fovea_image_scratch(&image, &recipe, place_of(8, 8, 3), &again, NULL),
                         FOVEA_OK);
        assert_int_equal(bytes, again);
        assert_true(bytes <= sizeof memory);
        assert_int_equal(fovea_image_write(&image, &recipe, place_of(8, 8, 3), tensor, memory,
                                           sizeof memory, &error),
                         FOVEA_OK);
        if (bytes == 0) continue;
        assert_int_equal(fovea_image_write(&image, &recipe, place_of(8, 8, 3), tensor, memory,
                                           bytes - 1, &error),
                         FOVEA_MEMORY);
        assert_int_equal(fovea_image_write(&image, &recipe, place_of(8, 8, 3), tensor,
                                           (uint8_t *)memory + 4, sizeof memory - 4, &error),
                         FOVEA_ALIGNMENT);
        assert_int_equal(
            fovea_image_write(&image, &recipe, place_of(8, 8, 3), tensor, NULL, bytes, &error),
            FOVEA_ARGUMENT);
    }
}

/* The largest sizes allowed: reported, or refused, but never wrapped around. */
static void test_scratch_of_giants(void **state) {
    (void)state;
    static const uint8_t pixel[1];
    struct fovea_image image = {.pixels = pixel,
                                .width = 65535,
                                .height = 65535,
                                .stride = 65535u * 3u,
                                .format = FOVEA_PIXELS_RGB};
    struct fovea_recipe recipe = plain(FOVEA_RESIZE_PIL_LANCZOS, FOVEA_COLOUR_RGB);
    size_t bytes, wide;
#if SIZE_MAX > 0xffffffffu
    assert_int_equal(fovea_image_scratch(&image, &recipe, place_of(224, 224, 3), &bytes, NULL),
                     FOVEA_OK);
    assert_int_equal(fovea_image_scratch(&image, &recipe, place_of(65534, 65534, 3), &wide, NULL),
                     FOVEA_OK);
    assert_true(wide > bytes);
    image.stride = SIZE_MAX / 65535;
    assert_int_equal(fovea_image_scratch(&image, &recipe, place_of(224, 224, 3), &bytes, NULL),
                     FOVEA_OK);
    image.stride = SIZE_MAX / 65534;
#else
    (void)wide;
#endif
    assert_int_equal(fovea_image_scratch(&image, &recipe, place_of(224, 224, 3), &bytes, NULL),
                     FOVEA_ARGUMENT);
}

static enum fovea_status scratch_status(const struct fovea_image *image,
                                        const struct fovea_recipe *recipe, uint32_t height,
                                        uint32_t width, uint32_t channels) {
    struct fovea_error error = {.text = NULL};
    size_t bytes = 1;
    enum fovea_status status =
        fovea_image_scratch(image, recipe, place_of(height, width, channels), &bytes, &error);
    assert_int_equal(error.status, status);
    assert_non_null(error.text);
    assert_true(status == FOVEA_OK || (bytes == 0 && error.text[0] != 0));
    return status;
}

static void test_refusals(void **state) {
    (void)state;
    static const uint8_t pixels[12];
    const struct fovea_image good = {
        .pixels = pixels, .width = 2, .height = 2, .stride = 6, .format = FOVEA_PIXELS_RGB};
    const struct fovea_recipe right = plain(FOVEA_RESIZE_PIL_BOX, FOVEA_COLOUR_RGB);
    struct fovea_image image;
    struct fovea_recipe recipe;
    assert_int_equal(scratch_status(&good, &right, 2, 2, 3), FOVEA_OK);
    assert_int_equal(scratch_status(NULL, &right, 2, 2, 3), FOVEA_ARGUMENT);
    assert_int_equal(scratch_status(&good, NULL, 2, 2, 3), FOVEA_ARGUMENT);
    assert_int_equal(fovea_image_scratch(&good, &right, place_of(2, 2, 3), NULL, NULL),
                     FOVEA_ARGUMENT);
    assert_int_equal(scratch_status(&good, &right, 0, 2, 3), FOVEA_SHAPE);
    assert_int_equal(scratch_status(&good, &right, 2, 65536, 3), FOVEA_SHAPE);
    assert_int_equal(scratch_status(&good, &right, 2, 2, 1), FOVEA_SHAPE);
    assert_int_equal(scratch_status(&good, &right, 2, 2, 4), FOVEA_SHAPE);
#define BAD_IMAGE(change)                                                                          \
    do {                                                                                           \
        image = good;                                                                              \
        change;                                                                                    \
        assert_int_equal(scratch_status(&image, &right, 2, 2, 3), FOVEA_ARGUMENT);                 \
    } while (0)
    BAD_IMAGE(image.width = 0);
    BAD_IMAGE(image.height = 0);
    BAD_IMAGE(image.height = 65536);
    BAD_IMAGE(image.stride = 5);
    BAD_IMAGE(image.format = FOVEA_PIXELS_COUNT);
    BAD_IMAGE(image.stride = SIZE_MAX);
#define BAD_RECIPE(change, status)                                                                 \
    do {                                                                                           \
        recipe = right;                                                                            \
        change;                                                                                    \
        assert_int_equal(scratch_status(&good, &recipe, 3, 2, 3), status);                         \
    } while (0)
    const float zero = 0.0f, infinity = 1.0f / zero;
    BAD_RECIPE(recipe.resize = FOVEA_RESIZE_COUNT, FOVEA_ARGUMENT);
    BAD_RECIPE(recipe.fit = FOVEA_FIT_COUNT, FOVEA_ARGUMENT);
    BAD_RECIPE(recipe.colour = FOVEA_COLOUR_COUNT, FOVEA_ARGUMENT);
    BAD_RECIPE(recipe.scale = infinity, FOVEA_ARGUMENT);
    BAD_RECIPE(recipe.mean[2] = infinity - infinity, FOVEA_ARGUMENT);
    BAD_RECIPE(recipe.std[1] = infinity, FOVEA_ARGUMENT);
    BAD_RECIPE(recipe.std[0] = 0.0f, FOVEA_ARGUMENT);
    BAD_RECIPE(recipe.resize = FOVEA_RESIZE_NONE, FOVEA_SHAPE);
    BAD_RECIPE(recipe.colour = FOVEA_COLOUR_GREY, FOVEA_SHAPE);
    recipe = right;
    recipe.fit = FOVEA_FIT_CROP;
    assert_int_equal(scratch_status(&good, &recipe, 1, 224, 3), FOVEA_SHAPE); /* box 2 x 0 */
    float tensor[12];
    assert_int_equal(fovea_image_write(&good, &right, place_of(2, 2, 3), NULL, tensor, 0, NULL),
                     FOVEA_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colours),        cmocka_unit_test(test_grey_formula),
        cmocka_unit_test(test_channels_first), cmocka_unit_test(test_places),
        cmocka_unit_test(test_scale),          cmocka_unit_test(test_mean_per_channel),
        cmocka_unit_test(test_pillow),         cmocka_unit_test(test_planes),
        cmocka_unit_test(test_flat),           cmocka_unit_test(test_tf),
        cmocka_unit_test(test_crop_edges),     cmocka_unit_test(test_scratch),
        cmocka_unit_test(test_refusals),       cmocka_unit_test(test_scratch_of_giants),
    };
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
