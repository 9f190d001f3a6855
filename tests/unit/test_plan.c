/* Measuring and planning: the number is exact, memory is not overlapped, nothing is written outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#include "engine/session.h"
#include "include/fovea_threads.h"
#include "tests/unit/drafts.h"

static struct model_draft small;
static struct fovea_model model;

static int open_small(void **state) {
    (void)state;
    draft_small(&small);
    return fovea_model_open(&model, small.blob, (size_t)small.size, NULL) != FOVEA_OK;
}
static int close_small(void **state) {
    (void)state;
    free(small.blob);
    return 0;
}

static void test_measure_is_exact(void **state) {
    (void)state;
    struct fovea_error error;
    fovea_session *session;
    size_t bytes;
    assert_int_equal(fovea_measure(&model, NULL, &bytes, &error), FOVEA_OK);
    uint8_t *memory = aligned_alloc(64, bytes + 64);
    assert_non_null(memory);
    memset(memory, 0xa5, bytes + 64);
    for (size_t less = 64; less < bytes; less += 64) {
        assert_int_equal(fovea_plan(&model, NULL, memory, bytes - less, &session, &error),
                         FOVEA_MEMORY);
        assert_null(session);
    }
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, &error), FOVEA_OK);
    for (size_t i = 0; i < 9 * 11 * 3; i++) fovea_input(session, 0)[i] = (float)i / 300;
    fovea_run(session);
    for (size_t i = 0; i < 64; i++) assert_int_equal(memory[bytes + i], 0xa5);
    assert_int_equal(fovea_plan(&model, NULL, memory + 8, bytes, &session, &error),
                     FOVEA_ALIGNMENT);
    assert_int_equal(fovea_plan(&model, NULL, NULL, bytes, &session, &error), FOVEA_ARGUMENT);
    free(memory);
}

/* Two values alive at the same time never share memory, unless one lies over the other on purpose. */
static void test_places(void **state) {
    (void)state;
    const struct fovea_draft *draft = &small.draft;
    uint32_t values = draft->input_count + draft->node_count;
    for (uint32_t a = 0; a < values; a++) {
        const struct fovea_draft_value *x = &draft->values[a];
        assert_true(x->offset % 64 == 0 && x->offset + x->bytes <= draft->arena);
        for (uint32_t b = 0; b < a; b++) {
            const struct fovea_draft_value *y = &draft->values[b];
            const struct fovea_draft_value *sx = &draft->values[x->slot];
            const struct fovea_draft_value *sy = &draft->values[y->slot];
            bool together = sx->from <= sy->until && sy->from <= sx->until && x->slot != y->slot;
            bool apart = x->offset + x->bytes <= y->offset || y->offset + y->bytes <= x->offset;
            assert_true(!together || apart);
        }
    }
    /* Nine values of which three are large: reuse must show. */
    uint64_t sum = 0;
    for (uint32_t v = 0; v < values; v++) sum += draft->values[v].bytes;
    assert_true(draft->arena < sum * 2 / 3);
}

static void run_with(uint32_t threads, uint32_t mask, fovea_threads *pool, float out[5]) {
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    fovea_session *session;
    size_t bytes;
    options.threads = threads;
    options.cpu_mask = mask;
    options.parallel_for = pool ? fovea_threads_for : NULL;
    options.pool = pool;
    assert_int_equal(fovea_measure(&model, &options, &bytes, NULL), FOVEA_OK);
    void *memory = aligned_alloc(64, bytes);
    assert_non_null(memory);
    memset(memory, 0xff, bytes); /* NaNs: nothing may be read before it is written */
    assert_int_equal(fovea_plan(&model, &options, memory, bytes, &session, NULL), FOVEA_OK);
    for (int again = 0; again < 2; again++) {
        for (size_t i = 0; i < 9 * 11 * 3; i++)
            fovea_input(session, 0)[i] = (float)(i % 17) / 8 - 1;
        fovea_run(session);
        if (again) assert_memory_equal(out, fovea_output(session, 0), 5 * sizeof(float));
        memcpy(out, fovea_output(session, 0), 5 * sizeof(float));
    }
    free(memory);
}

static void test_threads_do_not_matter(void **state) {
    (void)state;
    float one[5], many[5];
    run_with(1, 0, NULL, one);
    for (uint32_t threads = 2; threads < 9; threads++) {
        fovea_threads *pool = fovea_threads_start(threads);
        assert_non_null(pool);
        run_with(threads, 0, pool, many);
        assert_memory_equal(one, many, sizeof one);
        run_with(threads, 0, NULL, many);
        assert_memory_equal(one, many, sizeof one);
        fovea_threads_stop(pool);
    }
}

