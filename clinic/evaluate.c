#include "clinic/evaluate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void evaluate_note(struct evaluation *e, const char *text) {
    if (text && e->note_count < sizeof e->notes / sizeof *e->notes)
        e->notes[e->note_count++] = text;
}

bool view_make(struct view *view, const struct scores *scores, const bool *members,
               const char *name, struct pool *pool, struct trouble *trouble) {
    *view = (struct view){.name = name};
    view->score = pool_get(pool, scores->n, sizeof *view->score, trouble);
    view->positive = pool_get(pool, scores->n, sizeof *view->positive, trouble);
    if (!view->score || !view->positive) return false;
    for (uint32_t k = 0; k < scores->classes; k++) {
        if (!members[k]) continue;
        view->members++;
        for (uint32_t i = 0; i < scores->n; i++)
            view->score[i] += (double)scores->values[(size_t)i * scores->classes + k];
    }
    for (uint32_t i = 0; i < scores->n; i++)
        view->positive[i] = scores->truth[i] != NO_CLASS && members[scores->truth[i]];
    return curve_make(&view->curve, view->score, view->positive, scores->n, pool, trouble) &&
           auc_make(&view->auc, view->score, view->positive, scores->n, pool, trouble);
}

/* The rows of `only`, as arrays of their own. */
static bool part_of(struct evaluation *e, const struct view *view, const bool *only,
                    struct auc *auc) {
    double *score = pool_get(e->pool, e->scores->n, sizeof *score, e->trouble);
    bool *positive = pool_get(e->pool, e->scores->n, sizeof *positive, e->trouble);
    size_t n = 0;
    if (!score || !positive) return false;
    for (uint32_t i = 0; i < e->scores->n; i++)
        if (only[i]) {
            score[n] = view->score[i];
            positive[n++] = view->positive[i];
        }
    return auc_make(auc, score, positive, n, e->pool, e->trouble);
}

bool evaluate_auc(struct evaluation *e, const char *section, const char *subject,
                  const struct view *view, const bool *only) {
    struct auc part = view->auc;
    const double level = e->wishes->level;
    if (only && !part_of(e, view, only, &part)) return false;
    const size_t n = part.positives + part.negatives;
    if (!part.positives || !part.negatives) {
        figures_none(&e->figures, section, subject, "auc", n,
                     part.positives ? "all pictures are positive" : "no picture is positive");
        return true;
    }
    struct figure *f = figures_add(&e->figures, section, subject, "auc", part.value, n);
    if (part.positives < 2 || part.negatives < 2) {
        f->reason = "an interval needs two pictures of each kind";
        return true;
    }
    if (part.variance == 0) {
        f->reason = "no interval: the scores part these pictures without variance";
        return true;
    }
    figure_range(f, interval_wald(part.value, part.variance, level, 0, 1), "DeLong");
    if (part.value > 0.95 && part.value < 1)
        figure_range(figures_add(&e->figures, section, subject, "auc_logit", part.value, n),
                     interval_logit(part.value, part.variance, level), "DeLong, logit");
    return true;
}

/* ---- the positive group ---- */

struct members {
    const struct scores *scores;
    bool *in;
    struct trouble *trouble;
};

static bool add_member(const char *name, size_t length, void *with) {
    struct members *m = with;
    const uint32_t k = scores_class(m->scores, name, length);
    if (k == NO_CLASS)
        return fail(m->trouble, "--positive: no class '%.*s' among the scores", (int)length, name);
    m->in[k] = true;
    return true;
}

static bool make_positive(struct evaluation *e) {
    const struct scores *s = e->scores;
    struct members m = {s, pool_get(e->pool, s->classes, sizeof(bool), e->trouble), e->trouble};
    const char *names = e->wishes->positive;
    if (!m.in) return false;
    if (!names && s->classes == 2) names = s->class_names[1];
    if (!names) return true;
    if (s->classes == 2 && !e->wishes->positive)
        m.in[1] = true; /* whatever is in its name */
    else if (!each_name(names, add_member, &m))
        return false;
    char *name = pool_text(e->pool, names, strlen(names), e->trouble);
    for (char *c = name; c && *c; c++)
        if (*c == ',') *c = '+';
    return name && view_make(&e->positive, s, m.in, name, e->pool, e->trouble);
}

