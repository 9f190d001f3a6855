/* Weights narrower than floats: the numbers, the blob, and that a model of halves or of bytes answers, to the bit,
 * as one of the same values as floats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "convert/graph/emit.h"
#include "convert/graph/narrow.h"
#include "kernels/half.h"
#include "kernels/kernels.h"
#include "tests/unit/answer.h"
#include "tests/unit/drafts.h"

#include <cmocka.h> /* has a macro `fail` */

static void every_half_comes_back(void **state) {
    (void)state;
    for (uint32_t h = 0; h <= 0xffff; h++) {
        uint32_t size = h & 0x7fffu;
        float value = fovea_half_value((uint16_t)h);
        if (size > FOVEA_HALF_INFINITE) {
            assert_true(value != value);
            continue;
        }
        assert_int_equal(fovea_half_of(value), h);
        /* By the definition: fraction times two to the exponent. */
        double steps = size < 0x400 ? size : (double)((size & 0x3ffu) + 0x400u);
        double want = steps * 0x1p-24;
        for (uint32_t e = 1; e < size >> 10; e++) want *= 2;
        if (size < FOVEA_HALF_INFINITE)
            assert_true((double)value == (h & 0x8000u ? -want : want));
        else
            assert_true(value - value != 0);
    }
}

static void rounding_takes_the_nearest_and_of_two_the_even(void **state) {
    (void)state;
    for (uint32_t h = 0; h < FOVEA_HALF_INFINITE; h++) {
        float low = fovea_half_value((uint16_t)h);
        /* What would be next if infinity were a number. */
        float high = h + 1 == FOVEA_HALF_INFINITE ? 65536.0f : fovea_half_value((uint16_t)(h + 1));
        float middle = (low + high) / 2; /* exact */
        uint32_t bits = fovea_bits_of_float(middle);
        assert_int_equal(fovea_half_of(middle), h % 2 ? h + 1 : h);
        assert_int_equal(fovea_half_of(fovea_float_of_bits(bits - 1)), h);
        assert_int_equal(fovea_half_of(fovea_float_of_bits(bits + 1)), h + 1);
        assert_int_equal(fovea_half_of(-middle), 0x8000u | (h % 2 ? h + 1 : h));
    }
    assert_int_equal(fovea_half_of(3e38f), FOVEA_HALF_INFINITE);
    assert_true(fovea_half_of(fovea_float_of_bits(0x7fc00000)) > FOVEA_HALF_INFINITE);
}

/* ---- models ---- */

static void window_words(uint32_t *words, uint32_t kernel, uint32_t stride, uint32_t groups,
                         uint32_t outputs, uint32_t activation) {
    draft_window(words, kernel, kernel, stride, 1, FOVEA_PADDING_SAME);
    words[11] = groups;
    words[12] = outputs;
    words[13] = activation;
}

/* Convolutions by tiles, by Winograd, in groups, of stride 2, transposed, of one position; chained with a
 * depthwise one; something added. */
