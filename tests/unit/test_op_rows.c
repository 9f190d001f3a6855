/* Operators on rows and on pairs, products of matrices and recurrent layers: shapes and options that Keras'
 * answers may not reach, against plain loops in double precision, and records that must be refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/drafts.h"
#define RANDOM_FROM 88172645u
#include "tests/unit/random.h"

/* A sealed draft, planned for `threads` tasks, run on random numbers. */
struct ran {
    struct fovea_model model;
    fovea_session *session;
    void *memory;
    float *in;
    const float *out;
};

static void run_draft(struct model_draft *m, uint32_t threads, struct ran *ran) {
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct fovea_io io;
    size_t bytes;
    options.threads = threads;
    options.cpu_mask = below(2) ? 0 : FOVEA_CPU_PORTABLE | below(8);
    assert_int_equal(fovea_model_open(&ran->model, m->blob, (size_t)m->size, NULL), FOVEA_OK);
    assert_int_equal(fovea_measure(&ran->model, &options, &bytes, NULL), FOVEA_OK);
    ran->memory = aligned_alloc(64, bytes);
    assert_non_null(ran->memory);
    assert_int_equal(fovea_plan(&ran->model, &options, ran->memory, bytes, &ran->session, NULL),
                     FOVEA_OK);
    assert_int_equal(fovea_model_input(&ran->model, 0, &io), FOVEA_OK);
    ran->in = malloc(io.count * sizeof(float));
    for (size_t i = 0; i < io.count; i++) ran->in[i] = fovea_input(ran->session, 0)[i] = number();
    fovea_run(ran->session);
    ran->out = fovea_output(ran->session, 0);
}

static void end(struct model_draft *m, struct ran *ran) {
    free(ran->memory);
    free(ran->in);
    free(m->blob);
}

static bool is_near(double want, float have) {
    return fabs(want - (double)have) <= 1e-5 * fmax(1, fabs(want));
}

/* ---- rows ---- */

static double row_mean(const float *row, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += (double)row[i];
    return sum / (double)count;
}

static void check_normalize(uint32_t kind, uint32_t dimensions, bool scaled) {
    struct model_draft m;
    struct ran ran;
    uint32_t dims[3] = {1 + below(4), 1 + below(6), 1 + below(30)}, count = 1;
    const float epsilon = 1e-2f;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {dimensions, kind, fovea_bits_of_float(epsilon)};
    for (uint32_t d = 3 - dimensions; d < 3; d++) count *= dims[d];
    draft_start(&m, dims[0], dims[1], dims[2]);
    draft_node(&m, FOVEA_OP_NORMALIZE, 0, DRAFT_ALONE, scaled ? 2 : 0, words);
    draft_seal(&m);
    const float *scale = scaled ? fovea_draft_array(&m.draft, m.blob, 0) : NULL;
    const float *shift = scaled ? fovea_draft_array(&m.draft, m.blob, 1) : NULL;
    run_draft(&m, 1 + below(4), &ran);
    for (size_t row = 0; row < dims[0] * dims[1] * dims[2] / count; row++) {
        const float *in = ran.in + row * count;
        double mean = row_mean(in, count), squares = 0;
        bool about = kind == FOVEA_NORM_LAYER || kind == FOVEA_NORM_VARIANCE;
        for (size_t i = 0; i < count; i++) squares += pow((double)in[i] - (about ? mean : 0), 2);
        double size = kind == FOVEA_NORM_UNIT ? fmax(squares, (double)epsilon)
                                              : squares / count + (double)epsilon;
        for (size_t i = 0; i < count; i++) {
            double v = ((double)in[i] - (kind == FOVEA_NORM_LAYER ? mean : 0)) / sqrt(size);
            if (scaled) v = v * (double)scale[i] + (double)shift[i];
            assert_true(is_near(v, ran.out[row * count + i]));
        }
    }
    end(&m, &ran);
}

static void rows_are_normalized(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 240; i++)
        check_normalize(i % FOVEA_NORM_COUNT, 1 + below(3), below(2));
}

