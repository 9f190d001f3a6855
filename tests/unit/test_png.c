/* PNG files that the command writes: read back by the reader of photos, pixel for pixel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/png.h"
#include "clinic/random.h"

#include <cmocka.h>

static const char *file_name(void) {
    static char name[256];
    const char *folder = getenv("TMPDIR");
    snprintf(name, sizeof name, "%s/fovea_test_%p.png", folder ? folder : "/tmp", (void *)name);
    return name;
}

/* What pictures are like: flat, smooth, repeated, noise. */
static void paint(uint8_t *pixels, const struct png_picture *p, unsigned kind,
                  struct random *random) {
    const size_t row = (size_t)p->width * p->channels;
    for (size_t i = 0; i < row * p->height; i++) {
        const size_t x = i % row, y = i / row;
        pixels[i] = (uint8_t)(kind == 0   ? 7
                              : kind == 1 ? 3 * x + 2 * y
                              : kind == 2 ? (x % 5) * (y % 3) * 20
                                          : random_bits(random) >> 24);
    }
}

static void check(const struct png_picture *p, const struct png_text *texts) {
    struct trouble trouble = {0};
    struct file_bytes file;
    struct fovea_image image = {0};
    struct fovea_error error;
    const char *name = file_name();
    assert_true(png_write(name, p, texts, &trouble));
    assert_true(file_open(name, &file, &trouble));
    assert_int_equal(fovea_photo_decode(file.bytes, file.size, &image, &error), FOVEA_OK);
    assert_int_equal(image.width, p->width);
    assert_int_equal(image.height, p->height);
    const uint32_t read = image.format == FOVEA_PIXELS_GREY ? 1 : 3; /* alpha is not read */
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            assert_memory_equal(image.pixels + y * image.stride + x * read,
                                p->pixels + ((size_t)y * p->width + x) * p->channels, read);
    fovea_photo_free(&image);
    file_close(&file);
    remove(name);
}

static void test_pictures(void **unused) {
    (void)unused;
    struct random random = random_start(1);
    static const uint32_t sizes[][2] = {{1, 1}, {1, 9}, {7, 1}, {64, 48}, {301, 211}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (uint32_t channels = 1; channels <= 4; channels += channels == 1 ? 2 : 1)
            for (unsigned kind = 0; kind < 4; kind++) {
                uint8_t *pixels = malloc((size_t)sizes[s][0] * sizes[s][1] * channels);
                const struct png_picture p = {sizes[s][0], sizes[s][1], channels, pixels};
                assert_non_null(pixels);
                paint(pixels, &p, kind, &random);
                check(&p, NULL);
                free(pixels);
            }
}

/* Every length of a match and many distances: a picture of copies of itself. */
static void test_matches(void **unused) {
    (void)unused;
    static uint8_t pixels[300 * 300];
    struct random random = random_start(2);
    size_t at = 0;
    while (at < 1000) pixels[at++] = (uint8_t)random_bits(&random);
    for (size_t length = 3; at + length < sizeof pixels; length = length < 258 ? length + 1 : 3) {
        const size_t back = 1 + random_below(&random, (uint32_t)(at < 32768 ? at : 32768));
        for (size_t i = 0; i < length; i++, at++) pixels[at] = pixels[at - back];
    }
    const struct png_picture p = {300, 300, 1, pixels};
    const struct png_text texts[] = {
        {"Description", "m\xc3\xa4hen"}, {"Software", "fovea"}, {NULL, NULL}};
    check(&p, texts);
}

static void test_refused(void **unused) {
    (void)unused;
    static const uint8_t pixel = 0;
    struct trouble trouble = {0};
    assert_false(
        png_write("/no/such/folder/a.png", &(struct png_picture){1, 1, 1, &pixel}, NULL, &trouble));
    assert_true(trouble.set);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pictures),
                                       cmocka_unit_test(test_matches),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
