/* The cursor and the checked arithmetic at their ends. (tests/proof tries all cases, with narrower numbers.) */
#include "weights/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint8_t data[] = {1, 2, 3, 'a', 'b', 0, 7, 0x80, 0x3f, 0, 0, 0x80};

static struct fovea_bytes all(void) {
    return fovea_bytes_of(data, sizeof data);
}

static void sums_and_products_stop_at_the_end(void **state) {
    (void)state;
    static const uint64_t big = UINT64_MAX, half = UINT64_C(1) << 32;
    static const struct {
        uint64_t a, b;
        bool sum, product;
    } cases[] = {
        {0, 0, true, true},
        {0, big, true, true},
        {1, big, false, true},
        {big, 1, false, true},
        {2, big, false, false},
        {half, half, true, false},
        {half - 1, half, true, true},
        {half, half - 1, true, true},
        {half - 1, half + 1, true, true},
        {half + 1, half + 1, true, false},
        {3 * half, half / 2, true, false},
        {half / 2, 3 * half, true, false},
        {big / 3, 3, true, true},
        {big / 3 + 1, 3, true, false},
        {big - 5, 5, true, false},
        {big - 5, 6, false, false},
        {0x100000001, 0xffffffff, true, true},
        {0x1ffffffff, 0xffffffff, true, false},
        {0xffffffff, 0x100000002, true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const uint64_t a = cases[i].a, b = cases[i].b;
        assert_true(fovea_sum(a, b) == (cases[i].sum ? a + b : FOVEA_TOO_LARGE));
        assert_true(fovea_product(a, b) == (cases[i].product ? a * b : FOVEA_TOO_LARGE));
    }
    assert_true(fovea_sum(FOVEA_TOO_LARGE, 0) == FOVEA_TOO_LARGE);
    assert_true(fovea_sum(FOVEA_TOO_LARGE, FOVEA_TOO_LARGE) == FOVEA_TOO_LARGE);
    assert_true(fovea_product(FOVEA_TOO_LARGE, 1) == FOVEA_TOO_LARGE);
    assert_true(fovea_product(3, FOVEA_TOO_LARGE) == FOVEA_TOO_LARGE);
    assert_true(fovea_product(FOVEA_TOO_LARGE, 0) == 0);
    assert_true(fovea_in_range(big, 0, big));
    assert_false(fovea_in_range(big, 1, big));
    assert_false(fovea_in_range(2, 0, 1));
    assert_true(fovea_in_range(1, big - 1, big));
}

static void a_cursor_fails_once_and_for_all(void **state) {
    (void)state;
    struct fovea_bytes b = all();
    assert_int_equal(fovea_read8(&b), 1);
    assert_int_equal(fovea_read16(&b), 0x0302);
    assert_int_equal(fovea_peek(&b), 'a');
    assert_true(fovea_match(&b, "ab", 2));
    fovea_align(&b, 8);
    assert_int_equal(b.at, 8);
    assert_int_equal(fovea_bits_of_float(fovea_read_float(&b)), 0x8000003f);
    assert_int_equal(fovea_peek(&b), -1);
    assert_int_equal(fovea_left(&b), 0);
    assert_false(b.failed);
    assert_null(fovea_take(&b, 1));
    assert_true(b.failed);
    assert_null(fovea_take(&b, 0)); /* which would fit */
    assert_int_equal(fovea_left(&b), 0);
    assert_int_equal(fovea_peek(&b), -1);
    assert_int_equal(fovea_read64(&b), 0);
    assert_int_equal(fovea_read_big(&b, 4), 0);
    struct fovea_bytes part = fovea_part(&b, 0, 1);
    assert_true(part.failed && !part.start);
    part = fovea_take_part(&b, 1);
    assert_true(part.failed && part.size == 0);
}

static void parts_lie_inside(void **state) {
    (void)state;
    struct fovea_bytes b = all();
    struct fovea_bytes part = fovea_part(&b, 3, 2);
    assert_true(!part.failed && part.start == data + 3 && part.size == 2);
    assert_true(fovea_part(&b, sizeof data, 1).failed);
    assert_true(fovea_part(&b, UINT64_MAX, 2).failed);
    assert_true(fovea_part(&b, 2, UINT64_MAX).failed);
    part = fovea_take_part(&b, 5);
    assert_true(!part.failed && part.size == 5 && b.at == 5);
    assert_int_equal(fovea_read_big(&part, 3), 0x010203);
    assert_false(fovea_match(&part, "ac", 2));
    assert_true(part.failed);
    assert_false(fovea_match(&b, "\0\7\200\77\0\0\200\1", 8)); /* longer than what is left */
    assert_true(fovea_load64(data) == UINT64_C(0x8007006261030201));
    assert_int_equal(fovea_bits_of_float(fovea_float_of_bits(0x3f800000)), 0x3f800000);
}

static void texts_end_in_time(void **state) {
    (void)state;
    struct fovea_bytes b = all();
    size_t length;
    fovea_skip(&b, 3);
    struct fovea_bytes again = b;
    assert_string_equal(fovea_take_text(&again, 2, &length), "ab");
    assert_int_equal(length, 2);
    assert_int_equal(again.at, 6);
    again = b;
    assert_null(fovea_take_text(&again, 1, &length)); /* too long */
    assert_true(again.failed);
    assert_null(fovea_take_text(&again, 9, &length)); /* failed already */
    again = fovea_part(&b, 3, 2);
    assert_null(fovea_take_text(&again, 9, &length)); /* not ended */
    again = fovea_part(&b, 3, 0);
    assert_null(fovea_take_text(&again, 9, &length)); /* nothing there */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_products_stop_at_the_end),
        cmocka_unit_test(a_cursor_fails_once_and_for_all),
        cmocka_unit_test(parts_lie_inside),
        cmocka_unit_test(texts_end_in_time),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
