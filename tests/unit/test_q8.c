/* Models that compute with bytes: the same bits by every instruction set, number of threads and size of memory, near
 * the float model's; what is refused; layers that stay floats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arch.h"
#include "convert/quantize/quantize.h"
#include "kernels/cpu.h"
#include "tests/unit/answer.h"

#include <cmocka.h> /* has a macro `fail` */

/* ---- a small network of all the layers that have bytes ---- */

struct network {
    struct pool pool;
    struct trouble trouble;
    struct graph floats, bytes;
    struct quantize_report report;
};

static uint32_t noise = 1;
static float random_float(void) {
    noise = noise * 1664525u + 1013904223u;
    return (float)(int32_t)noise * 0x1p-31f;
}

static uint32_t array_of(struct graph *graph, uint64_t count, size_t taps, size_t inputs,
                         size_t outputs, size_t groups, enum array_layout layout) {
    const uint64_t numbers = layout == ARRAY_BIAS        ? outputs
                             : layout == ARRAY_DEPTHWISE ? taps * outputs
                                                         : taps * inputs * outputs;
    float *values = pool_get(graph->pool, numbers, sizeof *values, graph->trouble);
    assert_non_null(values);
    for (uint64_t i = 0; i < numbers; i++)
        values[i] = random_float() / (float)(layout == ARRAY_CONV ? 2 + inputs / 2 : 2);
    const struct array array = {.layout = layout,
                                .source = source_floats(values, numbers),
                                .taps = taps,
                                .inputs = inputs,
                                .outputs = outputs,
                                .groups = groups,
                                .count = count};
    return graph_array(graph, &array);
}

static size_t blocks(size_t outputs) {
    return (outputs + 7) / 8 * 8;
}

struct shape_of_conv {
    uint32_t kernel, stride, dilation, padding, groups, outputs;
    enum fovea_activation tail;
};

static uint32_t conv(struct graph *graph, const char *name, uint32_t input,
                     const struct shape_of_conv *c) {
    const uint32_t inputs = graph_shape(graph, input)->dims[2] / c->groups;
    const size_t taps = (size_t)c->kernel * c->kernel, each = blocks(c->outputs / c->groups);
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {c->kernel,   c->kernel,   c->stride, c->stride,
                                            c->dilation, c->dilation, c->padding};
    words[FOVEA_CONV_GROUPS] = c->groups;
    words[FOVEA_CONV_OUTPUTS] = c->outputs;
    words[FOVEA_CONV_TAIL] = c->tail;
    words[FOVEA_CONV_TAIL + FOVEA_TAIL_HIGH] = 0x40c00000; /* 6.0f: of a clamp */
    const uint32_t arrays[2] = {
        array_of(graph, each * c->groups * taps * inputs, taps, inputs, c->outputs, c->groups,
                 ARRAY_CONV),
        array_of(graph, each * c->groups, 1, 1, c->outputs, c->groups, ARRAY_BIAS)};
    const uint32_t value = graph_node(graph, FOVEA_OP_CONV, name, &input, 1, arrays, 2, words);
    assert_int_not_equal(value, GRAPH_NONE);
    return value;
}

static uint32_t depthwise(struct graph *graph, const char *name, uint32_t input, uint32_t kernel,
                          uint32_t stride) {
    const uint32_t channels = graph_shape(graph, input)->dims[2];
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {
        kernel, kernel, stride, stride, 1, 1, FOVEA_PADDING_SAME};
    const size_t taps = (size_t)kernel * kernel;
    const uint32_t arrays[2] = {
        array_of(graph, taps * blocks(channels), taps, 1, channels, 1, ARRAY_DEPTHWISE),
        array_of(graph, blocks(channels), 1, 1, channels, 1, ARRAY_BIAS)};
    const uint32_t value = graph_node(graph, FOVEA_OP_DEPTHWISE, name, &input, 1, arrays, 2, words);
    assert_int_not_equal(value, GRAPH_NONE);
    return value;
}

