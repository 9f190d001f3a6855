/* Bits of a JPEG by hand: where data and markers meet, and the blocks of progressive scans, whose spectral selection
 * ends where no encoder would end it. */
#include "engine/hosted/jpeg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- bytes and markers ---- */

static uint32_t bit_of(struct jpeg_stream *b) {
    int16_t dc = 0;
    fovea_jpeg_dc_next(b, 0, &dc);
    return (uint32_t)dc;
}

static uint32_t byte_of(struct jpeg_stream *b) {
    uint32_t byte = 0;
    for (int i = 0; i < 8; i++) byte = byte << 1 | bit_of(b);
    return byte;
}

static void bytes_are_unstuffed(void **state) {
    (void)state;
    static const uint8_t data[] = {0x12, 0xff, 0, 0xff, 0xff, 0, 0x34};
    struct jpeg_stream b;
    fovea_jpeg_bits(&b, data, data + sizeof data);
    assert_int_equal(byte_of(&b), 0x12);
    assert_int_equal(byte_of(&b), 0xff);
    assert_int_equal(byte_of(&b), 0xff); /* behind one that fills up */
    assert_int_equal(byte_of(&b), 0x34);
    assert_false(fovea_jpeg_dry(&b));
    assert_int_equal(byte_of(&b), 0);
    assert_true(fovea_jpeg_dry(&b));
}

/* At a marker, at bytes that fill up to the end, and at the end: zeros, which are counted. */
static void data_end_in_zeros(void **state) {
    (void)state;
    static const struct {
        uint8_t bytes[3];
        size_t size;
    } ends[] = {{{0x12, 0xff, 0xd9}, 3}, {{0x12, 0xff, 0xff}, 3}, {{0x12, 0xff}, 2}, {{0x12}, 1}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct jpeg_stream b;
        uint8_t *exact = malloc(ends[i].size);
        assert_non_null(exact);
        memcpy(exact, ends[i].bytes, ends[i].size);
        fovea_jpeg_bits(&b, exact, exact + ends[i].size);
        assert_int_equal(byte_of(&b), 0x12);
        assert_false(fovea_jpeg_dry(&b));
        assert_int_equal(byte_of(&b), 0);
        assert_true(fovea_jpeg_dry(&b));
        free(exact);
    }
}

static void a_restart_is_behind_the_next_marker(void **state) {
    (void)state;
    static const struct {
        uint8_t bytes[8];
        size_t size;
        uint32_t first; /* the byte behind it; 0 and dry: there is no marker */
    } intervals[] = {
        {{0xff, 0xd0, 0x56}, 3, 0x56},
        {{0x12, 0x34, 0xff, 0xd7, 0x56}, 5, 0x56},
        {{0xff, 0, 0xff, 0xff, 0xd0, 0x56}, 6, 0x56}, /* neither 0xff 0 nor 0xff 0xff is one */
        {{0xff, 0, 0x12}, 3, 0},
        {{0xff, 0xff}, 2, 0},
        {{0x12}, 1, 0},
        {{0}, 0, 0},
    };
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        struct jpeg_stream b;
        fovea_jpeg_bits(&b, intervals[i].bytes, intervals[i].bytes + intervals[i].size);
        fovea_jpeg_restart(&b);
        assert_int_equal(byte_of(&b), intervals[i].first);
        assert_int_equal(fovea_jpeg_dry(&b), !intervals[i].first);
    }
}

/* ---- blocks of progressive scans ---- */

/* Codes of four bits, by their place here: Z.S is Z zeros and a number of S bits. Code 8 and above mean nothing. */
static const uint8_t codes[16 + 8] = {[3] = 8, [16] = 0x01, /* 0000: 0.1 */
                                      0x21,                 /* 0001: 2.1 */
                                      0xf0,                 /* 0010: sixteen zeros */
                                      0x00,                 /* 0011: the end of the block */
                                      0x10,  /* 0100: and of one to two more, by a bit */
                                      0x02,  /* 0101: 0.2 */
                                      0xf1}; /* 0110: 15.1 */

struct block {
    const char *bits;
    uint32_t from, to, low;
    int16_t before[8], after[8]; /* coefficients `from` and those behind it */
    uint8_t last, last_after;
    bool right;
    uint32_t blank;
};

