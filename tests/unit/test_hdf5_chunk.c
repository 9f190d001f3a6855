#include "tests/unit/hdf5_chunked.h"

static void all_indices_are_read(void **state) {
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct plan plan = plan_of(kind);
        check(&plan);
        if (kind == EXTENSIBLE) {
            plan.second_grows = true;
            check(&plan);
        }
    }
}

static void all_filters_are_undone(void **state) {
    (void)state;
    static const struct {
        unsigned filters[3], count;
    } sets[] = {{{DEFLATE}, 1},
                {{SHUFFLE}, 1},
                {{FLETCHER32}, 1},
                {{SHUFFLE, DEFLATE}, 2},
                {{SHUFFLE, DEFLATE, FLETCHER32}, 3},
                {{FLETCHER32, SHUFFLE, DEFLATE}, 3},
                {{DEFLATE, FLETCHER32}, 2}};
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        for (enum kind kind = 0; kind < KINDS; kind++) {
            struct plan plan = plan_of(kind);
            if (kind == IMPLICIT) continue; /* has no filters */
            set_filters(&plan, sets[s].filters, sets[s].count);
            for (plan.skip = 0; plan.skip < 1u << sets[s].count; plan.skip++) check(&plan);
        }
    }
}

static void edges_may_be_without_filters(void **state) {
    (void)state;
    static const unsigned filters[] = {SHUFFLE, DEFLATE};
    for (enum kind kind = FIXED; kind < KINDS; kind++) {
        struct plan plan = plan_of(kind);
        set_filters(&plan, filters, 2);
        plan.edges_unfiltered = true;
        check(&plan);
    }
}

static void chunks_that_are_missing_twice_or_outside_are_refused(void **state) {
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct plan plan = plan_of(kind);
        if (kind == SINGLE || kind == IMPLICIT) continue;
        plan.flaw.missing = kind == DEEP_TREE_2 ? -1 : 5;
        if (plan.flaw.missing > 0) refuse(&plan, "one of them was never written");
        if (kind != TREE_1 && kind < TREE_2) continue;
        plan = plan_of(kind);
        plan.flaw.twice = 5;
        refuse(&plan, "a chunk that is there twice");
        plan = plan_of(kind);
        plan.flaw.move = 2;
        refuse(&plan, "a chunk outside the dataset");
        plan.flaw.move = UINT64_C(1) << 62;
        refuse(&plan, "a chunk outside the dataset");
    }
    struct plan plan = plan_of(TREE_1);
    plan.flaw.move = 1;
    refuse(&plan, "a chunk that begins inside another one");
}

static void wrong_sizes_are_refused(void **state) {
    (void)state;
    static const unsigned filters[] = {SHUFFLE, DEFLATE, FLETCHER32}, sum[] = {FLETCHER32};
    struct plan plan = plan_of(TREE_1);
    plan.flaw.stored = 1;
    refuse(&plan, "a chunk has the wrong size");
    plan.flaw.stored = -1;
    refuse(&plan, "a chunk of 12 bytes cannot come from 11");
    plan.flaw.stored = 0xfffffff0 - BYTES;
    refuse(&plan, "a chunk reaches outside the file");
    plan = plan_of(TREE_1);
    plan.flaw.dim0 = 1; /* a chunk size of 0 */
    refuse(&plan, "a chunk of size 0");
    plan.flaw.dim0 = 0x80000000;
    refuse(&plan, "the chunks are too large or too many");
    plan.flaw.dim0 = 0x08000000;
    refuse(&plan, "the file is too short to hold");
    plan = plan_of(TREE_1);
    plan.flaw.rank = 2;
    refuse(&plan, "chunks of 1 dimensions for data of 2");
    plan = plan_of(TREE_1);
    set_filters(&plan, filters, 3);
    plan.flaw.stored = 1;
    refuse(&plan, "a chunk does not fit its checksum");
    plan.filter_count = 2;
    refuse(&plan, "a chunk does not decompress"); /* something behind the stream */
    plan.flaw.stored = -1;
    refuse(&plan, "a chunk does not decompress");
    plan = plan_of(FIXED);
    set_filters(&plan, sum, 1);
    plan.flaw.stored = -13;
    refuse(&plan, "a chunk of 12 bytes cannot come from 3");
}

