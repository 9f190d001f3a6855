/* A blob that changes while it is planned: each word of its tables, at each time that something is read from it,
 * becomes another one, for good or until the next read. Numbers may be others then, addresses never: the
 * sanitizers look on. The reader of blobs is compiled into this test, with its cursor watched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "weights/bytes.h"

static void blob_is_read(void);
#define fovea_bytes_of(start, size) (blob_is_read(), fovea_bytes_of((start), (size)))
#include "weights/blob_read.c"
#undef fovea_bytes_of

#include "engine/session.h"
#include "tests/unit/drafts.h"

static struct model_draft m;
static struct fovea_model model;

/* At read number `when` the word becomes another one; with `back`, at the next it is itself again. */
static struct {
    uint8_t *word;
    uint32_t value, kept;
    unsigned when, reads;
    bool back;
} change;

static void put(uint32_t value) {
    for (unsigned i = 0; i < 4; i++) change.word[i] = (uint8_t)(value >> (8 * i));
}

static void blob_is_read(void) {
    unsigned read = change.reads++;
    if (!change.word) return;
    if (read == change.when) put(change.value);
    if (read == change.when + 1 && change.back) put(change.kept);
}

static unsigned long refused; /* plans, because the blob changed */
static unsigned long runs;    /* of models that were planned all the same */

/* Measures, plans into exactly so much, and runs. */
static void try_change(const struct fovea_options *options, size_t bytes) {
    struct fovea_error error;
    fovea_session *session;
    size_t ignored;
    uint8_t *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    change.reads = 0;
    fovea_plan(&model, options, memory, bytes, &session, &error);
    if (error.status == FOVEA_OK) {
        struct fovea_step_info info;
        for (uint32_t i = 0; i < model.inputs; i++) {
            uint64_t count;
            assert_true(fovea_shape_count(&session->values[i].shape, &count));
            memset(fovea_input(session, i), 0, (size_t)count * sizeof(float));
        }
        fovea_run(session);
        for (size_t i = 0; fovea_step_describe(session, i, &info); i++) assert_non_null(info.way);
        assert_non_null(fovea_output(session, 0));
        runs++;
    } else if (strcmp(error.check, "S-046") == 0) {
        refused++;
    }
    change.reads = 0;
    put(change.kept);
    fovea_measure(&model, options, &ignored, NULL);
    put(change.kept);
    free(memory);
}

/* Each word before the arrays, at each read of a plan, to several others; `stride`: of the reads some. */
static void sweep(const struct fovea_options *options, unsigned stride) {
    size_t bytes;
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    /* In memory of exactly its size, so that what lies beyond is seen. */
    uint8_t *blob = aligned_alloc(64, (size_t)(m.size + 63) / 64 * 64);
    assert_non_null(blob);
    memcpy(blob, m.blob, (size_t)m.size);
    model.blob = blob;
    assert_int_equal(fovea_measure(&model, options, &bytes, NULL), FOVEA_OK);
    change.word = NULL;
    change.reads = 0;
    fovea_measure(&model, options, &bytes, NULL);
    const unsigned reads = change.reads + 2 * model.values;
    for (uint64_t at = model.at_values; at + 4 <= model.at_text; at += 4) {
        change.word = blob + at;
        change.kept = (uint32_t)(change.word[0] | change.word[1] << 8 | change.word[2] << 16) |
                      (uint32_t)change.word[3] << 24;
        const uint32_t others[] = {0, 1, change.kept + 1, change.kept ^ 64, 0xffffffffu};
        for (unsigned o = 0; o < sizeof others / sizeof others[0]; o++) {
            change.value = others[o];
            for (unsigned read = (unsigned)(at / 4) % stride;
                 change.value != change.kept && read < reads; read += stride) {
                change.when = read;
                change.back = (read / stride + o) % 2;
                try_change(options, bytes);
            }
        }
    }
    change.word = NULL;
    free(blob);
    free(m.blob);
}

static uint32_t conv(uint32_t from, uint32_t size, uint32_t outputs) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_window(words, size, size, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = outputs;
    return draft_node(&m, FOVEA_OP_CONV, from, DRAFT_ALONE, 2, words);
}

static uint32_t pool(uint32_t from) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_window(words, 2, 2, 2, 1, FOVEA_PADDING_VALID);
    words[11] = 1;
    return draft_node(&m, FOVEA_OP_MAX_POOL, from, DRAFT_ALONE, 0, words);
}

/* Layers done together by rows in a cache, then some that are not. */
static void chains(void **state) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], none[FOVEA_ATTRIBUTES_MAX] = {0};
    (void)state;
    draft_start(&m, 64, 64, 3);
    uint32_t wide = conv(0, 1, 64);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    wide = draft_node(&m, FOVEA_OP_DEPTHWISE, wide, DRAFT_ALONE, 2, words);
    uint32_t value = conv(wide, 1, 3);
    draft_node(&m, FOVEA_OP_ADD, value, 0, 0, none);
    draft_seal(&m);
    sweep(NULL, 47);
}

/* Layers done by rows to save memory. */
static void stripes(void **state) {
    const struct fovea_options small = FOVEA_OPTIONS_SMALL;
    (void)state;
    draft_start(&m, 24, 24, 2);
    uint32_t value = conv(conv(0, 3, 12), 3, 6);
    conv(pool(value), 1, 2);
    draft_seal(&m);
    assert_true(m.draft.striped > 0);
    sweep(&small, 3);
}

/* A convolution that does the pool behind it, and factors that go to weights. */
static void pairs(void **state) {
    (void)state;
    draft_start(&m, 12, 12, 16);
    uint32_t value = pool(conv(0, 3, 16));
    conv(draft_excite(&m, value), 1, 8);
    draft_seal(&m);
    sweep(NULL, 4);
    draft_start(&m, 16, 16, 16);
    conv(draft_excite(&m, 0), 1, 8);
    draft_seal(&m);
    sweep(NULL, 4);
}

/* More inputs than a node's view has room for; constants and other shapes of the same numbers. */
static void many_inputs(void **state) {
    uint32_t axis[FOVEA_ATTRIBUTES_MAX] = {2}, shape[FOVEA_ATTRIBUTES_MAX] = {1, 96};
    struct fovea_rule_query query;
    (void)state;
    draft_start(&m, 4, 4, 2);
    uint32_t a = conv(0, 1, 2), joined = draft_node(&m, FOVEA_OP_CONCAT, a, 0, 0, axis);
    struct fovea_draft_node *node = &m.nodes[m.draft.node_count - 1];
    m.inputs[m.draft.node_count - 1][2] = 0;
    node->input_count = 3;
    assert_true(fovea_draft_shape(&m.draft, m.draft.node_count - 1, &query));
    draft_node(&m, FOVEA_OP_RESHAPE, joined, DRAFT_ALONE, 0, shape);
    draft_seal(&m);
    sweep(NULL, 1);
}

static void all_of_it_was_tried(void **state) {
    (void)state;
    assert_true(runs > 1000);
    assert_true(refused > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains),
        cmocka_unit_test(stripes),
        cmocka_unit_test(pairs),
        cmocka_unit_test(many_inputs),
        cmocka_unit_test(all_of_it_was_tried),
    };
    return cmocka_run_group_tests_name("changed", tests, NULL, NULL);
}
