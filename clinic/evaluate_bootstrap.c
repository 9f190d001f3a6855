/* Figures whose interval has no formula: the same functions of drawn rows. */
#include <math.h>
#include <string.h>

#include "clinic/bootstrap.h"
#include "clinic/evaluate.h"

enum overall {
    BALANCED,
    MACRO_F1,
    KAPPA,
    QUADRATIC,
    MCC,
    LOG_LOSS,
    BRIER,
    ECE,
    MCE,
    AUC_MACRO,
    AUC_WEIGHTED,
    AUC_OVO,
    ACCURACY, /* whole clusters */
    OVERALL
};
static const char *const overall_names[OVERALL] = {
    "balanced_accuracy",
    "macro_f1",
    "kappa",
    "kappa_quadratic",
    "mcc",
    "log_loss",
    "brier",
    "ece",
    "mce",
    "auc_macro",
    "auc_weighted",
    "auc_ovo",
    "accuracy",
};
enum { CLASS_F1, CLASS_AP, CLASS_AUC, CLASS }; /* of each class */
enum { POSITIVE_AP, POSITIVE_AUC, POSITIVE_BRIER, POSITIVE };

/* A row in the order of a class's scores. */
struct ranked {
    uint32_t row, truth;
    bool ends; /* the next one has another score */
};

struct boot {
    struct evaluation *e;
    uint32_t n, classes; /* 0 classes: the labels do not tell them apart */
    bool curves;         /* few enough classes for their curves */
    size_t count;        /* of figures */
    double *now;         /* of a draw: each figure, NAN where it is not defined */
    double *values;      /* [figure][draw], of those where it is */
    uint32_t *defined;   /* draws of each */
    struct confusion table;
    double *loss, *squares; /* of each row */
    double *top;            /* probability of the answer, of each row */
    struct ranked **order;  /* rows of each class by its score */
    uint32_t *cell;         /* of the table, of each row */
    uint8_t *bin;           /* of its probability */
    uint32_t *positive_order;
    double *
        above; /* [class][class]: weight of pairs in which a row of the first is above one of the second */
    double *weight; /* rows of each class */
};

static double *of_class(struct boot *b, uint32_t k) {
    return b->now + OVERALL + (size_t)k * CLASS;
}
static double *of_positive(struct boot *b) {
    return b->now + OVERALL + (size_t)b->classes * CLASS;
}

/* ---- of rows drawn from all ---- */

static void count_table(struct boot *b, const uint32_t *times) {
    memset(b->table.cell, 0, (size_t)b->classes * b->classes * sizeof(double));
    for (uint32_t i = 0; i < b->n; i++) b->table.cell[b->cell[i]] += times[i];
    confusion_sum(&b->table);
    static bool (*const figure[])(const struct confusion *, double *) = {
        confusion_balanced, confusion_macro_f1, confusion_kappa, confusion_quadratic, confusion_mcc,
    };
    for (int f = BALANCED; f <= MCC; f++)
        if (!figure[f](&b->table, &b->now[f])) b->now[f] = NAN;
    if (!confusion_accuracy(&b->table, &b->now[ACCURACY])) b->now[ACCURACY] = NAN;
    for (uint32_t k = 0; k < b->classes; k++) {
        const struct two_by_two t = confusion_class(&b->table, k);
        of_class(b, k)[CLASS_F1] = 2 * t.tp / (2 * t.tp + t.fp + t.fn);
    }
}

static void average_losses(struct boot *b, const uint32_t *times) {
    struct bin bins[CALIBRATION_BINS] = {{0}};
    double loss = 0, squares = 0, n = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        struct bin *bin = &bins[b->bin[i]];
        bin->n += times[i];
        bin->right += b->e->answers[i] == b->e->scores->truth[i] ? times[i] : 0;
        bin->confidence += b->top[i] * times[i];
        loss += b->loss[i] * times[i];
        squares += b->squares[i] * times[i];
        n += times[i];
    }
    b->now[LOG_LOSS] = loss / n;
    b->now[BRIER] = squares / n;
    calibration_errors(bins, CALIBRATION_BINS, &b->now[ECE], &b->now[MCE]);
}

static void average_positive(struct boot *b, const uint32_t *times) {
    const struct view *v = &b->e->positive;
    double squares = 0, n = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        const double off = v->score[i] - (v->positive[i] ? 1 : 0);
        squares += off * off * times[i];
        n += times[i];
    }
    of_positive(b)[POSITIVE_BRIER] = squares / n;
}

static void from_all(struct boot *b, const uint32_t *times) {
    if (b->classes) count_table(b, times);
    if (b->loss) average_losses(b, times);
    if (b->e->positive.name && b->e->scores->probabilities) average_positive(b, times);
}

