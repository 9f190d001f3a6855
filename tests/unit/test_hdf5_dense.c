/* before cmocka.h, which makes a macro of `fail` */
#include "tests/unit/hdf5_dense.h"
#include "tests/unit/hdf5_walk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>

static uint8_t room[W_ROOM];

static struct hdf5_walk walk(const struct writer *w) {
    struct hdf5_walk result = {0};
    struct pool pool = {.limit = 64u << 20};
    uint8_t *exact = malloc(w->size);
    assert_non_null(exact);
    memcpy(exact, w->bytes, w->size);
    hdf5_walk(&pool, exact, w->size, &result);
    assert_int_equal(result.silent, 0);
    pool_free(&pool);
    free(exact);
    return result;
}

/* ---- the tests ---- */

static void dense_attributes_are_read(void **state) {
    (void)state;
    for (int one = 0; one < 2; one++) {
        struct dense d = {.attributes = true, .one_block = one};
        const unsigned count = one ? 1 : DENSE_OBJECTS;
        dense_make(&d, room);
        struct hdf5_walk all = walk(&d.w);
        if (all.refused) fail_msg("%s", all.first);
        assert_int_equal(all.attributes, count);
        struct pool pool = {0};
        struct trouble trouble = {0};
        struct hdf5_object root;
        struct hdf5_value value;
        bool found;
        const struct hdf5 *file = hdf5_open(&pool, d.w.bytes, d.w.size, &trouble);
        assert_true(file && hdf5_find(file, NULL, "/", &root, &found, &trouble));
        for (unsigned i = 0; i < count; i++) {
            char name[16];
            snprintf(name, sizeof name, "object%u", i);
            assert_true(hdf5_attribute(file, &root, name, &value, &found, &trouble) && found);
            assert_int_equal(value.count, i == DENSE_OBJECTS - 1 ? 200 : 1);
            assert_int_equal(value.data[value.count - 1], 10 + i);
        }
        assert_true(hdf5_attribute(file, &root, "object9", &value, &found, &trouble) && !found);
        pool_free(&pool);
    }
}

static void dense_links_are_read(void **state) {
    (void)state;
    for (int one = 0; one < 2; one++) {
        struct dense d = {.one_block = one};
        dense_make(&d, room);
        struct hdf5_walk all = walk(&d.w);
        if (all.refused) fail_msg("%s", all.first);
        assert_int_equal(all.datasets, 1); /* all links lead to one */
        struct pool pool = {0};
        struct trouble trouble = {0};
        struct hdf5_object object;
        bool found;
        const struct hdf5 *file = hdf5_open(&pool, d.w.bytes, d.w.size, &trouble);
        assert_true(file && hdf5_find(file, NULL, "object0", &object, &found, &trouble) && found);
        assert_true(hdf5_find(file, NULL, "object4", &object, &found, &trouble));
        assert_int_equal(found, !one);
        pool_free(&pool);
    }
}

static void flaws_are_named(void **state) {
    (void)state;
    static const struct {
        unsigned id_flaw;
        uint64_t place_flaw;
        const char *reason;
    } cases[] = {
        {0x40, 0, "a heap identifier that is not supported"},
        {0x20, 0, "a heap identifier that is not supported"},
        {0, 200, "the address of the fractal heap block is outside the file"}, /* never written */
        {0, 0x8000, "an object outside its fractal heap"},
        {0, 100, "an object reaches beyond its block"},
        {0, (uint64_t)0 - 1, "an object reaches beyond its block"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dense d = {.attributes = true};
        d.id_flaw = cases[i].id_flaw;
        d.place_flaw = cases[i].place_flaw;
        dense_make(&d, room);
        struct hdf5_walk result = walk(&d.w);
        if (!strstr(result.first, cases[i].reason)) fail_msg("case %zu: %s", i, result.first);
    }
}

static void every_bit_is_covered(void **state) {
    (void)state;
    for (int attributes = 0; attributes < 2; attributes++) {
        struct dense d = {.attributes = attributes};
        dense_make(&d, room);
        for (size_t bit = 0; bit < 8 * d.w.size; bit++) {
            d.w.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            struct hdf5_walk result = walk(&d.w);
            if (result.refused == 0 && bit / 8 >= d.sealed) fail_msg("bit %zu is not covered", bit);
            d.w.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void every_cut_is_refused(void **state) {
    (void)state;
    struct dense d = {.attributes = true};
    dense_make(&d, room);
    struct writer part = d.w;
    for (part.size = 48; part.size < d.w.size; part.size++) {
        w_set(&part, 28, 8, part.size);
        w_reseal(&part, 0, 44);
        if (walk(&part).refused == 0) fail_msg("%zu bytes accepted", part.size);
    }
}

static void any_bit_may_be_wrong_with_its_checksum(void **state) {
    (void)state;
    for (int attributes = 0; attributes < 2; attributes++) {
        struct dense d = {.attributes = attributes};
        dense_make(&d, room);
        for (size_t bit = 0; bit < 8 * d.w.size; bit++) {
            w_flip(&d.w, bit);
            (void)walk(&d.w);
            w_flip(&d.w, bit);
        }
    }
}

/* The numbers of the heap's header, with the checksum put right: impossible ones are refused before they
 * are used, and possible ones do no harm. */
static void any_size_may_be_wrong(void **state) {
    (void)state;
    static const uint64_t values[] = {0,
                                      1,
                                      2,
                                      3,
                                      7,
                                      8,
                                      63,
                                      64,
                                      65,
                                      96,
                                      0x7fff,
                                      0xffff,
                                      0x7fffffff,
                                      1u << 31,
                                      0xffffffff,
                                      UINT64_C(1) << 32,
                                      UINT64_C(1) << 63,
                                      UINT64_MAX};
    for (unsigned at = 4; at < 142; at++) {
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            for (unsigned bytes = 1; bytes <= 8; bytes *= 2) {
                struct dense d = {.attributes = true};
                if (at + bytes > 142) continue;
                dense_make(&d, room);
                w_set(&d.w, d.heap + at, bytes, values[v]);
                w_reseal(&d.w, d.heap, 142);
                (void)walk(&d.w);
            }
        }
    }
    for (unsigned at = 4; at < 34; at++) {
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            struct dense d = {.attributes = true};
            dense_make(&d, room);
            w_set(&d.w, d.index + at, at < 30 ? 4 : 1, values[v]);
            w_reseal(&d.w, d.index, 34);
            (void)walk(&d.w);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_attributes_are_read),
        cmocka_unit_test(dense_links_are_read),
        cmocka_unit_test(flaws_are_named),
        cmocka_unit_test(every_bit_is_covered),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(any_bit_may_be_wrong_with_its_checksum),
        cmocka_unit_test(any_size_may_be_wrong),
    };
    return cmocka_run_group_tests_name("hdf5 dense storage", tests, NULL, NULL);
}
