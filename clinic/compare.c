#include "clinic/compare.h"

#include <math.h>

#include "clinic/special.h"

struct mcnemar mcnemar_test(size_t first_only, size_t second_only) {
    const double n = (double)first_only + (double)second_only;
    const double least = (double)(first_only < second_only ? first_only : second_only);
    if (n == 0) return (struct mcnemar){1, 1, 0, 1};
    /* P(K <= least), K of n at one half, by the incomplete beta function. */
    const double tail = least < n ? beta_cdf(0.5, n - least, least + 1) : 1;
    const double mass = binomial_mass(least, n, 0.5);
    const double gap = fabs((double)first_only - (double)second_only) - 1;
    struct mcnemar test = {.exact = fmin(1, 2 * tail), .chi_square = gap > 0 ? gap * gap / n : 0};
    test.mid = first_only == second_only ? 1 : fmin(1, 2 * tail - mass);
    test.chi_square_p = chi_square_tail(test.chi_square);
    return test;
}

double paired_difference_variance(double first_only, double second_only, double n) {
    const double difference = first_only - second_only;
    return (first_only + second_only - difference * difference / n) / (n * n);
}

double jensen_shannon(const float *a, const float *b, size_t count) {
    double sum = 0;
    for (size_t k = 0; k < count; k++) {
        const double p = (double)a[k], q = (double)b[k], middle = (p + q) / 2;
        if (p > 0) sum += p * log(p / middle);
        if (q > 0) sum += q * log(q / middle);
    }
    return sum > 0 ? sum / 2 : 0;
}

void holm(double *p, size_t count, size_t *order) {
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0 && p[order[at - 1]] > p[i]; at--) order[at] = order[at - 1];
        order[at] = i;
    }
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        const double raised = fmin(1, p[order[i]] * (double)(count - i));
        most = raised > most ? raised : most;
        p[order[i]] = most;
    }
}