static void softmax_runs_over_several_dimensions(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 60; i++) {
        static const uint32_t ops[] = {FOVEA_OP_SOFTMAX, FOVEA_OP_LOG_SOFTMAX};
        struct model_draft m;
        struct ran ran;
        uint32_t h = 1 + below(4), w = 1 + below(5), c = 1 + below(20);
        const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {2};
        draft_start(&m, h, w, c);
        draft_node(&m, ops[i % 2], 0, DRAFT_ALONE, 0, words);
        draft_seal(&m);
        run_draft(&m, 1 + below(4), &ran);
        for (size_t row = 0; row < h; row++) {
            const size_t count = (size_t)w * c, first = row * count;
            double sum = 0;
            for (size_t k = 0; k < count; k++) sum += exp((double)ran.in[first + k]);
            for (size_t k = 0; k < count; k++) {
                double want = exp((double)ran.in[first + k]) / sum;
                assert_true(is_near(i % 2 ? log(want) : want, ran.out[first + k]));
            }
        }
        end(&m, &ran);
    }
}

/* ---- pairs ---- */

/* A constant of that shape, of the draft's own numbers. */
static uint32_t constant(struct model_draft *m, uint32_t h, uint32_t w, uint32_t c) {
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {3, h, w, c};
    uint32_t n = m->draft.node_count++;
    struct fovea_draft_node *node = &m->nodes[n];
    struct fovea_rule_query query;
    *node = (struct fovea_draft_node){.op = FOVEA_OP_CONSTANT, .name = "constant"};
    node->inputs = m->inputs[n];
    node->arrays = m->arrays[n];
    node->array_count = 1;
    memcpy(node->attribute, words, sizeof node->attribute);
    m->arrays[n][0] = m->draft.array_count;
    assert_true(fovea_draft_shape(&m->draft, n, &query));
    m->counts[m->draft.array_count++] = query.array_count[0];
    return 1 + n;
}

/* The input against a constant, each stretched or not along each dimension, in either order. */
static void check_subtract(void) {
    struct model_draft m;
    struct ran ran;
    uint32_t dims[3] = {1 + below(4), 1 + below(5), 1 + below(20)}, a[3], b[3];
    for (int d = 0; d < 3; d++) {
        uint32_t which = below(3);
        a[d] = which == 1 ? 1 : dims[d];
        b[d] = which == 2 ? 1 : dims[d];
    }
    bool turned = below(2);
    draft_start(&m, a[0], a[1], a[2]);
    uint32_t second = constant(&m, b[0], b[1], b[2]);
    draft_node(&m, FOVEA_OP_SUBTRACT, turned ? second : 0, turned ? 0 : second, 0, NULL);
    draft_seal(&m);
    const float *other = fovea_draft_array(&m.draft, m.blob, 0);
    run_draft(&m, 1 + below(4), &ran);
    for (uint32_t y = 0, at = 0; y < dims[0]; y++)
        for (uint32_t x = 0; x < dims[1]; x++)
            for (uint32_t c = 0; c < dims[2]; c++, at++) {
                float v = ran.in[((a[0] > 1 ? y : 0) * a[1] + (a[1] > 1 ? x : 0)) * a[2] +
                                 (a[2] > 1 ? c : 0)];
                float w = other[((b[0] > 1 ? y : 0) * b[1] + (b[1] > 1 ? x : 0)) * b[2] +
                                (b[2] > 1 ? c : 0)];
                assert_true(ran.out[at] == (turned ? w - v : v - w));
            }
    end(&m, &ran);
}

static void either_side_of_a_pair_is_stretched(void **state) {
    (void)state;
    for (int i = 0; i < 400; i++) check_subtract();
}

