/* The statistics of `evaluate` on examples that were worked with scikit-learn 1.2.1, scipy 1.10.1 and pROC 1.18.0:
 * twelve pictures of three classes, two small masks, counts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "clinic/bootstrap.h"
#include "clinic/calibration.h"
#include "clinic/compare.h"
#include "clinic/confusion.h"
#include "clinic/curve.h"
#include "clinic/interval.h"
#include "clinic/segment.h"

#include <cmocka.h> /* after: its fail is a macro */

enum { N = 12, K = 3 };
/* bkl, mel, nv */
static const uint32_t truth[N] = {1, 1, 1, 1, 0, 0, 0, 2, 2, 2, 2, 2};
static const double score[N] = {.8, .5, .3, .9, .2, .35, .2, .1, .2, .05, .5, .1};
static const double second[N] = {.7, .6, .2, .6, .3, .1, .3, .2, .4, .1, .3, .2};
static bool positive[N];

static void close_to(double is, double want, double bound) {
    if (!(fabs(is - want) <= bound)) fail_msg("%.17g, not %.17g", is, want);
}

static int start(void **state) {
    (void)state;
    for (size_t i = 0; i < N; i++) positive[i] = truth[i] == 1;
    return 0;
}

static void test_confusion(void **state) {
    (void)state;
    double cell[9] = {2, 0, 1, 0, 3, 1, 0, 1, 4}, sums[6], value;
    struct confusion table = {.classes = 3, .cell = cell, .truth = sums, .answer = sums + 3};
    confusion_sum(&table);
    assert_true(confusion_accuracy(&table, &value));
    close_to(value, .75, 1e-15);
    assert_true(confusion_balanced(&table, &value));
    close_to(value, .7388888889, 1e-10);
    assert_true(confusion_macro_f1(&table, &value));
    close_to(value, .7590909091, 1e-10);
    assert_true(confusion_kappa(&table, &value));
    close_to(value, .6086956522, 1e-10);
    assert_true(confusion_quadratic(&table, &value));
    close_to(value, .5909090909, 1e-10);
    assert_true(confusion_mcc(&table, &value));
    close_to(value, .6157192960, 1e-10);
    const struct two_by_two bkl = confusion_class(&table, 0);
    assert_true(bkl.tp == 2 && bkl.fn == 1 && bkl.fp == 0 && bkl.tn == 9);

    memset(cell, 0, sizeof cell); /* one class alone, always right */
    cell[4] = 5;
    confusion_sum(&table);
    assert_true(confusion_balanced(&table, &value) && value == 1);
    assert_false(confusion_kappa(&table, &value));
    assert_false(confusion_quadratic(&table, &value));
    assert_true(confusion_mcc(&table, &value) && value == 0);
    cell[4] = 0;
    confusion_sum(&table);
    assert_false(confusion_accuracy(&table, &value) || confusion_balanced(&table, &value) ||
                 confusion_macro_f1(&table, &value) || confusion_mcc(&table, &value));
}

static void test_intervals(void **state) {
    (void)state;
    const struct {
        double hits, n, low, high;
        bool exact;
    } known[] = {
        {9, 12, .4676946651, .9110583316, false},
        {3, 4, .3006418426, .9544127392, false},
        {0, 5, 0, .4344824648, false},
        {5, 5, .5655175352, 1, false},
        {9, 12, .4281415381, .9451393555, true},
        {3, 4, .1941204497, .9936905368, true},
        {0, 5, 0, .5218237501, true},
        {5, 5, .4781762499, 1, true},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const struct interval is = known[i].exact ? interval_exact(known[i].hits, known[i].n, .95)
                                                  : interval_wilson(known[i].hits, known[i].n, .95);
        close_to(is.low, known[i].low, 1e-10);
        close_to(is.high, known[i].high, 1e-10);
    }
    const struct interval logit = interval_logit(.97, .0001, .95);
    close_to(log(logit.low / (1 - logit.low)), log(.97 / .03) - 1.959963984540054 * .01 / .0291,
             1e-9);
    assert_true(logit.high < 1);
    double values[] = {5, 1, 4, 2, 3};
    const struct interval of = interval_percentile(values, 5, .5);
    close_to(of.low, 2, 0);
    close_to(of.high, 4, 0);
}

