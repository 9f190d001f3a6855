/* Frames of cameras: what YUV means, planes as they come, parts, turns and mirrors. */
#include "engine/image.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static const struct fovea_recipe plain = {.scale = 1, .std = {1, 1, 1}};

/* The tensor of `width` x `height` x 3 (1 for grey); to be freed. */
static float *fit(const struct fovea_image *image, struct fovea_recipe recipe, uint32_t width,
                  uint32_t height) {
    struct fovea_error error;
    const uint32_t channels = recipe.colour == FOVEA_COLOUR_GREY ? 1 : 3;
    const struct fovea_picture place = {height, width, channels, false};
    size_t bytes;
    enum fovea_status status = fovea_image_scratch(image, &recipe, &place, &bytes, &error);
    if (status) print_message("%s\n", error.text);
    assert_int_equal(status, FOVEA_OK);
    void *scratch = malloc(bytes + 1);
    float *tensor = malloc((size_t)width * height * channels * sizeof *tensor);
    assert_true(scratch && tensor);
    status = fovea_image_write(image, &recipe, &place, tensor, scratch, bytes, &error);
    assert_int_equal(status, FOVEA_OK);
    free(scratch);
    return tensor;
}

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 24;
}

/* ---- what YUV means ---- */

struct kind {
    enum fovea_yuv yuv;
    double red, blue; /* Kr and Kb of the standard */
    bool full;
};
static const struct kind kinds[] = {{FOVEA_YUV_BT601_VIDEO, 0.299, 0.114, false},
                                    {FOVEA_YUV_BT601_FULL, 0.299, 0.114, true},
                                    {FOVEA_YUV_BT709_VIDEO, 0.2126, 0.0722, false},
                                    {FOVEA_YUV_BT709_FULL, 0.2126, 0.0722, true}};

/* R, G, B by the standard, not rounded. */
static void exact(const struct kind *k, int y, int u, int v, double rgb[3]) {
    double light = k->full ? y : (y - 16) * 255.0 / 219, scale = k->full ? 1 : 255.0 / 224;
    double cb = (u - 128) * scale, cr = (v - 128) * scale, green = 1 - k->red - k->blue;
    rgb[0] = light + 2 * (1 - k->red) * cr;
    rgb[2] = light + 2 * (1 - k->blue) * cb;
    rgb[1] =
        light - 2 * (1 - k->blue) * k->blue / green * cb - 2 * (1 - k->red) * k->red / green * cr;
    for (int c = 0; c < 3; c++) rgb[c] = fmin(fmax(rgb[c], 0), 255);
}

static void yuv_is_what_the_standards_say(void **state) {
    (void)state;
    uint8_t light[256], u[128], v[128];
    double worst = 0;
    for (int i = 0; i < 256; i++) light[i] = (uint8_t)i;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (int at = 0; at < 256 * 256; at += 17) {
            memset(u, at & 255, sizeof u);
            memset(v, at >> 8, sizeof v);
            const struct fovea_image image = {.pixels = light,
                                              .width = 256,
                                              .height = 1,
                                              .stride = 256,
                                              .format = FOVEA_PIXELS_YUV420,
                                              .u = u,
                                              .v = v,
                                              .chroma_stride = 128,
                                              .chroma_step = 1,
                                              .yuv = kinds[k].yuv};
            float *got = fit(&image, plain, 256, 1);
            for (int i = 0; i < 256; i++) {
                double want[3];
                exact(&kinds[k], i, at & 255, at >> 8, want);
                for (int c = 0; c < 3; c++)
                    worst = fmax(worst, fabs(want[c] - (double)got[3 * i + c]));
            }
            free(got);
        }
    }
    print_message("largest distance from the exact colour: %.4f\n", worst);
    assert_true(worst < 0.51);
}

/* ---- planes, parts and turns against a picture that was turned by hand ---- */

#define WIDE   13
#define HIGH   9
#define CHROMA (((WIDE + 1) / 2) * ((HIGH + 1) / 2))

/* A frame in each format that holds these colours as nearly as it can, and what it holds as RGB. */
struct frame {
    struct fovea_image image;
    uint8_t bytes[8 * WIDE * HIGH + 64], u[4 * CHROMA + 64];
    uint8_t rgb[WIDE * HIGH * 3];
};

enum layout { GREY, RGB, BGR, RGBA, BGRA, RGB565, I420, NV12, NV21, SPREAD, LAYOUTS };

static void place_chroma(struct frame *f, enum layout layout) {
    struct fovea_image *image = &f->image;
    const size_t row = (WIDE + 1) / 2;
    image->chroma_step = layout == I420 ? 1 : layout == SPREAD ? 3 : 2;
    image->chroma_stride = row * image->chroma_step + (layout == SPREAD ? 5 : 0);
    uint8_t *first = f->u, *second = layout == I420 ? f->u + CHROMA : f->u + 1;
    image->u = layout == NV21 ? second : first;
    image->v = layout == NV21 ? first : second;
    image->yuv = FOVEA_YUV_BT601_FULL;
}

