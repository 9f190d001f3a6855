/* When to answer and when not: temperature, thresholds with promises. Pure functions. */
#ifndef FOVEA_CLINIC_ABSTAIN_H
#define FOVEA_CLINIC_ABSTAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ABSTAIN_NO_CLASS UINT32_MAX

/* Logits of n pictures, each in `turns` turns, of `classes`; `truth` may be ABSTAIN_NO_CLASS: none of the positive group. */
struct logits {
    const float *values; /* [n][turns][classes] */
    const uint32_t *truth;
    const bool *positive; /* of each class */
    size_t n;
    uint32_t turns, classes;
};
/* Mean over turns of softmax(logits / temperature) of picture i. */
void logits_soften(const struct logits *logits, size_t i, double temperature, double *to);
/* Mean of -ln p(truth); of a picture of no class -ln(1 - p(positive group)). `room` is for `classes` numbers. */
double logits_loss(const struct logits *logits, double temperature, double *room);
/* The temperature with the least loss, by golden section on its logarithm between 1/20 and 100 (Guo et al. 2017). */
double logits_temperature(const struct logits *logits, double *room);

/* The probability below which the positive group is ruled out, so that of new positives a share of `sensitivity` or more is not,
 * on average over calibrations: the floor((n + 1)(1 - sensitivity))-th smallest of n positives' (split conformal prediction).
 * False: n is too small for that promise. Sorts the values. */
bool clear_threshold(double *positives, size_t n, double sensitivity, double *threshold);
/* How many positives it takes at least. */
size_t clear_needs(double sensitivity);

/* The probability from which a class belongs into the prediction set, so that new pictures of the class have it there with
 * 1 - alpha; 0 where n is too small: then it always does. Sorts the values, those of the class's pictures. */
double set_threshold(double *values, size_t n, double alpha);

/* The least confidence to answer with, so that more than `risk` of the answers are wrong with a probability of at most `delta` (SGR:
 * Geifman & El-Yaniv 2017: Clopper-Pearson's bound at delta / steps in a bisection). False: no confidence is enough. `order` is the
 * rows by confidence, the highest first. */
struct risk_point {
    double threshold, coverage, risk; /* risk: as measured */
};
bool risk_threshold(const double *confidence, const bool *right, const uint32_t *order, size_t n,
                    double risk, double delta, struct risk_point *point);

#endif
