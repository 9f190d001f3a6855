/* Graphs drawn by lot: layers that may be done together or by other algorithms beside readers, shapes, answers
 * and inputs that get in their way. All ways to compute a graph agree, the same bits for any number of threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/ways.h"
#define RANDOM_FROM 1013904223u
#include "tests/unit/random.h"

#define LAYERS       11 /* some take several nodes */
#define FLOATS_MOST  60000
#define OUTPUTS_MOST 3

/* A draft of two inputs and several outputs. */
struct graph {
    struct model_draft m;
    struct fovea_draft_input inputs[2];
    struct fovea_draft_output outputs[OUTPUTS_MOST];
};

static const uint32_t channels[] = {3, 16, 32, 48, 64, 64, 96, 128};

static uint32_t values_of(const struct graph *g) {
    return g->m.draft.input_count + g->m.draft.node_count;
}
static const struct fovea_shape *shape_of(const struct graph *g, uint32_t value) {
    return &g->m.values[value].shape;
}

/* Mostly the last value: else few layers would follow one another. */
static uint32_t some_value(const struct graph *g) {
    const uint32_t values = values_of(g);
    return below(6) ? values - 1 : below(values);
}

/* Another value of this shape; DRAFT_ALONE where there is none. */
static uint32_t twin_of(const struct graph *g, const struct fovea_shape *shape) {
    const uint32_t values = values_of(g), from = below(values);
    for (uint32_t i = 0; i < values; i++)
        if (fovea_shape_equal(shape_of(g, (from + i) % values), shape)) return (from + i) % values;
    return DRAFT_ALONE;
}

static void set_tail(uint32_t *words) {
    static const uint32_t kinds[] = {0, 0, FOVEA_ACTIVATION_CLAMP, FOVEA_ACTIVATION_SILU};
    words[0] = kinds[below(4)];
    words[2] = fovea_bits_of_float(1e30f); /* more would not be well conditioned */
}

static void add_conv(struct graph *g, uint32_t value) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], kernel = below(2) ? 1 : 3, stride = below(8) ? 1 : 2;
    const struct fovea_shape *in = shape_of(g, value);
    struct fovea_shape out = {3, {in->dims[0], in->dims[1], channels[below(8)]}};
    if (out.dims[0] * out.dims[1] * out.dims[2] > FLOATS_MOST) return;
    draft_window(words, kernel, kernel, stride, 1, FOVEA_PADDING_SAME);
    words[11] = in->dims[2] % 16 || out.dims[2] % 16 || below(8) ? 1 : 2;
    words[12] = out.dims[2];
    set_tail(words + 13);
    uint32_t added = stride == 1 && below(2) ? twin_of(g, &out) : DRAFT_ALONE;
    draft_node(&g->m, FOVEA_OP_CONV, value, added, 2, words);
}

static void add_dense(struct graph *g, uint32_t value) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {channels[below(8)]};
    set_tail(words + 1);
    draft_node(&g->m, FOVEA_OP_DENSE, value, DRAFT_ALONE, 2, words);
}

static void add_pool(struct graph *g, uint32_t value) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    const struct fovea_shape *in = shape_of(g, value);
    if (in->dims[0] < 2 || in->dims[1] < 2) return;
    draft_window(words, 2, 2, 2, 1, below(3) ? FOVEA_PADDING_VALID : FOVEA_PADDING_SAME);
    words[11] = 1;
    draft_node(&g->m, below(4) ? FOVEA_OP_MAX_POOL : FOVEA_OP_MEAN_POOL, value, DRAFT_ALONE, 0,
               words);
}

/* Pictures become pictures of other proportions, or lines of channels; those become pictures again. */
static void add_reshape(struct graph *g, uint32_t value) {
    const struct fovea_shape *in = shape_of(g, value);
    uint32_t picture[FOVEA_ATTRIBUTES_MAX] = {3, in->dims[1], in->dims[0], in->dims[2]};
    uint32_t lines[FOVEA_ATTRIBUTES_MAX] = {2, in->dims[0] * in->dims[1], in->dims[2]};
    uint32_t again[FOVEA_ATTRIBUTES_MAX] = {3, 1, in->dims[0], in->dims[1]};
    draft_node(&g->m, FOVEA_OP_RESHAPE, value, DRAFT_ALONE, 0,
               in->rank == 2 ? again
               : below(2)    ? picture
                             : lines);
}