/* ---- overall, and each class ---- */

static bool count_answers(struct evaluation *e) {
    const struct scores *s = e->scores;
    struct confusion *t = &e->table;
    e->answers = pool_get(e->pool, s->n, sizeof *e->answers, e->trouble);
    t->classes = s->classes;
    t->cell = pool_get(e->pool, (uint64_t)s->classes * s->classes, sizeof(double), e->trouble);
    t->truth = pool_get(e->pool, s->classes, sizeof(double), e->trouble);
    t->answer = pool_get(e->pool, s->classes, sizeof(double), e->trouble);
    if (!e->answers || !t->cell || !t->truth || !t->answer) return false;
    for (uint32_t i = 0; i < s->n; i++) {
        e->answers[i] = scores_answer(s, i);
        if (s->truth[i] != NO_CLASS) t->cell[(size_t)s->truth[i] * s->classes + e->answers[i]] += 1;
    }
    confusion_sum(t);
    return true;
}

static void add_counts(struct evaluation *e) {
    const struct scores *s = e->scores;
    double most = 0;
    uint32_t frequent = 0;
    for (uint32_t k = 0; k < s->classes; k++) {
        figures_share(&e->figures, "count", s->class_names[k], "prevalence", e->table.truth[k],
                      s->n, e->wishes->exact, e->wishes->level);
        if (e->table.truth[k] > most) most = e->table.truth[frequent = k];
        if (e->table.truth[k] == 0)
            evaluate_note(e, pool_print(e->pool, e->trouble,
                                        "No picture is of class '%s': nothing can be said of it.",
                                        s->class_names[k]));
    }
    double accuracy;
    confusion_accuracy(&e->table, &accuracy);
    figures_share(&e->figures, "overall", "", "accuracy", round(accuracy * e->table.n), e->table.n,
                  e->wishes->exact, e->wishes->level);
    figures_share(&e->figures, "overall", "", "majority_baseline", most, e->table.n,
                  e->wishes->exact, e->wishes->level);
    evaluate_note(
        e, pool_print(e->pool, e->trouble,
                      "Always answering '%s', without looking at any picture, would be right in "
                      "%.1f %% of these pictures.",
                      s->class_names[frequent], 100 * most / e->table.n));
}

static bool add_class(struct evaluation *e, uint32_t k, bool *members) {
    const char *name = e->scores->class_names[k];
    const struct two_by_two t = confusion_class(&e->table, k);
    const bool exact = e->wishes->exact;
    const double level = e->wishes->level;
    figures_share(&e->figures, "class", name, "sensitivity", t.tp, t.tp + t.fn, exact, level);
    figures_share(&e->figures, "class", name, "specificity", t.tn, t.tn + t.fp, exact, level);
    figures_share(&e->figures, "class", name, "ppv", t.tp, t.tp + t.fp, exact, level);
    figures_share(&e->figures, "class", name, "npv", t.tn, t.tn + t.fn, exact, level);
    members[k] = true;
    const bool done = view_make(&e->classes[k], e->scores, members, name, e->pool, e->trouble) &&
                      evaluate_auc(e, "class", name, &e->classes[k], NULL);
    members[k] = false;
    return done;
}

static bool add_classes(struct evaluation *e) {
    const uint32_t classes = e->scores->classes;
    bool *members = pool_get(e->pool, classes, sizeof *members, e->trouble);
    e->classes = pool_get(e->pool, classes, sizeof *e->classes, e->trouble);
    if (!members || !e->classes) return false;
    for (uint32_t k = 0; k < classes; k++)
        if (!add_class(e, k, members)) return false;
    return true;
}

/* ---- probabilities ---- */

