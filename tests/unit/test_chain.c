/* Steps done together by rows give the same bits as one after another: random geometry, one to four
 * threads. With a watcher every layer is computed by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/answer.h"
#include "tests/unit/drafts.h"
#define RANDOM_FROM 521288629u
#include "tests/unit/random.h"

static void watch(void *context, const struct fovea_step_info *info) {
    (void)info;
    ++*(unsigned *)context;
}

static float *run_model(const struct model_draft *m, const struct fovea_options *options,
                        size_t *count, size_t *bytes) {
    struct fovea_model model;
    assert_int_equal(fovea_model_open(&model, m->blob, (size_t)m->size, NULL), FOVEA_OK);
    return answer_of(&model, options, count, bytes);
}

static uint32_t add_conv(struct model_draft *m, uint32_t from, uint32_t add, uint32_t kernel,
                         uint32_t stride, uint32_t outputs) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_window(words, kernel, kernel, stride, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = outputs;
    words[13] = below(2) ? FOVEA_ACTIVATION_SILU : FOVEA_ACTIVATION_NONE;
    return draft_node(m, FOVEA_OP_CONV, from, add, 2, words);
}

/* An inverted residual: 1 x 1, depthwise, 1 x 1, perhaps with its input added; then one more layer. */
static void build(struct model_draft *m) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], c = 4 + below(20), stride = 1 + below(3);
    bool residual = stride == 1 && below(2);
    uint32_t padding = residual ? FOVEA_PADDING_SAME : below(3), kernel = 1 + below(5);
    /* One random number a statement: compilers differ in the order of arguments. */
    uint32_t height = 40 + below(30), width = 40 + below(30);
    draft_start(m, height, width, c);
    uint32_t from = add_conv(m, 0, DRAFT_ALONE, 1, 1, c);
    uint32_t first = below(2) ? 1 : 3, first_stride = residual ? 1 : 1 + below(2);
    uint32_t channels = 60 + below(50), across = 1 + below(5);
    uint32_t wide = add_conv(m, from, DRAFT_ALONE, first, first_stride, channels);
    draft_window(words, kernel, across, stride, 1, padding);
    if (padding == FOVEA_PADDING_EXPLICIT)
        for (int i = 7; i < 11; i++) words[i] = below(9);
    if (stride == 1 && below(3) == 0) words[4] = words[5] = 2;
    wide = draft_node(m, FOVEA_OP_DEPTHWISE, wide, DRAFT_ALONE, 2, words);
    wide = add_conv(m, wide, residual ? from : DRAFT_ALONE, 1, 1, c);
    add_conv(m, wide, DRAFT_ALONE, 1, 1, 8);
    draft_seal(m);
}

/* Two depthwise links with paddings wider than a few rows, which then need no rows at all. */
static void build_padded(struct model_draft *m) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_start(m, 60 + below(40), 60, 3);
    uint32_t wide = add_conv(m, 0, DRAFT_ALONE, 1, 1, 32);
    for (int link = 0; link < 2; link++) {
        uint32_t down = 1 + below(4), across = 1 + below(4), stride = 1 + below(2);
        draft_window(words, down, across, stride, 1, FOVEA_PADDING_EXPLICIT);
        for (int i = 7; i < 11; i++) words[i] = below(40);
        wide = draft_node(m, FOVEA_OP_DEPTHWISE, wide, DRAFT_ALONE, 2, words);
    }
    draft_seal(m);
}

static void check_same_bits(void (*make)(struct model_draft *), unsigned layers, int rounds,
                            unsigned least) {
    unsigned chained = 0;
    for (int i = 0; i < rounds; i++) {
        struct fovea_options together = FOVEA_OPTIONS_INIT, apart = FOVEA_OPTIONS_INIT;
        struct model_draft m;
        size_t count, bytes, more;
        unsigned steps = 0;
        make(&m);
        together.threads = 1 + below(4);
        apart.watcher = watch;
        apart.context = &steps;
        together.exact = apart.exact = true; /* a first 3 x 3 link must not be by Winograd once */
        float *one = run_model(&m, &together, &count, &bytes);
        float *two = run_model(&m, &apart, &count, &more);
        assert_int_equal(steps, layers);
        chained += bytes > more; /* scratch memory for the rows */
        assert_memory_equal(one, two, count * sizeof(float));
        free(one), free(two), free(m.blob);
    }
    if (chained <= least) print_error("only %u of %d were chained\n", chained, rounds);
    assert_true(chained > least);
}

static void test_same_bits(void **state) {
    (void)state;
    check_same_bits(build, 5, 120, 20);
}
static void test_wide_paddings(void **state) {
    (void)state;
    check_same_bits(build_padded, 3, 60, 20);
}

/* Whether a 1 x 1, a depthwise and a 1 x 1 convolution over such a tensor are a chain. */
static bool chains(uint32_t height, uint32_t width, uint32_t channels) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    const struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct model_draft m;
    struct fovea_step_info info;
    fovea_session *session;
    void *memory;
    draft_start(&m, height, width, channels);
    uint32_t wide = add_conv(&m, 0, DRAFT_ALONE, 1, 1, channels);
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    wide = draft_node(&m, FOVEA_OP_DEPTHWISE, wide, DRAFT_ALONE, 2, words);
    add_conv(&m, wide, DRAFT_ALONE, 1, 1, 4);
    draft_seal(&m);
    session = draft_plan(&m, &options, &memory);
    bool chain = false;
    for (size_t i = 0; fovea_step_describe(session, i, &info); i++)
        chain = chain || strcmp(info.way, "chain") == 0;
    free(memory);
    free(m.blob);
    return chain;
}

/* Where what is kept does not fit into the cache, layers are done one after another. */
static void test_pays(void **state) {
    (void)state;
    assert_true(chains(64, 64, 64));
    assert_false(chains(64, 64, 256));  /* 256 KiB of weights */
    assert_false(chains(64, 1024, 64)); /* 3 rows of 256 KiB */
    assert_false(chains(8, 8, 64));     /* all of it stays there */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_wide_paddings),
        cmocka_unit_test(test_pays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