static uint32_t node(struct graph *graph, uint32_t op, const char *name, uint32_t a, uint32_t b,
                     const uint32_t *words) {
    const uint32_t inputs[2] = {a, b}, none[1] = {0};
    const uint32_t value =
        graph_node(graph, op, name, inputs, b == GRAPH_NONE ? 1 : 2, none, 0, words);
    assert_int_not_equal(value, GRAPH_NONE);
    return value;
}

static void build(struct graph *graph) {
    const struct fovea_shape shape = {3, {23, 19, 3}};
    uint32_t pool[FOVEA_ATTRIBUTES_MAX] = {3, 3, 2, 2, 1, 1, FOVEA_PADDING_SAME};
    uint32_t whole[FOVEA_ATTRIBUTES_MAX] = {0, 0, 1, 1, 1, 1, FOVEA_PADDING_VALID};
    const uint32_t edges[FOVEA_ATTRIBUTES_MAX] = {1, 0, 2, 1}, last[FOVEA_ATTRIBUTES_MAX] = {2};
    const uint32_t plain[FOVEA_ATTRIBUTES_MAX] = {0},
                   silu[FOVEA_ATTRIBUTES_MAX] = {FOVEA_ACTIVATION_SILU};
    uint32_t flat[FOVEA_ATTRIBUTES_MAX] = {1, 37}, rows[FOVEA_ATTRIBUTES_MAX] = {1};
    pool[FOVEA_POOL_KEEP] = whole[FOVEA_POOL_KEEP] = 1;
    uint32_t in = graph_input(graph, "picture", &shape);
    graph->inputs[0].recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    uint32_t a =
        conv(graph, "stem", in,
             &(struct shape_of_conv){3, 1, 1, FOVEA_PADDING_SAME, 1, 21, FOVEA_ACTIVATION_CLAMP});
    uint32_t b = depthwise(graph, "depthwise", a, 3, 1);
    b = conv(graph, "pointwise", b,
             &(struct shape_of_conv){1, 1, 1, FOVEA_PADDING_VALID, 1, 21, FOVEA_ACTIVATION_NONE});
    uint32_t c = node(graph, FOVEA_OP_ADD, "add", a, b, plain);
    c = node(graph, FOVEA_OP_MAX_POOL, "max", c, GRAPH_NONE, pool);
    uint32_t d =
        conv(graph, "groups", c,
             &(struct shape_of_conv){3, 2, 1, FOVEA_PADDING_SAME, 3, 24, FOVEA_ACTIVATION_SILU});
    uint32_t e =
        conv(graph, "dilated", c,
             &(struct shape_of_conv){3, 1, 2, FOVEA_PADDING_SAME, 1, 13, FOVEA_ACTIVATION_NONE});
    e = node(graph, FOVEA_OP_MEAN_POOL, "mean", e, GRAPH_NONE, pool);
    d = node(graph, FOVEA_OP_CONCAT, "concat", d, e, last);
    d = node(graph, FOVEA_OP_PAD, "pad", d, GRAPH_NONE, edges);
    d = depthwise(graph, "large", d, 5, 2);
    uint32_t f = node(graph, FOVEA_OP_MEAN_POOL, "gate", d, GRAPH_NONE, whole);
    f = node(graph, FOVEA_OP_ACTIVATION, "silu", f, GRAPH_NONE, silu);
    d = node(graph, FOVEA_OP_MULTIPLY, "multiply", d, f, plain);
    d = node(graph, FOVEA_OP_MEAN_POOL, "all", d, GRAPH_NONE, whole);
    d = node(graph, FOVEA_OP_RESHAPE, "flatten", d, GRAPH_NONE, flat);
    const uint32_t arrays[2] = {array_of(graph, 16 * 37, 1, 37, 11, 1, ARRAY_CONV),
                                array_of(graph, 16, 1, 1, 11, 1, ARRAY_BIAS)};
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {11};
    d = graph_node(graph, FOVEA_OP_DENSE, "dense", &d, 1, arrays, 2, words);
    d = node(graph, FOVEA_OP_SOFTMAX, "softmax", d, GRAPH_NONE, rows);
    assert_true(graph_output(graph, "answer", d));
}

/* ---- what it is calibrated by ---- */