static void draft_convolutions(struct model_draft *m) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_start(m, 40, 56, 5);
    window_words(words, 3, 1, 1, 24, FOVEA_ACTIVATION_NONE);
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    uint32_t b = draft_node(m, FOVEA_OP_CONV, a, a, 2, words);
    window_words(words, 3, 1, 3, 21, FOVEA_ACTIVATION_SIGMOID);
    uint32_t c = draft_node(m, FOVEA_OP_CONV, b, DRAFT_ALONE, 2, words);
    window_words(words, 1, 1, 1, 90, FOVEA_ACTIVATION_NONE);
    uint32_t d = draft_node(m, FOVEA_OP_CONV, c, DRAFT_ALONE, 2, words);
    window_words(words, 3, 1, 0, 0, 0);
    words[11] = words[12] = 0;
    uint32_t e = draft_node(m, FOVEA_OP_DEPTHWISE, d, DRAFT_ALONE, 2, words);
    window_words(words, 1, 1, 1, 17, FOVEA_ACTIVATION_NONE);
    uint32_t f = draft_node(m, FOVEA_OP_CONV, e, DRAFT_ALONE, 2, words);
    window_words(words, 5, 2, 1, 33, FOVEA_ACTIVATION_NONE);
    uint32_t g = draft_node(m, FOVEA_OP_CONV, f, DRAFT_ALONE, 2, words);
    uint32_t transposed[FOVEA_ATTRIBUTES_MAX] = {3, 3, 2, 2, 1, 1, FOVEA_PADDING_SAME, 0, 0, 19};
    uint32_t h = draft_node(m, FOVEA_OP_CONV_TRANSPOSED, g, DRAFT_ALONE, 2, transposed);
    draft_window(words, 0, 0, 1, 1, FOVEA_PADDING_VALID);
    words[11] = 1;
    uint32_t i = draft_node(m, FOVEA_OP_MEAN_POOL, h, DRAFT_ALONE, 0, words);
    window_words(words, 1, 1, 1, 19, FOVEA_ACTIVATION_NONE);
    uint32_t j = draft_node(m, FOVEA_OP_CONV, i, i, 2, words);
    uint32_t one[FOVEA_ATTRIBUTES_MAX] = {1, 1, 1, 1, 1, 1, FOVEA_PADDING_VALID, 0, 0, 11};
    draft_node(m, FOVEA_OP_CONV_TRANSPOSED, j, DRAFT_ALONE, 2, one);
}

/* Pointwise convolutions by Strassen's algorithm, with something left over, and many weights; one whose inputs
 * have a factor each. */
static void draft_pointwise(struct model_draft *m) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_start(m, 13, 13, 64);
    window_words(words, 1, 1, 1, 144, FOVEA_ACTIVATION_NONE);
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    window_words(words, 1, 1, 1, 480, FOVEA_ACTIVATION_SIGMOID);
    uint32_t b = draft_node(m, FOVEA_OP_CONV, a, DRAFT_ALONE, 2, words);
    uint32_t c = draft_excite(m, b);
    window_words(words, 1, 1, 1, 20, FOVEA_ACTIVATION_NONE);
    draft_node(m, FOVEA_OP_CONV, c, DRAFT_ALONE, 2, words);
}

/* The same with factors in front of what is done by Strassen's algorithm. */
static void draft_factors(struct model_draft *m) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    draft_start(m, 24, 20, 96);
    window_words(words, 1, 1, 1, 96, FOVEA_ACTIVATION_NONE);
    uint32_t a = draft_node(m, FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, words);
    draft_node(m, FOVEA_OP_CONV, draft_excite(m, a), DRAFT_ALONE, 2, words);
}

/* Dense layers of many rows, then of one. */
static void draft_dense(struct model_draft *m) {
    uint32_t first[FOVEA_ATTRIBUTES_MAX] = {37}, last[FOVEA_ATTRIBUTES_MAX] = {203};
    uint32_t flat[FOVEA_ATTRIBUTES_MAX] = {1, 9 * 7 * 37};
    draft_start(m, 9, 7, 30);
    uint32_t a = draft_node(m, FOVEA_OP_DENSE, 0, DRAFT_ALONE, 2, first);
    uint32_t b = draft_node(m, FOVEA_OP_RESHAPE, a, DRAFT_ALONE, 0, flat);
    uint32_t c = draft_node(m, FOVEA_OP_DENSE, b, DRAFT_ALONE, 2, last);
    draft_node(m, FOVEA_OP_DENSE, c, c, 2, last);
}

/* The draft twice: its kernels rounded to a narrow type and kept as floats, and kept as that type. */
struct both {
    struct model_draft floats, narrow;
    uint8_t types[FOVEA_ARRAYS_MAX * DRAFT_NODES];
};