static void test_masks(void **state) {
    (void)state;
    float reference[5], other[5];
    run_with(1, FOVEA_CPU_PORTABLE, NULL, reference);
    for (uint32_t mask = 1; mask < 8; mask++) {
        run_with(1, mask, NULL, other);
        for (int i = 0; i < 5; i++) assert_float_equal(reference[i], other[i], 1e-6);
    }
}

static void test_options(void **state) {
    (void)state;
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct fovea_error error;
    size_t bytes;
    options.threads = FOVEA_THREADS_MAX + 1;
    assert_int_equal(fovea_measure(&model, &options, &bytes, &error), FOVEA_ARGUMENT);
    assert_string_equal(error.check, "S-003");
    options.size = 1;
    assert_int_equal(fovea_measure(&model, &options, &bytes, &error), FOVEA_ARGUMENT);
    assert_string_equal(error.check, "S-002");
    options = (struct fovea_options){.reserved = {[3] = 1}};
    assert_int_equal(fovea_measure(&model, &options, &bytes, &error), FOVEA_ARGUMENT);
    assert_string_equal(error.check, "S-400");
    struct fovea_model closed = {0};
    assert_int_equal(fovea_measure(&closed, NULL, &bytes, &error), FOVEA_ARGUMENT);
}

struct seen {
    size_t steps;
    const char *last;
};
static void watch(void *context, const struct fovea_step_info *info) {
    struct seen *seen = context;
    assert_int_equal(info->index, seen->steps);
    assert_non_null(info->output);
    seen->steps++;
    seen->last = info->op;
}

static void test_watcher_and_top(void **state) {
    (void)state;
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct seen seen = {0};
    struct fovea_ranked top[8];
    struct fovea_step_info info;
    fovea_session *session;
    size_t bytes;
    options.watcher = watch;
    options.context = &seen;
    fovea_measure(&model, &options, &bytes, NULL);
    void *memory = aligned_alloc(64, bytes);
    assert_int_equal(fovea_plan(&model, &options, memory, bytes, &session, NULL), FOVEA_OK);
    memset(fovea_input(session, 0), 0, 9 * 11 * 3 * sizeof(float));
    fovea_run(session);
    assert_int_equal(seen.steps, fovea_steps(session));
    assert_string_equal(seen.last, "softmax");
    assert_int_equal(fovea_top(session, 0, 8, top), 5);
    for (int i = 1; i < 5; i++) assert_true(top[i - 1].value >= top[i].value);
    assert_int_equal(fovea_top(session, 0, 2, top), 2);
    float *output = (float *)(uintptr_t)fovea_output(session, 0);
    const float odd[5] = {NAN, 1, -INFINITY, NAN, 1};
    const uint32_t ranks[5] = {1, 4, 2, 0, 3}; /* equal ones by index, NaN behind all numbers */
    memcpy(output, odd, sizeof odd);
    assert_int_equal(fovea_top(session, 0, 8, top), 5);
    for (int j = 0; j < 5; j++) assert_int_equal(top[j].index, ranks[j]);
    assert_int_equal(fovea_top(session, 0, 2, top), 2);
    assert_int_equal(top[1].index, 4);
    assert_string_equal(top[0].label, fovea_model_label(&model, 0, top[0].index));
    assert_int_equal(fovea_top(session, 1, 2, top), 0);
    assert_null(fovea_input(session, 1));
    assert_null(fovea_output(session, 1));
    assert_true(fovea_step_describe(session, 0, &info));
    assert_string_equal(info.op, "conv");
    assert_int_equal(info.macs, 9 * 11 * 9 * 3 * 10);
    assert_false(fovea_step_describe(session, seen.steps, &info));
    free(memory);
}