/* ---- of rows drawn within their class ---- */

struct walk {
    double hits, seen, gained;
};

/* Rows `from` to `to` have the same score. */
static void walk_equal(struct boot *b, struct walk *w, uint32_t a, const struct ranked *from,
                       const struct ranked *to, const uint32_t *times) {
    double *above = b->above + (size_t)a * b->classes, equal = 0;
    for (const struct ranked *r = from; r < to; r++) {
        w->seen += times[r->row];
        if (r->truth == a) equal += times[r->row];
    }
    const double better = w->hits + equal / 2;
    for (const struct ranked *r = from; r < to; r++) above[r->truth] += better * times[r->row];
    w->hits += equal;
    if (equal > 0) w->gained += equal * w->hits / w->seen;
}

/* One pass over the rows by the score of class a: pairs won against every class, and average precision. Most rows are of no
 * class a, and alone with their score: they are passed quickly. */
static void walk_class(struct boot *b, uint32_t a, const uint32_t *times) {
    const struct ranked *r = b->order[a], *end = r + b->n, *to;
    double *above = b->above + (size_t)a * b->classes;
    struct walk w = {0, 0, 0};
    memset(above, 0, b->classes * sizeof *above);
    for (; r < end; r = to) {
        to = r + 1;
        if (r->ends && r->truth != a) {
            const double t = times[r->row];
            w.seen += t;
            above[r->truth] += w.hits * t;
            continue;
        }
        while (!to[-1].ends) to++;
        walk_equal(b, &w, a, r, to, times);
    }
    double pairs = 0, others = 0;
    for (uint32_t k = 0; k < b->classes; k++) {
        pairs += k == a ? 0 : above[k];
        others += k == a ? 0 : b->weight[k];
    }
    of_class(b, a)[CLASS_AP] = w.gained / w.hits;
    of_class(b, a)[CLASS_AUC] = pairs / (w.hits * others);
}

static void walk_classes(struct boot *b, const uint32_t *times) {
    double macro = 0, weighted = 0, present = 0, rows = 0, pairs = 0, pair_count = 0;
    memset(b->weight, 0, b->classes * sizeof *b->weight);
    for (uint32_t i = 0; i < b->n; i++) b->weight[b->e->scores->truth[i]] += times[i];
    for (uint32_t a = 0; a < b->classes; a++) {
        if (b->weight[a] == 0) continue;
        walk_class(b, a, times);
        const double area = of_class(b, a)[CLASS_AUC];
        macro += area;
        weighted += area * b->weight[a];
        present += 1;
        rows += b->weight[a];
    }
    for (uint32_t x = 0; x < b->classes; x++)
        for (uint32_t y = 0; y < b->classes; y++) {
            const double both = b->weight[x] * b->weight[y];
            if (x == y || both == 0) continue;
            pairs += b->above[(size_t)x * b->classes + y] / both;
            pair_count += 1;
        }
    b->now[AUC_MACRO] = macro / present;
    b->now[AUC_WEIGHTED] = weighted / rows;
    b->now[AUC_OVO] = pairs / pair_count;
}

static void within_classes(struct boot *b, const uint32_t *times) {
    const struct view *v = &b->e->positive;
    double *positive = of_positive(b);
    if (b->classes && b->curves) walk_classes(b, times);
    if (v->name && !curve_areas(b->positive_order, v->score, v->positive, times, b->n,
                                &positive[POSITIVE_AUC], &positive[POSITIVE_AP]))
        positive[POSITIVE_AUC] = positive[POSITIVE_AP] = NAN;
}

/* ---- draws ---- */

static bool prepare_losses(struct boot *b) {
    const struct scores *s = b->e->scores;
    b->loss = pool_get(b->e->pool, b->n, sizeof(double), b->e->trouble);
    b->squares = pool_get(b->e->pool, b->n, sizeof(double), b->e->trouble);
    b->top = pool_get(b->e->pool, b->n, sizeof(double), b->e->trouble);
    b->bin = pool_get(b->e->pool, b->n, sizeof *b->bin, b->e->trouble);
    if (!b->loss || !b->squares || !b->top || !b->bin) return false;
    for (uint32_t i = 0; i < b->n; i++) {
        const float *p = s->values + (size_t)i * s->classes;
        double right = (double)p[s->truth[i]];
        for (uint32_t k = 0; k < s->classes; k++) {
            const double off = (double)p[k] - (k == s->truth[i]);
            b->squares[i] += off * off;
        }
        right = fmin(fmax(right, PROBABILITY_LEAST), 1 - PROBABILITY_LEAST);
        b->loss[i] = -log(right);
        b->top[i] = (double)p[b->e->answers[i]];
        b->bin[i] = (uint8_t)bin_of(b->top[i], CALIBRATION_BINS);
    }
    return true;
}