/* A third array, of scales, for each kernel of bytes. */
static void add_scales(struct model_draft *m, struct fovea_draft_node *node, uint32_t *arrays) {
    node->array_count = 3;
    arrays[2] = m->draft.array_count;
    m->counts[m->draft.array_count++] = m->counts[arrays[1]];
}

static float value_of(const void *numbers, enum fovea_type type, uint64_t i, float scale) {
    return type == FOVEA_F16 ? fovea_half_value(((const uint16_t *)numbers)[i])
                             : (float)((const int8_t *)numbers)[i] * scale;
}

/* Kernel `kernel` of `m` from that of `f`, which gets the values it has then. */
static void fill_kernel(struct model_draft *m, const struct model_draft *f, const uint32_t *arrays,
                        enum fovea_type type) {
    void *to = fovea_draft_array(&m->draft, m->blob, arrays[0]);
    float *from = fovea_draft_array(&f->draft, f->blob, arrays[0]), *scales = NULL;
    uint64_t count = m->counts[arrays[0]], block = count;
    if (type == FOVEA_I8) {
        scales = fovea_draft_array(&m->draft, m->blob, arrays[2]);
        block = count / (m->counts[arrays[2]] / FOVEA_BLOCK);
        for (uint64_t o = 0; o < m->counts[arrays[2]]; o++)
            scales[o] = 0.25f / (float)(122 + o % 5);
    }
    for (uint64_t i = 0; i < count; i++) {
        const float scale = scales ? scales[i / block * FOVEA_BLOCK + i % FOVEA_BLOCK] : 1;
        if (type == FOVEA_F16)
            ((uint16_t *)to)[i] = fovea_half_of(from[i]);
        else
            ((int8_t *)to)[i] = (int8_t)(from[i] / scale);
        from[i] = value_of(to, type, i, scale);
    }
}

static void seal_both(struct both *both, void (*make)(struct model_draft *), enum fovea_type type) {
    struct model_draft *f = &both->floats, *n = &both->narrow;
    make(f);
    make(n);
    memset(both->types, 0, sizeof both->types);
    for (uint32_t i = 0; i < n->draft.node_count; i++) {
        if (n->nodes[i].array_count < 2 || !fovea_op_reads(n->nodes[i].op, 0, type)) continue;
        both->types[n->arrays[i][0]] = (uint8_t)type;
        if (type == FOVEA_I8) add_scales(n, &n->nodes[i], n->arrays[i]);
    }
    draft_seal(f);
    n->draft.array_types = both->types;
    assert_true(fovea_draft_measure(&n->draft, &n->size));
    n->blob = aligned_alloc(64, (size_t)((n->size + 63) / 64 * 64));
    fovea_draft_write(&n->draft, n->blob, n->size, n->size);
    for (uint32_t a = 0; a < f->draft.array_count; a++)
        if (both->types[a] == FOVEA_F32)
            memcpy(fovea_draft_array(&n->draft, n->blob, a),
                   fovea_draft_array(&f->draft, f->blob, a), (size_t)f->counts[a] * sizeof(float));
    for (uint32_t i = 0; i < n->draft.node_count; i++)
        if (n->nodes[i].array_count > 0 && both->types[n->arrays[i][0]] == type)
            fill_kernel(n, f, n->arrays[i], type);
    fovea_draft_seal(f->blob, f->size);
    fovea_draft_seal(n->blob, n->size);
}

static void free_both(struct both *both) {
    free(both->floats.blob);
    free(both->narrow.blob);
}

static float *answer(const struct model_draft *m, const struct fovea_options *options,
                     size_t *count, size_t *bytes) {
    struct fovea_model model;
    assert_int_equal(fovea_model_open(&model, m->blob, (size_t)m->size, NULL), FOVEA_OK);
    return answer_of(&model, options, count, bytes);
}