struct pictures {
    const struct fovea_model *model;
    uint32_t count, left;
    float bad; /* a number that stands in all, where it is not 0 */
};

static bool start(void *context, const struct fovea_model *model, struct trouble *trouble) {
    struct pictures *pictures = context;
    (void)trouble;
    pictures->model = model;
    pictures->left = pictures->count;
    noise = 77;
    return true;
}

static bool next(void *context, fovea_session *session, struct trouble *trouble) {
    struct pictures *pictures = context;
    struct fovea_io io;
    (void)trouble;
    if (pictures->left == 0) return false;
    pictures->left--;
    fovea_model_input(pictures->model, 0, &io);
    for (size_t i = 0; i < io.count; i++) fovea_input(session, 0)[i] = random_float();
    if (pictures->bad != 0) fovea_input(session, 0)[5] = pictures->bad;
    return true;
}

static bool quantize(struct network *n, struct pictures *pictures, double keep,
                     const char *const *floats, size_t count) {
    const struct quantize_options options = {{start, next, pictures}, floats, count, keep};
    memset(n, 0, sizeof *n);
    noise = 1;
    graph_start(&n->floats, &n->pool, &n->trouble);
    build(&n->floats);
    return graph_quantize(&n->floats, &options, &n->bytes, &n->report);
}

static unsigned steps_of(const fovea_session *session, const char *op) {
    struct fovea_step_info info;
    unsigned found = 0;
    for (size_t i = 0; fovea_step_describe(session, i, &info); i++)
        found += strcmp(info.op, op) == 0;
    return found;
}