static void try_blocks(const struct block *blocks, size_t count, bool again) {
    static struct jpeg_code code;
    fovea_jpeg_code(&code, codes, false);
    for (size_t i = 0; i < count; i++) {
        const struct block *block = &blocks[i];
        const struct jpeg_scan scan = {.from = block->from, .to = block->to, .low = block->low};
        uint8_t bytes[16] = {0}, last = block->last;
        int16_t ac[64 + 8] = {0}; /* room for eight behind the last */
        uint32_t blank = 0, n = 0;
        struct jpeg_stream b;
        for (const char *bit = block->bits; *bit; bit++) {
            if (*bit == ' ') continue;
            bytes[n / 8] |= (uint8_t)((*bit - '0') << (7 - n % 8));
            n++;
        }
        memcpy(ac + block->from, block->before, sizeof block->before);
        fovea_jpeg_bits(&b, bytes, bytes + sizeof bytes);
        const bool right = again ? fovea_jpeg_ac_next(&b, &code, &scan, &blank, ac, &last)
                                 : fovea_jpeg_ac_first(&b, &code, &scan, &blank, ac, &last);
        if (right != block->right) fail_msg("block %zu: %d", i, right);
        if (!right) continue;
        assert_memory_equal(ac + block->from, block->after, sizeof block->after);
        assert_int_equal(last, block->last_after);
        assert_int_equal(blank, block->blank);
        assert_int_equal(8 * (b.at - bytes) - b.count, n); /* so many bits were taken */
    }
}

static void first_scans_of_a_band(void **state) {
    (void)state;
    static const struct block blocks[] = {
        {"0000 1  0011", 1, 8, 0, {0}, {1}, 0, 1, true, 0},
        {"0001 0  0011", 1, 8, 1, {0}, {0, 0, -2}, 0, 3, true, 0},
        {"0101 10 0011", 1, 8, 0, {0}, {2}, 0, 1, true, 0},
        {"0000 1  0011", 1, 8, 0, {0}, {1}, 9, 9, true, 0}, /* another scan sent one behind it */
        {"0100 0", 1, 8, 0, {0}, {0}, 0, 0, true, 1},       /* this block and one more: */
        {"0100 1", 1, 8, 0, {0}, {0}, 0, 0, true, 2},       /* or two */
        {"0010", 1, 8, 0, {0}, {0}, 0, 0, true, 0}, /* zeros up to the end, and no further */
        {"0000 1", 8, 8, 0, {0}, {1}, 0, 8, true, 0},
        {"0001 1", 7, 8, 0, {0}, {0}, 0, 0, false, 0}, /* a number behind the band */
        {"0110 1", 60, 63, 0, {0}, {0}, 0, 0, false, 0},
        {"1000", 1, 8, 0, {0}, {0}, 0, 0, false, 0},
    };
    try_blocks(blocks, sizeof blocks / sizeof *blocks, false);
}

static void further_scans_of_a_band(void **state) {
    (void)state;
    static const struct block blocks[] = {
        /* 4 and -4 get a bit more each, where theirs is set; a new one between them comes before the second */
        {"0000 1 1 0011 0", 1, 4, 1, {4, 0, -4}, {6, 2, -4}, 3, 3, true, 0},
        {"0000 1 0 0011 1", 1, 4, 1, {4, 0, -4}, {4, 2, -6}, 3, 3, true, 0},
        /* a bit that is there already is not added again */
        {"0011 1 1", 1, 4, 1, {6, 0, -6}, {6, 0, -6}, 3, 3, true, 0},
        {"0001 0 0011", 1, 4, 0, {0}, {0, 0, -1}, 0, 3, true, 0},
        {"0000 1 0011", 1, 4, 0, {0}, {1}, 4, 4, true, 0},
        {"0100 1", 1, 4, 0, {0}, {0}, 0, 0, true, 2},
        /* sixteen zeros, of which the band does not have as many: all are refined */
        {"0010 1 0", 1, 4, 0, {2, 0, 2}, {3, 0, 2}, 3, 3, true, 0},
        /* the new one would lie behind the band */
        {"0001 1 0 0", 1, 4, 0, {2, 0, 2}, {0}, 3, 3, false, 0},
        {"0101 1", 1, 4, 0, {0}, {0}, 0, 0, false, 0}, /* a number of two bits */
        {"1000", 1, 4, 0, {0}, {0}, 0, 0, false, 0},
    };
    try_blocks(blocks, sizeof blocks / sizeof *blocks, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_unstuffed),
        cmocka_unit_test(data_end_in_zeros),
        cmocka_unit_test(a_restart_is_behind_the_next_marker),
        cmocka_unit_test(first_scans_of_a_band),
        cmocka_unit_test(further_scans_of_a_band),
    };
    return cmocka_run_group_tests_name("bits of JPEG", tests, NULL, NULL);
}
