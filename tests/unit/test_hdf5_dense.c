/* before cmocka.h, which makes a macro of `fail` */
#include "tests/unit/hdf5_walk.h"
#include "tests/unit/hdf5_writer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>

/* ---- a group with links and attributes in dense storage ---- */

static uint8_t room[W_ROOM];

/* Blocks of 128 bytes, two in a row, up to 256 bytes for direct ones, in a heap of 64 KiB:
 * rows 0 and 1 hold 128 bytes per block, row 2 256, row 3 indirect blocks of two rows. */
enum { ROWS = 4, WIDTH = 2, START = 128, PREFIX = 19, OBJECTS = 5 };

/* Offsets of the blocks that are there, one object in each. */
static const struct {
    uint64_t offset, size;
} blocks[OBJECTS - 1] = {{0, 128}, {384, 128}, {512, 256}, {1024 + 512 + 128, 128}};

struct dense {
    struct writer w;
    bool attributes;              /* or links */
    bool one_block;               /* the root is a direct block */
    unsigned id_flaw;             /* added to the kind of the first identifier */
    uint64_t place_flaw;          /* added to its offset */
    uint64_t heap, index, sealed; /* all bytes from `sealed` on are covered by checksums */
};

static uint64_t put_direct(struct writer *w, uint64_t heap, uint64_t offset, uint64_t size,
                           const uint8_t *object, size_t length) {
    uint64_t start = w_text(w, "FHDB");
    w_put(w, 1, 0);
    w_put(w, 8, heap);
    w_put(w, 2, offset);
    w_put(w, 4, 0);
    w_bytes(w, object, length);
    while (w->size < start + size) w_put(w, 1, 0);
    w_set(w, start + 15, 4, hdf5_checksum(fovea_bytes_of(w->bytes + start, (size_t)size)));
    return start;
}

static uint64_t put_indirect(struct writer *w, uint64_t heap, uint64_t offset,
                             const uint64_t *children, unsigned count) {
    uint64_t start = w_text(w, "FHIB");
    w_put(w, 1, 0);
    w_put(w, 8, heap);
    w_put(w, 2, offset);
    for (unsigned i = 0; i < count; i++) w_put(w, 8, children[i]);
    w_seal(w, start);
    return start;
}

/* The message that object i is. */
static size_t object(const struct dense *d, unsigned i, uint64_t header, uint8_t *bytes) {
    struct writer w = {.bytes = bytes, .latest = true};
    char name[16];
    snprintf(name, sizeof name, "object%u", i);
    const uint64_t count = i == OBJECTS - 1 ? 200 : 1;
    static uint8_t values[200];
    memset(values, (int)(10 + i), sizeof values);
    const struct w_link link = {name, header};
    if (d->attributes)
        w_attribute_body(&w, name, W_U1, 0, false, 1, &count, values, (size_t)count);
    else
        w_link_body(&w, &link);
    return w.size;
}

static void put_heap_header(struct dense *d, uint64_t root, uint64_t huge) {
    struct writer *w = &d->w;
    const size_t end = w->size;
    w->size = (size_t)d->heap;
    w_text(w, "FRHP");
    w_put(w, 1, 0);
    w_put(w, 2, d->attributes ? 8 : 7);
    w_put(w, 2, 0);
    w_put(w, 1, 2);
    w_put(w, 4, 200);
    w_put(w, 8, 2);
    w_put(w, 8, huge);
    for (int i = 0; i < 10; i++) w_put(w, 8, i == 1 ? W_UNDEF : 0);
    w_put(w, 2, WIDTH);
    w_put(w, 8, START);
    w_put(w, 8, 256);
    w_put(w, 2, 16);
    w_put(w, 2, 1);
    w_put(w, 8, root);
    w_put(w, 2, d->one_block ? 0 : ROWS);
    w_seal(w, d->heap);
    w->size = end;
}

static uint64_t put_tree_header(struct writer *w, unsigned type, unsigned record, uint64_t root,
                                unsigned count) {
    uint64_t start = w_text(w, "BTHD");
    w_put(w, 1, 0);
    w_put(w, 1, type);
    w_put(w, 4, 512);
    w_put(w, 2, record);
    w_put(w, 4, 0x28640000);
    w_put(w, 8, root);
    w_put(w, 2, count);
    w_put(w, 8, count);
    w_seal(w, start);
    return start;
}

static uint64_t put_huge(struct dense *d, uint64_t header) {
    uint8_t bytes[512];
    struct writer *w = &d->w;
    const size_t length = object(d, OBJECTS - 1, header, bytes);
    uint64_t at = w_bytes(w, bytes, length);
    d->sealed = w->size;
    uint64_t leaf = w_text(w, "BTLF");
    w_put(w, 2, 0x0100);
    w_put(w, 8, at);
    w_put(w, 8, length);
    w_put(w, 8, 1);
    w_seal(w, leaf);
    return put_tree_header(w, 1, 24, leaf, 1);
}