/* In falling order, ties by index; a NaN behind all numbers, and NaNs too by index. */
static void test_top_of_odd_numbers(void **state) {
    (void)state;
    static const float given[] = {0.5f, NAN, 2, -INFINITY, 2, NAN, INFINITY};
    static const uint32_t order[] = {6, 2, 4, 0, 3, 1, 5};
    struct model_draft m;
    struct fovea_model own;
    struct fovea_ranked top[8];
    fovea_session *session;
    size_t bytes;
    uint32_t same[FOVEA_ATTRIBUTES_MAX] = {3, 1, 1, 7};
    draft_start(&m, 1, 1, 7);
    draft_node(&m, FOVEA_OP_RESHAPE, 0, DRAFT_ALONE, 0, same);
    draft_seal(&m);
    assert_int_equal(fovea_model_open(&own, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    fovea_measure(&own, NULL, &bytes, NULL);
    void *memory = aligned_alloc(64, bytes);
    assert_int_equal(fovea_plan(&own, NULL, memory, bytes, &session, NULL), FOVEA_OK);
    memcpy(fovea_input(session, 0), given, sizeof given);
    fovea_run(session);
    for (size_t k = 1; k <= 8; k++) {
        assert_int_equal(fovea_top(session, 0, k, top), k < 7 ? k : 7);
        for (size_t i = 0; i < k && i < 7; i++) assert_int_equal(top[i].index, order[i]);
    }
    free(memory);
    free(m.blob);
}

/* conv - pool - conv, at a size. */
static void draft_convolutional(struct model_draft *m, uint32_t height, uint32_t width) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_start(m, height, width, 3);
    draft_window(words, 3, 3, 2, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 6;
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    words[11] = 1;
    draft_window(words, 2, 2, 1, 1, FOVEA_PADDING_VALID);
    words[11] = 1;
    uint32_t b = draft_node(m, FOVEA_OP_MEAN_POOL, a, DRAFT_ALONE, 0, words);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 4;
    draft_node(m, FOVEA_OP_CONV, b, DRAFT_ALONE, 2, words);
    draft_seal(m);
}

/* Plans and runs; the outputs' number. */
static size_t run_convolutional(const struct fovea_model *net, float *out) {
    struct fovea_io input, output;
    fovea_session *session;
    size_t bytes;
    fovea_model_input(net, 0, &input);
    fovea_model_output(net, 0, &output);
    assert_int_equal(fovea_measure(net, NULL, &bytes, NULL), FOVEA_OK);
    void *memory = aligned_alloc(64, bytes);
    assert_int_equal(fovea_plan(net, NULL, memory, bytes, &session, NULL), FOVEA_OK);
    for (size_t i = 0; i < input.count; i++) fovea_input(session, 0)[i] = (float)(i % 23) / 11 - 1;
    fovea_run(session);
    memcpy(out, fovea_output(session, 0), output.count * sizeof *out);
    free(memory);
    return output.count;
}

/* A model given another size answers, bit for bit, as one built at that size. */
static void test_resized_model(void **state) {
    (void)state;
    static const uint32_t sizes[][2] = {{9, 11}, {15, 7}, {3, 40}, {64, 64}};
    static float want[33 * 33 * 4], have[33 * 33 * 4];
    struct model_draft m, other;
    struct fovea_model net, resized, native;
    struct fovea_error error;
    draft_convolutional(&m, 12, 12);
    assert_int_equal(fovea_model_open(&net, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    size_t bytes = fovea_model_resize_bytes(&net);
    void *memory = aligned_alloc(64, bytes);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct fovea_shape shape = {3, {sizes[i][0], sizes[i][1], 3}};
        draft_convolutional(&other, sizes[i][0], sizes[i][1]);
        assert_int_equal(fovea_model_open(&native, other.blob, (size_t)other.size, NULL), FOVEA_OK);
        assert_int_equal(fovea_model_resize(&net, &shape, memory, bytes, &resized, &error),
                         FOVEA_OK);
        size_t count = run_convolutional(&native, want);
        assert_int_equal(run_convolutional(&resized, have), count);
        assert_memory_equal(want, have, count * sizeof *want);
        free(other.blob);
    }
    struct fovea_shape wrong = {3, {12, 12, 4}};
    assert_int_equal(fovea_model_resize(&net, &wrong, memory, bytes, &resized, &error),
                     FOVEA_SHAPE);
    assert_int_equal(fovea_model_resize(&net, &wrong, memory, bytes - 1, &resized, &error),
                     FOVEA_MEMORY);
    struct fovea_shape picture = {3, {18, 11, 3}};
    void *tables = aligned_alloc(64, fovea_model_resize_bytes(&model));
    assert_int_equal(fovea_model_resize(&model, &picture, tables, fovea_model_resize_bytes(&model),
                                        &resized, &error),
                     FOVEA_SHAPE); /* a dense layer behind */
    free(tables);
    free(memory);
    free(m.blob);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_measure_is_exact),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_threads_do_not_matter),
        cmocka_unit_test(test_masks),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_watcher_and_top),
        cmocka_unit_test(test_top_of_odd_numbers),
        cmocka_unit_test(test_resized_model),
    };
    return cmocka_run_group_tests(tests, open_small, close_small);
}
