/* The blob: what is written is read back; whatever is bent, cut or sealed again is refused or harmless. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <sys/mman.h>

#include "tests/unit/drafts.h"

static void test_round_trip(void **state) {
    (void)state;
    struct model_draft m;
    struct fovea_model model;
    struct fovea_error error;
    struct fovea_io io;
    draft_small(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, &error), FOVEA_OK);
    assert_int_equal(fovea_model_input(&model, 0, &io), FOVEA_OK);
    assert_string_equal(io.name, "picture");
    assert_int_equal(io.count, 9 * 11 * 3);
    assert_int_equal(fovea_model_output(&model, 0, &io), FOVEA_OK);
    assert_string_equal(io.name, "answer");
    assert_int_equal(io.labels, 5);
    assert_string_equal(fovea_model_label(&model, 0, 4), "f\xc3\xbcnf");
    assert_null(fovea_model_label(&model, 0, 5));
    assert_null(fovea_model_label(&model, 1, 0));
    assert_string_equal(fovea_model_note(&model, "source"), "a test");
    assert_null(fovea_model_note(&model, "sourc"));
    assert_int_equal(fovea_model_input(&model, 1, &io), FOVEA_ARGUMENT);
    assert_int_equal(fovea_model_open(NULL, m.blob, 1, &error), FOVEA_ARGUMENT);
    assert_string_equal(error.check, "B-033");
    assert_int_equal(fovea_model_open(&model, NULL, 1, NULL), FOVEA_ARGUMENT);
    assert_int_equal(fovea_model_open(&model, m.blob + 4, 1000, &error), FOVEA_ALIGNMENT);
    assert_string_equal(error.check, "B-034");
    free(m.blob);
}

/* Opens a copy of exactly `size` bytes, so that a read past its end is seen. */
static enum fovea_status open_copy(const uint8_t *bytes, size_t size) {
    struct fovea_model model;
    struct fovea_error error;
    uint8_t *copy = aligned_alloc(64, (size + 64) / 64 * 64);
    assert_non_null(copy);
    memcpy(copy, bytes, size);
    enum fovea_status status = fovea_model_open(&model, copy, size, &error);
    assert_non_null(error.text);
    free(copy);
    return status;
}

static void test_cuts(void **state) {
    (void)state;
    struct model_draft m;
    draft_small(&m);
    for (size_t size = 0; size < m.size; size++)
        assert_int_not_equal(open_copy(m.blob, size), FOVEA_OK);
    assert_int_equal(open_copy(m.blob, (size_t)m.size), FOVEA_OK);
    free(m.blob);
}

/* Where the arrays of the blob start: what lies before is structure. */
static size_t structure_size(const struct model_draft *m) {
    return (size_t)((uint8_t *)fovea_draft_array(&m->draft, m->blob, 0) - m->blob);
}

static void test_flips_are_seen(void **state) {
    (void)state;
    struct model_draft m;
    draft_small(&m);
    for (size_t bit = 0; bit < 8 * m.size; bit += bit < 8 * structure_size(&m) ? 1 : 13) {
        m.blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(open_copy(m.blob, (size_t)m.size), FOVEA_OK);
        m.blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(m.blob);
}

/* Bent and sealed again: refused, or it plans and runs within its memory. */
static void run_if_accepted(const uint8_t *blob, size_t size) {
    struct fovea_model model;
    fovea_session *session;
    size_t bytes;
    if (fovea_model_open(&model, blob, size, NULL) != FOVEA_OK) return;
    if (fovea_measure(&model, NULL, &bytes, NULL) != FOVEA_OK || bytes > 1 << 24) return;
    void *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    memset(memory, 0, bytes);
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, NULL), FOVEA_OK);
    fovea_run(session);
    free(memory);
}

static void test_resealed(void **state) {
    (void)state;
    static const uint32_t boundary[] = {0,          1,          2,         0x7fff,
                                        0x8000,     0xffff,     0x10000,   0x7fffffff,
                                        0x80000000, 0xffffffff, 0x1000001, 64};
    struct model_draft m;
    draft_small(&m);
    size_t structure = structure_size(&m);
    for (size_t bit = 8 * 16; bit < 8 * structure; bit++) {
        m.blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
        fovea_draft_seal(m.blob, m.size);
        run_if_accepted(m.blob, (size_t)m.size);
        m.blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t word = 16; word + 4 <= structure; word += 4)
        for (size_t i = 0; i < sizeof boundary / sizeof boundary[0]; i++) {
            uint8_t kept[4];
            memcpy(kept, m.blob + word, 4);
            for (unsigned b = 0; b < 4; b++) m.blob[word + b] = (uint8_t)(boundary[i] >> (8 * b));
            fovea_draft_seal(m.blob, m.size);
            run_if_accepted(m.blob, (size_t)m.size);
            memcpy(m.blob + word, kept, 4);
        }
    free(m.blob);
}

