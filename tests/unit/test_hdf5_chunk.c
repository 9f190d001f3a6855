#include "tests/unit/hdf5_chunked.h"

static void all_indices_are_read(void **state) {
    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct plan plan = plan_of(kind);
        check(&plan);
        if (kind == EXTENSIBLE) {
            plan.second_grows = true;
            check(&plan);
            plan.all_in_index = true;
            check(&plan);
        }
    }
}

static void sizes_in_records_are_of_any_length(void **state) {
    (void)state;
    static const unsigned filters[] = {DEFLATE};
    struct plan plan = plan_of(TREE_2);
    set_filters(&plan, filters, 1);
    for (plan.stored_bytes = 1; plan.stored_bytes <= 8; plan.stored_bytes++) check(&plan);
}

static void all_filters_are_undone(void **state) {
    (void)state;
    static const struct {
        unsigned filters[3], count;
    } sets[] = {{{DEFLATE}, 1},
                {{LZF}, 1},
                {{SHUFFLE, LZF}, 2},
                {{FLETCHER32, SHUFFLE, LZF}, 3},
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
        if (plan.flaw.missing > 0) refuse(&plan, "chunks was never written");
        if (kind != TREE_1 && kind < TREE_2) continue;
        plan = plan_of(kind);
        plan.flaw.twice = 5;
        refuse(&plan, "a chunk that occurs twice");
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
    refuse(&plan, "the chunks are too large");
    plan.flaw.dim0 = 0x08000000;
    refuse(&plan, "the file is too short to hold");
    plan = plan_of(TREE_1);
    plan.flaw.rank = 2;
    refuse(&plan, "chunks of 2 sizes for data of 2 dimensions");
    plan = plan_of(TREE_1);
    set_filters(&plan, filters, 3);
    plan.flaw.stored = 1;
    refuse(&plan, "a chunk does not match its checksum");
    plan.flaw.stored = 3 - BYTES - 11 - 4;
    refuse(&plan, "a chunk is too short for its checksum");
    plan.flaw.stored = 1;
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
        refuse(&plan, "a chunk does not match its checksum");
    }
}

/* The high bytes of the numbers stand together, and are copied in one piece of more than 8 bytes. A changed bit is
 * refused or makes another number; a longer piece does not fit. */
static void lzf_copies_no_further_than_the_chunk(void **state) {
    (void)state;
    static const unsigned filters[] = {SHUFFLE, LZF};
    unsigned too_long = 0;
    for (size_t at = 1; at <= 70; at++) {
        struct plan plan = plan_of(SINGLE);
        struct trouble trouble = {0};
        struct writer w;
        set_filters(&plan, filters, 2);
        plan.flaw.data = at;
        make(&w, &plan);
        assert_non_null(read_back(&w, &trouble));
        too_long += strcmp(trouble.check, "H-171") == 0;
    }
    assert_true(too_long > 0);
}

static void other_filters_are_named(void **state) {
    (void)state;
    static const struct {
        unsigned id;
        const char *reason;
    } cases[] = {{4, "the filter szip is not supported"},
                 {5, "the filter nbit is not supported"},
                 {6, "the filter scaleoffset is not supported"},
                 {32001, "filter 32001 is not supported"},
                 {DEFLATE, "filter 1 is listed twice"}};
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
        refuse(&plan, "chunks was never written");
    }
    struct plan plan = plan_of(EXTENSIBLE);
    plan.both_grow = true;
    refuse(&plan, "two unlimited dimensions");
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
/* What chunks say they hold is paid for before room is made for it. */
static void chunks_are_worth_their_file(void **state) {
    (void)state;
    struct plan plan = plan_of(SINGLE);
    set_filters(&plan, (const unsigned[]){DEFLATE}, 1);
    plan.flaw.dim0 = 200; /* 2800 bytes */
    for (unsigned enough = 0; enough < 2; enough++) {
        struct pool pool = {.fuel = 0};
        struct trouble trouble = {0};
        struct hdf5_object object;
        struct hdf5_value value;
        struct writer w;
        bool found;
        make(&w, &plan);
        const struct hdf5 *file = hdf5_open(&pool, w.bytes, w.size, &trouble);
        assert_true(file && hdf5_find(file, NULL, "x", &object, &found, &trouble) && found);
        const size_t used = pool.used;
        pool.fuel = pool.spent + (enough ? 5000 : 699);
        assert_false(hdf5_dataset(file, &object, &value, &trouble));
        assert_string_equal(trouble.check, enough ? "H-137" : "C-022");
        assert_int_equal(pool.used - used > 2800, enough);
        pool_free(&pool);
    }
}

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

