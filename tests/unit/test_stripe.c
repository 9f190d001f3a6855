/* Stripes: the same bits as without, in the memory that was measured, for any geometry and number of
 * threads; and what a blob may not say of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/answer.h"
#include "tests/unit/drafts.h"

static uint32_t state_now;
static uint32_t below(uint32_t most) {
    state_now = state_now * 1664525u + 1013904223u;
    return (state_now >> 8) % most;
}

/* A window of the case: kernel, stride, dilation, padding as they come. */
static void any_window(uint32_t *words, uint32_t largest) {
    uint32_t height = 1 + below(largest), width = 1 + below(3);
    draft_window(words, height, width, 1, 1, below(2));
    words[2] = 1 + below(3); /* strides */
    words[3] = 1 + below(2);
    words[4] = 1 + below(2); /* dilations */
}

/* A few layers of a large picture, of which most can be done by rows. */
static bool draft_any(struct model_draft *m, uint32_t seed) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], last = 0, layers = 2 + seed % 5;
    state_now = seed;
    uint32_t height = 20 + below(30), width = 20 + below(20);
    draft_start(m, height, width, 1 + below(4));
    for (uint32_t i = 0; i < layers; i++) {
        const struct fovea_shape *shape = &m->values[last].shape;
        uint32_t kind = below(8), channels = 4 + below(20);
        if (shape->dims[0] < 12 || shape->dims[1] < 12) break;
        any_window(words, i % 2 ? 5 : 3);
        if (kind < 4) {
            words[11] = 1;
            words[12] = channels;
            words[13] = kind == 0 ? FOVEA_ACTIVATION_SILU : FOVEA_ACTIVATION_NONE;
            if (kind == 1) words[0] = words[1] = words[2] = words[3] = 1;
            /* Once in a while something is added: only the last layer of a stripe may have it. */
            bool added = kind == 1 && below(2) && shape->dims[2] == channels;
            last = draft_node(m, FOVEA_OP_CONV, last, added ? last : DRAFT_ALONE, 2, words);
        } else if (kind < 6) {
            last = draft_node(m, FOVEA_OP_DEPTHWISE, last, DRAFT_ALONE, 2, words);
        } else if (kind == 6) {
            words[4] = words[5] = words[11] = 1;
            last = draft_node(m, FOVEA_OP_MAX_POOL, last, DRAFT_ALONE, 0, words);
        } else {
            uint32_t none[FOVEA_ATTRIBUTES_MAX] = {FOVEA_ACTIVATION_SIGMOID};
            last = draft_node(m, FOVEA_OP_ACTIVATION, last, DRAFT_ALONE, 0, none);
        }
    }
    if (m->draft.node_count == 0) return false;
    draft_seal(m);
    return true;
}

static void watch(void *context, const struct fovea_step_info *info) {
    (void)info;
    ++*(size_t *)context;
}

static void results_are_those_of_whole_tensors(void **state) {
    static const uint32_t masks[] = {FOVEA_CPU_PORTABLE, FOVEA_CPU_SSE2, 0};
    uint32_t striped = 0;
    (void)state;
    for (uint32_t seed = 1; seed <= 400; seed++) {
        static struct model_draft m;
        struct fovea_model model;
        struct fovea_options options = FOVEA_OPTIONS_SMALL;
        size_t count, other, whole, small, calls = 0;
        if (!draft_any(&m, seed)) continue;
        assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
        options.cpu_mask = masks[seed % 3];
        options.threads = 1 + seed % 4;
        float *have = answer_of(&model, &options, &other, &small);
        options.watcher = watch; /* who gets to see every layer as a whole */
        options.context = &calls;
        float *want = answer_of(&model, &options, &count, &whole);
        assert_true(calls > 0);
        assert_int_equal(count, other);
        assert_memory_equal(want, have, count * sizeof *want);
        if (model.striped) {
            striped++;
            if (options.threads == 1) assert_true(small < whole);
        }
        free(want);
        free(have);
        free(m.blob);
    }
    assert_true(striped > 100);
}

/* Three convolutions of which the tensors between are the largest. */
static void draft_three(struct model_draft *m) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_start(m, 64, 64, 1);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 16;
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    words[12] = 20;
    uint32_t b = draft_node(m, FOVEA_OP_CONV, a, DRAFT_ALONE, 2, words);
    words[2] = words[3] = 4;
    uint32_t c = draft_node(m, FOVEA_OP_CONV, b, DRAFT_ALONE, 2, words);
    words[2] = words[3] = 1;
    draft_node(m, FOVEA_OP_CONV, c, c, 2, words);
    draft_seal(m);
}