static void every_layer_computes_with_bytes(void **state) {
    static struct network n;
    struct pictures pictures = {.count = 12};
    struct fovea_model model;
    (void)state;
    assert_true(quantize(&n, &pictures, 0.5, NULL, 0));
    assert_int_equal(n.report.bytes, 7);
    assert_int_equal(n.report.floats, 0);
    assert_int_equal(n.report.inputs, 12);
    assert_true(n.report.largest < 0.02);
    assert_int_equal(n.report.worst_count, QUANTIZE_WORST);
    for (uint32_t i = 0; i < QUANTIZE_WORST; i++) assert_true(n.report.worst[i].decibels > 20);
    fovea_session *session = graph_plan(&n.bytes, &model);
    assert_non_null(session);
    static const struct {
        const char *op;
        unsigned count;
    } wanted[] = {{"qconv", 4},  {"qdepthwise", 2}, {"qdense", 1},     {"qadd", 1},
                  {"qtable", 2}, {"qmultiply", 1},  {"qmean_pool", 3}, {"max_pool", 1},
                  {"concat", 1}, {"pad", 1},        {"quantize", 1},   {"dequantize", 0}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (steps_of(session, wanted[i].op) != wanted[i].count) fail_msg("%s", wanted[i].op);
    pool_free(&n.pool);
}

/* Of the blob's logits, what lies before softmax: that is of floats, whose sums machines round differently. */
static void expect_same_bits(const struct emitted *emitted) {
    static const uint32_t masks[] = {
        FOVEA_CPU_PORTABLE, FOVEA_CPU_SSE2, FOVEA_CPU_SSE2 | FOVEA_CPU_AVX2,
        FOVEA_CPU_SSE2 | FOVEA_CPU_AVX2 | FOVEA_CPU_AVXVNNI, 0xffffffffu};
    struct fovea_model model;
    float *want = NULL;
    size_t count = 0, other, bytes;
    assert_int_equal(fovea_model_open(&model, emitted->blob, (size_t)emitted->size, NULL),
                     FOVEA_OK);
    for (size_t mask = 0; mask < sizeof masks / sizeof masks[0]; mask++)
        for (uint32_t way = 0; way < 8; way++) {
            struct fovea_options options = FOVEA_OPTIONS_INIT;
            options.cpu_mask = masks[mask];
            options.threads = 1 + way / 2;
            options.small_memory = options.exact = way % 2;
            float *have = answer_of(&model, &options, &other, &bytes);
            if (!want) want = have, count = other;
            assert_int_equal(count, other);
            assert_memory_equal(want, have, count * sizeof *want);
            if (have != want) free(have);
        }
    free(want);
}

static void every_machine_has_the_same_bits(void **state) {
    static struct network n;
    struct pictures pictures = {.count = 3};
    struct emitted emitted;
    (void)state;
    assert_true(quantize(&n, &pictures, 0, NULL, 0));
    const uint32_t softmax = n.bytes.outputs[0].value - n.bytes.input_count;
    n.bytes.outputs[0].value = n.bytes.nodes[softmax].inputs[0]; /* its logits */
    assert_true(graph_emit(&n.bytes, &emitted));
    expect_same_bits(&emitted);
    pool_free(&n.pool);
}

static void layers_stay_floats_where_they_are_named(void **state) {
    static struct network n;
    static const char *const names[] = {"pointwise", "groups"};
    struct pictures pictures = {.count = 2};
    struct fovea_model model;
    (void)state;
    assert_true(quantize(&n, &pictures, 0, names, 2));
    assert_int_equal(n.report.bytes, 4); /* depthwise, alone between floats, is one too */
    assert_int_equal(n.report.floats, 3);
    fovea_session *session = graph_plan(&n.bytes, &model);
    assert_non_null(session);
    assert_int_equal(steps_of(session, "conv"), 2);
    assert_true(steps_of(session, "dequantize") >= 2);
    pool_free(&n.pool);
}

static void expect_refused(struct pictures *pictures, double keep, const char *check,
                           const char *text) {
    static struct network n;
    assert_false(quantize(&n, pictures, keep, NULL, 0));
    assert_true(n.trouble.set);
    assert_string_equal(n.trouble.check, check);
    assert_non_null(strstr(n.trouble.text, text));
    pool_free(&n.pool);
}

static void bad_calibration_is_refused(void **state) {
    (void)state;
    expect_refused(&(struct pictures){.count = 0}, 0, "C-540", "there are no inputs");
    expect_refused(&(struct pictures){.count = 2, .bad = __builtin_nanf("")}, 0, "C-541",
                   "picture");
    expect_refused(&(struct pictures){.count = 2, .bad = __builtin_inff()}, 0, "C-541", "picture");
    expect_refused(&(struct pictures){.count = 40}, 1.1, "C-542", "--float");
}

/* A graph whose blob does not open, which the converter does not make. */
static void what_does_not_open_is_reported(void **state) {
    struct network n = {.trouble = {0}};
    struct fovea_model model;
    (void)state;
    graph_start(&n.floats, &n.pool, &n.trouble);
    build(&n.floats);
    n.floats.inputs[0].recipe.std[0] = 0;
    assert_null(quantize_session(&n.floats, &model, NULL, NULL));
    assert_string_equal(n.trouble.check, "C-543");
    pool_free(&n.pool);
}

/* ---- what a blob may not be ---- */

/* With so many words at `at` replaced; the id of the check that refuses it, or "". */
static void open_words(const struct emitted *emitted, size_t at, size_t words, uint32_t value,
                       char check[6]) {
    struct fovea_model model;
    struct fovea_error error;
    uint8_t *blob = aligned_alloc(64, ((size_t)emitted->size + 63) / 64 * 64);
    memcpy(blob, emitted->blob, (size_t)emitted->size);
    for (size_t i = 0; i < 4 * words; i++) blob[at + i] = (uint8_t)(value >> (8 * (i % 4)));
    fovea_draft_seal(blob, emitted->size);
    fovea_model_open(&model, blob, (size_t)emitted->size, &error);
    memcpy(check, error.check, 6);
    free(blob);
}

static void open_bent(const struct emitted *emitted, size_t at, uint32_t value, char check[6]) {
    open_words(emitted, at, 1, value, check);
}

static void scales_and_types_are_checked(void **state) {
    static struct network n;
    struct pictures pictures = {.count = 2};
    struct emitted emitted;
    struct fovea_model model;
    char check[6];
    (void)state;
    assert_true(quantize(&n, &pictures, 0, NULL, 0));
    assert_true(graph_emit(&n.bytes, &emitted));
    assert_int_equal(fovea_model_open(&model, emitted.blob, (size_t)emitted.size, NULL), FOVEA_OK);
    /* The value behind the input is its bytes. */
    const size_t value = (size_t)model.at_values + FOVEA_BLOB_VALUE;
    static const uint32_t scales[] = {0, 0x7f800000, 0x7fc00000, 0xbf800000, 1};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        open_bent(&emitted, value + 44, scales[i], check);
        assert_string_equal(check, "B-541");
    }
    open_bent(&emitted, value + 48, 128, check);
    assert_string_equal(check, "B-541");
    open_bent(&emitted, value + 48, (uint32_t)-129, check);
    assert_string_equal(check, "B-541");
    open_bent(&emitted, value + 40, FOVEA_I32, check);
    assert_string_equal(check, "B-050");
    open_bent(&emitted, value + 44, 0x3f800000, check); /* another scale is another model */
    assert_string_equal(check, "");
    /* A weight of -128, a scale that is not a number. */
    bool seen[2] = {false, false};
    for (uint32_t node = 0; node < model.nodes; node++) {
        struct fovea_node_view view;
        if (!fovea_node_read(&model, node, fovea_blob_shape, &model, &view)) continue;
        if (view.record.op != FOVEA_OP_QCONV) continue;
        open_bent(&emitted, (size_t)((const uint8_t *)view.array[0].at - emitted.blob), 0x80,
                  check);
        assert_string_equal(check, "B-543");
        open_bent(&emitted, (size_t)((const uint8_t *)view.array[2].at - emitted.blob), 0x7fc00000,
                  check);
        assert_string_equal(check, "B-543");
        seen[0] = seen[1] = true;
    }
    assert_true(seen[0] && seen[1]);
    pool_free(&n.pool);
}

