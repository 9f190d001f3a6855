/* Explaining: maps of a score that is known, the head's gradients against differences, that CAM is exact, and that maps change when
 * the weights do (Adebayo et al. 2018). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <math.h>

#include "cli/explain_head.h"
#include "cli/overlay.h"
#include "clinic/random.h"
#include "clinic/saliency.h"
#include "convert/convert.h"
#include "kernels/layout.h"
#include "weights/blob.h"
#include "weights/blob_build.h"

#undef fail
#include <cmocka.h>

/* ---- a score that looks at one corner ---- */

#define SIDE 32

static double corner(void *unused, const struct canvas *c) {
    double sum = 0;
    (void)unused;
    for (size_t y = 0; y < SIDE / 4; y++)
        for (size_t x = 0; x < SIDE / 4; x++)
            sum += (double)c->values[y * c->by_row + x * c->by_column];
    return sum / (SIDE * SIDE / 16);
}

static void check_corner(bool first) {
    static float values[3 * SIDE * SIDE], whole[3 * SIDE * SIDE], fill[3 * SIDE * SIDE],
        blurred[3 * SIDE * SIDE];
    static double map[SIDE * SIDE];
    struct trouble trouble = {0};
    struct canvas c = {SIDE, SIDE, 3, 3 * SIDE, 3, 1, values};
    const float black[3] = {0};
    if (first) c = (struct canvas){SIDE, SIDE, 3, SIDE, 1, SIDE * SIDE, values};
    for (size_t i = 0; i < 3 * SIDE * SIDE; i++) values[i] = whole[i] = 1;
    saliency_fill(&c, SALIENCY_BLACK, black, fill);
    saliency_fill(&c, SALIENCY_BLACK, black, blurred);
    struct judge_of judge = {corner, NULL, 0};
    struct faithfulness good, bad;
    assert_true(saliency_occlusion(&c, whole, fill, 7, &judge, 1, map, &trouble));
    assert_int_equal(judge.asked, 49);
    assert_memory_equal(values, whole, sizeof values);
    assert_true(map[0] == 1 && map[SIDE * SIDE - 1] == 0);
    assert_true(saliency_faithful(&c, whole, fill, blurred, map, 16, &judge, &good, &trouble));
    assert_true(good.deletion < 0.2 && good.insertion > 0.8);
    assert_true(saliency_rise(&c, whole, fill, 400, 1, &judge, map, &trouble));
    assert_true(map[0] > 0.05 && map[0] > 2 * fabs(map[SIDE * SIDE - 1]));
    saliency_random(map, SIDE, SIDE, 1);
    assert_true(saliency_faithful(&c, whole, fill, blurred, map, 16, &judge, &bad, &trouble));
    assert_true(fabs(bad.deletion - 0.5) < 0.1 && fabs(bad.insertion - 0.5) < 0.1);
    assert_memory_equal(values, whole, sizeof values);
}

static void test_corner(void **unused) {
    (void)unused;
    check_corner(false);
    check_corner(true);
}

/* Windows cover every pixel, whatever the sides and the grid: a score that falls with each gives a map without holes. */
static double all_of(void *unused, const struct canvas *c) {
    double sum = 0;
    (void)unused;
    for (size_t i = 0; i < c->height * c->width; i++) sum += (double)c->values[i];
    return sum;
}

static void test_windows(void **unused) {
    (void)unused;
    static float values[50 * 3], whole[50 * 3], fill[50 * 3];
    static double map[50 * 3];
    struct trouble trouble = {0};
    for (size_t side = 1; side < 50; side++)
        for (unsigned grid = 2; grid < 10; grid++) {
            struct canvas c = {3, side, 1, side, 1, 1, values};
            struct judge_of judge = {all_of, NULL, 0};
            for (size_t i = 0; i < 3 * side; i++) values[i] = whole[i] = 1;
            assert_true(saliency_occlusion(&c, whole, fill, grid, &judge, 3.0 * (double)side, map,
                                           &trouble));
            for (size_t i = 0; i < 3 * side; i++) assert_true(map[i] > 0 || grid > 2 * side);
        }
}

