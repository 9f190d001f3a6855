#include "clinic/curve.h"

#include <stdlib.h>

#include "clinic/interval.h"

struct key {
    double score;
    uint32_t row;
};

static int by_score(const void *a, const void *b) {
    const struct key *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

uint32_t *order_by_score(const double *score, size_t n, struct pool *pool,
                         struct trouble *trouble) {
    uint32_t *order = pool_get(pool, n, sizeof *order, trouble);
    struct key *keys = malloc((n ? n : 1) * sizeof *keys);
    if (!keys) fail(trouble, "out of memory");
    if (!order || !keys) {
        free(keys);
        return NULL;
    }
    for (size_t i = 0; i < n; i++) keys[i] = (struct key){score[i], (uint32_t)i};
    qsort(keys, n, sizeof *keys, by_score);
    for (size_t i = 0; i < n; i++) order[i] = keys[i].row;
    free(keys);
    return order;
}

bool curve_make(struct curve *curve, const double *score, const bool *positive, size_t n,
                struct pool *pool, struct trouble *trouble) {
    const uint32_t *order = order_by_score(score, n, pool, trouble);
    *curve = (struct curve){.points = pool_get(pool, n, sizeof *curve->points, trouble)};
    if (!order || !curve->points) return false;
    for (size_t i = 0; i < n; i++) {
        const uint32_t row = order[i];
        if (positive[row])
            curve->positives++;
        else
            curve->negatives++;
        if (i + 1 < n && score[order[i + 1]] == score[row]) continue;
        curve->points[curve->count++] =
            (struct curve_point){score[row], curve->positives, curve->negatives};
    }
    return true;
}

double curve_average_precision(const struct curve *curve) {
    double sum = 0;
    size_t before = 0;
    for (size_t i = 0; i < curve->count; i++) {
        const struct curve_point *p = &curve->points[i];
        sum += (double)(p->hits - before) * ((double)p->hits / (double)(p->hits + p->alarms));
        before = p->hits;
    }
    return sum / (double)curve->positives;
}

/* Whether `hits` of n reach the target, or surely do. */
static bool reaches(size_t hits, size_t n, double target, bool lower, double level) {
    if (n == 0) return false;
    if (!lower) return (double)hits / (double)n >= target;
    return interval_wilson((double)hits, (double)n, level).low >= target;
}

const struct curve_point *curve_at_sensitivity(const struct curve *curve, double target, bool lower,
                                               double level) {
    for (size_t i = 0; i < curve->count; i++)
        if (reaches(curve->points[i].hits, curve->positives, target, lower, level))
            return &curve->points[i];
    return NULL;
}

const struct curve_point *curve_at_specificity(const struct curve *curve, double target, bool lower,
                                               double level) {
    for (size_t i = curve->count; i > 0; i--)
        if (reaches(curve->negatives - curve->points[i - 1].alarms, curve->negatives, target, lower,
                    level))
            return &curve->points[i - 1];
    return NULL;
}

const struct curve_point *curve_youden(const struct curve *curve) {
    const struct curve_point *best = NULL;
    double most = 0;
    for (size_t i = 0; i < curve->count; i++) {
        const struct curve_point *p = &curve->points[i];
        const double gain = (double)p->hits / (double)curve->positives -
                            (double)p->alarms / (double)curve->negatives;
        if (best && gain <= most) continue;
        best = p;
        most = gain;
    }
    return best;
}

/* ---- the area ---- */

/* The mean square deviation of the components of one kind, divided by their number. */
static double spread(const struct auc *a, const struct auc *b, const bool *positive, size_t n,
                     bool kind) {
    const size_t count = kind ? a->positives : a->negatives;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        if (positive[i] == kind) sum += (a->component[i] - a->value) * (b->component[i] - b->value);
    return sum / (double)(count - 1) / (double)count;
}

double auc_covariance(const struct auc *a, const struct auc *b, const bool *positive, size_t n) {
    return spread(a, b, positive, n, true) + spread(a, b, positive, n, false);
}

bool auc_make(struct auc *auc, const double *score, const bool *positive, size_t n,
              struct pool *pool, struct trouble *trouble) {
    const uint32_t *order = order_by_score(score, n, pool, trouble);
    *auc = (struct auc){.component = pool_get(pool, n, sizeof *auc->component, trouble)};
    if (!order || !auc->component) return false;
    for (size_t i = 0; i < n; i++) auc->positives += positive[i];
    auc->negatives = n - auc->positives;
    if (!auc->positives || !auc->negatives) return true;
    const double m = (double)auc->positives, rest = (double)auc->negatives;
    size_t hits = 0, alarms = 0; /* with a higher score */
    double sum = 0;
    for (size_t from = 0, to; from < n; from = to) {
        size_t equal_hits = 0, equal_alarms = 0;
        for (to = from; to < n && score[order[to]] == score[order[from]]; to++)
            if (positive[order[to]])
                equal_hits++;
            else
                equal_alarms++;
        const double below = rest - (double)alarms - (double)equal_alarms / 2;
        const double above = (double)hits + (double)equal_hits / 2;
        for (size_t i = from; i < to; i++)
            auc->component[order[i]] = positive[order[i]] ? below / rest : above / m;
        sum += (double)equal_hits * below; /* halves: exact */
        hits += equal_hits;
        alarms += equal_alarms;
    }
    auc->value = sum / (m * rest);
    if (auc->positives > 1 && auc->negatives > 1)
        auc->variance = auc_covariance(auc, auc, positive, n);
    return true;
}

bool curve_areas(const uint32_t *order, const double *score, const bool *positive,
                 const uint32_t *times, size_t n, double *area, double *precision) {
    double hits = 0, alarms = 0, sum = 0, gained = 0;
    for (size_t from = 0, to; from < n; from = to) {
        double equal[2] = {0, 0};
        for (to = from; to < n && score[order[to]] == score[order[from]]; to++)
            equal[positive[order[to]]] += times[order[to]];
        sum += equal[0] * (hits + equal[1] / 2);
        hits += equal[1];
        alarms += equal[0];
        if (equal[1] > 0) gained += equal[1] * hits / (hits + alarms);
    }
    if (hits == 0 || alarms == 0) return false;
    *area = sum / (hits * alarms);
    *precision = gained / hits;
    return true;
}
