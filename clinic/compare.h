/* Two sets of answers to the same pictures. Pure functions. */
#ifndef FOVEA_CLINIC_COMPARE_H
#define FOVEA_CLINIC_COMPARE_H

#include <stddef.h>

/* McNemar 1947 of the pictures that one of two has right and the other wrong. */
struct mcnemar {
    double exact;      /* two-sided binomial p */
    double mid;        /* the same with half of the weight of what was seen (Lancaster 1961) */
    double chi_square; /* with continuity correction */
    double chi_square_p;
};
struct mcnemar mcnemar_test(size_t first_only, size_t second_only);

/* Difference of two proportions of the same n pictures, of which `first_only` count in the first alone: variance of
 * (first_only - second_only) / n. */
double paired_difference_variance(double first_only, double second_only, double n);

/* Jensen-Shannon divergence, in nats: 0 for equal, ln 2 at most. */
double jensen_shannon(const float *a, const float *b, size_t count);

/* Holm's correction (1979) of p values, in place. `order` has room for count. */
void holm(double *p, size_t count, size_t *order);

#endif
