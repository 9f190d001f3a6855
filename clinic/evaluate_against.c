/* Two models on the same pictures, pair by pair. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clinic/compare.h"
#include "clinic/evaluate.h"
#include "clinic/special.h"

struct pair {
    struct evaluation *e;
    const struct scores *a, *b;
    uint32_t *column;  /* the class of b that is class k of a */
    uint32_t *answers; /* of b, as classes of a */
};

/* Checks that both are of the same pictures and classes. */
static bool match(struct pair *p) {
    struct trouble *trouble = p->e->trouble;
    const struct scores *a = p->a, *b = p->b;
    if (a->n != b->n)
        return fail(trouble, "%s has %u pictures, %s has %u: a comparison needs the same ones",
                    a->name, a->n, b->name, b->n);
    if (a->classes != b->classes)
        return fail(trouble, "%s has %u classes, %s has %u", a->name, a->classes, b->name,
                    b->classes);
    p->column = pool_get(p->e->pool, a->classes, sizeof *p->column, trouble);
    p->answers = pool_get(p->e->pool, a->n, sizeof *p->answers, trouble);
    uint32_t *back = pool_get(p->e->pool, a->classes, sizeof *back, trouble);
    if (!p->column || !p->answers || !back) return false;
    for (uint32_t k = 0; k < a->classes; k++) {
        const char *name = a->class_names[k];
        p->column[k] = a->yes_no && b->yes_no ? k : scores_class(b, name, strlen(name));
        if (p->column[k] == NO_CLASS) return fail(trouble, "%s has no class '%s'", b->name, name);
        back[p->column[k]] = k;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (a->has_ids && b->has_ids && strcmp(a->ids[i], b->ids[i]) != 0)
            return fail(trouble,
                        "%s is in one of %s and %s alone: a comparison needs the same pictures",
                        strcmp(a->ids[i], b->ids[i]) < 0 ? a->ids[i] : b->ids[i], a->name, b->name);
        const uint32_t truth = b->truth[i] == NO_CLASS ? NO_CLASS : back[b->truth[i]];
        if (truth != a->truth[i])
            return fail(trouble, "%s: its label differs between %s and %s", a->ids[i], a->name,
                        b->name);
        p->answers[i] = back[scores_answer(b, i)];
    }
    return true;
}

static void add_plain(struct pair *p, const char *subject, const char *metric, double value,
                      size_t n, const char *reason) {
    figures_add(&p->e->figures, "comparison", subject, metric, value, n)->reason = reason;
}

/* McNemar's test of which of two was right, and the difference of the shares; `only` may be NULL. */
static void add_test(struct pair *p, const char *subject, const char *metric, const bool *first,
                     const bool *second, const bool *only) {
    struct figures *f = &p->e->figures;
    size_t n = 0, first_only = 0, second_only = 0, both = 0;
    for (uint32_t i = 0; i < p->a->n; i++) {
        if (only && !only[i]) continue;
        n++;
        both += first[i] && second[i];
        first_only += first[i] && !second[i];
        second_only += !first[i] && second[i];
    }
    const char *difference = pool_print(p->e->pool, p->e->trouble, "%s_difference", metric);
    const char *exact = pool_print(p->e->pool, p->e->trouble, "%s_mcnemar_p", metric);
    const char *mid = pool_print(p->e->pool, p->e->trouble, "%s_mcnemar_mid_p", metric);
    const char *chi = pool_print(p->e->pool, p->e->trouble, "%s_mcnemar_chi_square_p", metric);
    if (!difference || !exact || !mid || !chi) return;
    if (n == 0) {
        figures_none(f, "comparison", subject, difference, 0, "no pictures to count");
        return;
    }
    const double gap = ((double)first_only - (double)second_only) / (double)n;
    const struct interval range = interval_wald(
        gap, paired_difference_variance((double)first_only, (double)second_only, (double)n),
        p->e->wishes->level, -1, 1);
    figure_range(figures_add(f, "comparison", subject, difference, gap, n), range, "Wald, paired");
    const struct mcnemar test = mcnemar_test(first_only, second_only);
    add_plain(p, subject, exact, test.exact, n, "a p value: exact McNemar test");
    add_plain(p, subject, mid, test.mid, n, "a p value: McNemar test, mid-p");
    add_plain(p, subject, chi, test.chi_square_p, n,
              "a p value: McNemar test, chi-square with continuity correction");
    static const char *const names[] = {"both_right", "first_only_right", "second_only_right",
                                        "neither_right"};
    const size_t counts[] = {both, first_only, second_only, n - both - first_only - second_only};
    for (int i = 0; i < 4; i++)
        add_plain(p, subject, names[i], (double)counts[i], n, "no interval: a count");
    if (p->e->wishes->margin >= 0 && strcmp(metric, "sensitivity") == 0)
        add_plain(p, subject, "noninferior", range.high < p->e->wishes->margin, n,
                  range.high < p->e->wishes->margin
                      ? "1: the second loses surely less than --margin"
                      : "0: it may lose more than --margin");
}

