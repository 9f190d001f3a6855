/* The same figures of a part of the pictures: subgroups, folds. */
#include <math.h>
#include <string.h>

#include "clinic/compare.h"
#include "clinic/evaluate.h"
#include "clinic/special.h"

struct part {
    const char *section, *subject;
    const bool *only;
    double n, right;
};

static void count_part(struct evaluation *e, struct part *part) {
    part->n = part->right = 0;
    for (uint32_t i = 0; i < e->scores->n; i++) {
        part->n += part->only[i];
        part->right += part->only[i] && e->answers[i] == e->scores->truth[i];
    }
}

static bool add_part(struct evaluation *e, struct part *part) {
    const struct view *v = &e->positive;
    const bool exact = e->wishes->exact;
    const double level = e->wishes->level;
    count_part(e, part);
    if (!e->scores->coarse)
        figures_share(&e->figures, part->section, part->subject, "accuracy", part->right, part->n,
                      exact, level);
    if (!v->name) return true;
    if (!evaluate_auc(e, part->section, part->subject, v, part->only)) return false;
    if (!e->point_count || !e->points[0].known) return true;
    struct two_by_two t = {0};
    for (uint32_t i = 0; i < e->scores->n; i++) {
        if (!part->only[i]) continue;
        const bool said = v->score[i] >= e->points[0].threshold;
        *(v->positive[i] ? (said ? &t.tp : &t.fn) : (said ? &t.fp : &t.tn)) += 1;
    }
    figures_share(&e->figures, part->section, part->subject, "sensitivity", t.tp, t.tp + t.fn,
                  exact, level);
    figures_share(&e->figures, part->section, part->subject, "specificity", t.tn, t.tn + t.fp,
                  exact, level);
    return true;
}

/* Two-sided p of the pooled z test that a part's accuracy is that of the other pictures. */
static double against_rest(const struct evaluation *e, const struct part *part) {
    double n = e->scores->n - part->n, right = -part->right;
    for (uint32_t i = 0; i < e->scores->n; i++) right += e->answers[i] == e->scores->truth[i];
    if (n <= 0 || part->n <= 0) return NAN;
    const double all = (right + part->right) / e->scores->n;
    const double variance = all * (1 - all) * (1 / n + 1 / part->n);
    return variance > 0 ? normal_two_sided((part->right / part->n - right / n) / sqrt(variance))
                        : 1;
}

static const struct column *find_column(struct evaluation *e, const char *name,
                                        const char *option) {
    const struct column *column = scores_column(e->scores, name);
    if (!column) fail(e->trouble, "%s: no column '%s'", option, name);
    if (column && column->count > GROUP_WORDS_MAX) {
        fail(e->trouble, "%s: column '%s' has %u different words, of %d at most", option, name,
             column->count, GROUP_WORDS_MAX);
        return NULL;
    }
    return column;
}

/* Every word of a column as a part; `figure` holds what each one's accuracy is worth against the rest. */
static bool add_words(struct evaluation *e, const struct column *column, const char *section,
                      double *p, const char **subjects) {
    bool *only = pool_get(e->pool, e->scores->n, sizeof *only, e->trouble);
    if (!only) return false;
    for (uint32_t w = 0; w < column->count; w++) {
        for (uint32_t i = 0; i < e->scores->n; i++) only[i] = column->of[i] == w;
        const char *word = column->words[w][0] ? column->words[w] : "(empty)";
        subjects[w] = pool_print(e->pool, e->trouble, "%s=%s", column->name, word);
        if (!subjects[w]) return false;
        struct part part = {.section = section, .subject = subjects[w], .only = only};
        if (!add_part(e, &part)) return false;
        p[w] = against_rest(e, &part);
    }
    return true;
}

static bool add_group(struct evaluation *e, const char *name) {
    const struct column *column = find_column(e, name, "--group");
    double p[GROUP_WORDS_MAX];
    const char *subjects[GROUP_WORDS_MAX];
    size_t order[GROUP_WORDS_MAX];
    if (!column || !add_words(e, column, "group", p, subjects)) return false;
    if (!e->wishes->holm || column->count < 2 || e->scores->coarse) return true;
    holm(p, column->count, order);
    for (uint32_t w = 0; w < column->count; w++)
        figures_add(&e->figures, "group", subjects[w], "accuracy_differs_p", p[w], e->scores->n)
            ->reason = "a p value: z test against all other pictures, Holm's correction";
    return true;
}

/* Mean and standard deviation over the folds. */
static void sum_folds(struct evaluation *e, const char *const *subjects, uint32_t count,
                      const char *metric) {
    double sum = 0, squares = 0, folds = 0;
    for (uint32_t w = 0; w < count; w++) {
        const struct figure *f = figures_find(&e->figures, "fold", subjects[w], metric);
        if (!f || !f->known) continue;
        sum += f->value;
        folds += 1;
    }
    for (uint32_t w = 0; w < count; w++) {
        const struct figure *f = figures_find(&e->figures, "fold", subjects[w], metric);
        if (f && f->known) squares += (f->value - sum / folds) * (f->value - sum / folds);
    }
    if (folds < 2) return;
    const char *mean = pool_print(e->pool, e->trouble, "%s_mean", metric);
    const char *deviation = pool_print(e->pool, e->trouble, "%s_sd", metric);
    if (!mean || !deviation) return;
    figures_add(&e->figures, "fold", "folds", mean, sum / folds, (size_t)folds)->reason =
        "no interval: folds share their training pictures; n is the number of folds";
    figures_add(&e->figures, "fold", "folds", deviation, sqrt(squares / (folds - 1)), (size_t)folds)
        ->reason = "no interval: a standard deviation; n is the number of folds";
}

static bool add_folds(struct evaluation *e) {
    const struct column *column = find_column(e, e->wishes->folds, "--folds");
    double p[GROUP_WORDS_MAX];
    const char *subjects[GROUP_WORDS_MAX];
    if (!column || !add_words(e, column, "fold", p, subjects)) return false;
    if (!e->scores->coarse) sum_folds(e, subjects, column->count, "accuracy");
    if (e->positive.name) sum_folds(e, subjects, column->count, "auc");
    evaluate_note(e, "The figures of all pictures pool the folds; their mean weighs each fold the "
                     "same, whatever classes are in it.");
    return true;
}

bool evaluate_groups(struct evaluation *e) {
    for (size_t g = 0; g < e->wishes->group_count; g++)
        if (!add_group(e, e->wishes->groups[g])) return false;
    return !e->wishes->folds || add_folds(e);
}
