/* What the order of scores says about one class against the rest: ROC and precision-recall curves,
 * their areas, DeLong's variance, operating points. Positive means score >= threshold. Higher scores speak
 * for the class; equal ones count half. Scores are finite. */
#ifndef FOVEA_CLINIC_CURVE_H
#define FOVEA_CLINIC_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convert/job/pool.h"

/* Rows by score, highest first, ties by row: the same order everywhere. NULL, `trouble` set: no memory. */
uint32_t *order_by_score(const double *score, size_t n, struct pool *pool, struct trouble *trouble);

/* The curve at its distinct thresholds, highest first: `hits` positives and `alarms` negatives have at least
 * that score. */
struct curve_point {
    double threshold;
    size_t hits, alarms;
};
struct curve {
    size_t positives, negatives, count;
    struct curve_point *points;
};
bool curve_make(struct curve *curve, const double *score, const bool *positive, size_t n,
                struct pool *pool, struct trouble *trouble);

/* Average precision, sum over thresholds of (recall gained) * precision; needs a positive. */
double curve_average_precision(const struct curve *curve);

/* The point of the highest threshold whose sensitivity is at least `target`; where `lower`, whose Wilson
 * interval of that level is above it at its lower end. NULL: none is. */
const struct curve_point *curve_at_sensitivity(const struct curve *curve, double target, bool lower,
                                               double level);
/* The point of the lowest threshold whose specificity is at least `target`, or its interval's lower end. NULL: not
 * even the highest score has it. */
const struct curve_point *curve_at_specificity(const struct curve *curve, double target, bool lower,
                                               double level);
/* The point where sensitivity + specificity is largest, the highest threshold of several. Needs both kinds. */
const struct curve_point *curve_youden(const struct curve *curve);

/* The area under the ROC curve. DeLong, DeLong & Clarke-Pearson 1988 by the midranks of Sun & Xu 2014.
 * `component` holds, for a positive, the share of negatives below it, and for a negative the share of positives
 * above it. */
struct auc {
    size_t positives, negatives;
    double value;      /* where there are both kinds */
    double variance;   /* where there are two of each */
    double *component; /* of each row */
};
bool auc_make(struct auc *auc, const double *score, const bool *positive, size_t n,
              struct pool *pool, struct trouble *trouble);
/* Covariance of two areas of the same rows. */
double auc_covariance(const struct auc *a, const struct auc *b, const bool *positive, size_t n);

/* Area and average precision of rows that count `times` each (a bootstrap draw), in the order given; false: one
 * kind has no rows. */
bool curve_areas(const uint32_t *order, const double *score, const bool *positive,
                 const uint32_t *times, size_t n, double *area, double *precision);

#endif