/* Random bytes; what they mean, by fitting the frame as it lies. */
static void make_frame(struct frame *f, enum layout layout) {
    static const enum fovea_pixels formats[LAYOUTS] = {
        FOVEA_PIXELS_GREY,   FOVEA_PIXELS_RGB,    FOVEA_PIXELS_BGR,    FOVEA_PIXELS_RGBA,
        FOVEA_PIXELS_BGRA,   FOVEA_PIXELS_RGB565, FOVEA_PIXELS_YUV420, FOVEA_PIXELS_YUV420,
        FOVEA_PIXELS_YUV420, FOVEA_PIXELS_YUV420};
    static const uint8_t bytes[LAYOUTS] = {1, 3, 3, 4, 4, 2, 1, 1, 1, 1};
    uint32_t seed = 7 + layout;
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < sizeof f->bytes; i++) f->bytes[i] = (uint8_t)next_random(&seed);
    for (size_t i = 0; i < sizeof f->u; i++) f->u[i] = (uint8_t)next_random(&seed);
    f->image = (struct fovea_image){.pixels = f->bytes,
                                    .width = WIDE,
                                    .height = HIGH,
                                    .stride = (size_t)WIDE * bytes[layout] + layout % 3,
                                    .format = formats[layout]};
    if (layout >= I420) place_chroma(f, layout);
    float *tensor = fit(&f->image, plain, WIDE, HIGH);
    for (size_t i = 0; i < sizeof f->rgb; i++) f->rgb[i] = (uint8_t)tensor[i];
    free(tensor);
}

/* The part, turned clockwise and mirrored, by the plainest loops. */
static void turn_by_hand(const struct frame *f, uint8_t *out, uint32_t *width, uint32_t *height) {
    const struct fovea_image *image = &f->image;
    uint32_t w = image->part_width, h = image->part_height;
    const bool lies = image->turn == FOVEA_TURN_90 || image->turn == FOVEA_TURN_270;
    *width = lies ? h : w;
    *height = lies ? w : h;
    for (uint32_t y = 0; y < h; y++) {
        for (uint32_t x = 0; x < w; x++) {
            uint32_t to_x = x, to_y = y;
            if (image->turn == FOVEA_TURN_90) to_x = h - 1 - y, to_y = x;
            if (image->turn == FOVEA_TURN_180) to_x = w - 1 - x, to_y = h - 1 - y;
            if (image->turn == FOVEA_TURN_270) to_x = y, to_y = w - 1 - x;
            if (image->mirrored) to_x = *width - 1 - to_x;
            memcpy(out + 3 * ((size_t)to_y * *width + to_x),
                   f->rgb + 3 * ((size_t)(image->top + y) * WIDE + image->left + x), 3);
        }
    }
}

static void parts_and_turns_are_those_of_a_turned_picture(void **state) {
    (void)state;
    static const uint32_t parts[][4] = {
        {0, 0, WIDE, HIGH}, {3, 2, 7, 5}, {1, 0, 12, 9}, {12, 8, 1, 1}};
    static const enum fovea_resize filters[] = {FOVEA_RESIZE_PIL_BICUBIC, FOVEA_RESIZE_PIL_NEAREST,
                                                FOVEA_RESIZE_TF_BILINEAR};
    for (int i = 0; i < LAYOUTS * 4 * 4 * 2 * 3 * 2; i++) {
        struct frame f;
        struct fovea_recipe recipe = plain;
        uint8_t turned[WIDE * HIGH * 3];
        uint32_t width, height;
        const uint32_t *part = parts[i / 2 % 4];
        make_frame(&f, (enum layout)(i / 192));
        f.image.mirrored = i % 2;
        f.image.left = part[0], f.image.top = part[1];
        f.image.part_width = part[2], f.image.part_height = part[3];
        f.image.turn = (enum fovea_turn)(i / 8 % 4);
        recipe.resize = filters[i / 32 % 3];
        recipe.fit = i / 96 % 2 ? FOVEA_FIT_CROP : FOVEA_FIT_STRETCH;
        if (recipe.fit == FOVEA_FIT_CROP && part[2] == 1) continue; /* too thin */
        turn_by_hand(&f, turned, &width, &height);
        const struct fovea_image upright = {.pixels = turned,
                                            .width = width,
                                            .height = height,
                                            .stride = 3 * width,
                                            .format = FOVEA_PIXELS_RGB};
        float *got = fit(&f.image, recipe, 6, 5), *want = fit(&upright, recipe, 6, 5);
        assert_memory_equal(got, want, 6 * 5 * 3 * sizeof *got);
        free(got), free(want);
    }
}