static void wrong_bytes_are_noticed(void **state) {
    (void)state;
    static const unsigned filters[] = {DEFLATE, FLETCHER32};
    for (size_t at = 1; at <= BYTES + 11; at++) {
        struct plan plan = plan_of(TREE_1);
        if (at == 3) continue; /* the bits that fill up the byte in front of a stored block */
        plan.flaw.data = at;
        set_filters(&plan, filters, 1);
        refuse(&plan, "a chunk does not decompress");
        set_filters(&plan, filters, 2);
        refuse(&plan, "a chunk does not fit its checksum");
    }
}

static void other_filters_are_named(void **state) {
    (void)state;
    static const struct {
        unsigned id;
        const char *reason;
    } cases[] = {{4, "the filter szip is not supported"},
                 {5, "the filter nbit is not supported"},
                 {6, "the filter scaleoffset is not supported"},
                 {32000, "filter 32000 is not supported"},
                 {DEFLATE, "filter 1 is there twice"}};
    static const unsigned filters[] = {SHUFFLE, DEFLATE};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (enum kind kind = TREE_1; kind <= FIXED; kind += FIXED) {
            struct plan plan = plan_of(kind);
            set_filters(&plan, filters, 2);
            plan.flaw.id = cases[i].id;
            refuse(&plan, cases[i].reason);
        }
    }
}

static void old_sums_are_accepted(void **state) {
    (void)state;
    static const unsigned sum[] = {FLETCHER32};
    struct plan plan = plan_of(TREE_1);
    set_filters(&plan, sum, 1);
    plan.swapped_sums = true;
    check(&plan);
}

static void what_was_never_written_is_refused(void **state) {
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct plan plan = plan_of(kind);
        plan.no_index = true;
        refuse(&plan, "one of them was never written");
    }
    struct plan plan = plan_of(EXTENSIBLE);
    plan.both_grow = true;
    refuse(&plan, "two dimensions without limits");
}

static void any_bit_may_be_wrong(void **state) {
    (void)state;
    static const unsigned filters[] = {SHUFFLE, DEFLATE};
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct plan plan = plan_of(kind);
        struct writer w;
        if (kind != IMPLICIT) set_filters(&plan, filters, 2);
        make(&w, &plan);
        for (size_t bit = 0; bit < 8 * w.size; bit++) {
            struct trouble trouble = {0};
            w_flip(&w, bit); /* and the checksum is right */
            (void)read_back(&w, &trouble);
            w_flip(&w, bit);
        }
    }
}

/* The largest number of pages: rounded up to bytes it must not become small. */
static void numbers_of_elements_do_not_wrap(void **state) {
    (void)state;
    static const uint64_t counts[] = {UINT64_MAX, UINT64_MAX - 5, UINT64_C(1) << 63, 1000000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        for (unsigned page_bits = 0; page_bits < 64; page_bits += 9) {
            struct plan plan = plan_of(PAGED);
            struct trouble trouble = {0};
            struct writer w;
            make(&w, &plan);
            uint64_t header = 0;
            while (memcmp(w.bytes + header, "FAHD", 4) != 0) header++;
            w_set(&w, header + 7, 1, page_bits);
            w_set(&w, header + 8, 8, counts[i]);
            w_reseal(&w, header, 24);
            w_reseal(&w, header + 28, 14); /* the data block, as if it had no bits */
            assert_non_null(read_back(&w, &trouble));
            assert_true(trouble.set);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_indices_are_read),
        cmocka_unit_test(all_filters_are_undone),
        cmocka_unit_test(edges_may_be_without_filters),
        cmocka_unit_test(chunks_that_are_missing_twice_or_outside_are_refused),
        cmocka_unit_test(wrong_sizes_are_refused),
        cmocka_unit_test(wrong_bytes_are_noticed),
        cmocka_unit_test(other_filters_are_named),
        cmocka_unit_test(old_sums_are_accepted),
        cmocka_unit_test(what_was_never_written_is_refused),
        cmocka_unit_test(any_bit_may_be_wrong),
        cmocka_unit_test(numbers_of_elements_do_not_wrap),
    };
    return cmocka_run_group_tests_name("hdf5 chunks", tests, NULL, NULL);
}
