#include "clinic/abstain.h"

#include <math.h>

#include "clinic/calibration.h"
#include "clinic/interval.h"
#include "clinic/special.h"

void logits_soften(const struct logits *l, size_t i, double temperature, double *to) {
    for (uint32_t k = 0; k < l->classes; k++) to[k] = 0;
    for (uint32_t t = 0; t < l->turns; t++) {
        const float *z = l->values + (i * l->turns + t) * l->classes;
        double most = (double)z[0], sum = 0;
        for (uint32_t k = 1; k < l->classes; k++) most = fmax(most, (double)z[k]);
        for (uint32_t k = 0; k < l->classes; k++) sum += exp(((double)z[k] - most) / temperature);
        for (uint32_t k = 0; k < l->classes; k++)
            to[k] += exp(((double)z[k] - most) / temperature) / sum / l->turns;
    }
}

double logits_loss(const struct logits *l, double temperature, double *room) {
    double loss = 0;
    for (size_t i = 0; i < l->n; i++) {
        double p = 0;
        logits_soften(l, i, temperature, room);
        if (l->truth[i] != ABSTAIN_NO_CLASS)
            p = room[l->truth[i]];
        else
            for (uint32_t k = 0; k < l->classes; k++) p += l->positive[k] ? 0 : room[k];
        loss -= log(p < PROBABILITY_LEAST ? PROBABILITY_LEAST : p);
    }
    return l->n ? loss / (double)l->n : 0;
}

double logits_temperature(const struct logits *l, double *room) {
    const double golden = (sqrt(5) - 1) / 2;
    double low = log(0.05), high = log(100);
    double a = high - golden * (high - low), b = low + golden * (high - low);
    double at_a = logits_loss(l, exp(a), room), at_b = logits_loss(l, exp(b), room);
    while (high - low > 1e-4) {
        if (at_a <= at_b) {
            high = b;
            b = a;
            at_b = at_a;
            a = high - golden * (high - low);
            at_a = logits_loss(l, exp(a), room);
        } else {
            low = a;
            a = b;
            at_a = at_b;
            b = low + golden * (high - low);
            at_b = logits_loss(l, exp(b), room);
        }
    }
    return exp((low + high) / 2);
}

/* A product that is whole but for rounding is meant to be whole: 20 * 0.05 is 1. */
static size_t whole_below(double value) {
    return (size_t)floor(value + 1e-9);
}

bool clear_threshold(double *positives, size_t n, double sensitivity, double *threshold) {
    const size_t rank = whole_below((double)(n + 1) * (1 - sensitivity));
    if (rank < 1) return false;
    sort_numbers(positives, n);
    *threshold = positives[(rank < n ? rank : n) - 1];
    return true;
}

size_t clear_needs(double sensitivity) {
    size_t n = 1;
    while (whole_below((double)(n + 1) * (1 - sensitivity)) < 1) n++;
    return n;
}

double set_threshold(double *values, size_t n, double alpha) {
    double threshold;
    return clear_threshold(values, n, 1 - alpha, &threshold) ? threshold : 0;
}

bool risk_threshold(const double *confidence, const bool *right, const uint32_t *order, size_t n,
                    double risk, double delta, struct risk_point *point) {
    size_t low = 1, high = n, best = 0;
    double steps = 1;
    for (size_t m = 1; m < n; m *= 2) steps++;
    while (low <= high && n > 0) {
        size_t middle = low + (high - low) / 2, wrong = 0, end = middle;
        while (end < n && confidence[order[end]] >= confidence[order[middle - 1]]) end++;
        for (size_t i = 0; i < end; i++) wrong += !right[order[i]];
        /* One-sided, at delta / steps: the upper end of an interval of twice that. */
        const double bound = wrong == end ? 1
                                          : beta_quantile(1 - delta / steps, (double)wrong + 1,
                                                          (double)(end - wrong));
        if (bound <= risk) {
            best = end;
            *point = (struct risk_point){confidence[order[end - 1]], (double)end / (double)n,
                                         (double)wrong / (double)end};
            low = end + 1;
        } else {
            high = middle - 1;
        }
    }
    return best > 0;
}
