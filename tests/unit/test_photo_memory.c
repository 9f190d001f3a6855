/* The photo reader's memory: never more than the gate's bound, each allocation may fail, nothing is
 * lost, nothing of what memory held before comes out. The reader is compiled into this program with
 * its allocations led through here. */
#include "cli/npy.h"
#include "tests/unit/photos.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct {
    size_t live, peak, count, fail_from; /* fail_from: the first allocation that fails, 0: none */
} heap;

static void *heap_take(size_t size) {
    size_t *block;
    if (heap.fail_from && ++heap.count >= heap.fail_from) return NULL;
    block = malloc(size + 64);
    assert_non_null(block);
    memset(block, 0xa5, size + 64);
    block[0] = size;
    heap.live += size;
    if (heap.live > heap.peak) heap.peak = heap.live;
    return (uint8_t *)block + 64;
}

static void *heap_malloc(size_t size) {
    return heap_take(size);
}

static void *heap_calloc(size_t count, size_t size) {
    void *block = heap_take(count * size);
    return block ? memset(block, 0, count * size) : NULL;
}

static void heap_free(void *block) {
    if (!block) return;
    size_t *start = (size_t *)(void *)((uint8_t *)block - 64);
    heap.live -= start[0];
    free(start);
}

#define malloc                heap_malloc
#define calloc                heap_calloc
#define free                  heap_free
#define fovea_photo_decode    measured_decode
#define fovea_photo_free      measured_free
#define fovea_jpeg_decode     measured_jpeg
#define fovea_jpeg_measure    measured_jpeg_bytes
#define fovea_png_decode      measured_png
#define fovea_photo_decode_as measured_as
#define fovea_bmp_gate        measured_bmp_gate
#define fovea_bmp_decode      measured_bmp
#define fovea_pnm_gate        measured_pnm_gate
#define fovea_pnm_decode      measured_pnm
#include "engine/hosted/bmp_file.c"
#include "engine/hosted/jpeg_decode.c"
#include "engine/hosted/photo.c"
#include "engine/hosted/png_decode.c"
#include "engine/hosted/pnm_file.c"

static const struct fovea_photo_options usual = {.side = FOVEA_PHOTO_SIDE_MAX,
                                                 .area = FOVEA_PHOTO_AREA_MAX,
                                                 .scans = FOVEA_PHOTO_SCANS_MAX,
                                                 .shrink = 1};
#undef malloc
#undef calloc
#undef free

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct photo_file file;

static const struct jpeg_shape shapes[] = {
    {640, 480, 3, 0, false, false, 0}, {640, 480, 3, 0, true, false, 1},
    {300, 200, 4, 0, true, false, 1},  {300, 200, 1, 0, true, false, 1},
    {1, 2000, 3, 0, true, false, 1},   {2000, 1, 4, 0, false, false, 0},
};

/* Every PNG kind of 100x70 pixels, plain and interlaced, with as many rows as it needs. */
static bool next_png(size_t i) {
    static const unsigned kinds[][2] = {{0, 1}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 1},
                                        {3, 8}, {4, 8}, {4, 16}, {6, 8}, {6, 16}};
    static const unsigned channels[] = {1, 0, 3, 1, 2, 0, 4};
    static uint8_t rows[1 << 16];
    if (i >= 2 * COUNT(kinds)) return false;
    const unsigned colour = kinds[i / 2][0], depth = kinds[i / 2][1];
    put_png_start(&file, 100, 70, depth, colour, i % 2);
    if (colour == 3) put_chunk(&file, "PLTE", "abc", 3);
    if (colour == 3) put_chunk(&file, "tRNS", "a", 1);
    if (colour == 0) put_chunk(&file, "tRNS", "\0\1", 2);
    if (colour == 2) put_chunk(&file, "tRNS", "\0\1\0\1\0\1", 6);
    uint64_t size = fovea_png_rows(100, 70, channels[colour] * depth, i % 2);
    put_png_rows(&file, rows, (size_t)size, 3000);
    put_chunk(&file, "IEND", NULL, 0);
    return true;
}

static void check_peak(void) {
    struct fovea_image image;
    struct fovea_photo_facts facts;
    const struct photo_kind *kind = photo_kind(file.bytes, file.size);
    assert_non_null(kind);
    assert_int_equal(kind->gate(file.bytes, file.size, &usual, &facts, NULL), FOVEA_OK);
    memset(&heap, 0, sizeof heap);
    assert_int_equal(measured_decode(file.bytes, file.size, &image, NULL), FOVEA_OK);
    assert_true(heap.peak <= facts.memory);
    assert_true(heap.peak <= 24 * ((uint64_t)facts.width + 31) * (facts.height + 31) + (1u << 20));
    measured_free(&image);
    assert_int_equal(heap.live, 0);
}

/* All allocations from the n-th on fail, for every n that is reached. */
static void check_failures(void) {
    struct fovea_error error;
    struct fovea_image image;
    for (size_t n = 1; n < 1000; n++) {
        memset(&heap, 0, sizeof heap);
        heap.fail_from = n;
        enum fovea_status status = measured_decode(file.bytes, file.size, &image, &error);
        if (status == FOVEA_OK) break;
        assert_int_equal(status, FOVEA_MEMORY);
        assert_null(image.pixels);
        assert_int_equal(heap.live, 0);
    }
    measured_free(&image);
    assert_int_equal(heap.live, 0);
}

static void each_file(void (*check)(void)) {
    for (size_t i = 0; i < COUNT(shapes); i++) {
        make_jpeg(&file, &shapes[i]);
        check();
    }
    for (size_t i = 0; next_png(i); i++) check();
    file.size = 0;
    put_bytes(&file, "P5 3 2 255\n123456", 17);
    check();
    file.size = 0; /* a BMP of 2 x 1 */
    put_bytes(&file, "BM\0\0\0\0\0\0\0\0\066\0\0\0\050\0\0\0\2\0\0\0\1\0\0\0\1\0\030\0", 30);
    for (int i = 0; i < 24; i++) put(&file, 0, 1);
    put_bytes(&file, "abcdef\0\0", 8);
    check();
}

static void test_peak(void **state) {
    (void)state;
    each_file(check_peak);
}

static void test_failures(void **state) {
    (void)state;
    each_file(check_failures);
}

/* Damaged files: whatever happens, all memory comes back and no bound is passed. */
static void test_damage(void **state) {
    (void)state;
    struct fovea_photo_facts facts;
    struct fovea_image image;
    uint32_t seed = 1;
    size_t size;
    uint8_t *photo = npy_file("weights/demo/reticular.jpg", &size);
    assert_non_null(photo);
    for (int round = 0; round < 1000; round++) {
        for (int hits = 0; hits < 3; hits++) {
            seed = seed * 1664525u + 1013904223u;
            photo[(seed >> 8) % size] ^= (uint8_t)(1u << (seed >> 29));
        }
        memset(&heap, 0, sizeof heap);
        (void)measured_decode(photo, size, &image, NULL);
        if (fovea_jpeg_gate(photo, size, &usual, &facts, NULL) == FOVEA_OK)
            assert_true(heap.peak <= facts.memory);
        measured_free(&image);
        assert_int_equal(heap.live, 0);
        if (round % 10 != 9) continue; /* damage piles up ten times over */
        free(photo);
        photo = npy_file("weights/demo/reticular.jpg", &size);
        assert_non_null(photo);
    }
    free(photo);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peak),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests_name("photo memory", tests, NULL, NULL);
}