static bool rank(struct boot *b, uint32_t k) {
    const double *score = b->e->classes[k].score;
    const uint32_t *order = order_by_score(score, b->n, b->e->pool, b->e->trouble);
    b->order[k] = pool_get(b->e->pool, b->n, sizeof **b->order, b->e->trouble);
    if (!order || !b->order[k]) return false;
    for (uint32_t i = 0; i < b->n; i++)
        b->order[k][i] = (struct ranked){order[i], b->e->scores->truth[order[i]],
                                         i + 1 == b->n || score[order[i]] != score[order[i + 1]]};
    return true;
}

static bool prepare(struct boot *b) {
    struct evaluation *e = b->e;
    const uint32_t classes = b->classes;
    b->count = OVERALL + (size_t)classes * CLASS + POSITIVE;
    b->now = pool_get(e->pool, b->count, sizeof(double), e->trouble);
    b->values =
        pool_get(e->pool, (uint64_t)b->count * (e->wishes->draws + 1), sizeof(double), e->trouble);
    b->defined = pool_get(e->pool, b->count, sizeof(uint32_t), e->trouble);
    b->table.classes = classes;
    b->table.cell = pool_get(e->pool, (uint64_t)classes * classes, sizeof(double), e->trouble);
    b->table.truth = pool_get(e->pool, classes, sizeof(double), e->trouble);
    b->table.answer = pool_get(e->pool, classes, sizeof(double), e->trouble);
    b->weight = pool_get(e->pool, classes, sizeof(double), e->trouble);
    b->order = pool_get(e->pool, classes, sizeof *b->order, e->trouble);
    b->curves = classes <= CURVE_CLASSES;
    b->cell = pool_get(e->pool, b->n, sizeof *b->cell, e->trouble);
    for (uint32_t i = 0; b->cell && classes && i < b->n; i++)
        b->cell[i] = e->scores->truth[i] * classes + e->answers[i];
    const uint32_t sides = b->curves ? classes : 0;
    b->above = pool_get(e->pool, (uint64_t)sides * sides, sizeof(double), e->trouble);
    if (!b->now || !b->values || !b->defined || !b->table.cell || !b->table.truth ||
        !b->table.answer || !b->weight || !b->order || !b->above || !b->cell)
        return false;
    for (uint32_t k = 0; k < sides; k++) {
        if (!rank(b, k)) return false;
    }
    if (e->positive.name) {
        b->positive_order = order_by_score(e->positive.score, b->n, e->pool, e->trouble);
        if (!b->positive_order) return false;
    }
    return !classes || !e->scores->probabilities || prepare_losses(b);
}

static void forget(struct boot *b) {
    for (size_t f = 0; f < b->count; f++) b->now[f] = NAN;
}

static bool draw(struct boot *b) {
    struct evaluation *e = b->e;
    const struct column *cluster =
        e->wishes->cluster ? scores_column(e->scores, e->wishes->cluster) : NULL;
    uint32_t *times = pool_get(e->pool, b->n, sizeof *times, e->trouble);
    uint32_t *kind = pool_get(e->pool, b->n, sizeof *kind, e->trouble);
    struct groups all, strata, clusters = {0};
    struct random random = random_start(e->wishes->seed);
    if (!times || !kind || !groups_make(&all, kind, b->n, 1, e->pool, e->trouble)) return false;
    for (uint32_t i = 0; i < b->n; i++)
        kind[i] = b->classes ? e->scores->truth[i] : e->positive.positive[i];
    if (!groups_make(&strata, kind, b->n, b->classes ? b->classes : 2, e->pool, e->trouble))
        return false;
    if (cluster && !groups_make(&clusters, cluster->of, b->n, cluster->count, e->pool, e->trouble))
        return false;
    for (uint32_t d = 0; d < e->wishes->draws; d++) {
        forget(b);
        if (cluster)
            draw_whole(&clusters, &random, times);
        else
            draw_within(&all, &random, times);
        from_all(b, times);
        if (!cluster) draw_within(&strata, &random, times);
        within_classes(b, times);
        for (size_t f = 0; f < b->count; f++)
            if (isfinite(b->now[f]))
                b->values[f * (e->wishes->draws + 1) + b->defined[f]++] = b->now[f];
    }
    return true;
}

/* ---- figures ---- */