/* The same samples, however they lie. */
static void planes_are_read_as_they_come(void **state) {
    (void)state;
    struct frame frames[4];
    for (int i = 0; i < 4; i++) make_frame(&frames[i], (enum layout)(I420 + i));
    for (int i = 1; i < 4; i++) {
        struct fovea_image *one = &frames[0].image, *other = &frames[i].image;
        for (size_t y = 0; y < HIGH; y++)
            memcpy(frames[i].bytes + y * other->stride, frames[0].bytes + y * one->stride, WIDE);
        for (size_t s = 0; s < CHROMA; s++) {
            size_t x = s % ((WIDE + 1) / 2), y = s / ((WIDE + 1) / 2);
            size_t at = y * other->chroma_stride + x * other->chroma_step;
            frames[i].u[(size_t)(other->u - frames[i].u) + at] = one->u[s];
            frames[i].u[(size_t)(other->v - frames[i].u) + at] = one->v[s];
        }
        float *got = fit(other, plain, WIDE, HIGH), *want = fit(one, plain, WIDE, HIGH);
        assert_memory_equal(got, want, WIDE * HIGH * 3 * sizeof *got);
        free(got), free(want);
    }
}

static void words_of_16_bits(void **state) {
    (void)state;
    const uint8_t words[] = {0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00, 0xff, 0xff, 0x10, 0x84};
    static const float want[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 132, 130, 132};
    const struct fovea_image image = {
        .pixels = words, .width = 5, .height = 1, .stride = 10, .format = FOVEA_PIXELS_RGB565};
    float *got = fit(&image, plain, 5, 1);
    assert_memory_equal(got, want, sizeof want);
    free(got);
}

/* Grey comes from the colours, as of any other picture. */
static void grey_of_yuv(void **state) {
    (void)state;
    struct frame f;
    struct fovea_recipe grey = plain;
    grey.colour = FOVEA_COLOUR_GREY;
    make_frame(&f, NV12);
    const struct fovea_image rgb = {.pixels = f.rgb,
                                    .width = WIDE,
                                    .height = HIGH,
                                    .stride = 3 * WIDE,
                                    .format = FOVEA_PIXELS_RGB};
    float *got = fit(&f.image, grey, WIDE, HIGH), *want = fit(&rgb, grey, WIDE, HIGH);
    assert_memory_equal(got, want, WIDE * HIGH * sizeof *got);
    free(got), free(want);
}

static void check(struct fovea_image image, enum fovea_status status, const char *id) {
    const struct fovea_picture place = {HIGH, WIDE, 3, false};
    struct fovea_recipe recipe = plain;
    struct fovea_error error;
    float tensor[WIDE * HIGH * 3];
    recipe.resize = FOVEA_RESIZE_PIL_NEAREST;
    assert_int_equal(fovea_image_write(&image, &recipe, &place, tensor, NULL, 0, &error), status);
    assert_string_equal(error.check, id);
}

static void frames_that_cannot_be(void **state) {
    (void)state;
    struct frame f;
    make_frame(&f, SPREAD);
    const struct fovea_image good = f.image;
    struct fovea_image bad;
    check(good, FOVEA_OK, "");
#define BAD(id, change)                                                                            \
    bad = good;                                                                                    \
    change;                                                                                        \
    check(bad, FOVEA_ARGUMENT, id)
    BAD("S-018", bad.format = FOVEA_PIXELS_COUNT);
    BAD("S-019", bad.height = 65536);
    BAD("S-020", bad.stride = WIDE - 1);
    BAD("S-650", bad.yuv = FOVEA_YUV_COUNT);
    BAD("S-651", bad.chroma_step = 0);
    BAD("S-652", bad.chroma_stride = 6 * 3);
    BAD("S-652", bad.chroma_step = SIZE_MAX);
    BAD("S-653", bad.chroma_stride = SIZE_MAX / 4);
    BAD("S-654", bad.turn = FOVEA_TURN_COUNT);
    BAD("S-655", bad.left = WIDE);
    BAD("S-655", (bad.top = 5, bad.part_height = 5));
    BAD("S-655", (bad.left = 5, bad.part_width = UINT32_MAX));
    BAD("S-034", bad.u = NULL);
    BAD("S-034", bad.v = NULL);
#undef BAD
    bad = good;
    bad.chroma_stride = 6 * 3 + 1; /* the last row's last sample ends it */
    check(bad, FOVEA_OK, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yuv_is_what_the_standards_say),
        cmocka_unit_test(parts_and_turns_are_those_of_a_turned_picture),
        cmocka_unit_test(planes_are_read_as_they_come),
        cmocka_unit_test(words_of_16_bits),
        cmocka_unit_test(grey_of_yuv),
        cmocka_unit_test(frames_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
