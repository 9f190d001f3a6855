#include "clinic/interval.h"

#include <math.h>
#include <stdlib.h>

#include "clinic/special.h"

static double z_of(double level) {
    return normal_quantile(0.5 + level / 2);
}

struct interval interval_wilson(double hits, double n, double level) {
    const double z = z_of(level), p = hits / n;
    const double centre = p + z * z / (2 * n), scale = 1 + z * z / n;
    const double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    struct interval all = {(centre - half) / scale, (centre + half) / scale};
    if (hits == 0) all.low = 0; /* exactly, whatever the rounding */
    if (hits == n) all.high = 1;
    return all;
}

struct interval interval_exact(double hits, double n, double level) {
    const double tail = (1 - level) / 2;
    return (struct interval){
        hits > 0 ? beta_quantile(tail, hits, n - hits + 1) : 0,
        hits < n ? beta_quantile(1 - tail, hits + 1, n - hits) : 1,
    };
}

struct interval interval_wald(double value, double variance, double level, double low,
                              double high) {
    const double half = z_of(level) * sqrt(variance);
    return (struct interval){value - half > low ? value - half : low,
                             value + half < high ? value + half : high};
}

struct interval interval_logit(double value, double variance, double level) {
    const double at = log(value / (1 - value));
    const double half = z_of(level) * sqrt(variance) / (value * (1 - value));
    return (struct interval){1 / (1 + exp(half - at)), 1 / (1 + exp(-half - at))};
}

static int by_size(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void sort_numbers(double *values, size_t count) {
    if (count) qsort(values, count, sizeof *values, by_size);
}

double quantile_of_sorted(const double *values, size_t count, double q) {
    const double at = q * (double)(count - 1);
    const size_t below = (size_t)at;
    if (below + 1 >= count) return values[count - 1];
    return values[below] + (at - (double)below) * (values[below + 1] - values[below]);
}

struct interval interval_percentile(double *values, size_t count, double level) {
    sort_numbers(values, count);
    return (struct interval){quantile_of_sorted(values, count, (1 - level) / 2),
                             quantile_of_sorted(values, count, (1 + level) / 2)};
}
