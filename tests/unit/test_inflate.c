/* before cmocka.h, which makes a macro of `fail` */
#include "convert/files/inflate.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void deflate_is_decoded(void **state) {
    (void)state;
    /* as zlib writes it: fixed codes, and a repetition that overlaps itself */
    static const uint8_t fixed[] = {0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57,
                                    0xc8, 0x40, 0x90, 0x00, 0x3a, 0x2e, 0x06, 0x7d};
    char out[32];
    assert_true(inflate_zlib(fixed, sizeof fixed, out, 17));
    assert_memory_equal(out, "hello hello hello", 17);
    assert_true(inflate_raw(fixed + 2, sizeof fixed - 6, out, 17));
    assert_memory_equal(out, "hello hello hello", 17);
    assert_false(inflate_raw(fixed + 2, sizeof fixed - 7, out, 17));
    assert_false(inflate_raw(fixed + 1, sizeof fixed - 5, out, 17));
    assert_false(inflate_zlib(fixed, sizeof fixed, out, 16));
    assert_false(inflate_zlib(fixed, sizeof fixed, out, 18));
    assert_false(inflate_zlib(fixed, 0, out, 17));
    for (size_t size = 0; size < sizeof fixed; size++)
        assert_false(inflate_zlib(fixed, size, out, 17));
    for (size_t bit = 0; bit < 8 * sizeof fixed; bit++) {
        uint8_t bytes[sizeof fixed];
        memcpy(bytes, fixed, sizeof fixed);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (inflate_zlib(bytes, sizeof bytes, out, 17))
            assert_memory_equal(out, "hello hello hello", 17);
    }
    static const uint8_t window[] = {0x88, 0x1c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01};
    assert_false(inflate_zlib(window, sizeof window, out, 0)); /* of 64 KiB */
    static const uint8_t empty[] = {0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01};
    assert_true(inflate_zlib(empty, sizeof empty, out, 0));
    assert_false(inflate_zlib(empty, sizeof empty, out, 1));
}

/* Sizes beyond what the decoder counts in: refused before a byte of either is looked at. */
static void sizes_beyond_an_int_are_refused(void **state) {
    (void)state;
    static const uint8_t empty[] = {0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01};
    static const size_t sizes[] = {(size_t)INT_MAX + 1, SIZE_MAX - INFLATE_AHEAD, SIZE_MAX};
    char out;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_false(inflate_raw(empty + 2, sizes[i], &out, 0));
        assert_false(inflate_raw(empty + 2, 2, &out, sizes[i]));
        assert_false(inflate_zlib(empty, sizes[i], &out, 0));
        assert_false(inflate_zlib(empty, sizeof empty, &out, sizes[i]));
    }
    assert_true(inflate_raw(empty + 2, 2, &out, 0));
}

/* ---- blocks with codes of their own ---- */

struct bits {
    uint8_t bytes[1024];
    size_t count;
};

static void put_bits(struct bits *bits, unsigned value, unsigned count) {
    for (unsigned i = 0; i < count; i++, bits->count++)
        bits->bytes[bits->count / 8] |= (uint8_t)((value >> i & 1) << bits->count % 8);
}

static void put_code(struct bits *bits, unsigned code, unsigned length) {
    while (length-- > 0) put_bits(bits, code >> length, 1);
}

/* Lengths of codes: `eights` of 8 bits and `nines` of 9, then none up to `lengths`; `distances` of `width` bits,
 * then none up to `all`. Two literals follow, then the end. */
struct block {
    unsigned eights, nines, lengths, distances, width, all, last_step;
    bool good;
};

static void put_block(struct bits *bits, const struct block *block) {
    static const uint8_t order[] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
    memset(bits, 0, sizeof *bits);
    put_bits(bits, 1 | 2 << 1, 3);
    put_bits(bits, block->lengths - 257, 5);
    put_bits(bits, block->all - 1, 5);
    put_bits(bits, sizeof order - 4, 4);
    for (size_t i = 0; i < sizeof order; i++) /* 16 codes of 4 bits, or one fewer: not complete */
        put_bits(bits, order[i] <= block->last_step ? 4 : 0, 3);
    for (unsigned i = 0; i < block->lengths; i++)
        put_code(bits, i < block->eights ? 8 : i < block->eights + block->nines ? 9 : 0, 4);
    for (unsigned i = 0; i < block->all; i++)
        put_code(bits, i < block->distances ? block->width : 0, 4);
    put_code(bits, 'o', 8);
    put_code(bits, 'k', 8);
    put_code(bits, 2 * block->eights + 256 - block->eights, 9);
}

static void codes_are_complete(void **state) {
    (void)state;
    static const struct block blocks[] = {
        {254, 4, 258, 1, 1, 1, 15, true},   /* complete, and one distance in one bit */
        {254, 4, 258, 0, 0, 1, 15, true},   /* no distance */
        {254, 4, 258, 2, 1, 2, 15, true},   /* complete distances */
        {254, 4, 258, 4, 2, 4, 15, true},   /* of two bits */
        {254, 4, 258, 1, 2, 1, 15, false},  /* one distance in two bits */
        {254, 4, 258, 3, 2, 3, 15, false},  /* one missing */
        {254, 4, 258, 3, 1, 3, 15, false},  /* one too many */
        {254, 3, 257, 1, 1, 1, 15, false},  /* a literal missing */
        {254, 5, 259, 1, 1, 1, 15, false},  /* one too many */
        {256, 0, 257, 1, 1, 1, 15, false},  /* complete, without an end */
        {254, 4, 286, 1, 1, 30, 15, true},  /* as many as there are */
        {254, 4, 287, 1, 1, 1, 15, false},  /* more */
        {254, 4, 288, 1, 1, 1, 15, false},  /**/
        {254, 4, 258, 1, 1, 31, 15, false}, /**/
        {254, 4, 258, 1, 1, 32, 15, false}, /**/
        {254, 4, 258, 1, 1, 1, 14, false},  /* codes of code lengths not complete */
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct bits bits;
        char out[2] = {0};
        put_block(&bits, &blocks[i]);
        if (inflate_raw(bits.bytes, (bits.count + 7) / 8, out, 2) != blocks[i].good)
            fail_msg("block %zu is %s", i, blocks[i].good ? "refused" : "taken");
        if (blocks[i].good) assert_memory_equal(out, "ok", 2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(deflate_is_decoded),
                                       cmocka_unit_test(codes_are_complete),
                                       cmocka_unit_test(sizes_beyond_an_int_are_refused)};
    return cmocka_run_group_tests_name("inflate", tests, NULL, NULL);
}