/* ---- a model's head ---- */

static struct pool pool;

struct net {
    uint8_t *blob;
    size_t size;
    struct fovea_model model;
    struct explain_head head;
    void *memory;
    fovea_session *session;
    size_t inputs;
};

static void watch(void *context, const struct fovea_step_info *info) {
    explain_head_watch(context, info);
}

static struct net *open_net(const char *path) {
    struct net *net = calloc(1, sizeof *net);
    struct file_bytes file;
    struct trouble trouble = {0};
    struct converted converted;
    struct convert_options options = {0};
    options.recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    assert_true(file_open(path, &file, &trouble));
    assert_true(convert_keras(&pool, file.bytes, file.size, &options, &converted, &trouble));
    net->size = (size_t)converted.size;
    net->blob = memory_get(net->size);
    memcpy(net->blob, converted.blob, net->size);
    file_close(&file);
    assert_int_equal(fovea_model_open(&net->model, net->blob, net->size, NULL), FOVEA_OK);
    assert_true(explain_head_find(&net->head, &net->model, &pool, &trouble));
    return net;
}

static void plan_net(struct net *net) {
    struct fovea_options options = FOVEA_OPTIONS_INIT;
    struct fovea_io in;
    size_t bytes;
    options.watcher = watch;
    options.context = &net->head;
    options.watched = net->head.layers;
    options.watched_count = net->head.count;
    assert_int_equal(fovea_measure(&net->model, &options, &bytes, NULL), FOVEA_OK);
    memory_put(net->memory);
    net->memory = memory_get(bytes);
    assert_int_equal(fovea_plan(&net->model, &options, net->memory, bytes, &net->session, NULL),
                     FOVEA_OK);
    fovea_model_input(&net->model, 0, &in);
    net->inputs = in.count;
}

static void run_net(struct net *net) {
    struct random random = random_start(11);
    for (size_t i = 0; i < net->inputs; i++)
        fovea_input(net->session, 0)[i] = (float)random_bits(&random) / 4294967296.0f;
    fovea_run(net->session);
}

static void close_net(struct net *net) {
    memory_put(net->memory);
    memory_put(net->blob);
    free(net);
}

static double *map_of(struct net *net, enum head_method method, uint32_t class, double *score) {
    struct trouble trouble = {0};
    double *map = calloc(net->head.height * net->head.width, sizeof *map);
    assert_true(explain_head_map(&net->head, &net->model, method, class, map, score, &trouble));
    return map;
}

/* CAM's mean and the bias are the logit: no reference needed. HiResCAM of such a head is CAM, divided by the pixels. */
static void test_cam(void **unused) {
    (void)unused;
    struct net *net = open_net("tests/golden/conformance/a/block_residual/model.h5");
    assert_null(net->head.why_not);
    assert_true(net->head.linear);
    plan_net(net);
    run_net(net);
    struct fovea_io out;
    fovea_model_output(&net->model, 0, &out);
    const float *logits = net->head.values[net->head.count - 1];
    const size_t pixels = net->head.height * net->head.width;
    for (uint32_t k = 0; k < out.count; k++) {
        double score, other;
        double *cam = map_of(net, HEAD_CAM, k, &score);
        double *hires = map_of(net, HEAD_HIRESCAM, k, &other);
        assert_true(fabs(score - (double)logits[k]) < 1e-4 * (1 + fabs((double)logits[k])));
        for (size_t i = 0; i < pixels; i++)
            assert_true(fabs(cam[i] - hires[i] * (double)pixels) < 1e-9 * (1 + fabs(cam[i])));
        free(cam);
        free(hires);
    }
    close_net(net);
}

/* ---- sanity: a map that stays when the weights are others explains nothing ---- */

static const double *ranked;
static int by_number(const void *a, const void *b) {
    const double x = ranked[*(const size_t *)a], y = ranked[*(const size_t *)b];
    return (x > y) - (x < y);
}