/* What the model answers; false where it is refused. */
static bool answer_of(const uint8_t *blob, size_t size, float answer[5]) {
    struct fovea_model model;
    fovea_session *session;
    size_t bytes;
    if (fovea_model_open(&model, blob, size, NULL) != FOVEA_OK) return false;
    assert_int_equal(fovea_measure(&model, NULL, &bytes, NULL), FOVEA_OK);
    void *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    memset(memory, 0xff, bytes);
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, NULL), FOVEA_OK);
    for (size_t i = 0; i < 9 * 11 * 3; i++)
        fovea_input(session, 0)[i] = (float)(i * 7 % 31) / 16 - 1;
    fovea_run(session);
    memcpy(answer, fovea_output(session, 0), 5 * sizeof *answer);
    free(memory);
    return true;
}

/* Any tensor moved to the place of any other: refused, or nothing that was needed is there. */
static void test_tensors_lie_apart(void **state) {
    (void)state;
    struct model_draft m;
    float right[5], moved[5];
    size_t refused = 0, accepted = 0;
    draft_small(&m);
    const uint32_t values = 1 + m.draft.node_count;
    assert_true(answer_of(m.blob, (size_t)m.size, right));
    for (uint32_t v = 0; v < values; v++)
        for (uint32_t other = 0; other < values; other++) {
            uint8_t *place = m.blob + FOVEA_BLOB_HEADER + v * FOVEA_BLOB_VALUE + 32, kept[8];
            memcpy(kept, place, 8);
            memcpy(place, m.blob + FOVEA_BLOB_HEADER + other * FOVEA_BLOB_VALUE + 32, 8);
            fovea_draft_seal(m.blob, m.size);
            if (answer_of(m.blob, (size_t)m.size, moved)) {
                assert_memory_equal(moved, right, sizeof right);
                accepted++;
            } else {
                refused++;
            }
            memcpy(place, kept, 8);
        }
    assert_true(accepted >= values && refused > values);
    free(m.blob);
}

/* Which check refuses the sealed model; "" where none does. */
static const char *check_of(const struct model_draft *m) {
    static struct fovea_error error;
    struct fovea_model model;
    fovea_draft_seal(m->blob, m->size);
    fovea_model_open(&model, m->blob, (size_t)m->size, &error);
    return error.check;
}

static void put32(struct model_draft *m, uint64_t at, uint32_t value) {
    for (unsigned i = 0; i < 4; i++) m->blob[at + i] = (uint8_t)(value >> (8 * i));
}

/* A model without weights: of two inputs, their sum. */
static void draft_sum(struct model_draft *m, struct fovea_draft_input inputs[2]) {
    static const uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0};
    draft_start(m, 4, 4, 4);
    inputs[0] = inputs[1] = m->input;
    m->draft.inputs = inputs;
    m->draft.input_count = 2;
    m->draft.values[1].shape = m->input.shape;
    draft_node(m, FOVEA_OP_ADD, 0, 1, 0, none);
}

/* Counts and places that contradict each other, with nothing else wrong. */
static void test_contradictions(void **state) {
    (void)state;
    static const struct {
        const char *check;
        struct {
            uint32_t at, value;
        } words[2];
    } cases[] = {
        {"", {{36, 3}}},
        {"B-010", {{36, 4}}},
        {"B-010", {{48, 0}}},
        {"B-010", {{36, 1}, {44, 0}}}, /* no input */
        {"B-010", {{68, 2}}},
        {"B-010", {{68, 1}}}, /* a self-test without its tensors */
        {"B-042", {{FOVEA_BLOB_HEADER + FOVEA_BLOB_VALUE + 32, 0}, {FOVEA_BLOB_HEADER + 32, 0}}},
        {"B-042", {{FOVEA_BLOB_HEADER + FOVEA_BLOB_VALUE + 32, 64}, {FOVEA_BLOB_HEADER + 32, 128}}},
    };
    struct model_draft m;
    struct fovea_draft_input inputs[2];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        draft_sum(&m, inputs);
        draft_seal(&m);
        for (size_t w = 0; w < 2 && cases[i].words[w].at; w++)
            put32(&m, cases[i].words[w].at, cases[i].words[w].value);
        const char *check = check_of(&m);
        if (strcmp(check, cases[i].check) != 0) fail_msg("case %zu: %s", i, check);
        free(m.blob);
    }
    struct fovea_model model;
    draft_sum(&m, inputs);
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    m.size = model.at_text; /* no texts at all */
    put32(&m, 16, (uint32_t)m.size);
    put32(&m, 60, 0);
    assert_string_equal(check_of(&m), "B-015");
    free(m.blob);
}

