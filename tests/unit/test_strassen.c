/* Strassen's algorithm against the direct one: over positions, inputs and outputs that leave something over,
 * with activations and what is added to a layer's output; the same bits for any number of threads; the options
 * that forbid it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/ways.h"
#define RANDOM_FROM 521288629u
#include "tests/unit/random.h"

static const uint32_t masks[] = {FOVEA_CPU_PORTABLE, FOVEA_CPU_SSE2, 0};

static void pointwise(uint32_t *words, uint32_t outputs) {
    draft_window(words, 1, 1, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = outputs;
    words[13] = below(3) == 0 ? FOVEA_ACTIVATION_CLAMP : below(2) ? FOVEA_ACTIVATION_SILU : 0;
    if (words[13] == FOVEA_ACTIVATION_CLAMP) words[15] = fovea_bits_of_float(6);
}

/* Two layers, the second with the first's output added. */
static void build(struct model_draft *m, uint32_t h, uint32_t w, uint32_t c, uint32_t outputs) {
    uint32_t first[FOVEA_ATTRIBUTES_MAX], second[FOVEA_ATTRIBUTES_MAX];
    pointwise(first, outputs);
    pointwise(second, outputs);
    draft_start(m, h, w, c);
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, first);
    draft_node(m, FOVEA_OP_CONV, a, a, 2, second);
    draft_seal(m);
}

/* Whether the first layer is done so; all ways agree. */
static bool ways_agree(const struct model_draft *m) {
    struct fovea_options options = FOVEA_OPTIONS_INIT, exact = FOVEA_OPTIONS_INIT;
    options.cpu_mask = exact.cpu_mask = masks[below(3)];
    options.threads = 2 + below(3);
    exact.exact = true;
    struct answer one = run_model(m, &options), two = run_model(m, &exact);
    options.threads = 1;
    struct answer three = run_model(m, &options);
    bool strassen = strcmp(one.kernel, "strassen_f32") == 0;
    assert_string_equal(two.kernel, "conv_f32");
    assert_true(difference(&one, &two) < 1e-5);
    assert_memory_equal(one.values, three.values, one.count * sizeof(float));
    free(one.values), free(two.values), free(three.values);
    return strassen;
}

static void test_against_direct(void **state) {
    unsigned strassen = 0;
    (void)state;
    for (int i = 0; i < 80; i++) {
        struct model_draft m;
        build(&m, 1 + below(20), 1 + below(20), 16 * (1 + below(12)), 20 + below(300));
        strassen += ways_agree(&m);
        free(m.blob);
    }
    assert_true(strassen > 25);
}

/* Weights too many for their mixtures to be kept, and positions too many for one block of them. */
static void test_many_weights(void **state) {
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct model_draft m;
        build(&m, 17 + below(4), 17 + below(4), 512, 256 + below(100));
        assert_true(ways_agree(&m));
        free(m.blob);
    }
}

static void test_options(void **state) {
    struct model_draft m;
    (void)state;
    build(&m, 20, 20, 128, 128);
    expect_direct_in_small_memory(&m, "strassen_f32");
    free(m.blob);
}

/* Layers that are done together by rows stay as they are. */
static void test_links(void **state) {
    struct fovea_options options = FOVEA_OPTIONS_INIT, exact = FOVEA_OPTIONS_INIT;
    uint32_t words[FOVEA_ATTRIBUTES_MAX], depthwise[FOVEA_ATTRIBUTES_MAX];
    uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0};
    struct model_draft m;
    (void)state;
    exact.exact = true;
    draft_start(&m, 48, 48, 128);
    pointwise(words, 128);
    draft_window(depthwise, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    uint32_t a = draft_node(&m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    a = draft_node(&m, FOVEA_OP_DEPTHWISE, a, DRAFT_ALONE, 2, depthwise);
    draft_node(&m, FOVEA_OP_ADD, a, 0, 0, none); /* or else they would lie over their input */
    draft_seal(&m);
    struct answer one = run_model(&m, &options), two = run_model(&m, &exact);
    assert_string_equal(one.kernel, "conv_f32");
    assert_int_equal(one.bytes, two.bytes);
    assert_memory_equal(one.values, two.values, one.count * sizeof(float));
    free(one.values), free(two.values), free(m.blob);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_direct),
        cmocka_unit_test(test_many_weights),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_links),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