/* How alike the two are, whatever is right. */
static bool add_agreement(struct pair *p) {
    const uint32_t n = p->a->n, classes = p->a->classes;
    double *cell = pool_get(p->e->pool, (uint64_t)classes * classes, sizeof *cell, p->e->trouble);
    double *sums = pool_get(p->e->pool, 2 * (uint64_t)classes, sizeof *sums, p->e->trouble);
    float *row = pool_get(p->e->pool, classes, sizeof *row, p->e->trouble);
    if (!cell || !sums || !row) return false;
    struct confusion table = {classes, 0, cell, sums, sums + classes};
    double divergence = 0, largest = 0, same = 0, kappa;
    for (uint32_t i = 0; i < n; i++) {
        const float *a = p->a->values + (size_t)i * classes,
                    *b = p->b->values + (size_t)i * classes;
        for (uint32_t k = 0; k < classes; k++) {
            row[k] = b[p->column[k]];
            largest = fmax(largest, fabs((double)a[k] - (double)row[k]));
        }
        divergence += jensen_shannon(a, row, classes);
        cell[(size_t)p->e->answers[i] * classes + p->answers[i]] += 1;
        same += p->e->answers[i] == p->answers[i];
    }
    confusion_sum(&table);
    figures_share(&p->e->figures, "comparison", "", "agreement", same, n, p->e->wishes->exact,
                  p->e->wishes->level);
    if (confusion_kappa(&table, &kappa))
        add_plain(p, "", "agreement_kappa", kappa, n, "no interval: agreement has one");
    add_plain(p, "", "largest_difference", largest, n, "no interval: a maximum");
    if (p->a->probabilities && p->b->probabilities)
        add_plain(p, "", "jensen_shannon", divergence / n, n, "no interval: a mean, in nats");
    return true;
}

static bool add_areas(struct pair *p, const struct view *a, const struct view *b) {
    struct figures *f = &p->e->figures;
    const struct auc *x = &a->auc, *y = &b->auc;
    if (!x->positives || !x->negatives) return true;
    add_plain(p, a->name, "auc_second", y->value, p->a->n, "its interval: evaluate it alone");
    if (x->positives < 2 || x->negatives < 2) return true;
    const double variance =
        x->variance + y->variance - 2 * auc_covariance(x, y, a->positive, p->a->n);
    const double gap = x->value - y->value;
    struct figure *figure = figures_add(f, "comparison", a->name, "auc_difference", gap, p->a->n);
    if (!(variance > 1e-15)) { /* rounding, of equal components */
        figure->reason = "no interval: the two rank these pictures alike";
        return true;
    }
    figure_range(figure, interval_wald(gap, variance, p->e->wishes->level, -1, 1),
                 "DeLong, paired");
    const double z = gap / sqrt(variance);
    add_plain(p, a->name, "auc_z", z, p->a->n, "no interval: a test's statistic");
    add_plain(p, a->name, "auc_p", normal_two_sided(z), p->a->n, "a p value: paired DeLong test");
    return true;
}