/* The interval of figure f, where enough draws define it. */
static void set_range(struct boot *b, size_t f, struct figure *figure, const char *method) {
    const uint32_t draws = b->e->wishes->draws;
    if (!figure->known) return;
    if (b->defined[f] < 50 || b->defined[f] < draws / 2) {
        figure->reason = draws < 50 ? "no interval: too few bootstrap draws"
                                    : "no interval: most bootstrap draws do not define it";
        return;
    }
    figure_range(
        figure,
        interval_percentile(b->values + f * (draws + 1), b->defined[f], b->e->wishes->level),
        method);
    figure->reason = NULL;
}

static void add(struct boot *b, size_t f, const char *section, const char *subject,
                const char *metric, double value, bool stratified) {
    const bool whole = b->e->wishes->cluster != NULL;
    struct figure *figure = figures_add(&b->e->figures, section, subject, metric, value, b->n);
    set_range(b, f, figure,
              whole        ? "bootstrap over clusters, percentile"
              : stratified ? "bootstrap within classes, percentile"
                           : "bootstrap, percentile");
}

/* Replaces the interval of a figure that is there already by that of whole clusters. */
static void recluster(struct boot *b, size_t f, const char *section, const char *subject,
                      const char *metric) {
    const struct figure *found = figures_find(&b->e->figures, section, subject, metric);
    if (!found || !b->e->wishes->cluster) return;
    struct figure *figure = &b->e->figures.list[found - b->e->figures.list];
    figure->ranged = false;
    set_range(b, f, figure, "bootstrap over clusters, percentile");
}

static void add_overall(struct boot *b, const double *point) {
    const char *why_not = b->e->scores->why_not;
    struct figures *figures = &b->e->figures;
    for (size_t f = 0; f < ACCURACY; f++) {
        const bool of_probabilities = f >= LOG_LOSS && f <= MCE, of_curves = f >= AUC_MACRO;
        if (of_probabilities && !b->loss)
            figures_none(figures, "overall", "", overall_names[f], b->n, why_not);
        else if (of_curves && !b->curves)
            figures_none(figures, "overall", "", overall_names[f], b->n,
                         "left out with more than 50 classes");
        else
            add(b, f, "overall", "", overall_names[f], point[f], of_curves);
    }
    recluster(b, ACCURACY, "overall", "", "accuracy");
}

static void add_classes(struct boot *b, const double *point) {
    for (uint32_t k = 0; k < b->classes; k++) {
        const size_t f = OVERALL + (size_t)k * CLASS;
        const char *name = b->e->scores->class_names[k];
        const double ap =
            b->e->classes[k].auc.positives ? curve_average_precision(&b->e->classes[k].curve) : NAN;
        add(b, f + CLASS_F1, "class", name, "f1", point[f + CLASS_F1], false);
        add(b, f + CLASS_AP, "class", name, "average_precision", ap, true);
        recluster(b, f + CLASS_AUC, "class", name, "auc");
    }
}

static void add_positive(struct boot *b, const double *point) {
    const size_t f = OVERALL + (size_t)b->classes * CLASS;
    const char *name = b->e->positive.name;
    add(b, f + POSITIVE_AP, "positive", name, "average_precision", point[f + POSITIVE_AP], true);
    if (b->e->scores->probabilities)
        add(b, f + POSITIVE_BRIER, "positive", name, "brier", point[f + POSITIVE_BRIER], false);
    else
        figures_none(&b->e->figures, "positive", name, "brier", b->n, b->e->scores->why_not);
    recluster(b, f + POSITIVE_AUC, "positive", name, "auc");
}

bool evaluate_bootstrap(struct evaluation *e) {
    struct boot b = {
        .e = e, .n = e->scores->n, .classes = e->scores->coarse ? 0 : e->scores->classes};
    if (e->wishes->cluster && !scores_column(e->scores, e->wishes->cluster))
        return fail(e->trouble, "--cluster: no column '%s'", e->wishes->cluster);
    if (!prepare(&b)) return false;
    double *point = pool_get(e->pool, b.count, sizeof *point, e->trouble);
    uint32_t *once = pool_get(e->pool, b.n, sizeof *once, e->trouble);
    if (!point || !once) return false;
    for (uint32_t i = 0; i < b.n; i++) once[i] = 1;
    forget(&b);
    from_all(&b, once);
    within_classes(&b, once);
    memcpy(point, b.now, b.count * sizeof *point);
    if (!draw(&b)) return false;
    if (b.classes) add_overall(&b, point);
    if (b.classes) add_classes(&b, point);
    if (e->positive.name) add_positive(&b, point);
    if (e->wishes->cluster)
        evaluate_note(e, "Intervals by the bootstrap draw whole clusters; Wilson's and DeLong's, "
                         "where the method says so, treat pictures as independent.");
    return true;
}