/* A convolution of three by three and a pool that reads it, sometimes under another shape. */
static void add_stage(struct graph *g, uint32_t value) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    const struct fovea_shape *in = shape_of(g, value);
    if (in->dims[0] * in->dims[1] * 48 > FLOATS_MOST) return;
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    words[11] = 1;
    words[12] = 48;
    value = draft_node(&g->m, FOVEA_OP_CONV, value, DRAFT_ALONE, 2, words);
    if (below(4) == 0) add_reshape(g, value);
    value = values_of(g) - 1;
    if (shape_of(g, value)->rank == 3) add_pool(g, value);
}

static void add_depthwise(struct graph *g, uint32_t value) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_window(words, 3, 3, 1, 1, FOVEA_PADDING_SAME);
    set_tail(words + 11);
    draft_node(&g->m, FOVEA_OP_DEPTHWISE, value, DRAFT_ALONE, 2, words);
}

/* Squeeze and excite, without the layers between; often with the convolution behind. */
static void add_factors(struct graph *g, uint32_t value) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX], none[FOVEA_ATTRIBUTES_MAX] = {0};
    draft_window(words, 0, 0, 1, 1, FOVEA_PADDING_VALID);
    words[11] = 1;
    uint32_t factors = draft_node(&g->m, FOVEA_OP_MEAN_POOL, value, DRAFT_ALONE, 0, words);
    value = draft_node(&g->m, FOVEA_OP_MULTIPLY, value, factors, 0, none);
    if (below(4)) add_conv(g, value);
}

/* The same, of a constant. */
static void add_constant(struct graph *g, uint32_t value) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0}, none[FOVEA_ATTRIBUTES_MAX] = {0};
    const struct fovea_shape shape = *shape_of(g, value);
    const struct fovea_shape factors = {3, {1, 1, shape.dims[2]}};
    words[0] = shape.rank;
    memcpy(words + 1, shape.dims, sizeof shape.dims);
    uint32_t constant = draft_node(&g->m, FOVEA_OP_CONSTANT, DRAFT_ALONE, DRAFT_ALONE, 1, words);
    uint32_t by = twin_of(g, &factors);
    if (by == DRAFT_ALONE) by = value;
    value = draft_node(&g->m, FOVEA_OP_MULTIPLY, constant, by, 0, none);
    if (below(4)) add_conv(g, value);
}

static void add_pair(struct graph *g, uint32_t value) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    set_tail(words);
    draft_node(&g->m, below(3) ? FOVEA_OP_ADD : FOVEA_OP_MULTIPLY, value,
               twin_of(g, shape_of(g, value)), 0, words);
}

static void add_layer(struct graph *g) {
    static void (*const layers[])(struct graph *, uint32_t) = {
        add_conv,  add_conv, add_conv, add_factors,   add_factors, add_stage,
        add_stage, add_pool, add_pair, add_depthwise, add_constant};
    uint32_t value = some_value(g);
    if (shape_of(g, value)->rank == 2)
        (below(3) ? add_dense : add_reshape)(g, value);
    else if (below(6) == 0)
        add_reshape(g, value);
    else
        layers[below(sizeof layers / sizeof *layers)](g, value);
}

static void build(struct graph *g) {
    const uint32_t side = 8 + below(20), depth = channels[below(8)];
    struct model_draft *m = &g->m;
    draft_start(m, side, 8 + below(20), depth);
    g->inputs[0] = g->inputs[1] = m->input;
    m->draft.inputs = g->inputs;
    m->draft.input_count = 1 + below(2);
    m->values[1].shape = m->input.shape;
    while (m->draft.node_count + 3 <= DRAFT_NODES && m->draft.node_count < LAYERS) add_layer(g);
    m->draft.outputs = g->outputs;
    m->draft.output_count = 1 + below(OUTPUTS_MOST);
    for (uint32_t i = 0; i < OUTPUTS_MOST; i++) {
        g->outputs[i] = m->output;
        if (i > 0) g->outputs[i].value = below(values_of(g));
    }
    draft_seal(m);
}

/* What was done otherwise than by itself, or than as the layers say. */
static struct { unsigned pools, products, factors; } seen;

