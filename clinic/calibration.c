#include "clinic/calibration.h"

#include <math.h>

uint32_t bin_of(double probability, uint32_t bins) {
    const double at = ceil(probability * bins); /* in double: 0.6f * 15 would round over an edge */
    return at < 1 ? 0 : at > bins ? bins - 1 : (uint32_t)at - 1;
}

bool calibration_errors(const struct bin *bins, uint32_t count, double *expected, double *largest) {
    double n = 0;
    *expected = *largest = 0;
    for (uint32_t b = 0; b < count; b++) n += bins[b].n;
    for (uint32_t b = 0; b < count; b++) {
        if (bins[b].n == 0) continue;
        const double gap = fabs(bins[b].right - bins[b].confidence) / bins[b].n;
        *expected += bins[b].n / n * gap;
        if (gap > *largest) *largest = gap;
    }
    return n > 0;
}

static double logit(double p) {
    p = p < PROBABILITY_LEAST ? PROBABILITY_LEAST : p;
    p = p > 1 - PROBABILITY_LEAST ? 1 - PROBABILITY_LEAST : p;
    return log(p) - log1p(-p);
}

/* Log-likelihood of intercept a and slope b, with its first and second derivatives. */
struct likelihood {
    double value, by_a, by_b, aa, ab, bb;
};

static struct likelihood likelihood_of(const double *probability, const bool *positive, size_t n,
                                       double a, double b) {
    struct likelihood sum = {0};
    for (size_t i = 0; i < n; i++) {
        const double x = logit(probability[i]), z = a + b * x;
        const double small = exp(-fabs(z)); /* never overflows */
        const double mean = z >= 0 ? 1 / (1 + small) : small / (1 + small);
        const double weight = small / ((1 + small) * (1 + small));
        const double off = (positive[i] ? 1 : 0) - mean;
        sum.value += (positive[i] ? z : 0) - (z > 0 ? z : 0) - log1p(small);
        sum.by_a += off;
        sum.by_b += off * x;
        sum.aa += weight;
        sum.ab += weight * x;
        sum.bb += weight * x * x;
    }
    return sum;
}

struct recalibration calibration_slope(const double *probability, const bool *positive, size_t n) {
    struct recalibration none = {0};
    double a = 0, b = 1;
    struct likelihood now = likelihood_of(probability, positive, n, a, b);
    for (int i = 0; i < 100; i++) {
        if (now.value > -1e-6) return none; /* a perfect fit: the maximum is at infinity */
        const double det = now.aa * now.bb - now.ab * now.ab;
        if (!(det > 1e-12 * now.aa * now.bb)) return none;
        const double step_a = (now.bb * now.by_a - now.ab * now.by_b) / det;
        const double step_b = (now.aa * now.by_b - now.ab * now.by_a) / det;
        if (fabs(step_a) + fabs(step_b) < 1e-10 * (1 + fabs(a) + fabs(b)))
            return (struct recalibration){true, b, a, now.aa / det, now.bb / det};
        struct likelihood next = now;
        double scale = 1;
        for (int halved = 0; halved < 60; halved++, scale /= 2) {
            next = likelihood_of(probability, positive, n, a + scale * step_a, b + scale * step_b);
            if (next.value >= now.value - 1e-13 * fabs(now.value)) break; /* but for rounding */
        }
        a += scale * step_a;
        b += scale * step_b;
        now = next;
    }
    return none;
}

double net_benefit(double hits, double alarms, double n, double threshold) {
    return hits / n - alarms / n * threshold / (1 - threshold);
}
