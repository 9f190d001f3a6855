/* Winograd's algorithm against the direct one, over odd sizes and paddings; what is added to a layer's
 * output; the options that forbid it; the same bits for any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/ways.h"
#define RANDOM_FROM 88675123u
#include "tests/unit/random.h"

static void conv_words(uint32_t *words, uint32_t kernel, uint32_t padding, uint32_t outputs) {
    draft_window(words, kernel, kernel, 1, 1, padding);
    if (padding == FOVEA_PADDING_EXPLICIT)
        for (int i = 7; i < 11; i++) words[i] = below(8);
    words[11] = 1;
    words[12] = outputs;
    words[13] = below(3) == 0 ? FOVEA_ACTIVATION_CLAMP : below(2) ? FOVEA_ACTIVATION_SILU : 0;
    if (words[13] == FOVEA_ACTIVATION_CLAMP) words[15] = fovea_bits_of_float(6);
}

static const uint32_t masks[] = {FOVEA_CPU_PORTABLE, FOVEA_CPU_SSE2, 0};

/* Three layers, the last with the first's output added in, or apart. */
static void build(struct model_draft *m, uint32_t h, uint32_t w, uint32_t c, const uint32_t *first,
                  const uint32_t *second, bool fused) {
    uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0}, plain[FOVEA_ATTRIBUTES_MAX];
    memcpy(plain, second, sizeof plain);
    draft_start(m, h, w, c);
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, first);
    if (fused) {
        draft_node(m, FOVEA_OP_CONV, a, a, 2, second);
    } else {
        memcpy(none, second + 13, 4 * sizeof *none);
        memset(plain + 13, 0, 4 * sizeof *plain);
        draft_node(m, FOVEA_OP_ADD, draft_node(m, FOVEA_OP_CONV, a, DRAFT_ALONE, 2, plain), a, 0,
                   none);
    }
    draft_seal(m);
}

static void test_against_direct(void **state) {
    unsigned transformed = 0;
    (void)state;
    for (int i = 0; i < 60; i++) {
        struct fovea_options options = FOVEA_OPTIONS_INIT, exact = FOVEA_OPTIONS_INIT;
        uint32_t first[FOVEA_ATTRIBUTES_MAX], second[FOVEA_ATTRIBUTES_MAX];
        uint32_t outputs = 8 + below(50);
        struct model_draft fused, apart;
        conv_words(first, 3, below(3), outputs);
        conv_words(second, below(2) ? 3 : 1, FOVEA_PADDING_SAME, outputs);
        uint32_t h = 5 + below(30), w = 5 + below(30), c = 8 + below(40);
        build(&fused, h, w, c, first, second, true);
        build(&apart, h, w, c, first, second, false);
        options.cpu_mask = exact.cpu_mask = masks[below(3)];
        options.threads = 1 + below(4);
        exact.exact = true;
        struct answer one = run_model(&fused, &options), two = run_model(&fused, &exact);
        struct answer three = run_model(&apart, &exact);
        transformed += strcmp(one.kernel, "winograd_gemm_f32") == 0;
        assert_string_equal(two.kernel, "conv_f32");
        assert_true(difference(&one, &two) < 1e-5);
        assert_true(difference(&two, &three) < 2e-6);
        options.threads = 1;
        struct answer four = run_model(&fused, &options);
        assert_memory_equal(one.values, four.values, one.count * sizeof(float));
        free(one.values), free(two.values), free(three.values), free(four.values);
        free(fused.blob), free(apart.blob);
    }
    assert_true(transformed > 20);
}

static void test_small_memory(void **state) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    struct model_draft m;
    (void)state;
    conv_words(words, 3, FOVEA_PADDING_SAME, 32);
    build(&m, 20, 20, 32, words, words, true);
    expect_direct_in_small_memory(&m, "winograd_gemm_f32");
    free(m.blob);
}

/* A caller compiled before the options had these fields gets them as they were: off. */
static void test_older_options(void **state) {
    struct fovea_options older = FOVEA_OPTIONS_INIT;
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    struct model_draft m;
    (void)state;
    conv_words(words, 3, FOVEA_PADDING_SAME, 32);
    build(&m, 20, 20, 32, words, words, true);
    older.size = offsetof(struct fovea_options, exact);
    older.exact = true; /* beyond what it has */
    struct answer one = run_model(&m, &older);
    assert_string_equal(one.kernel, "winograd_gemm_f32");
    free(one.values), free(m.blob);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_direct),
        cmocka_unit_test(test_small_memory),
        cmocka_unit_test(test_older_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