/* Where the check that refuses says more than the text does. */
static void flaws_are_refused(void **state) {
    (void)state;
    static const struct {
        enum kind kind;
        unsigned filter;
        struct flaw flaw;
        struct change {
            const char *block; /* its signature */
            unsigned at, bytes;
            uint64_t value;
        } changes[3];
        const char *check;
    } cases[] = {
        {FIXED, 0, {.layout = 4}, {{0}}, "H-110"},
        {FIXED, 0, {.layout = 5}, {{0}}, "H-111"},
        {FIXED, 0, {.layout = 9}, {{0}}, "H-125"},
        {FIXED, 0, {.scalar = true, .rank = 1}, {{0}}, "H-110"},
        {FIXED, SHUFFLE, {.filters = 1}, {{0}}, "H-103"},
        {FIXED, SHUFFLE, {.filters = 2}, {{0}}, "H-099"},
        {FIXED, SHUFFLE, {.stored = 17}, {{0}}, "H-136"},
        {FIXED, SHUFFLE, {.stored = 16}, {{0}}, "H-106"},
        {IMPLICIT, 0, {.index = W_UNDEF - 1}, {{0}}, "H-123"},
        {IMPLICIT, 0, {.index = W_UNDEF - 8 * BYTES - 1}, {{0}}, "H-115"},
        {TREE_2, 0, {.record = 1}, {{0}}, "H-120"},
        {TREE_2, 0, {.record = -1}, {{0}}, "H-120"},
        {TREE_2, SHUFFLE, {.record = 7}, {{0}}, "H-120"},
        {TREE_2, SHUFFLE, {.record = -2}, {{0}}, "H-120"},
        /* nodes with no room for a child, and with room for too many */
        {DEEP_TREE_2, 0, {0}, {{"BTHD", 6, 4, 12}}, "H-050"},
        {DEEP_TREE_2, 0, {0}, {{"BTHD", 6, 8, UINT64_C(0x00030018ffffffff)}}, "H-050"},
        /* nothing was written */
        {FIXED, 0, {0}, {{"FAHD", 16, 8, W_UNDEF}}, "H-114"},
        {EXTENSIBLE, 0, {0}, {{"EAHD", 60, 8, W_UNDEF}}, "H-114"},
        {TREE_2, 0, {0}, {{"BTHD", 16, 8, W_UNDEF}}, "H-114"},
        /* two pages, of which the second would be behind all addresses */
        {PAGED,
         0,
         {0},
         {{"FAHD", 7, 1, 63}, {"FAHD", 8, 8, UINT64_MAX}, {"FADB", 14, 1, 0x40}},
         "H-002"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct plan plan = plan_of(cases[i].kind);
        struct trouble trouble = {0};
        struct writer w;
        if (cases[i].filter) set_filters(&plan, &cases[i].filter, 1);
        plan.flaw = cases[i].flaw;
        plan.flaw.missing = plan.flaw.twice = -1;
        make(&w, &plan);
        for (const struct change *c = cases[i].changes; c < cases[i].changes + 3 && c->block; c++) {
            uint64_t block = 0;
            while (memcmp(w.bytes + block, c->block, 4) != 0) block++;
            w_change(&w, block + c->at, c->bytes, c->value);
        }
        const char *wrong = read_back(&w, &trouble);
        if (!wrong || strcmp(trouble.check, cases[i].check) != 0)
            fail_msg("case %zu: %s %s, not %s", i, trouble.check, wrong ? wrong : "accepted",
                     cases[i].check);
    }
    struct plan plan = plan_of(EXTENSIBLE);
    plan.all_in_index = plan.flaw.extra = true;
    refuse(&plan, "a chunk outside the dataset");
}

/* The one thing that the tests' writer shares with the reader. */
static void checksums_are_those_of_lookup3(void **state) {
    (void)state;
    static const char text[] = "Four score and seven years ago";
    assert_int_equal(hdf5_checksum(fovea_bytes_of(text, sizeof text - 1)), 0x17770551);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_indices_are_read),
        cmocka_unit_test(sizes_in_records_are_of_any_length),
        cmocka_unit_test(all_filters_are_undone),
        cmocka_unit_test(edges_may_be_without_filters),
        cmocka_unit_test(chunks_that_are_missing_twice_or_outside_are_refused),
        cmocka_unit_test(wrong_sizes_are_refused),
        cmocka_unit_test(wrong_bytes_are_noticed),
        cmocka_unit_test(lzf_copies_no_further_than_the_chunk),
        cmocka_unit_test(other_filters_are_named),
        cmocka_unit_test(old_sums_are_accepted),
        cmocka_unit_test(what_was_never_written_is_refused),
        cmocka_unit_test(any_bit_may_be_wrong),
        cmocka_unit_test(chunks_are_worth_their_file),
        cmocka_unit_test(numbers_of_elements_do_not_wrap),
        cmocka_unit_test(flaws_are_refused),
        cmocka_unit_test(checksums_are_those_of_lookup3),
    };
    return cmocka_run_group_tests_name("hdf5 chunks", tests, NULL, NULL);
}
