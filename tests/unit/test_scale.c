/* Factors of channels that go to the weights of the convolution behind them: the same answer as by themselves,
 * over positions, channels and threads; and where they must not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/ways.h"
#define RANDOM_FROM 88172645u
#include "tests/unit/random.h"

static void watch(void *context, const struct fovea_step_info *info) {
    (void)context, (void)info;
}

/* A squeeze-and-excite block without the layers that make its factors, and what may be odd about it. */
struct block {
    uint32_t height, width, channels, outputs, kernel, activation;
    bool factors_first, two_readers, read_before, of_positions, added;
};

static void pointwise(uint32_t *words, uint32_t kernel, uint32_t outputs) {
    draft_window(words, kernel, kernel, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = outputs;
    memset(words + 13, 0, 4 * sizeof *words);
}

static void build(struct model_draft *m, const struct block *b) {
    uint32_t conv[FOVEA_ATTRIBUTES_MAX] = {0}, pool[FOVEA_ATTRIBUTES_MAX] = {0};
    uint32_t tail[FOVEA_ATTRIBUTES_MAX] = {b->activation};
    draft_start(m, b->height, b->width, b->channels);
    pointwise(conv, 1, b->channels);
    draft_window(pool, b->height, b->width, 1, 1, FOVEA_PADDING_VALID);
    pool[11] = 1;
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, conv);
    uint32_t factors = draft_node(m, FOVEA_OP_MEAN_POOL, a, DRAFT_ALONE, 0, pool);
    if (b->of_positions) {
        pointwise(conv, 1, 1);
        factors = draft_node(m, FOVEA_OP_CONV, a, DRAFT_ALONE, 2, conv);
    }
    uint32_t scaled = b->factors_first ? draft_node(m, FOVEA_OP_MULTIPLY, factors, a, 0, tail)
                                       : draft_node(m, FOVEA_OP_MULTIPLY, a, factors, 0, tail);
    pointwise(conv, b->kernel, b->outputs);
    uint32_t last = draft_node(m, FOVEA_OP_CONV, scaled, b->added ? 0 : DRAFT_ALONE, 2, conv);
    if (b->two_readers || b->read_before) {
        memset(tail, 0, sizeof tail);
        draft_node(m, FOVEA_OP_MULTIPLY, last, b->read_before ? a : scaled, 0, tail);
    }
    draft_seal(m);
}

/* Whether the factors went to the weights: that takes memory. */
static bool scaled_weights(const struct block *b, bool exact) {
    struct fovea_options options = FOVEA_OPTIONS_INIT, apart = FOVEA_OPTIONS_INIT;
    struct model_draft m;
    build(&m, b);
    options.threads = apart.threads = 1 + below(4);
    options.exact = apart.exact = exact;
    apart.watcher = watch;
    struct answer one = run_model(&m, &options), two = run_model(&m, &apart);
    bool scaled = one.bytes != two.bytes;
    if (scaled)
        assert_true(difference(&one, &two) < 1e-5);
    else
        assert_memory_equal(one.values, two.values, one.count * sizeof(float));
    options.threads = 1;
    struct answer three = run_model(&m, &options);
    assert_memory_equal(one.values, three.values, one.count * sizeof(float));
    free(one.values), free(two.values), free(three.values), free(m.blob);
    return scaled;
}

static void test_same_answer(void **state) {
    (void)state;
    for (int i = 0; i < 40; i++) {
        struct block b = {.height = 8 + below(12), .width = 8 + below(12), .kernel = 1};
        b.channels = 16 + below(200);
        b.outputs = 4 + below(b.height * b.width / 4 - 4);
        b.added = below(3) == 0;
        if (b.added) b.channels = b.outputs = 8 + below(8);
        assert_true(scaled_weights(&b, false));
    }
}

/* The weights so made lie behind what Strassen's algorithm keeps for all tasks. */
static void test_strassen(void **state) {
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct block b = {.height = 26 + below(4), .width = 26, .channels = 128, .kernel = 1};
        b.outputs = 100 + below(60);
        assert_true(scaled_weights(&b, false));
    }
}

static void test_apart(void **state) {
    const struct block usual = {
        .height = 13, .width = 13, .channels = 40, .outputs = 40, .kernel = 1};
    struct block odd[7];
    (void)state;
    for (size_t i = 0; i < 7; i++) odd[i] = usual;
    odd[0].factors_first = true;
    odd[1].two_readers = true;
    odd[2].kernel = 3;
    odd[3].activation = FOVEA_ACTIVATION_SILU;
    odd[4].outputs = 43;
    odd[5].read_before = true; /* what is multiplied must stay as it is */
    odd[6].of_positions = true;
    for (size_t i = 0; i < 7; i++) assert_false(scaled_weights(&odd[i], false));
    assert_true(scaled_weights(&usual, false));
    assert_false(scaled_weights(&usual, true));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_answer),
        cmocka_unit_test(test_strassen),
        cmocka_unit_test(test_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