/* A small tensor ends up in the same 64 bytes as what it is stretched to: not over one another. */
static void what_is_stretched_is_not_written_over(void **state) {
    (void)state;
    struct model_draft m;
    struct ran ran;
    const uint32_t relu[FOVEA_ATTRIBUTES_MAX] = {FOVEA_ACTIVATION_LEAKY, 0, 0x7f800000u, 0};
    draft_start(&m, 4, 1, 1);
    uint32_t mine = draft_node(&m, FOVEA_OP_ACTIVATION, 0, DRAFT_ALONE, 0, relu);
    uint32_t ones = constant(&m, 1, 4, 1);
    draft_node(&m, FOVEA_OP_SUBTRACT, mine, ones, 0, NULL);
    draft_seal(&m);
    const float *other = fovea_draft_array(&m.draft, m.blob, 0);
    run_draft(&m, 1, &ran);
    for (int y = 0; y < 4; y++)
        for (int x = 0; x < 4; x++)
            assert_true(ran.out[y * 4 + x] == (ran.in[y] < 0 ? 0 : ran.in[y]) - other[x]);
    end(&m, &ran);
}

/* ---- products ---- */

static void check_matmul(bool transposed, bool shared) {
    struct model_draft m;
    struct ran ran;
    uint32_t batch = 1 + below(3), rows = 1 + below(9), inner = 1 + below(20),
             columns = 1 + below(40);
    uint32_t high = transposed ? columns : inner, wide = transposed ? inner : columns;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {transposed},
                   flat[FOVEA_ATTRIBUTES_MAX] = {2, high, wide};
    draft_start(&m, batch, rows, inner);
    uint32_t second = constant(&m, shared ? 1 : batch, high, wide);
    if (shared) second = draft_node(&m, FOVEA_OP_RESHAPE, second, DRAFT_ALONE, 0, flat);
    draft_node(&m, FOVEA_OP_MATMUL, 0, second, 0, words);
    draft_seal(&m);
    const float *other = fovea_draft_array(&m.draft, m.blob, 0);
    run_draft(&m, 1 + below(4), &ran);
    for (uint32_t i = 0, at = 0; i < batch; i++)
        for (uint32_t r = 0; r < rows; r++)
            for (uint32_t c = 0; c < columns; c++, at++) {
                const float *b = other + (shared ? 0 : (size_t)i * inner * columns);
                double sum = 0;
                for (uint32_t k = 0; k < inner; k++)
                    sum += (double)ran.in[((size_t)i * rows + r) * inner + k] *
                           (double)(transposed ? b[c * inner + k] : b[k * columns + c]);
                assert_true(is_near(sum, ran.out[at]));
            }
    end(&m, &ran);
}

static void matrices_are_multiplied(void **state) {
    (void)state;
    for (int i = 0; i < 200; i++) check_matmul(below(2), below(2));
}

/* ---- records ---- */

static void shape_2x3x4(const void *context, uint32_t input, struct fovea_shape *shape) {
    (void)context;
    (void)input;
    *shape = (struct fovea_shape){3, {2, 3, 4}};
}
static void shape_5x12(const void *context, uint32_t input, struct fovea_shape *shape) {
    (void)context;
    (void)input;
    *shape = (struct fovea_shape){2, {5, 12}};
}

static bool is_legal(uint32_t op, uint32_t inputs, uint32_t arrays, const uint32_t *words,
                     void (*shape_of)(const void *, uint32_t, struct fovea_shape *)) {
    struct fovea_rule_query query = {.op = op,
                                     .inputs = inputs,
                                     .arrays = arrays,
                                     .attributes = fovea_op_attributes(op),
                                     .shape_of = shape_of};
    memcpy(query.attribute, words, sizeof query.attribute);
    bool legal = fovea_rule_apply(&query);
    assert_true(legal || query.problem);
    return legal;
}

#define WORDS(...) ((const uint32_t[FOVEA_ATTRIBUTES_MAX]){__VA_ARGS__})