static void the_largest_tensors_never_exist(void **state) {
    static struct model_draft m;
    struct fovea_model model;
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    size_t count, bytes;
    (void)state;
    draft_three(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_true(model.arena >= 64 * 64 * 36 * sizeof(float)); /* two between */
    assert_true(model.striped <= 64 * 64 * sizeof(float) + 2 * 16 * 16 * 20 * sizeof(float) + 256);
    free(answer_of(&model, &options, &count, &bytes));
    assert_true(bytes < model.striped + 6 * 64 * 20 * sizeof(float) + 4096);
    free(m.blob);
}

static void other_sizes_have_no_stripes(void **state) {
    static struct model_draft m;
    struct fovea_model model, resized;
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    struct fovea_shape shape = {3, {33, 47, 1}};
    size_t count, bytes;
    (void)state;
    draft_three(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    size_t room = fovea_model_resize_bytes(&model);
    void *tables = aligned_alloc(64, (room + 63) / 64 * 64);
    assert_int_equal(fovea_model_resize(&model, &shape, tables, room, &resized, NULL), FOVEA_OK);
    assert_int_equal(resized.striped, 0);
    free(answer_of(&resized, &options, &count, &bytes));
    free(tables);
    free(m.blob);
}

/* ---- what a blob may not say ---- */

static uint8_t *word_of(struct model_draft *m, size_t at) {
    return m->blob + at;
}

/* Opens with one 32-bit word changed, which is changed back. */
static enum fovea_status open_bent(struct model_draft *m, size_t at, uint32_t value) {
    struct fovea_model model;
    uint8_t old[4];
    memcpy(old, word_of(m, at), 4);
    for (unsigned i = 0; i < 4; i++) word_of(m, at)[i] = (uint8_t)(value >> (8 * i));
    fovea_draft_seal(m->blob, m->size);
    enum fovea_status status = fovea_model_open(&model, m->blob, (size_t)m->size, NULL);
    memcpy(word_of(m, at), old, 4);
    fovea_draft_seal(m->blob, m->size);
    return status;
}

static void stripes_are_checked(void **state) {
    static struct model_draft m;
    struct fovea_model model;
    (void)state;
    draft_three(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_true(model.striped > 0);
    size_t first = (size_t)model.at_values + 28; /* the striped place of value 0 */
    size_t step = FOVEA_BLOB_VALUE;
    struct fovea_bytes b = fovea_bytes_of(m.blob + first + step, 4);
    assert_int_equal(fovea_read32(&b), FOVEA_BLOB_PASSED); /* of the first node */
    assert_int_equal(open_bent(&m, 80, (uint32_t)model.striped + 1), FOVEA_RANGE);
    assert_int_equal(open_bent(&m, 80, (uint32_t)model.arena + 64), FOVEA_RANGE);
    assert_int_equal(open_bent(&m, 80, (uint32_t)model.striped - 64), FOVEA_RANGE);
    assert_int_equal(open_bent(&m, first, FOVEA_BLOB_PASSED), FOVEA_ALIGNMENT); /* an input */
    assert_int_equal(open_bent(&m, first, 0x7fffffff), FOVEA_RANGE);
    assert_int_equal(open_bent(&m, first + 2 * step, 0), FOVEA_RANGE); /* whole: no room */
    assert_int_equal(open_bent(&m, first + 3 * step, FOVEA_BLOB_PASSED), FOVEA_FORMAT); /* added */
    assert_int_equal(open_bent(&m, first + 4 * step, FOVEA_BLOB_PASSED), FOVEA_FORMAT); /* output */
    /* The input under the output of the stripe, which is written while the input is read. */
    b = fovea_bytes_of(m.blob + first + 3 * step, 4);
    assert_int_equal(open_bent(&m, first, fovea_read32(&b)), FOVEA_FORMAT);
    free(m.blob);
}

/* Which check refuses the model, where its stripes have the places of whole tensors, but for the nodes of
 * `passed`, a bit each, whose outputs go on by rows. */
static const char *open_passed(struct model_draft *m, uint32_t passed) {
    static struct fovea_error error;
    struct fovea_model model;
    draft_seal(m);
    for (uint32_t v = 0; v <= m->draft.node_count; v++) {
        uint8_t *value = m->blob + FOVEA_BLOB_HEADER + v * FOVEA_BLOB_VALUE;
        uint64_t place = 0;
        for (unsigned i = 0; i < 8; i++) place |= (uint64_t)value[32 + i] << 8 * i;
        place = v > 0 && passed >> (v - 1) & 1 ? FOVEA_BLOB_PASSED : place / FOVEA_ALIGN;
        for (unsigned i = 0; i < 4; i++) value[28 + i] = (uint8_t)(place >> 8 * i);
    }
    memcpy(m->blob + 80, m->blob + 72, 8); /* as much memory */
    fovea_draft_seal(m->blob, m->size);
    fovea_model_open(&model, m->blob, (size_t)m->size, &error);
    free(m->blob);
    return error.check;
}

static void stripes_that_are_none(void **state) {
    static const struct {
        const char *check; /* "": accepted */
        struct {
            uint32_t a, b; /* what node n reads, from value n + 1 on; all convolutions */
        } reads[14];
        uint32_t passed, output;
    } cases[] = {
        {"", {{0, 0}, {1, 0}, {2, 0}}, 0, 3},
        {"", {{0, 0}, {1, 0}, {2, 0}, {3, 1}}, 1 << 1, 4},
        {"B-047", {{0, 0}, {1, 0}, {1, 0}, {3, 0}}, 1 << 0 | 1 << 1, 4}, /* not of the one before */
        {"B-047", {{0, 0}, {1, 0}, {2, 0}, {1, 3}}, 1 << 0, 4},          /* later once more */
        {"B-047", {{0, 0}, {1, 0}, {1, 0}, {3, 0}}, 1 << 1, 4},          /* by nobody */
        {"B-047", {{0, 0}, {1, 0}, {2, 2}}, 1 << 1, 3},                  /* twice */
        {"B-047", {{0, 0}, {1, 0}, {2, 1}}, 1 << 0, 3},                  /* and as a second one */
        {"B-047", {{0, 0}, {1, 1}, {2, 0}}, 1 << 1, 3}, /* from one with two inputs */
        {"B-047", {{0, 0}, {1, 0}, {2, 0}}, 1 << 2, 3}, /* to the caller */
        {"B-047", {{0, 0}, {1, 0}, {2, 0}}, 1 << 2, 2}, /* behind the last node */
        {"B-047", {{0, 0}, {1, 0}, {2, 0}}, 1 << 1, 2}, /* to node and caller */
        {"B-047",
         {{0, 0},
          {1, 0},
          {2, 0},
          {3, 0},
          {4, 0},
          {5, 0},
          {6, 0},
          {7, 0},
          {8, 0},
          {9, 0},
          {10, 0},
          {11, 0},
          {12, 0},
          {13, 0}},
         (1 << FOVEA_STRIPE_MOST) - 1,
         14}, /* one too long */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static struct model_draft m;
        uint32_t words[FOVEA_ATTRIBUTES_MAX];
        draft_start(&m, 8, 8, 4);
        draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
        words[11] = 1;
        words[12] = 4;
        for (size_t n = 0; n < 14 && (n == 0 || cases[i].reads[n].a > 0); n++)
            draft_node(&m, FOVEA_OP_CONV, cases[i].reads[n].a,
                       cases[i].reads[n].b ? cases[i].reads[n].b : DRAFT_ALONE, 2, words);
        m.output.value = cases[i].output;
        const char *check = open_passed(&m, cases[i].passed);
        if (strcmp(check, cases[i].check) != 0)
            fail_msg("case %zu: \"%s\", not \"%s\"", i, check, cases[i].check);
    }
}

/* To and from a node that makes no rows. */
static void stripes_are_of_rows(void **state) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], none[FOVEA_ATTRIBUTES_MAX] = {FOVEA_ACTIVATION_SIGMOID};
    (void)state;
    for (uint32_t passed = 0; passed < 2; passed++) {
        static struct model_draft m;
        draft_start(&m, 8, 8, 4);
        draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
        words[11] = 1;
        words[12] = 4;
        uint32_t a = draft_node(&m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
        uint32_t b = draft_node(&m, FOVEA_OP_ACTIVATION, a, DRAFT_ALONE, 0, none);
        draft_node(&m, FOVEA_OP_CONV, b, DRAFT_ALONE, 2, words);
        assert_string_equal(open_passed(&m, 1u << passed), "B-047");
    }
}

/* Bytes neither go on by rows nor are made of rows. */
static void stripes_are_of_floats(void **state) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], none[FOVEA_ATTRIBUTES_MAX] = {0};
    (void)state;
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 4;
    for (uint32_t passed = 0; passed < 3; passed++) {
        static struct model_draft m;
        draft_start(&m, 8, 8, 4);
        const uint32_t conv = draft_node(&m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
        const uint32_t bytes = draft_node(&m, FOVEA_OP_QUANTIZE, conv, DRAFT_ALONE, 0, none);
        m.draft.values[bytes].type = FOVEA_I8;
        m.draft.values[bytes].quantization.scale = 0.5f;
        draft_node(&m, FOVEA_OP_DEQUANTIZE, bytes, DRAFT_ALONE, 0, none);
        assert_string_equal(open_passed(&m, passed), passed ? "B-047" : "");
    }
}

/* A blob that changes after it was opened can change numbers, never addresses. */
static void changes_after_open_are_seen(void **state) {
    static struct model_draft m;
    struct fovea_model model;
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    fovea_session *session;
    size_t bytes;
    (void)state;
    draft_three(&m);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, &options, &bytes, NULL), FOVEA_OK);
    uint8_t *memory = aligned_alloc(64, bytes);
    size_t first = (size_t)model.at_values + 28;
    for (size_t v = 0; v < model.values; v++)
        for (unsigned bit = 0; bit < 32; bit++) {
            uint8_t *word = m.blob + first + v * FOVEA_BLOB_VALUE;
            word[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (fovea_plan(&model, &options, memory, bytes, &session, NULL) == FOVEA_OK)
                fovea_run(session); /* the sanitizers look on */
            word[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    /* Each value, passed on where it was not, and the other way round. */
    for (size_t v = 0; v < model.values; v++) {
        uint8_t *word = m.blob + first + v * FOVEA_BLOB_VALUE, old[4];
        memcpy(old, word, 4);
        memset(word, old[3] == 0xff ? 0 : 0xff, 4);
        if (fovea_plan(&model, &options, memory, bytes, &session, NULL) == FOVEA_OK)
            fovea_run(session);
        memcpy(word, old, 4);
    }
    free(memory);
    free(m.blob);
}

/* Which check refuses to plan a model whose value `value` is passed on since it was opened. */
static const char *plan_passed(struct model_draft *m, size_t value) {
    struct fovea_model model;
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    fovea_session *session;
    assert_int_equal(fovea_model_open(&model, m->blob, (size_t)m->size, NULL), FOVEA_OK);
    assert_true(model.striped > 0);
    const size_t bytes = (size_t)1 << 20;
    uint8_t *memory = aligned_alloc(64, bytes);
    uint8_t *word = m->blob + model.at_values + 28 + value * FOVEA_BLOB_VALUE, old[4];
    memcpy(old, word, 4);
    memset(word, 0xff, 4);
    static struct fovea_error error;
    assert_int_equal(fovea_plan(&model, &options, memory, bytes, &session, &error), FOVEA_FORMAT);
    memcpy(word, old, 4);
    free(memory);
    return error.check;
}

static void stripes_are_checked_again(void **state) {
    static struct model_draft m;
    uint32_t words[FOVEA_ATTRIBUTES_MAX], none[FOVEA_ATTRIBUTES_MAX] = {FOVEA_ACTIVATION_SIGMOID};
    (void)state;
    draft_three(&m);
    assert_string_equal(plan_passed(&m, 3), "S-046"); /* read as a second input, too */
    assert_string_equal(plan_passed(&m, 4), "S-046"); /* there is no node behind */
    free(m.blob);
    draft_start(&m, 64, 64, 1);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 16;
    uint32_t a = draft_node(&m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    words[2] = words[3] = 4;
    uint32_t b = draft_node(&m, FOVEA_OP_CONV, a, DRAFT_ALONE, 2, words);
    draft_node(&m, FOVEA_OP_ACTIVATION, b, DRAFT_ALONE, 0, none);
    draft_seal(&m);
    assert_string_equal(plan_passed(&m, 2), "S-046"); /* to a node that makes no rows */
    free(m.blob);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_are_those_of_whole_tensors),
        cmocka_unit_test(the_largest_tensors_never_exist),
        cmocka_unit_test(other_sizes_have_no_stripes),
        cmocka_unit_test(stripes_are_checked),
        cmocka_unit_test(stripes_that_are_none),
        cmocka_unit_test(stripes_are_of_rows),
        cmocka_unit_test(stripes_are_of_floats),
        cmocka_unit_test(changes_after_open_are_seen),
        cmocka_unit_test(stripes_are_checked_again),
    };
    return cmocka_run_group_tests_name("stripe", tests, NULL, NULL);
}