static bool add_calibration(struct evaluation *e) {
    const struct scores *s = e->scores;
    const struct view *v = &e->positive;
    if (!s->probabilities || !v->name) return true;
    for (uint32_t i = 0; i < s->n; i++) {
        struct bin *bin = &e->reliability[bin_of(v->score[i], RELIABILITY_BINS)];
        bin->n += 1;
        bin->right += v->positive[i];
        bin->confidence += v->score[i];
    }
    const struct recalibration line = calibration_slope(v->score, v->positive, s->n);
    const char *none = "the scores part positives and negatives perfectly, or one kind is missing";
    if (!line.known) {
        figures_none(&e->figures, "positive", v->name, "calibration_slope", s->n, none);
        figures_none(&e->figures, "positive", v->name, "calibration_intercept", s->n, none);
        return true;
    }
    figure_range(
        figures_add(&e->figures, "positive", v->name, "calibration_slope", line.slope, s->n),
        interval_wald(line.slope, line.slope_variance, e->wishes->level, -HUGE_VAL, HUGE_VAL),
        "Wald");
    figure_range(figures_add(&e->figures, "positive", v->name, "calibration_intercept",
                             line.intercept, s->n),
                 interval_wald(line.intercept, line.intercept_variance, e->wishes->level, -HUGE_VAL,
                               HUGE_VAL),
                 "Wald");
    return true;
}

/* ---- what was wrong ---- */

struct sure {
    double confidence;
    uint32_t row;
};

static int by_confidence(const void *a, const void *b) {
    const struct sure *x = a, *y = b;
    if (x->confidence != y->confidence) return x->confidence < y->confidence ? 1 : -1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Pictures from the surest answer on: the share of wrong ones so far, and the first wrong ones. */
static bool add_mistakes(struct evaluation *e) {
    const struct scores *s = e->scores;
    struct sure *sure = pool_get(e->pool, s->n, sizeof *sure, e->trouble);
    e->risk = pool_get(e->pool, s->n, sizeof *e->risk, e->trouble);
    if (!sure || !e->risk) return false;
    for (uint32_t i = 0; i < s->n; i++)
        sure[i] = (struct sure){(double)s->values[(size_t)i * s->classes + e->answers[i]], i};
    qsort(sure, s->n, sizeof *sure, by_confidence);
    double wrong = 0, area = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const uint32_t row = sure[i].row;
        if (e->answers[row] != s->truth[row]) {
            wrong += 1;
            if (e->mistake_count < MISTAKES_MAX)
                e->mistakes[e->mistake_count++] =
                    (struct mistake){row, e->answers[row], sure[i].confidence};
        }
        e->risk[i] = wrong / (i + 1);
        area += e->risk[i];
    }
    figures_add(&e->figures, "overall", "", "risk_coverage_area", area / s->n, s->n)->reason =
        "no interval: of a curve";
    return true;
}

bool evaluate(struct evaluation *e, const struct scores *scores,
              const struct evaluate_wishes *wishes, struct pool *pool, struct trouble *trouble) {
    *e = (struct evaluation){.scores = scores,
                             .wishes = wishes,
                             .pool = pool,
                             .trouble = trouble,
                             .figures = {.pool = pool, .trouble = trouble}};
    if (!count_answers(e) || !make_positive(e)) return false;
    if (scores->coarse && !e->positive.name)
        return fail(trouble,
                    "labels that are not a class need --positive: they only count as not positive");
    evaluate_note(e, scores->why_not
                         ? pool_print(pool, trouble, "Figures of probabilities are left out: %s.",
                                      scores->why_not)
                         : NULL);
    if (scores->coarse)
        evaluate_note(e, "The labels tell only the positive group from the rest: figures of single "
                         "classes are left out.");
    else
        add_counts(e);
    if (!scores->coarse && (!add_classes(e) || !add_mistakes(e))) return false;
    if (e->positive.name) {
        figures_share(&e->figures, "positive", e->positive.name, "prevalence",
                      (double)e->positive.auc.positives, scores->n, wishes->exact, wishes->level);
        if (!evaluate_auc(e, "positive", e->positive.name, &e->positive, NULL)) return false;
    }
    return evaluate_bootstrap(e) && add_calibration(e) && evaluate_points(e) &&
           evaluate_groups(e) && evaluate_against(e) && !trouble->set;
}