static void wrong_records_are_refused(void **state) {
    (void)state;
    const uint32_t minus = fovea_bits_of_float(-1), nan = 0x7fc00000u;
    assert_true(is_legal(FOVEA_OP_NORMALIZE, 1, 0, WORDS(3, 3, 0), shape_2x3x4));
    assert_false(is_legal(FOVEA_OP_NORMALIZE, 1, 0, WORDS(4, 3, 0), shape_2x3x4));
    assert_false(is_legal(FOVEA_OP_NORMALIZE, 1, 0, WORDS(0, 3, 0), shape_2x3x4));
    assert_false(is_legal(FOVEA_OP_NORMALIZE, 1, 0, WORDS(1, 4, 0), shape_2x3x4));
    assert_false(is_legal(FOVEA_OP_NORMALIZE, 1, 1, WORDS(1, 0, 0), shape_2x3x4));
    assert_false(is_legal(FOVEA_OP_NORMALIZE, 1, 0, WORDS(1, 0, minus), shape_2x3x4));
    assert_false(is_legal(FOVEA_OP_NORMALIZE, 1, 0, WORDS(1, 0, nan), shape_2x3x4));
    assert_false(is_legal(FOVEA_OP_MATMUL, 2, 0, WORDS(0), shape_2x3x4));
    assert_true(is_legal(FOVEA_OP_MATMUL, 2, 0, WORDS(1), shape_2x3x4));
    assert_false(is_legal(FOVEA_OP_MATMUL, 2, 0, WORDS(2), shape_2x3x4));
    assert_false(is_legal(FOVEA_OP_MATMUL, 1, 0, WORDS(1), shape_2x3x4));
    assert_true(is_legal(FOVEA_OP_RNN, 1, 2, WORDS(1, 3, 1, 1, 1), shape_5x12));
    assert_true(is_legal(FOVEA_OP_RNN, 1, 2, WORDS(3, 4), shape_5x12));
    assert_false(is_legal(FOVEA_OP_RNN, 1, 2, WORDS(2, 3), shape_5x12));
    assert_false(is_legal(FOVEA_OP_RNN, 1, 2, WORDS(4, 3), shape_5x12));
    assert_false(is_legal(FOVEA_OP_RNN, 1, 2, WORDS(1, 3, 2), shape_5x12));
    assert_false(is_legal(FOVEA_OP_RNN, 1, 2, WORDS(1, 0x55555558u), shape_5x12));
    assert_false(is_legal(FOVEA_OP_RNN, 1, 1, WORDS(1, 3), shape_5x12));
    assert_false(is_legal(FOVEA_OP_RNN, 1, 2, WORDS(1, 3, 0, 0, 0, 99), shape_5x12));
    assert_true(is_legal(FOVEA_OP_GATHER, 1, 1, WORDS(7, 3), shape_5x12));
    assert_false(is_legal(FOVEA_OP_GATHER, 1, 1, WORDS(0, 3), shape_5x12));
    assert_false(is_legal(FOVEA_OP_GATHER, 1, 1, WORDS(7, 0xffffffffu), shape_5x12));
    assert_false(is_legal(FOVEA_OP_SUBTRACT, 1, 0, WORDS(0), shape_5x12));
    assert_false(is_legal(FOVEA_OP_ACTIVATION, 1, 0, WORDS(FOVEA_ACTIVATION_COUNT), shape_5x12));
}

/* Indices are anything: none leaves the table. */
static void indices_stay_in_the_table(void **state) {
    (void)state;
    static const float indices[] = {0, 2, 6.9f, 7, -1, 1e30f, -1e30f, NAN, INFINITY};
    static const int rows[] = {0, 2, 6, 6, 0, 6, 0, 0, 6};
    struct model_draft m;
    struct ran ran;
    draft_start(&m, 1, 1, 9);
    draft_node(&m, FOVEA_OP_GATHER, 0, DRAFT_ALONE, 1, WORDS(7, 3));
    draft_seal(&m);
    const float *table = fovea_draft_array(&m.draft, m.blob, 0);
    run_draft(&m, 2, &ran);
    memcpy(fovea_input(ran.session, 0), indices, sizeof indices);
    fovea_run(ran.session);
    for (int i = 0; i < 9; i++)
        for (int c = 0; c < 3; c++) assert_true(ran.out[i * 3 + c] == table[rows[i] * 3 + c]);
    end(&m, &ran);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_normalized),
        cmocka_unit_test(softmax_runs_over_several_dimensions),
        cmocka_unit_test(either_side_of_a_pair_is_stretched),
        cmocka_unit_test(what_is_stretched_is_not_written_over),
        cmocka_unit_test(matrices_are_multiplied),
        cmocka_unit_test(wrong_records_are_refused),
        cmocka_unit_test(indices_stay_in_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