static void put_records(struct dense *d, const size_t *lengths, unsigned count) {
    struct writer *w = &d->w;
    uint64_t leaf = w_text(w, "BTLF");
    w_put(w, 1, 0);
    w_put(w, 1, d->attributes ? 8 : 5);
    for (unsigned i = 0; i < count; i++) {
        const bool huge = i == OBJECTS - 1;
        if (!d->attributes) w_put(w, 4, 0);
        w_put(w, 1, (huge ? 0x10u : 0) + (i == 0 ? d->id_flaw : 0));
        if (huge) {
            w_put(w, 4, 1);
        } else {
            w_put(w, 2, blocks[i].offset + PREFIX + (i == 0 ? d->place_flaw : 0));
            w_put(w, 1, lengths[i]);
            w_put(w, 1, 0);
        }
        w_put(w, 2, 0);
        if (d->attributes) w_put(w, 8, 0), w_put(w, 2, 0);
    }
    w_seal(w, leaf);
    d->index = put_tree_header(w, d->attributes ? 8 : 5, d->attributes ? 17 : 11, leaf, count);
}

static void make(struct dense *d) {
    struct writer *w = &d->w;
    const uint8_t number = 3;
    uint8_t bytes[512];
    size_t lengths[OBJECTS] = {0};
    uint64_t direct[OBJECTS - 1], root;
    const unsigned count = d->one_block ? 1 : OBJECTS;
    w_begin(w, room, true);
    const uint64_t target = w_compact(w, W_U1, 0, NULL, &number, 1);
    uint64_t huge = count > 1 ? put_huge(d, target) : W_UNDEF;
    d->heap = w->size;
    w->size += 146;
    for (unsigned i = 0; i < OBJECTS - 1 && i < count; i++) {
        lengths[i] = object(d, i, target, bytes);
        direct[i] = put_direct(w, d->heap, blocks[i].offset, blocks[i].size, bytes, lengths[i]);
    }
    root = direct[0];
    if (!d->one_block) {
        const uint64_t inner[4] = {W_UNDEF, direct[3], W_UNDEF, W_UNDEF};
        const uint64_t below = put_indirect(w, d->heap, 1024 + 512, inner, 4);
        const uint64_t outer[ROWS * WIDTH] = {direct[0], W_UNDEF, W_UNDEF, direct[1],
                                              direct[2], W_UNDEF, W_UNDEF, below};
        root = put_indirect(w, d->heap, 0, outer, ROWS * WIDTH);
    }
    put_heap_header(d, root, huge);
    put_records(d, lengths, count);
    uint64_t start = w_header(w), m = w_message(w, HDF5_LINK_INFO);
    w_put(w, 2, 0);
    w_put(w, 8, d->attributes ? W_UNDEF : d->heap);
    w_put(w, 8, d->attributes ? W_UNDEF : d->index);
    w_message_end(w, m);
    if (d->attributes) {
        m = w_message(w, HDF5_ATTRIBUTE_INFO);
        w_put(w, 2, 0);
        w_put(w, 8, d->heap);
        w_put(w, 8, d->index);
        w_message_end(w, m);
    }
    w_header_end(w, start, 0);
    w_end(w, start);
}

static struct hdf5_walk walk(const struct writer *w) {
    struct hdf5_walk result = {0};
    struct pool pool = {.limit = 64u << 20};
    uint8_t *exact = malloc(w->size);
    assert_non_null(exact);
    memcpy(exact, w->bytes, w->size);
    hdf5_walk(&pool, exact, w->size, &result);
    pool_free(&pool);
    free(exact);
    return result;
}

/* ---- the tests ---- */

static void dense_attributes_are_read(void **state) {
    (void)state;
    for (int one = 0; one < 2; one++) {
        struct dense d = {.attributes = true, .one_block = one};
        const unsigned count = one ? 1 : OBJECTS;
        make(&d);
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
            assert_int_equal(value.count, i == OBJECTS - 1 ? 200 : 1);
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
        make(&d);
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
        make(&d);
        struct hdf5_walk result = walk(&d.w);
        if (!strstr(result.first, cases[i].reason)) fail_msg("case %zu: %s", i, result.first);
    }
}

static void every_bit_is_covered(void **state) {
    (void)state;
    for (int attributes = 0; attributes < 2; attributes++) {
        struct dense d = {.attributes = attributes};
        make(&d);
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
    make(&d);
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
        make(&d);
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
                make(&d);
                w_set(&d.w, d.heap + at, bytes, values[v]);
                w_reseal(&d.w, d.heap, 142);
                (void)walk(&d.w);
            }
        }
    }
    for (unsigned at = 4; at < 34; at++) {
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            struct dense d = {.attributes = true};
            make(&d);
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