static void ranks_of(const double *map, size_t n, double *rank) {
    size_t *order = calloc(n, sizeof *order);
    for (size_t i = 0; i < n; i++) order[i] = i;
    ranked = map;
    qsort(order, n, sizeof *order, by_number);
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && map[order[end]] == map[order[i]];) end++;
        for (size_t j = i; j < end; j++) rank[order[j]] = (double)(i + end - 1) / 2;
    }
    free(order);
}

static double rank_correlation(const double *a, const double *b, size_t n) {
    double *x = calloc(n, sizeof *x), *y = calloc(n, sizeof *y);
    double xy = 0, xx = 0, yy = 0, mean = (double)(n - 1) / 2;
    ranks_of(a, n, x);
    ranks_of(b, n, y);
    for (size_t i = 0; i < n; i++) {
        xy += (x[i] - mean) * (y[i] - mean);
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
    }
    free(x);
    free(y);
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : 0;
}

/* Other weights for the layers of the head from `first` on. */
static void randomise(struct net *net, uint32_t first, struct random *random) {
    for (uint32_t i = first; i < net->head.count; i++) {
        struct fovea_node_view view;
        fovea_node_read(&net->model, net->head.layers[i], fovea_blob_shape, &net->model, &view);
        if (view.record.arrays == 0) continue;
        float *w = (float *)(uintptr_t)view.array[0].at;
        for (uint64_t k = 0; k < view.array[0].count; k++)
            w[k] = ((float)random_bits(random) / 4294967296.0f - 0.5f) * 0.2f;
    }
}

static void test_sanity(void **unused) {
    (void)unused;
    static const enum head_method methods[] = {HEAD_GRADCAM, HEAD_HIRESCAM};
    for (size_t m = 0; m < 2; m++)
        for (int all = 0; all < 2; all++) {
            double sum = 0;
            for (uint64_t seed = 1; seed <= 8; seed++) {
                struct net *net = open_net("weights/demo/patterns.h5");
                struct random random = random_start(seed);
                double score;
                assert_null(net->head.why_not);
                plan_net(net);
                run_net(net);
                double *before = map_of(net, methods[m], 0, &score);
                randomise(net, all ? 1 : net->head.count - 1, &random);
                plan_net(net);
                run_net(net);
                double *after = map_of(net, methods[m], 0, &score);
                const size_t pixels = net->head.height * net->head.width;
                assert_true(rank_correlation(before, before, pixels) > 0.999);
                sum += fabs(rank_correlation(before, after, pixels));
                free(before);
                free(after);
                close_net(net);
            }
            assert_true(sum / 8 < 0.75);
        }
}

/* A map in the middle of a cropped photo; outside of it the photo stays as it is. */
static void test_overlay(void **unused) {
    (void)unused;
    static uint8_t pixels[20 * 40];
    static const double map[4] = {1, 1, 1, 1};
    struct trouble trouble = {0};
    const struct fovea_image photo = {
        .pixels = pixels, .width = 40, .height = 20, .stride = 40, .format = FOVEA_PIXELS_GREY};
    const struct overlay o = {&photo, map, 2, 2, FOVEA_FIT_CROP, 1, COLOURS_TURBO};
    assert_true(overlay_at(&o, 10, 9) == 0 && overlay_at(&o, 10, 10) == 1);
    assert_true(overlay_at(&o, 10, 29) == 1 && overlay_at(&o, 10, 30) == 0);
    uint8_t *painted = overlay_paint(&o, &trouble);
    assert_non_null(painted);
    assert_int_equal(painted[0], 0);
    assert_true(painted[(10 * 40 + 20) * 3] > 50);
    free(painted);
    uint32_t width, height;
    painted = overlay_sheet(&o, &width, &height, &trouble);
    assert_true(painted && width > 80 && height >= 40);
    free(painted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corner), cmocka_unit_test(test_windows), cmocka_unit_test(test_cam),
        cmocka_unit_test(test_sanity), cmocka_unit_test(test_overlay)};
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_free(&pool);
    return failed;
}