static void test_auc(void **state) {
    (void)state;
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct auc a, b;
    assert_true(auc_make(&a, score, positive, N, &pool, &trouble));
    assert_true(auc_make(&b, second, positive, N, &pool, &trouble));
    close_to(a.value, .921875, 0);
    close_to(b.value, .84375, 0);
    close_to(a.variance, .00625465029762, 1e-14);
    const struct interval ci = interval_wald(a.value, a.variance, .95, 0, 1);
    close_to(ci.low, .766868608015, 1e-12);
    close_to(ci.high, 1, 0);
    const double covariance = auc_covariance(&a, &b, positive, N);
    close_to(covariance, .00888206845238, 1e-14);
    close_to((a.value - b.value) / sqrt(a.variance + b.variance - 2 * covariance), .650157914671,
             1e-12);
    bool none[N] = {false};
    assert_true(auc_make(&a, score, none, N, &pool, &trouble));
    assert_int_equal(a.positives, 0);
    pool_free(&pool);
}

static void test_curve(void **state) {
    (void)state;
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct curve curve;
    assert_true(curve_make(&curve, score, positive, N, &pool, &trouble));
    const struct curve_point known[] = {{.9, 1, 0}, {.8, 2, 0}, {.5, 3, 1}, {.35, 3, 2},
                                        {.3, 4, 2}, {.2, 4, 5}, {.1, 4, 7}, {.05, 4, 8}};
    assert_int_equal(curve.count, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_true(curve.points[i].threshold == known[i].threshold);
        assert_int_equal(curve.points[i].hits, known[i].hits);
        assert_int_equal(curve.points[i].alarms, known[i].alarms);
    }
    close_to(curve_average_precision(&curve), .8541666667, 1e-10);
    assert_true(curve_at_sensitivity(&curve, .75, false, .95)->threshold == .5);
    assert_true(curve_at_sensitivity(&curve, .76, false, .95)->threshold == .3);
    assert_null(
        curve_at_sensitivity(&curve, .95, true, .95)); /* 4 of 4 are not enough to be sure */
    assert_true(curve_at_specificity(&curve, .875, false, .95)->threshold == .5);
    assert_true(curve_at_specificity(&curve, .9, false, .95)->threshold == .8);
    assert_true(curve_youden(&curve)->threshold == .3);

    uint32_t *order = order_by_score(score, N, &pool, &trouble);
    uint32_t once[N], twice[N];
    for (size_t i = 0; i < N; i++) once[i] = 1;
    for (size_t i = 0; i < N; i++) twice[i] = positive[i] ? 0 : 2;
    double area, precision;
    assert_true(curve_areas(order, score, positive, once, N, &area, &precision));
    close_to(area, .921875, 1e-15);
    close_to(precision, .8541666667, 1e-10);
    assert_false(curve_areas(order, score, positive, twice, N, &area, &precision));
    pool_free(&pool);
}

static void test_bootstrap(void **state) {
    (void)state;
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct groups groups;
    uint32_t times[N], kinds[K], total;
    assert_true(groups_make(&groups, truth, N, K, &pool, &trouble));
    struct random random = random_start(7);
    for (int draw = 0; draw < 100; draw++) {
        draw_within(&groups, &random, times);
        memset(kinds, 0, sizeof kinds);
        for (size_t i = 0; i < N; i++) kinds[truth[i]] += times[i];
        assert_true(kinds[0] == 3 && kinds[1] == 4 && kinds[2] == 5);
        draw_whole(&groups, &random, times);
        total = 0;
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(times[i], times[truth[i] == 0 ? 4 : truth[i] == 1 ? 0 : 7]);
            total += i == 0 || i == 4 || i == 7 ? times[i] : 0;
        }
        assert_int_equal(total, 3);
    }
    pool_free(&pool);
}

