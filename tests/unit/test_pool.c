/* before cmocka.h, which makes a macro of `fail` */
#include "convert/job/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void the_first_failure_stays(void **state) {
    (void)state;
    struct trouble trouble = {0};
    assert_false((fail)(&trouble, "first %d", 1));
    assert_false((fail)(&trouble, "second %d", 2));
    assert_true(trouble.set);
    assert_string_equal(trouble.text, "first 1");
}

static void a_message_tells_its_check(void **state) {
    (void)state;
    struct trouble with = {0}, without = {0}, forwarded = {0}, almost = {0};
    (fail)(&with, "K-012 layer '%s'", "K-013 x");
    assert_string_equal(with.text, "layer 'K-013 x'");
    assert_string_equal(with.check, "K-012");
    (fail)(&without, "%s", "K-012 a name from a file");
    assert_string_equal(without.text, "K-012 a name from a file");
    assert_string_equal(without.check, "");
    fail_check(&forwarded, with.check, "path: %s", with.text);
    assert_string_equal(forwarded.text, "path: layer 'K-013 x'");
    assert_string_equal(forwarded.check, "K-012");
    fail_check(&almost, "K-0123 text", "text");
    assert_string_equal(almost.check, "");
}

static void work_is_paid_for(void **state) {
    (void)state;
    struct trouble trouble = {0};
    struct limits limits;
    struct pool pool = {.limits = &limits};
    limits_start(&limits);
    assert_true(pool_spend(&pool, UINT64_MAX / 2, &trouble)); /* without a limit */
    pool.spent = 0;
    assert_true(limits_set(&limits, "fuel=3", &trouble));
    assert_true(limits_set(&limits, "fuel-extra=2", &trouble));
    pool_fuel(&pool, 100);
    assert_int_equal(pool.fuel, 300 + 2048);
    assert_true(pool_spend(&pool, 2300, &trouble));
    assert_true(pool_spend(&pool, 48, &trouble));
    assert_true(pool_spend(&pool, 0, &trouble));
    assert_false(pool_spend(&pool, 1, &trouble));
    assert_string_equal(trouble.check, "C-022");
    pool_fuel(&pool, UINT64_MAX);
    assert_int_equal(pool.fuel, UINT64_MAX);
    assert_false(pool_spend(&pool, UINT64_MAX, &trouble));
    pool_refuel(&pool, 1);
    assert_int_equal(pool.fuel, UINT64_MAX);
    pool.fuel = 0; /* no limit, and none by more of it */
    pool_refuel(&pool, 1);
    assert_int_equal(pool.fuel, 0);
    pool_bound(&pool, UINT64_MAX);
    assert_int_equal(pool.limit, SIZE_MAX);
}

static void a_message_is_one_line(void **state) {
    (void)state;
    struct trouble trouble = {0};
    (fail)(&trouble, "name \"%s\"", "a\nb\x1b[31m\x7f");
    assert_string_equal(trouble.text, "name \"a\\x0ab\\x1b[31m\\x7f\"");
}

static void a_long_message_is_cut(void **state) {
    (void)state;
    struct trouble trouble = {0};
    char name[2000];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    (fail)(&trouble, "%s", name);
    assert_int_equal(strlen(trouble.text), sizeof trouble.text - 1);
}

static void memory_is_zeroed_and_aligned(void **state) {
    (void)state;
    struct trouble trouble = {0};
    struct pool pool = {0};
    for (size_t size = 1; size < 300; size += 7) {
        unsigned char *bytes = pool_get(&pool, size, 3, &trouble);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < 3 * size; i++) assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, 3 * size);
    }
    assert_false(trouble.set);
    pool_free(&pool);
    assert_int_equal(pool.used, 0);
    assert_null(pool.chunks);
}

static void nothing_is_a_valid_pointer(void **state) {
    (void)state;
    struct trouble trouble = {0};
    struct pool pool = {0};
    assert_non_null(pool_get(&pool, 0, 8, &trouble));
    assert_non_null(pool_get(&pool, 8, 0, &trouble));
    assert_int_equal(pool.used, 0);
    pool_free(&pool);
}

static void sizes_that_overflow_are_refused(void **state) {
    (void)state;
    const struct {
        uint64_t count;
        size_t size;
    } cases[] = {{UINT64_MAX, 1},         {UINT64_MAX, 8},        {UINT64_MAX / 2 + 2, 2},
                 {(uint64_t)SIZE_MAX, 1}, {UINT64_C(1) << 62, 4}, {3, SIZE_MAX / 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct trouble trouble = {0};
        struct pool pool = {0};
        assert_null(pool_get(&pool, cases[i].count, cases[i].size, &trouble));
        assert_true(trouble.set);
        assert_int_equal(pool.used, 0);
        pool_free(&pool);
    }
}

static void the_limit_holds(void **state) {
    (void)state;
    struct trouble trouble = {0};
    struct pool pool = {.limit = 100};
    assert_non_null(pool_get(&pool, 60, 1, &trouble));
    assert_non_null(pool_get(&pool, 40, 1, &trouble));
    assert_false(trouble.set);
    assert_null(pool_get(&pool, 1, 1, &trouble));
    assert_non_null(strstr(trouble.text, "limit of 100 bytes"));
    pool_free(&pool);
}

static void texts_are_copied_and_terminated(void **state) {
    (void)state;
    struct trouble trouble = {0};
    struct pool pool = {0};
    const char bytes[] = {'a', '\0', 'b', 'c'};
    char *text = pool_text(&pool, bytes, sizeof bytes, &trouble);
    assert_memory_equal(text, bytes, sizeof bytes);
    assert_int_equal(text[4], '\0');
    assert_string_equal(pool_text(&pool, NULL, 0, &trouble), "");
    assert_string_equal(pool_print(&pool, &trouble, "%s/%d", "layer", 7), "layer/7");
    assert_false(trouble.set);
    static const wchar_t surrogate[] = {0xd800, 0};
    assert_null(pool_print(&pool, &trouble, "%ls", surrogate)); /* which no text can hold */
    assert_true(trouble.set);
    pool_free(&pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_failure_stays),
        cmocka_unit_test(a_message_tells_its_check),
        cmocka_unit_test(work_is_paid_for),
        cmocka_unit_test(a_message_is_one_line),
        cmocka_unit_test(a_long_message_is_cut),
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(nothing_is_a_valid_pointer),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(the_limit_holds),
        cmocka_unit_test(texts_are_copied_and_terminated),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