static void expect_equal_of(void (*make)(struct model_draft *), enum fovea_type type) {
    static struct both both;
    static const uint32_t masks[] = {FOVEA_CPU_PORTABLE, FOVEA_CPU_SSE2, 0};
    seal_both(&both, make, type);
    assert_true(both.narrow.size < both.floats.size * (type == FOVEA_F16 ? 6 : 4) / 10);
    for (size_t mask = 0; mask < 3; mask++)
        for (uint32_t way = 0; way < 12; way++) {
            struct fovea_options options = FOVEA_OPTIONS_INIT;
            size_t count, other, bytes;
            options.cpu_mask = masks[mask];
            options.threads = 1 + way / 3;
            options.exact = way % 3 > 0;
            options.small_memory = way % 3 > 1;
            float *want = answer(&both.floats, &options, &count, &bytes);
            float *have = answer(&both.narrow, &options, &other, &bytes);
            assert_int_equal(count, other);
            assert_memory_equal(want, have, count * sizeof *want);
            free(want);
            free(have);
        }
    free_both(&both);
}

static void expect_equal(void (*make)(struct model_draft *)) {
    expect_equal_of(make, FOVEA_F16);
    expect_equal_of(make, FOVEA_I8);
}

static void convolutions_of_narrow_weights_are_those_of_the_floats(void **state) {
    (void)state;
    expect_equal(draft_convolutions);
}
static void pointwise_layers_of_narrow_weights_are_those_of_the_floats(void **state) {
    (void)state;
    expect_equal(draft_pointwise);
    expect_equal(draft_factors);
}
static void dense_layers_of_narrow_weights_are_those_of_the_floats(void **state) {
    (void)state;
    expect_equal(draft_dense);
}

static void narrow_weights_take_no_copy(void **state) {
    static struct both both;
    struct fovea_options options = FOVEA_OPTIONS_SMALL;
    size_t count, floats, narrow;
    (void)state;
    for (enum fovea_type type = FOVEA_F16; type <= FOVEA_I8; type++) {
        seal_both(&both, draft_dense, type);
        free(answer(&both.floats, &options, &count, &floats));
        free(answer(&both.narrow, &options, &count, &narrow));
        assert_in_range(narrow, floats, floats + 17 * 1024);
        free_both(&both);
    }
}

/* ---- what a blob may not be ---- */

static enum fovea_status open_bent(const struct model_draft *m, size_t at, uint32_t value) {
    struct fovea_model model;
    uint8_t *blob = aligned_alloc(64, (size_t)((m->size + 63) / 64 * 64));
    memcpy(blob, m->blob, (size_t)m->size);
    for (unsigned i = 0; i < 4; i++) blob[at + i] = (uint8_t)(value >> (8 * i));
    fovea_draft_seal(blob, m->size);
    enum fovea_status status = fovea_model_open(&model, blob, (size_t)m->size, NULL);
    free(blob);
    return status;
}

static void the_format_and_kinds_are_checked(void **state) {
    static struct both both;
    struct fovea_model model;
    (void)state;
    seal_both(&both, draft_dense, FOVEA_F16);
    assert_int_equal(fovea_model_open(&model, both.narrow.blob, (size_t)both.narrow.size, NULL), 0);
    assert_int_equal(model.format, FOVEA_BLOB_FORMAT);
    size_t type = (size_t)model.at_arrays + 12; /* of the first array, a kernel */
    assert_int_equal(open_bent(&both.narrow, 8, FOVEA_BLOB_FORMAT + 1), FOVEA_VERSION);
    assert_int_equal(open_bent(&both.narrow, 8, 0), FOVEA_VERSION);
    assert_int_equal(open_bent(&both.narrow, type, FOVEA_F32), FOVEA_RANGE);
    assert_int_equal(open_bent(&both.narrow, type, FOVEA_I8), FOVEA_RANGE);
    assert_int_equal(open_bent(&both.narrow, type, FOVEA_TYPE_COUNT), FOVEA_VERSION);
    assert_int_equal(open_bent(&both.narrow, type + 16, FOVEA_F16),
                     FOVEA_RANGE); /* a bias: too short */
    free_both(&both);
}