static bool add_view(struct pair *p, const struct view *a, bool *members) {
    struct view b;
    if (!view_make(&b, p->b, members, a->name, p->e->pool, p->e->trouble)) return false;
    return add_areas(p, a, &b);
}

/* At the first operating point: does the second find as many positives, and clear as many negatives? */
static bool add_at_point(struct pair *p, bool *members) {
    const struct view *a = &p->e->positive;
    const uint32_t n = p->a->n;
    struct view b;
    bool *right[2], *negative = pool_get(p->e->pool, n, sizeof(bool), p->e->trouble);
    if (!view_make(&b, p->b, members, a->name, p->e->pool, p->e->trouble)) return false;
    for (int i = 0; i < 2; i++) right[i] = pool_get(p->e->pool, n, sizeof(bool), p->e->trouble);
    if (!negative || !right[0] || !right[1]) return false;
    for (uint32_t i = 0; i < n; i++) {
        const double threshold = p->e->points[0].threshold;
        negative[i] = !a->positive[i];
        right[0][i] = (a->score[i] >= threshold) == a->positive[i];
        right[1][i] = (b.score[i] >= threshold) == a->positive[i];
    }
    const char *found =
        pool_print(p->e->pool, p->e->trouble, "%s, positives", p->e->points[0].subject);
    const char *cleared =
        pool_print(p->e->pool, p->e->trouble, "%s, negatives", p->e->points[0].subject);
    if (!found || !cleared) return false;
    add_test(p, found, "sensitivity", right[0], right[1], a->positive);
    add_test(p, cleared, "specificity", right[0], right[1], negative);
    return true;
}

/* The classes of b that are in the positive group of a. */
static bool positive_members(struct pair *p, bool *members) {
    if (p->a->yes_no && p->b->yes_no) return members[1] = true;
    for (const char *at = p->e->positive.name; at; at = strchr(at, '+')) {
        at += *at == '+';
        const uint32_t k = scores_class(p->b, at, strcspn(at, "+"));
        if (k == NO_CLASS)
            return fail(p->e->trouble, "%s has no class '%.*s'", p->b->name, (int)strcspn(at, "+"),
                        at);
        members[k] = true;
    }
    return true;
}

static bool add_all_right(struct pair *p) {
    bool *right[2];
    for (int i = 0; i < 2; i++)
        right[i] = pool_get(p->e->pool, p->a->n, sizeof(bool), p->e->trouble);
    if (!right[0] || !right[1]) return false;
    for (uint32_t i = 0; i < p->a->n; i++) {
        right[0][i] = p->e->answers[i] == p->a->truth[i];
        right[1][i] = p->answers[i] == p->a->truth[i];
    }
    add_test(p, "", "accuracy", right[0], right[1], NULL);
    return true;
}

bool evaluate_against(struct evaluation *e) {
    struct pair p = {.e = e, .a = e->scores, .b = e->wishes->against};
    if (!p.b) return true;
    bool *members = pool_get(e->pool, p.b->classes, sizeof *members, e->trouble);
    if (!members || !match(&p) || !add_agreement(&p)) return false;
    if (!p.a->coarse) {
        if (!add_all_right(&p)) return false;
        for (uint32_t k = 0; k < p.a->classes && p.a->classes <= CURVE_CLASSES; k++) {
            members[p.column[k]] = true;
            const bool done =
                e->positive.members == 1 && strcmp(e->positive.name, e->classes[k].name) == 0
                    ? true /* comes below */
                    : add_view(&p, &e->classes[k], members);
            members[p.column[k]] = false;
            if (!done) return false;
        }
    }
    if (!e->positive.name) return true;
    if (!positive_members(&p, members) || !add_view(&p, &e->positive, members)) return false;
    return !e->point_count || !e->points[0].known || add_at_point(&p, members);
}
