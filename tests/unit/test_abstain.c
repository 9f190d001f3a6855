/* Promises and gates of clinic/: values worked by hand, and what is promised, drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <math.h>

#include "clinic/abstain.h"
#include "clinic/gate.h"
#include "clinic/random.h"

#undef fail
#include <cmocka.h>

static double uniform(struct random *random) {
    return ((double)random_bits(random) + 0.5) / 4294967296.0;
}
static double normal(struct random *random) {
    return sqrt(-2 * log(uniform(random))) * cos(6.283185307179586 * uniform(random));
}

static void test_clear(void **unused) {
    (void)unused;
    double threshold, values[40];
    for (int i = 0; i < 40; i++) values[i] = 40 - i;
    assert_false(clear_threshold(values, 18, 0.95, &threshold));
    assert_true(clear_threshold(values, 39, 0.95, &threshold)); /* rank 2 of 2..40 */
    assert_true(threshold == 3);
    assert_int_equal(clear_needs(0.95), 19);
    assert_int_equal(clear_needs(0.9), 9);
    assert_true(set_threshold(values, 3, 0.05) == 0);
}

/* New positives at or above the threshold: on average as many as promised. */
static void test_promise(void **unused) {
    (void)unused;
    struct random random = random_start(1);
    double kept = 0;
    const unsigned draws = 4000;
    for (unsigned d = 0; d < draws; d++) {
        double values[85], threshold;
        for (int i = 0; i < 85; i++) values[i] = uniform(&random);
        assert_true(clear_threshold(values, 85, 0.95, &threshold));
        kept += (1 - threshold) / draws;
    }
    assert_true(kept > 0.95 && kept < 0.956); /* 1 - 4 / 86 = 0.9535 */
}

static void test_temperature(void **unused) {
    (void)unused;
    enum { N = 4000 };
    static float logits[N][3];
    static uint32_t truth[N];
    const bool positive[3] = {false};
    double room[3];
    struct random random = random_start(2);
    for (int i = 0; i < N; i++) { /* truths drawn from softmax(z), logits given as 3 z */
        double p[3], sum = 0, draw = uniform(&random);
        for (int k = 0; k < 3; k++) {
            const double z = 2 * normal(&random);
            logits[i][k] = (float)(3 * z);
            sum += p[k] = exp(z);
        }
        while (truth[i] < 2 && draw > p[truth[i]] / sum) draw -= p[truth[i]++] / sum;
    }
    const struct logits l = {logits[0], truth, positive, N, 1, 3};
    const double t = logits_temperature(&l, room);
    assert_true(fabs(t - 3) < 0.2);
    assert_true(logits_loss(&l, t, room) < logits_loss(&l, t * 1.1, room));
    assert_true(logits_loss(&l, t, room) < logits_loss(&l, t / 1.1, room));
}

/* SGR: the first 80 of 100 right, the rest wrong. */
static void test_risk(void **unused) {
    (void)unused;
    double confidence[100];
    bool right[100];
    uint32_t order[100];
    struct risk_point point;
    for (uint32_t i = 0; i < 100; i++) {
        confidence[i] = 1 - 0.01 * i;
        right[i] = i < 80;
        order[i] = i;
    }
    assert_true(risk_threshold(confidence, right, order, 100, 0.1, 0.05, &point));
    assert_true(point.coverage > 0.7 && point.coverage < 0.84 && point.risk <= 0.1);
    assert_false(risk_threshold(confidence, right, order, 100, 0.001, 0.05, &point));
}

/* Two classes of known covariance: distances are those of the formula; of many features the far are far. */
static void test_gate(void **unused) {
    (void)unused;
    enum { N = 6000 };
    static float rows[N][2];
    static uint32_t of[N];
    struct random random = random_start(3);
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct gate gate;
    for (int i = 0; i < N; i++) {
        const double a = normal(&random), b = normal(&random);
        of[i] = (uint32_t)(i % 2);
        rows[i][0] = (float)(2 * a + 10 * of[i]);
        rows[i][1] = (float)(a + b);
    }
    assert_true(gate_fit(&gate, rows[0], of, N, 2, 3, &pool, &trouble)); /* class 2 has no rows */
    const float at[] = {4, 3}; /* a = 2, b = 1: 5 from class 0; a = -3, b = 6 from class 1 */
    assert_true(fabs(gate_distance(&gate, at) - 5) < 0.4);
    pool_free(&pool);
}

static void test_gate_of_many(void **unused) {
    (void)unused;
    enum { N = 300, D = 300 };
    static float rows[N][D];
    static uint32_t of[N];
    struct random random = random_start(4);
    struct pool pool = {0};
    struct trouble trouble = {0};
    struct gate gate;
    float near[D], far[D];
    for (int i = 0; i < N; i++)
        for (int k = 0; k < D; k++) rows[i][k] = (float)(normal(&random) * (k < 5 ? 10 : 0.1));
    assert_true(gate_fit(&gate, rows[0], of, N, D, 1, &pool, &trouble));
    assert_int_equal(gate.axes, GATE_AXES);
    for (int k = 0; k < D; k++) {
        near[k] = (float)(normal(&random) * (k < 5 ? 10 : 0.1));
        far[k] = near[k] + (k == 2 ? 200 : 0);
    }
    assert_true(gate_distance(&gate, near) < 200);
    assert_true(gate_distance(&gate, far) > 300);
    pool_free(&pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clear),       cmocka_unit_test(test_promise),
        cmocka_unit_test(test_temperature), cmocka_unit_test(test_risk),
        cmocka_unit_test(test_gate),        cmocka_unit_test(test_gate_of_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