/* A single number has no dimension that labels could be of. */
static void test_labels_of_a_number(void **state) {
    (void)state;
    static const char *const labels[] = {"it"};
    static const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    struct model_draft m;
    for (uint32_t count = 0; count < 2; count++) {
        draft_start(&m, 1, 1, 1);
        draft_node(&m, FOVEA_OP_RESHAPE, 0, DRAFT_ALONE, 0, words);
        m.output.labels = labels;
        m.output.label_count = count;
        draft_seal(&m);
        assert_string_equal(check_of(&m), count ? "B-028" : "");
        free(m.blob);
    }
}

/* A sum may lie over its first input, and over a second one only where that is the same place. */
static void test_sums_lie_over_one_input(void **state) {
    (void)state;
    static const uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0};
    struct model_draft m;
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    for (uint32_t row = 0; row < 2; row++) {
        draft_start(&m, 4, 4, 4);
        draft_window(words, row ? 4 : 1, 1, 1, 1, FOVEA_PADDING_VALID);
        words[11] = 1;
        uint32_t b = draft_node(&m, FOVEA_OP_MAX_POOL, 0, DRAFT_ALONE, 0, words);
        words[0] = 1;
        uint32_t a = draft_node(&m, FOVEA_OP_MAX_POOL, 0, DRAFT_ALONE, 0, words);
        uint32_t sum = draft_node(&m, FOVEA_OP_ADD, a, b, 0, none);
        draft_seal(&m);
        assert_string_equal(check_of(&m), "");
        assert_int_equal(m.values[sum].offset, m.values[a].offset);
        const uint64_t at = FOVEA_BLOB_HEADER + b * FOVEA_BLOB_VALUE + 32;
        uint32_t near = (uint32_t)m.values[a].offset;
        if (!row) near += near ? (uint32_t)-64 : 64;
        put32(&m, at, near);
        assert_string_equal(check_of(&m), "B-041");
        free(m.blob);
    }
}

/* An output that a later step is written over. */
static void test_outputs_last(void **state) {
    (void)state;
    static const uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0};
    struct model_draft m;
    struct fovea_model model;
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_start(&m, 4, 4, 4);
    draft_window(words, 1, 1, 1, 1, FOVEA_PADDING_VALID);
    words[11] = 1;
    uint32_t a = draft_node(&m, FOVEA_OP_MAX_POOL, 0, DRAFT_ALONE, 0, words);
    uint32_t sum = draft_node(&m, FOVEA_OP_ADD, a, a, 0, none);
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_int_equal(m.values[sum].offset, m.values[a].offset);
    put32(&m, model.at_outputs + 4, a);
    assert_string_equal(check_of(&m), "B-041");
    free(m.blob);
}