/* Every word before the arrays, alone and with the next one, replaced by what bounds it: each check of bytes refuses some. */
static void every_check_of_bytes_refuses_something(void **state) {
    static const char *const ids[] = {"R-540", "R-541", "R-542", "R-543", "R-544",
                                      "R-545", "R-546", "B-542", "B-544"};
    static const uint32_t others[] = {0,    1,     2,     3,          4,          64,
                                      127,  128,   32768, 0x7fc00000, 0x7f800000, (uint32_t)-1,
                                      1000, 65536, 5,     6};
    static struct network n;
    struct pictures pictures = {.count = 2};
    struct emitted emitted;
    struct fovea_model model;
    bool met[sizeof ids / sizeof *ids] = {false};
    char check[6];
    (void)state;
    assert_true(quantize(&n, &pictures, 0, NULL, 0));
    assert_true(graph_emit(&n.bytes, &emitted));
    assert_int_equal(fovea_model_open(&model, emitted.blob, (size_t)emitted.size, NULL), FOVEA_OK);
    const size_t end = (size_t)model.at_notes - 4;
    for (size_t at = FOVEA_BLOB_HEADER; at < end; at += 4)
        for (size_t v = 0; v < 2 * (sizeof others / sizeof *others); v++) {
            open_words(&emitted, at, 1 + v % 2, others[v / 2], check);
            for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
                met[i] |= strcmp(check, ids[i]) == 0;
        }
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (!met[i]) fail_msg("%s refuses nothing", ids[i]);
    pool_free(&n.pool);
}

static void whole_networks_agree(void **state) {
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct emitted emitted;
    (void)state;
    assert_true(arch_blob(&pool, "seed", "i8", &emitted, &trouble));
    struct fovea_model model;
    assert_int_equal(fovea_model_open(&model, emitted.blob, (size_t)emitted.size, NULL), FOVEA_OK);
    pool_free(&pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layer_computes_with_bytes),
        cmocka_unit_test(every_machine_has_the_same_bits),
        cmocka_unit_test(layers_stay_floats_where_they_are_named),
        cmocka_unit_test(bad_calibration_is_refused),
        cmocka_unit_test(what_does_not_open_is_reported),
        cmocka_unit_test(scales_and_types_are_checked),
        cmocka_unit_test(every_check_of_bytes_refuses_something),
        cmocka_unit_test(whole_networks_agree),
    };
    return cmocka_run_group_tests_name("q8", tests, NULL, NULL);
}
