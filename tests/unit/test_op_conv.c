/* Convolutions, depthwise convolutions and pools of random geometry against the plainest loops in
 * double precision: every padding, stride, dilation, group, kernel larger than the picture. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/unit/drafts.h"
#define RANDOM_FROM 2463534242u
#include "tests/unit/random.h"
#include "weights/pack.h"

#define ROUNDS 400

struct geometry {
    uint32_t h, w, c, groups, outputs, words[FOVEA_ATTRIBUTES_MAX];
    struct fovea_window window;
};

/* One random case; false where the kernel does not fit. */
static bool random_geometry(struct geometry *g) {
    g->h = 1 + below(9);
    g->w = 1 + below(12);
    g->groups = 1 + below(3);
    g->c = g->groups * (1 + below(9));
    g->outputs = g->groups * (1 + below(20));
    draft_window(g->words, 1 + below(5), 1 + below(5), 1 + below(3), 1, below(3));
    g->words[3] = 1 + below(3);
    g->words[4] = 1 + below(3);
    g->words[5] = 1 + below(3);
    if (g->words[6] == FOVEA_PADDING_EXPLICIT)
        for (int i = 7; i < 11; i++) g->words[i] = below(7);
    uint64_t reach_y = (uint64_t)(g->words[0] - 1) * g->words[4] + 1;
    uint64_t reach_x = (uint64_t)(g->words[1] - 1) * g->words[5] + 1;
    bool open = g->words[6] != FOVEA_PADDING_SAME;
    return !open || (g->h + g->words[7] + g->words[9] >= reach_y &&
                     g->w + g->words[8] + g->words[10] >= reach_x);
}

/* The sum over the window at output y, x, or the largest tap for a pool. */
static double window_sum(const struct geometry *g, const float *in, const float *kernel, uint32_t y,
                         uint32_t x, uint32_t o, bool depthwise) {
    const struct fovea_axis *ay = &g->window.y, *ax = &g->window.x;
    uint32_t per_in = depthwise ? 1 : g->c / g->groups, per_out = g->outputs / g->groups;
    uint32_t first = depthwise ? o : o / per_out * per_in;
    double sum = 0;
    for (uint32_t ky = 0; ky < ay->kernel; ky++)
        for (uint32_t kx = 0; kx < ax->kernel; kx++) {
            int64_t iy = (int64_t)y * ay->stride - ay->before + (int64_t)ky * ay->dilation;
            int64_t ix = (int64_t)x * ax->stride - ax->before + (int64_t)kx * ax->dilation;
            if (iy < 0 || iy >= g->h || ix < 0 || ix >= g->w) continue;
            for (uint32_t c = 0; c < per_in; c++) {
                size_t tap = ((size_t)ky * ax->kernel + kx) * per_in + c;
                size_t columns = depthwise ? g->c : g->outputs;
                sum += (double)in[((size_t)iy * g->w + (size_t)ix) * g->c + first + c] *
                       (double)kernel[tap * columns + o];
            }
        }
    return sum;
}

static void check_conv(struct geometry *g, bool depthwise, uint32_t threads) {
    struct model_draft m;
    struct fovea_rule_query query;
    struct fovea_model model;
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    fovea_session *session;
    size_t bytes, inputs = depthwise ? 1 : g->c / g->groups;
    if (depthwise) g->outputs = g->c;
    draft_start(&m, g->h, g->w, g->c);
    g->words[11] = depthwise ? 0 : g->groups;
    g->words[12] = depthwise ? 0 : g->outputs;
    draft_node(&m, depthwise ? FOVEA_OP_DEPTHWISE : FOVEA_OP_CONV, 0, DRAFT_ALONE, 2, g->words);
    draft_seal(&m);
    assert_true(fovea_draft_shape(&m.draft, 0, &query));
    g->window = depthwise ? query.as.depthwise.window : query.as.conv.window;
    size_t taps = (size_t)g->window.y.kernel * g->window.x.kernel, rows = taps * inputs;
    float *kernel = malloc(rows * g->outputs * sizeof *kernel),
          *bias = malloc(g->outputs * sizeof *bias);
    struct fovea_pack pack = {taps, inputs, g->outputs, depthwise ? 1 : g->groups};
    float *packed = fovea_draft_array(&m.draft, m.blob, 0);
    memset(packed, 0, (size_t)m.counts[0] * sizeof *packed);
    for (size_t i = 0; i < rows * g->outputs; i++) kernel[i] = number();
    for (size_t i = 0; i < g->outputs; i++) bias[i] = number();
    for (size_t r = 0; r < rows; r++)
        if (depthwise)
            fovea_pack_depthwise(taps, g->c, packed, r, kernel + r * g->outputs);
        else
            fovea_pack_row(&pack, packed, r, kernel + r * g->outputs);
    fovea_pack_bias(&pack, fovea_draft_array(&m.draft, m.blob, 1), bias);
    fovea_draft_seal(m.blob, m.size);
    options.threads = threads;
    options.cpu_mask = below(2) ? 0 : FOVEA_CPU_PORTABLE | below(8);
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, &options, &bytes, NULL), FOVEA_OK);
    void *memory = aligned_alloc(64, bytes);
    assert_int_equal(fovea_plan(&model, &options, memory, bytes, &session, NULL), FOVEA_OK);
    float *in = fovea_input(session, 0), *copy = malloc((size_t)g->h * g->w * g->c * sizeof *copy);
    for (size_t i = 0; i < (size_t)g->h * g->w * g->c; i++) copy[i] = in[i] = number();
    fovea_run(session);
    const float *out = fovea_output(session, 0);
    for (uint32_t y = 0; y < g->window.y.output; y++)
        for (uint32_t x = 0; x < g->window.x.output; x++)
            for (uint32_t o = 0; o < g->outputs; o++) {
                double want = window_sum(g, copy, kernel, y, x, o, depthwise) + (double)bias[o];
                double have = (double)out[((size_t)y * g->window.x.output + x) * g->outputs + o];
                assert_true(fabs(want - have) < 2e-5);
            }
    free(copy);
    free(memory);
    free(kernel);
    free(bias);
    free(m.blob);
}