/* A draft may ask for what the format does not allow. */
static enum fovea_status open_with_type(void (*make)(struct model_draft *), uint32_t array,
                                        bool golden, enum fovea_type type) {
    static struct model_draft m;
    uint8_t marks[FOVEA_ARRAYS_MAX * DRAFT_NODES] = {0};
    struct fovea_model model;
    make(&m);
    if (golden) {
        uint64_t in, out;
        fovea_shape_count(&m.input.shape, &in);
        fovea_shape_count(&m.values[m.output.value].shape, &out);
        m.counts[m.draft.array_count++] = in;
        m.counts[m.draft.array_count++] = out;
        m.draft.golden = true;
        array = m.draft.array_count - 1;
    }
    marks[array] = (uint8_t)type;
    m.draft.array_types = marks;
    assert_true(fovea_draft_measure(&m.draft, &m.size));
    m.blob = aligned_alloc(64, (size_t)((m.size + 63) / 64 * 64));
    fovea_draft_write(&m.draft, m.blob, m.size, m.size);
    fovea_draft_seal(m.blob, m.size);
    enum fovea_status status = fovea_model_open(&model, m.blob, (size_t)m.size, NULL);
    free(m.blob);
    return status;
}

static enum fovea_status open_with_halves(void (*make)(struct model_draft *), uint32_t array,
                                          bool golden) {
    return open_with_type(make, array, golden, FOVEA_F16);
}

static void only_kernels_may_be_halves(void **state) {
    (void)state;
    assert_int_equal(open_with_halves(draft_convolutions, 0, false), FOVEA_OK);
    assert_int_equal(open_with_halves(draft_convolutions, 1, false), FOVEA_SHAPE); /* bias */
    assert_int_equal(open_with_halves(draft_convolutions, 8, false), FOVEA_SHAPE); /* depthwise */
    assert_int_equal(open_with_halves(draft_dense, 0, true), FOVEA_SHAPE);
}

/* Of bytes: a kernel of bytes has scales, no other has. */
static void bytes_and_scales_come_together(void **state) {
    static struct both both;
    struct fovea_model model;
    (void)state;
    seal_both(&both, draft_dense, FOVEA_I8);
    assert_int_equal(fovea_model_open(&model, both.narrow.blob, (size_t)both.narrow.size, NULL), 0);
    size_t arrays = (size_t)model.at_nodes + 16; /* how many the first node has */
    assert_int_equal(fovea_blob_node(&model, 0).arrays, 3);
    assert_int_equal(open_bent(&both.narrow, arrays, 2), FOVEA_SHAPE);
    free_both(&both);
    assert_int_equal(open_with_type(draft_dense, 0, false, FOVEA_I8), FOVEA_SHAPE);
}

/* ---- the converter ---- */

static void count_line(void *context, const char *line) {
    assert_non_null(strstr(line, "stays float32"));
    ++*(unsigned *)context;
}