static void test_calibration(void **state) {
    (void)state;
    /* Tops of the twelve: confidence and whether right. 0.6 lies in the bin that ends there. */
    const double top[N] = {.8, .5, .4, .9, .7, .4, .7, .8, .6, .9, .5, .6};
    const bool right[N] = {1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1};
    struct bin bins[CALIBRATION_BINS] = {{0}};
    for (size_t i = 0; i < N; i++) {
        struct bin *bin = &bins[bin_of(top[i], CALIBRATION_BINS)];
        bin->n += 1;
        bin->right += right[i];
        bin->confidence += top[i];
    }
    double expected, largest;
    assert_true(calibration_errors(bins, CALIBRATION_BINS, &expected, &largest));
    close_to(expected, .1666666667, 1e-10);
    close_to(largest, .4, 1e-10);
    assert_int_equal(bin_of(0.6, 15), 8);
    assert_int_equal(bin_of(0, 15), 0);
    assert_int_equal(bin_of(1, 15), 14);

    /* Newton's method in numpy: logistic regression of the positives on the logit of their scores. */
    const struct recalibration line = calibration_slope(score, positive, N);
    assert_true(line.known);
    close_to(line.slope, 2.10058212816, 1e-8);
    close_to(line.intercept, 0.48536239117, 1e-8);
    close_to(sqrt(line.slope_variance), 1.31193581461, 1e-7);
    close_to(sqrt(line.intercept_variance), 1.16198749846, 1e-7);
    const double parted[] = {.1, .2, .7, .8};
    const bool kinds[] = {false, false, true, true};
    assert_false(calibration_slope(parted, kinds, 4).known);
    assert_false(calibration_slope(parted, positive, 4).known);
    close_to(net_benefit(3, 1, 12, .2), 3. / 12 - 1. / 12 * .25, 1e-15);
}

static void test_compare(void **state) {
    (void)state;
    struct mcnemar test = mcnemar_test(5, 15);
    close_to(test.exact, .041389465332, 1e-12);
    close_to(test.chi_square, 4.05, 1e-12);
    close_to(test.chi_square_p, .04417, 1e-5);
    test = mcnemar_test(553, 445);
    close_to(test.exact, 6.989269e-4, 1e-10);
    close_to(test.mid, 6.261549e-4, 1e-10);
    close_to(test.chi_square, 11.471944, 1e-6);
    close_to(test.chi_square_p, 7.0654739e-4, 1e-11);
    test = mcnemar_test(0, 0);
    assert_true(test.exact == 1 && test.mid == 1 && test.chi_square_p == 1);
    assert_true(mcnemar_test(3, 3).exact == 1);
    const float p[] = {1, 0}, q[] = {0, 1};
    close_to(jensen_shannon(p, q, 2), log(2), 1e-15);
    close_to(jensen_shannon(p, p, 2), 0, 0);
    double values[] = {.01, .04, .03, .005};
    size_t order[4];
    holm(values, 4, order);
    close_to(values[0], .03, 1e-15);
    close_to(values[1], .06, 1e-15);
    close_to(values[2], .06, 1e-15);
    close_to(values[3], .02, 1e-15);
}

static void test_masks(void **state) {
    (void)state;
    bool a[64] = {false}, b[64] = {false};
    for (size_t y = 0; y < 8; y++)
        for (size_t x = 0; x < 8; x++) {
            a[y * 8 + x] = y >= 1 && y < 5 && x >= 1 && x < 6;
            b[y * 8 + x] = y >= 2 && y < 6 && x >= 2;
        }
    const struct mask first = {8, 8, a}, other = {8, 8, b};
    const struct overlap overlap = overlap_of(&first, &other);
    struct trouble trouble = {0};
    struct surface surface;
    double value;
    assert_true(overlap_dice(&overlap, &value));
    close_to(value, .5454545455, 1e-10);
    assert_true(overlap_iou(&overlap, &value));
    close_to(value, .375, 0);
    assert_true(surface_of(&first, &other, &surface, &trouble) && surface.known);
    close_to(surface.hausdorff, 2.2360679775, 1e-10);
    close_to(surface.hausdorff95, 2.0590169944, 1e-10);
    close_to(surface.pooled95, 2, 1e-12);
    close_to(surface.mean, 1.0354831701, 1e-10);
    memset(b, 0, sizeof b);
    const struct overlap none = overlap_of(&other, &other);
    assert_false(overlap_dice(&none, &value) || overlap_iou(&none, &value));
    assert_true(surface_of(&first, &other, &surface, &trouble));
    assert_false(surface.known);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_confusion), cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_auc),       cmocka_unit_test(test_curve),
        cmocka_unit_test(test_bootstrap), cmocka_unit_test(test_calibration),
        cmocka_unit_test(test_compare),   cmocka_unit_test(test_masks),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