/* All outputs one after another, from memory of exactly the measured size. */
static struct answer run_graph(const struct fovea_model *model,
                               const struct fovea_options *options) {
    struct answer answer = {0};
    struct fovea_io io;
    fovea_session *session;
    assert_int_equal(fovea_measure(model, options, &answer.bytes, NULL), FOVEA_OK);
    void *room = NULL; /* of sizes that are no multiples, too */
    assert_int_equal(posix_memalign(&room, 64, answer.bytes), 0);
    uint8_t *memory = room;
    memset(memory, 0xff, answer.bytes); /* what is not written is a NaN */
    assert_int_equal(fovea_plan(model, options, memory, answer.bytes - 64, &session, NULL),
                     FOVEA_MEMORY);
    assert_int_equal(fovea_plan(model, options, memory, answer.bytes, &session, NULL), FOVEA_OK);
    for (size_t i = 0; fovea_model_input(model, i, &io) == FOVEA_OK; i++)
        for (size_t f = 0; f < io.count; f++)
            fovea_input(session, i)[f] = (float)((f * 7919 + i * 31) % 1000) * 1e-3f - 0.4f;
    fovea_run(session);
    for (size_t o = 0; fovea_model_output(model, o, &io) == FOVEA_OK; o++) {
        answer.values = realloc(answer.values, (answer.count + io.count) * sizeof(float));
        assert_non_null(answer.values);
        memcpy(answer.values + answer.count, fovea_output(session, o), io.count * sizeof(float));
        answer.count += io.count;
    }
    struct fovea_step_info info;
    for (size_t i = 0; fovea_step_describe(session, i, &info); i++) {
        seen.pools += strcmp(info.op, "max_pool") == 0 && *info.kernel == 0;
        seen.products += strcmp(info.kernel, "strassen_f32") == 0;
    }
    free(memory);
    return answer;
}

static void watch(void *context, const struct fovea_step_info *info) {
    (void)context, (void)info;
}

/* Each output against its own greatest value. */
static void assert_near(const struct fovea_model *model, const struct answer *a,
                        const struct answer *b) {
    struct fovea_io io;
    size_t at = 0;
    assert_int_equal(a->count, b->count);
    for (size_t o = 0; fovea_model_output(model, o, &io) == FOVEA_OK; at += io.count, o++) {
        struct answer one = {.values = a->values + at, .count = io.count};
        struct answer two = {.values = b->values + at, .count = io.count};
        assert_true(difference(&one, &two) < 1e-4);
    }
}

static void ways_agree(const struct fovea_model *model, uint32_t mask) {
    struct fovea_options options = FOVEA_OPTIONS_INIT, apart = FOVEA_OPTIONS_INIT;
    struct fovea_options small = FOVEA_OPTIONS_INIT;
    options.cpu_mask = apart.cpu_mask = small.cpu_mask = mask;
    options.threads = 1 + below(8);
    apart.exact = true;
    apart.watcher = watch;
    small.small_memory = true;
    struct answer many = run_graph(model, &options), plain = run_graph(model, &apart);
    struct answer little = run_graph(model, &small);
    options.threads = 1;
    struct answer one = run_graph(model, &options);
    assert_memory_equal(one.values, many.values, one.count * sizeof(float));
    assert_memory_equal(plain.values, little.values, plain.count * sizeof(float));
    assert_near(model, &one, &plain);
    free(many.values), free(plain.values), free(little.values), free(one.values);
}

static void test_all_ways(void **state) {
    static const uint32_t masks[] = {FOVEA_CPU_PORTABLE, FOVEA_CPU_SSE2, 0};
    (void)state;
    for (int i = 0; i < 150; i++) {
        struct graph g;
        struct fovea_model model, resized;
        build(&g);
        assert_int_equal(fovea_model_open(&model, g.m.blob, (size_t)g.m.size, NULL), FOVEA_OK);
        ways_agree(&model, masks[below(3)]);
        size_t bytes = fovea_model_resize_bytes(&model);
        void *tables = aligned_alloc(64, (bytes + 63) / 64 * 64);
        struct fovea_shape shapes[2] = {g.m.input.shape, g.m.input.shape};
        for (uint32_t d = 0; d < 2; d++)
            shapes[0].dims[d] = shapes[1].dims[d] = shapes[0].dims[d] + below(5);
        if (fovea_model_resize(&model, shapes, tables, bytes, &resized, NULL) == FOVEA_OK)
            ways_agree(&resized, masks[below(3)]);
        free(tables);
        free(g.m.blob);
    }
    assert_true(seen.pools > 40 && seen.products > 40);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all_ways)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
