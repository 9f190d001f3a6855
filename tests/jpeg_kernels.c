/* The arithmetic of JPEG: what this machine has vectors for against its definition, bit for bit on any numbers,
 * and no byte beside what it is to write; then photos of the repository against sums of libjpeg-turbo's pixels
 * (tests/jpeg.sh shows them to be equal), so that every machine's are shown to be the same. */
#include "cli/npy.h"
#include "engine/hosted/jpeg_pixels.h"
#include "include/fovea_photo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 512

static uint32_t state = 1, passed, failed;

static uint32_t draw(uint32_t below) {
    state = state * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)state * below) >> 32);
}

static void report(bool good, const char *what) {
    if (good) {
        passed++;
        return;
    }
    failed++;
    printf("FAILED %s\n", what);
}

/* ---- kernels ---- */

static struct {
    uint8_t near[ROOM], far[ROOM], more[ROOM], bytes[2][4 * ROOM];
    int16_t sums[ROOM], made[2][ROOM], block[64];
} room;

static void draw_room(uint32_t range) {
    for (size_t i = 0; i < ROOM; i++) {
        room.near[i] = (uint8_t)draw(256);
        room.far[i] = (uint8_t)(draw(3) ? draw(256) : 255 * draw(2));
        room.more[i] = (uint8_t)draw(256);
        room.sums[i] = (int16_t)draw(1021);
    }
    memset(room.bytes, 0x5a, sizeof room.bytes);
    memset(room.made, 0x5a, sizeof room.made);
    const uint32_t last = 1 + draw(64);
    for (uint32_t i = 0; i < 64; i++)
        room.block[i] = (int16_t)(i < last ? (int32_t)draw(2 * range) - (int32_t)range : 0);
}

static void check_inverse(fovea_jpeg_inverse *a, fovea_jpeg_inverse *b, const char *name) {
    static const uint32_t ranges[] = {4, 64, 1024, 8192, 32768};
    bool good = true;
    for (int round = 0; round < 20000 && good; round++) {
        draw_room(ranges[round % 5]);
        a(room.block, room.bytes[0] + 3, 29);
        b(room.block, room.bytes[1] + 3, 29);
        good = memcmp(room.bytes[0], room.bytes[1], sizeof room.bytes[0]) == 0;
    }
    report(good, name);
}

enum row { ROW_MIX, ROW_WIDEN, ROW_SPREAD_2, ROW_SPREAD_4, ROW_BETWEEN, ROW_COLOUR, ROWS };
static const char *const row_names[ROWS] = {"mix",         "widen",   "spread by 2",
                                            "spread by 4", "between", "colour"};

static void do_row(const struct fovea_jpeg_kernels *k, enum row row, size_t count, int to) {
    uint8_t *bytes = room.bytes[to] + 1;
    if (row == ROW_MIX) k->mix(room.near, room.far, room.made[to] + 1, count);
    if (row == ROW_WIDEN) k->widen(room.near, room.made[to] + 1, count);
    for (size_t i = 0; row == ROW_SPREAD_2 && i < ROOM; i++) room.sums[i] &= 255;
    if (row == ROW_SPREAD_2) k->spread(room.sums + 1, bytes, count, 2);
    if (row == ROW_SPREAD_4) k->spread(room.sums + 1, bytes, count, 4);
    if (row == ROW_BETWEEN) k->between(room.near, room.far, 1 + (unsigned)count % 2, bytes, count);
    if (row == ROW_COLOUR) k->colour(room.near, room.far, room.more, bytes, count);
}

static void check_row(const struct fovea_jpeg_kernels *plain,
                      const struct fovea_jpeg_kernels *fastest, enum row row) {
    bool good = true;
    for (size_t count = 0; count < 300 && good; count++)
        for (int round = 0; round < 8 && good; round++) {
            draw_room(1);
            do_row(plain, row, count, 0);
            do_row(fastest, row, count, 1);
            good = memcmp(room.bytes[0], room.bytes[1], sizeof room.bytes[0]) == 0 &&
                   memcmp(room.made[0], room.made[1], sizeof room.made[0]) == 0;
        }
    report(good, row_names[row]);
}

/* All of 2^24 colours are too many for an emulator; every pair that a sum is of is not. */
static void check_colours(const struct fovea_jpeg_kernels *plain,
                          const struct fovea_jpeg_kernels *fastest) {
    bool good = true;
    for (unsigned blue = 0; blue < 256 && good; blue++)
        for (unsigned red = 0; red < 256 && good; red++) {
            for (unsigned i = 0; i < 24; i++) {
                room.near[i] = (uint8_t)(11 * i);
                room.far[i] = (uint8_t)blue;
                room.more[i] = (uint8_t)red;
            }
            do_row(plain, ROW_COLOUR, 24, 0);
            do_row(fastest, ROW_COLOUR, 24, 1);
            good = memcmp(room.bytes[0] + 1, room.bytes[1] + 1, 72) == 0;
        }
    report(good, "colours");
}

/* ---- photos ---- */

static const struct {
    const char *path;
    uint64_t sums[8]; /* of 1/1, 1/2, 1/4, 1/8; behind them those of the fast transform */
} photos[] = {
    {"weights/demo/cobblestone.jpg",
     {0xa541e60ad5dea634u, 0xd44964284655a7e3u, 0x26e46cd8603fd15eu, 0xdcad14ab48b335a3u,
      0x7017e1ee229cfcaeu, 0x9667a7183f6de8beu, 0x26e46cd8603fd15eu, 0xdcad14ab48b335a3u}},
    {"weights/demo/parallel.jpg",
     {0xbc5c5208d1753c3fu, 0x63b743833131a556u, 0xf6a16f52cd3f1ea0u, 0x87a4c8a883efbec2u,
      0xa0dc3c87b69e88ceu, 0xf40c63ef87c0357fu, 0xf6a16f52cd3f1ea0u, 0x87a4c8a883efbec2u}},
};

static uint64_t sum_of(const struct fovea_image *image) { /* FNV-1a */
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t i = 0; i < image->stride * image->height; i++)
        sum = (sum ^ image->pixels[i]) * 0x100000001b3u;
    return sum;
}

static void check_photo(size_t photo) {
    size_t size;
    uint8_t *file = npy_file(photos[photo].path, &size);
    for (unsigned way = 0; way < 8; way++) {
        const struct fovea_photo_options options = {
            .size = sizeof options, .shrink = 1u << way % 4, .fast = way >= 4};
        struct fovea_image image = {0};
        const bool read =
            file && fovea_photo_decode_as(file, size, &options, &image, NULL) == FOVEA_OK;
        const uint64_t sum = read ? sum_of(&image) : 0;
        if (sum != photos[photo].sums[way])
            printf("%s, way %u: 0x%016llx\n", photos[photo].path, way, (unsigned long long)sum);
        report(sum == photos[photo].sums[way], photos[photo].path);
        fovea_photo_free(&image);
    }
    free(file);
}

int main(void) {
    const struct fovea_jpeg_kernels *plain = fovea_jpeg_plain(), fastest = fovea_jpeg_fastest();
    check_inverse(plain->accurate, fastest.accurate, "8x8, accurate");
    check_inverse(plain->fast, fastest.fast, "8x8, fast");
    check_inverse(plain->quarter, fastest.quarter, "4x4");
    check_inverse(plain->pair, fastest.pair, "2x2");
    for (enum row row = ROW_MIX; row < ROWS; row++) check_row(plain, &fastest, row);
    check_colours(plain, &fastest);
    for (size_t i = 0; i < sizeof photos / sizeof *photos; i++) check_photo(i);
    printf("%u passed, %u failed\n", passed, failed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
