/* before cmocka.h, which makes a macro of `fail` */
#include "convert/inflate.h"

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

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(deflate_is_decoded),
                                       cmocka_unit_test(sizes_beyond_an_int_are_refused)};
    return cmocka_run_group_tests_name("inflate", tests, NULL, NULL);
}