/* Two dense layers; the first one's largest weight is `largest`. */
static struct narrow_report make_narrow(float largest, enum fovea_type type, unsigned *told) {
    static const float more[16] = {0.5f, -0.25f, 0.1f};
    const float kernel[16] = {largest / 3, largest, 0, -largest / 7, 0, largest * 0.3f};
    uint32_t values[3], arrays[2], words[FOVEA_ATTRIBUTES_MAX] = {4};
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct graph graph;
    struct narrow_report report = {0};
    const struct fold_listener listener = {count_line, told};
    const struct fovea_shape shape = {1, {4}};
    graph_start(&graph, &pool, &trouble);
    values[0] = graph_input(&graph, "in", &shape);
    graph.inputs[0].recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    for (int i = 0; i < 2; i++) {
        struct array weights = {.layout = ARRAY_CONV,
                                .source = source_floats(i ? more : kernel, 16),
                                .taps = 1,
                                .inputs = 4,
                                .outputs = 4,
                                .groups = 1,
                                .count = 32};
        struct array bias = {.layout = ARRAY_BIAS, .outputs = 4, .groups = 1, .count = 8};
        arrays[0] = graph_array(&graph, &weights);
        arrays[1] = graph_array(&graph, &bias);
        values[i + 1] =
            graph_node(&graph, FOVEA_OP_DENSE, "layer", &values[i], 1, arrays, 2, words);
        assert_int_not_equal(values[i + 1], GRAPH_NONE);
    }
    assert_true(graph_output(&graph, "out", values[2]));
    *told = 0;
    assert_true((type == FOVEA_F16 ? graph_halve : graph_bytes)(&graph, &listener, &report));
    struct emitted emitted;
    struct fovea_model model;
    assert_true(graph_emit(&graph, &emitted));
    assert_int_equal(fovea_model_open(&model, emitted.blob, (size_t)emitted.size, NULL), FOVEA_OK);
    for (uint32_t a = 0, kernels = 0; a < model.arrays; a++) {
        struct fovea_numbers array;
        fovea_blob_array(&model, a, &array);
        kernels += array.type == type;
        if (a + 1 == model.arrays) assert_int_equal(kernels, report.narrow);
    }
    pool_free(&pool);
    return report;
}

static void layers_beyond_half_precision_stay_floats(void **state) {
    unsigned told;
    (void)state;
    struct narrow_report report = make_narrow(0.75f, FOVEA_F16, &told);
    assert_int_equal(report.narrow, 2);
    assert_int_equal(told, 0);
    assert_true(report.relative > 0 && report.relative <= 0x1p-11);
    assert_true(report.absolute > 0 && report.absolute <= 0x1p-12);
    static const float beyond[] = {65520.0f, -1e9f, 6.0e-5f, 1e-20f};
    for (size_t i = 0; i < 4; i++) {
        report = make_narrow(beyond[i], FOVEA_F16, &told);
        assert_int_equal(report.narrow, 1);
        assert_int_equal(report.floats, 1);
        assert_int_equal(told, 1);
    }
    assert_int_equal(make_narrow(65519.0f, FOVEA_F16, &told).narrow, 2);
    assert_int_equal(make_narrow(0, FOVEA_F16, &told).narrow, 2);
}

static void kernels_that_have_no_bytes_stay_floats(void **state) {
    unsigned told;
    (void)state;
    struct narrow_report report = make_narrow(0.75f, FOVEA_I8, &told);
    assert_int_equal(report.narrow, 2);
    assert_true(report.relative > 0 && report.relative <= 0.5 / 127 * 1.0001);
    static const float fits[] = {0, 1e9f, -1e30f, 1e-20f};
    for (size_t i = 0; i < 4; i++) {
        report = make_narrow(fits[i], FOVEA_I8, &told);
        assert_int_equal(report.narrow, 2);
        assert_true(report.relative <= 0.5 / 127 * 1.0001);
    }
    report = make_narrow(1e-37f, FOVEA_I8, &told);
    assert_int_equal(report.narrow, 1);
    assert_int_equal(told, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_comes_back),
        cmocka_unit_test(rounding_takes_the_nearest_and_of_two_the_even),
        cmocka_unit_test(convolutions_of_narrow_weights_are_those_of_the_floats),
        cmocka_unit_test(pointwise_layers_of_narrow_weights_are_those_of_the_floats),
        cmocka_unit_test(dense_layers_of_narrow_weights_are_those_of_the_floats),
        cmocka_unit_test(narrow_weights_take_no_copy),
        cmocka_unit_test(the_format_and_kinds_are_checked),
        cmocka_unit_test(only_kernels_may_be_halves),
        cmocka_unit_test(layers_beyond_half_precision_stay_floats),
        cmocka_unit_test(bytes_and_scales_come_together),
        cmocka_unit_test(kernels_that_have_no_bytes_stay_floats),
    };
    return cmocka_run_group_tests_name("narrow", tests, NULL, NULL);
}