/* Wherever it runs out of fuel, the look at lifetimes says so. */
static void test_lifetimes_are_bounded(void **state) {
    (void)state;
    struct model_draft m;
    struct fovea_model model;
    const char *problem;
    uint32_t culprit, fuel = 0;
    draft_small(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    for (; !fovea_blob_places(&model, fuel, &problem, &culprit); fuel++) {
        assert_memory_equal(problem, "B-040", 5);
        assert_true(culprit < model.values && fuel < 100);
    }
    assert_true(fuel > 2 * m.draft.node_count);
    free(m.blob);
}

/* A terminal does what control characters say: they are no text. */
static void test_texts_are_clean(void **state) {
    (void)state;
    static const char *const bad[] = {"\x1b[2J",
                                      "a\nb",
                                      "\x7f",
                                      "\xc2\x9b",
                                      "\xff",
                                      "\xc3",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf8\x90\x80\x80",
                                      "\xfc\x90\x80\x80"};
    static const char *const good[] = {"", "caf\xc3\xa9 1", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                       "\xc2\xa0"};
    struct model_draft m;
    for (size_t i = 0; i < sizeof bad / sizeof *bad + sizeof good / sizeof *good; i++) {
        const size_t bads = sizeof bad / sizeof *bad;
        draft_small(&m);
        free(m.blob);
        m.note.value = i < bads ? bad[i] : good[i - bads];
        draft_seal(&m);
        enum fovea_status status = open_copy(m.blob, (size_t)m.size);
        assert_int_equal(status, i < bads ? FOVEA_FORMAT : FOVEA_OK);
        free(m.blob);
    }
}

static uint32_t sum_of(const uint8_t *bytes, size_t size) {
    struct fovea_checksum sum;
    fovea_checksum_start(&sum);
    fovea_checksum_add(&sum, bytes, size);
    return fovea_checksum_end(&sum);
}

static void test_checksum(void **state) {
    (void)state;
    uint8_t bytes[100];
    struct fovea_checksum parts;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 37);
    for (size_t size = 1; size < sizeof bytes; size++) {
        uint32_t sum = sum_of(bytes, size);
        assert_int_not_equal(sum, sum_of(bytes, size - 1));
        for (size_t bit = 0; bit < 8 * size; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(sum, sum_of(bytes, size));
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    fovea_checksum_start(&parts);
    fovea_checksum_add(&parts, bytes, 32);
    fovea_checksum_add(&parts, bytes + 32, 64);
    fovea_checksum_add(&parts, bytes + 96, 4);
    assert_int_equal(fovea_checksum_end(&parts), sum_of(bytes, 100));
}

/* The file format is a promise: these bytes begin format 3 and stay readable. */
static void test_header(void **state) {
    (void)state;
    static const uint8_t start[] = {0x89, 'F', 'O', 'V', 13, 10, 26, 10, 3, 0, 0, 0};
    static const uint8_t known[] = {4, 3, 2, 1, 0, 0, 0xc0, 0xbf, 8, 0, 0, 0};
    struct model_draft m;
    draft_small(&m);
    assert_memory_equal(m.blob, start, sizeof start);
    assert_memory_equal(m.blob + 24, known, sizeof known);
    free(m.blob);
}

/* Where array `index` lies; NULL where there is none. */
static const void *array_of(const struct fovea_model *model, uint32_t index) {
    struct fovea_numbers found;
    fovea_blob_array(model, index, &found);
    return found.at;
}

/* After a blob was opened its bytes may change; what reads them again stays inside. */
static void test_later_changes(void **state) {
    (void)state;
    struct model_draft m;
    struct fovea_model model;
    struct fovea_node_view view = {.model = &model};
    struct fovea_shape shape;
    uint64_t count;
    draft_small(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_int_equal(fovea_blob_word(&model, model.words), 0);
    assert_string_equal(fovea_blob_text(&model, model.text), "");
    assert_null(array_of(&model, model.arrays));
    assert_null(array_of(&model, 0xffffffffu));
    assert_null(fovea_blob_golden(&model, 0, &count));
    model.golden = 1;
    assert_null(fovea_blob_golden(&model, model.inputs + model.outputs, &count));
    const uint32_t arrays = model.arrays;
    model.arrays = 0;
    assert_null(fovea_blob_golden(&model, 0, &count));
    model.arrays = arrays;
    uint8_t *array = m.blob + model.at_arrays, *value = m.blob + model.at_values;
    array[0] ^= 1; /* out of alignment */
    assert_null(array_of(&model, 0));
    array[0] ^= 1;
    array[6] ^= 1; /* far away */
    assert_null(array_of(&model, 0));
    array[6] ^= 1;
    array[11] ^= 0x80; /* too many floats for the blob */
    assert_null(array_of(&model, 0));
    array[11] ^= 0x80;
    array[12] ^= 0x40; /* numbers of no known type */
    assert_null(array_of(&model, 0));
    array[12] ^= 0x40;
    assert_non_null(array_of(&model, 0));
    value[0] = 7; /* dimensions */
    fovea_blob_shape(&model, 0, &shape);
    assert_int_equal(shape.rank, 0);
    view.record.first = 0;
    memset(m.blob + model.at_words, 0xff, 12);
    assert_int_equal(fovea_node_input(&view, 2), 0);
    free(m.blob);
}

/* Arrays of bytes have no more elements than tensors, however long the blob is: the first array is refused where it has
 * one more, and the second one, which lies elsewhere then, where it has not. */
static void test_largest_array(void **state) {
    (void)state;
    const size_t size = ((size_t)1 << 29) + (1 << 16);
    struct model_draft m;
    struct fovea_model model;
    struct fovea_error error;
    draft_small(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    const uint64_t at = model.at_arrays;
    uint8_t *blob = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(blob, MAP_FAILED); /* of pages that are not there until they are written */
    memcpy(blob, m.blob, structure_size(&m));
    free(m.blob);
    m.blob = blob;
    m.size = size;
    put32(&m, 16, (uint32_t)size);
    put32(&m, at + 12, FOVEA_I8);
    for (uint32_t more = 0; more < 2; more++) {
        put32(&m, at + 8, FOVEA_ELEMENTS_MAX + more);
        fovea_draft_seal(blob, size);
        assert_int_equal(fovea_model_open(&model, blob, size, &error), FOVEA_RANGE);
        assert_string_equal(error.check, "B-013");
        assert_int_equal(error.where, at + (more ? 0 : FOVEA_BLOB_ARRAY));
    }
    munmap(blob, size);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_flips_are_seen),
        cmocka_unit_test(test_resealed),
        cmocka_unit_test(test_tensors_lie_apart),
        cmocka_unit_test(test_texts_are_clean),
        cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_labels_of_a_number),
        cmocka_unit_test(test_sums_lie_over_one_input),
        cmocka_unit_test(test_outputs_last),
        cmocka_unit_test(test_lifetimes_are_bounded),
        cmocka_unit_test(test_later_changes),
        cmocka_unit_test(test_largest_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
