/* Confidence intervals. Pure functions; `level` is the confidence, 0.95 for instance. */
#ifndef FOVEA_CLINIC_INTERVAL_H
#define FOVEA_CLINIC_INTERVAL_H

#include <stddef.h>

struct interval {
    double low, high;
};

/* Of a proportion of `hits` in `n` > 0. Wilson (1927): keeps its promise also near 0 and 1. */
struct interval interval_wilson(double hits, double n, double level);
/* Clopper & Pearson (1934): exact, at least `level`, wider. */
struct interval interval_exact(double hits, double n, double level);

/* value +- z sqrt(variance), cut to [low, high]. */
struct interval interval_wald(double value, double variance, double level, double low, double high);
/* For a value in ]0, 1[ that is close to an end: Wald on ln(p / (1 - p)), never outside. */
struct interval interval_logit(double value, double variance, double level);

/* The percentile interval of `count` >= 1 bootstrap values, which are sorted in place; between two of them
 * linear, as numpy's percentile does. */
struct interval interval_percentile(double *values, size_t count, double level);
/* The q-quantile of sorted values, the same way. */
double quantile_of_sorted(const double *values, size_t count, double q);
/* Sorts ascending. */
void sort_numbers(double *values, size_t count);

#endif
