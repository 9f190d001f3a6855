/* before cmocka.h, which makes a macro of `fail` */
#include "tests/unit/hdf5_dense.h"
#include "tests/unit/hdf5_sample.h"

/* ---- the tests ---- */

static void dense_attributes_are_read(void **state) {
    (void)state;
    for (unsigned round = 0; round < 6; round++) { /* addresses of 2, 4 and 8 bytes */
        const bool one = round % 2;
        struct dense d = {.attributes = true, .one_block = one, .width = 2u << round / 2};
        const unsigned count = one ? 1 : DENSE_OBJECTS;
        dense_make(&d, room);
        struct hdf5_walk all = walk(d.w.bytes, d.w.size);
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
        struct hdf5_walk all = walk(d.w.bytes, d.w.size);
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

static void flaws_are_refused(void **state) {
    (void)state;
    static const struct {
        struct dense made;
        struct {
            unsigned at, bytes;
            uint64_t value;
        } header[3]; /* of the heap: what stands there instead */
        const char *check;
    } cases[] = {
        {.check = "H-061", .made = {.attributes = true, .id_flaw = 0x40}},
        {.check = "H-061", .made = {.attributes = true, .id_flaw = 0x20}},
        {.check = "H-061", .made = {.attributes = true, .index_flaw = 9}},
        {.check = "H-061", .made = {.index_flaw = 1}},
        {.check = "H-004", .made = {.attributes = true, .place_flaw = 200}}, /* never written */
        {.check = "H-058", .made = {.attributes = true, .place_flaw = 0x8000}},
        {.check = "H-059", .made = {.attributes = true, .place_flaw = 100}},
        {.check = "H-059", .made = {.attributes = true, .place_flaw = (uint64_t)0 - 1}},
        /* blocks too large for direct ones, and too small for a row of smaller ones */
        {.check = "H-058",
         .made = {.attributes = true, .place_flaw = 1024},
         .header = {{10, 4, 128}, {110, 2, 4}, {120, 8, 128}}},
        /* blocks too small for what stands at their front */
        {.check = "H-055", .made = {.one_block = true}, .header = {{112, 8, 16}}},
        {.check = "H-053", .made = {.one_block = true, .bits = 64}, .header = {{112, 8, 16}}},
        /* no room for the length in an identifier */
        {.check = "H-059", .made = {.one_block = true, .bits = 48}},
        {.check = "H-059", .made = {.one_block = true, .bits = 49}},
        /* the huge object */
        {.check = "H-060", .made = {.huge_flaw = 1}},
        {.check = "H-060", .made = {.huge_flaw = 1, .record_flaw = 8}},
        {.check = "H-060", .made = {.record_flaw = 8}},
        /* sizes */
        {.check = "H-051", .header = {{110, 2, 3}}},
        {.check = "H-051", .header = {{112, 8, 96}}},
        {.check = "H-051", .header = {{112, 8, 512}}},
        {.check = "H-051", .header = {{120, 8, 384}}},
        {.check = "H-051", .header = {{120, 8, UINT64_C(1) << 33}}},
        {.check = "H-051", .header = {{128, 2, 7}}},
        {.check = "H-051", .header = {{128, 2, 65}}},
        {.check = "H-051", .header = {{10, 4, 257}}},
        {.check = "H-052", .header = {{4, 1, 1}}},
        {.check = "H-052", .header = {{7, 2, 1}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dense d = cases[i].made;
        dense_make(&d, room);
        for (unsigned k = 0; k < 3; k++)
            w_change(&d.w, d.heap + cases[i].header[k].at, cases[i].header[k].bytes,
                     cases[i].header[k].value);
        struct hdf5_walk result = walk(d.w.bytes, d.w.size);
        if (strcmp(result.check, cases[i].check) != 0)
            fail_msg("case %zu: %s %s, not %s", i, result.check, result.first, cases[i].check);
    }
}

static void every_bit_is_covered(void **state) {
    (void)state;
    for (int attributes = 0; attributes < 2; attributes++) {
        struct dense d = {.attributes = attributes};
        dense_make(&d, room);
        for (size_t bit = 0; bit < 8 * d.w.size; bit++) {
            d.w.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
            struct hdf5_walk result = walk(d.w.bytes, d.w.size);
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
        if (walk(part.bytes, part.size).refused == 0) fail_msg("%zu bytes accepted", part.size);
    }
}

static void any_bit_may_be_wrong_with_its_checksum(void **state) {
    (void)state;
    for (int attributes = 0; attributes < 2; attributes++) {
        struct dense d = {.attributes = attributes};
        dense_make(&d, room);
        for (size_t bit = 0; bit < 8 * d.w.size; bit++) {
            w_flip(&d.w, bit);
            (void)walk(d.w.bytes, d.w.size);
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
                (void)walk(d.w.bytes, d.w.size);
            }
        }
    }
    for (unsigned at = 4; at < 34; at++) {
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            struct dense d = {.attributes = true};
            dense_make(&d, room);
            w_set(&d.w, d.index + at, at < 30 ? 4 : 1, values[v]);
            w_reseal(&d.w, d.index, 34);
            (void)walk(d.w.bytes, d.w.size);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_attributes_are_read),
        cmocka_unit_test(dense_links_are_read),
        cmocka_unit_test(flaws_are_refused),
        cmocka_unit_test(every_bit_is_covered),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(any_bit_may_be_wrong_with_its_checksum),
        cmocka_unit_test(any_size_may_be_wrong),
    };
    return cmocka_run_group_tests_name("hdf5 dense storage", tests, NULL, NULL);
}
