/* Whether probabilities mean what they say. Pure functions. */
#ifndef FOVEA_CLINIC_CALIBRATION_H
#define FOVEA_CLINIC_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The smallest probability whose logarithm is taken: what float64 tells from 0 beside 1. */
#define PROBABILITY_LEAST 2.220446049250313e-16

/* Bins ]lo, hi] of equal width, of which a row counts in one. */
#define CALIBRATION_BINS 15
struct bin {
    double n, right, confidence; /* sums */
};
/* The bin of a probability, 0 in the first. */
uint32_t bin_of(double probability, uint32_t bins);

/* Expected and maximum calibration error: the share-weighted mean, and the largest, of the differences between
 * what was right and what was promised. False: no rows. */
bool calibration_errors(const struct bin *bins, uint32_t count, double *expected, double *largest);

/* Logistic regression of the truth on ln(p / (1 - p)): slope 1 and intercept 0 are perfect, a slope below 1 says
 * that probabilities are too extreme. Newton's method, steps halved until the likelihood rises. */
struct recalibration {
    bool known; /* false: one kind of truth only, or the scores part the kinds perfectly */
    double slope, intercept, slope_variance, intercept_variance;
};
struct recalibration calibration_slope(const double *probability, const bool *positive, size_t n);

/* Net benefit per picture of treating whoever has at least the threshold, 0 < threshold < 1 (Vickers & Elkin
 * 2006); with hits = positives and alarms = negatives, of treating all. */
double net_benefit(double hits, double alarms, double n, double threshold);

#endif
