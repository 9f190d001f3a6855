/* Pools that become part of the convolution before them give the same bits as by themselves: over sizes that
 * the pool does not divide, activations, more than one reader, any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/ways.h"
#define RANDOM_FROM 362436069u
#include "tests/unit/random.h"

static void watch(void *context, const struct fovea_step_info *info) {
    (void)info;
    ++*(unsigned *)context;
}

/* What a model's pools are like. */
struct pools {
    uint32_t edge, stride, padding, activation;
    bool two_readers, seen; /* the convolution's result is an answer of the model */
    bool turned;            /* the pool sees it under another shape */
    bool added;             /* the convolution adds something */
};

static void build(struct model_draft *m, const struct pools *pools, uint32_t h, uint32_t w) {
    uint32_t conv[FOVEA_ATTRIBUTES_MAX] = {0}, pool[FOVEA_ATTRIBUTES_MAX] = {0};
    uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0};
    draft_window(conv, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    conv[11] = 1;
    conv[12] = 24 + below(20);
    conv[13] = pools->activation;
    if (conv[13] == FOVEA_ACTIVATION_CLAMP) conv[15] = fovea_bits_of_float(3);
    draft_window(pool, pools->edge, pools->edge, pools->stride, 1, pools->padding);
    pool[11] = 1;
    draft_start(m, h, w, 24);
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, conv);
    if (pools->seen) { /* nothing else is */
        draft_node(m, FOVEA_OP_MAX_POOL, a, DRAFT_ALONE, 0, pool);
        m->output.value = a;
        draft_seal(m);
        return;
    }
    a = draft_node(m, FOVEA_OP_CONV, a, pools->added ? a : DRAFT_ALONE, 2, conv);
    if (pools->turned) {
        const uint32_t turned[FOVEA_ATTRIBUTES_MAX] = {3, w, h, conv[12]};
        a = draft_node(m, FOVEA_OP_RESHAPE, a, DRAFT_ALONE, 0, turned);
    }
    uint32_t b = draft_node(m, FOVEA_OP_MAX_POOL, a, DRAFT_ALONE, 0, pool);
    if (pools->two_readers) {
        uint32_t c = draft_node(m, FOVEA_OP_MAX_POOL, a, DRAFT_ALONE, 0, pool);
        b = draft_node(m, FOVEA_OP_ADD, b, c, 0, none);
    }
    draft_node(m, FOVEA_OP_CONV, b, DRAFT_ALONE, 2, conv);
    draft_seal(m);
}

/* How many pools were part of a convolution. */
static unsigned taken(const struct pools *pools, uint32_t h, uint32_t w, uint32_t cpu_mask) {
    struct fovea_options options = FOVEA_OPTIONS_INIT, apart = FOVEA_OPTIONS_INIT;
    struct model_draft m;
    unsigned watched = 0;
    build(&m, pools, h, w);
    options.cpu_mask = apart.cpu_mask = cpu_mask;
    options.threads = 1 + below(4);
    apart.watcher = watch;
    apart.context = &watched;
    struct answer one = run_model(&m, &options), two = run_model(&m, &apart);
    assert_memory_equal(one.values, two.values, one.count * sizeof(float));
    assert_int_equal(two.kernelless, 0);
    assert_true(watched > 0);
    free(one.values), free(two.values), free(m.blob);
    return one.kernelless;
}

static const uint32_t masks[] = {FOVEA_CPU_PORTABLE, FOVEA_CPU_SSE2, 0};

static void test_same_bits(void **state) {
    static const uint32_t activations[] = {0, FOVEA_ACTIVATION_CLAMP};
    unsigned sum = 0;
    (void)state;
    for (int i = 0; i < 40; i++) {
        struct pools pools = {.edge = 2, .stride = 2, .padding = FOVEA_PADDING_VALID};
        pools.activation = activations[below(2)];
        sum += taken(&pools, 8 + below(30), 8 + below(30), masks[below(3)]);
    }
    assert_int_equal(sum, 40);
}

static void test_apart(void **state) {
    static const struct pools left[] = {
        {.edge = 3, .stride = 2, .padding = FOVEA_PADDING_VALID},
        {.edge = 2, .stride = 1, .padding = FOVEA_PADDING_VALID},
        {.edge = 2, .stride = 2, .padding = FOVEA_PADDING_VALID, .two_readers = true},
        {.edge = 2, .stride = 2, .padding = FOVEA_PADDING_VALID, .seen = true},
        {.edge = 2, .stride = 2, .padding = FOVEA_PADDING_VALID, .turned = true},
        {.edge = 2, .stride = 2, .padding = FOVEA_PADDING_VALID, .added = true},
        {.edge = 2,
         .stride = 2,
         .padding = FOVEA_PADDING_VALID,
         .activation = FOVEA_ACTIVATION_SILU},
    };
    static const struct pools same = {.edge = 2, .stride = 2, .padding = FOVEA_PADDING_SAME};
    (void)state;
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        for (uint32_t odd = 0; odd < 2; odd++)
            assert_int_equal(taken(&left[i], 20 + odd, 16 + odd, 0), 0);
    assert_int_equal(taken(&same, 21, 17, 0), 0);
    assert_int_equal(taken(&same, 20, 16, 0), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