static void test_conv(void **state) {
    (void)state;
    struct geometry g;
    for (int i = 0; i < ROUNDS; i++)
        if (random_geometry(&g)) check_conv(&g, false, 1 + below(4));
}
/* Few channels under long lines, which go by runs. */
static void test_conv_by_runs(void **state) {
    (void)state;
    struct geometry g;
    for (int i = 0; i < ROUNDS / 4; i++) {
        if (!random_geometry(&g)) continue;
        g.w = 16 + below(below(4) ? 60 : 500);
        g.c = 1 + below(4);
        g.outputs = 1 + below(70);
        g.groups = g.words[5] = 1;
        check_conv(&g, false, 1 + below(4));
    }
}

static void test_depthwise(void **state) {
    (void)state;
    struct geometry g;
    for (int i = 0; i < ROUNDS; i++)
        if (random_geometry(&g)) check_conv(&g, true, 1 + below(4));
}

static void check_pool(struct geometry *g, bool mean) {
    struct model_draft m;
    struct fovea_rule_query query;
    struct fovea_model model;
    fovea_session *session;
    size_t bytes;
    g->words[4] = g->words[5] = 1;
    draft_start(&m, g->h, g->w, g->c);
    g->words[11] = 1;
    draft_node(&m, mean ? FOVEA_OP_MEAN_POOL : FOVEA_OP_MAX_POOL, 0, DRAFT_ALONE, 0, g->words);
    draft_seal(&m);
    assert_true(fovea_draft_shape(&m.draft, 0, &query));
    const struct fovea_axis *ay = &query.as.pool.window.y, *ax = &query.as.pool.window.x;
    assert_int_equal(fovea_model_open(&model, m.blob, (size_t)m.size, NULL), FOVEA_OK);
    assert_int_equal(fovea_measure(&model, NULL, &bytes, NULL), FOVEA_OK);
    void *memory = aligned_alloc(64, bytes);
    assert_int_equal(fovea_plan(&model, NULL, memory, bytes, &session, NULL), FOVEA_OK);
    float *in = fovea_input(session, 0);
    for (size_t i = 0; i < (size_t)g->h * g->w * g->c; i++) in[i] = number();
    fovea_run(session);
    for (uint32_t y = 0; y < ay->output; y++)
        for (uint32_t x = 0; x < ax->output; x++)
            for (uint32_t c = 0; c < g->c; c++) {
                double sum = 0, largest = -1e9, cells = 0;
                for (uint32_t k = 0; k < ay->kernel * ax->kernel; k++) {
                    int64_t iy = (int64_t)y * ay->stride - ay->before + k / ax->kernel;
                    int64_t ix = (int64_t)x * ax->stride - ax->before + k % ax->kernel;
                    if (iy < 0 || iy >= g->h || ix < 0 || ix >= g->w) continue;
                    double v = (double)in[((size_t)iy * g->w + (size_t)ix) * g->c + c];
                    sum += v;
                    cells++;
                    largest = v > largest ? v : largest;
                }
                double want = mean ? sum / cells : largest;
                float have = fovea_output(session, 0)[((size_t)y * ax->output + x) * g->c + c];
                assert_true(fabs(want - (double)have) < 1e-5);
            }
    free(memory);
    free(m.blob);
}

static void test_pools(void **state) {
    (void)state;
    struct geometry g;
    for (int i = 0; i < ROUNDS; i++) {
        bool whole = below(8) == 0;
        if (!random_geometry(&g) || g.words[6] == FOVEA_PADDING_EXPLICIT) continue;
        if (whole) g.words[0] = g.words[1] = 0, g.words[6] = FOVEA_PADDING_VALID;
        if (!whole && (g.words[0] > g.h || g.words[1] > g.w)) continue;
        check_pool(&g, below(2));
    }
}

static void picture_shape(const void *context, uint32_t input, struct fovea_shape *shape) {
    (void)context;
    (void)input;
    *shape = (struct fovea_shape){3, {4, 5, 3}};
}

/* With padding there would be an output for each position, and no dimensions to put them in. */
static void test_whole_pools_take_no_padding(void **state) {
    (void)state;
    for (uint32_t keep = 0; keep < 2; keep++)
        for (uint32_t padding = 0; padding < 3; padding++) {
            struct fovea_rule_query query = {.op = FOVEA_OP_MEAN_POOL,
                                             .inputs = 1,
                                             .attributes = 12,
                                             .attribute = {0, 0, 1, 1, 1, 1, padding},
                                             .shape_of = picture_shape};
            query.attribute[11] = keep;
            assert_int_equal(fovea_rule_apply(&query), padding == FOVEA_PADDING_VALID);
            if (padding == FOVEA_PADDING_VALID) assert_int_equal(query.elements, 3);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_pools_take_no_padding),
        cmocka_unit_test(test_conv),
        cmocka_unit_test(test_conv_by_runs),
        cmocka_unit_test(test_depthwise),
        cmocka_unit_test(test_pools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
