/* Operating points: from which score on a picture counts as positive. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clinic/evaluate.h"

bool point_parse(const char *text, struct point_wish *wish, struct trouble *trouble) {
    static const struct {
        const char *name;
        enum point_kind kind;
    } kinds[] = {{"sensitivity=", POINT_SENSITIVITY},
                 {"specificity=", POINT_SPECIFICITY},
                 {"threshold=", POINT_THRESHOLD}};
    *wish = (struct point_wish){.name = text, .kind = POINT_YOUDEN};
    if (strcmp(text, "youden") == 0) return true;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const size_t length = strlen(kinds[i].name);
        char *end;
        if (strncmp(text, kinds[i].name, length) != 0) continue;
        wish->kind = kinds[i].kind;
        wish->target = strtod(text + length, &end);
        wish->lower = strcmp(end, ":lower") == 0 && wish->kind != POINT_THRESHOLD;
        const bool share = wish->kind == POINT_THRESHOLD || (wish->target > 0 && wish->target <= 1);
        if (end != text + length && (wish->lower || !*end) && isfinite(wish->target) && share)
            return true;
    }
    return fail(
        trouble,
        "an operating point is sensitivity=0.95, specificity=0.9 (with :lower behind it, its "
        "interval has to reach that), threshold=0.5 or youden, not '%s'",
        text);
}

static const struct curve_point *choose(const struct point_wish *wish, const struct curve *curve,
                                        double level) {
    if (!curve->positives || !curve->negatives) return NULL;
    if (wish->kind == POINT_SENSITIVITY)
        return curve_at_sensitivity(curve, wish->target, wish->lower, level);
    if (wish->kind == POINT_SPECIFICITY)
        return curve_at_specificity(curve, wish->target, wish->lower, level);
    return curve_youden(curve);
}

static struct two_by_two count_at(const struct view *view, size_t n, double threshold) {
    struct two_by_two t = {0};
    for (size_t i = 0; i < n; i++) {
        const bool said = view->score[i] >= threshold;
        *(view->positive[i] ? (said ? &t.tp : &t.fn) : (said ? &t.fp : &t.tn)) += 1;
    }
    return t;
}

/* Bayes' rule: what a positive and a negative answer mean where a share of `prevalence` is positive. */
static double ppv_at(double sensitivity, double specificity, double prevalence) {
    const double hits = sensitivity * prevalence;
    return hits / (hits + (1 - specificity) * (1 - prevalence));
}
static double npv_at(double sensitivity, double specificity, double prevalence) {
    return ppv_at(specificity, sensitivity, 1 - prevalence);
}

/* With the two ends of both intervals together: no narrower than it should be. */
static void add_at_prevalence(struct evaluation *e, const char *subject) {
    const struct figure *found[2] = {figures_find(&e->figures, "point", subject, "sensitivity"),
                                     figures_find(&e->figures, "point", subject, "specificity")};
    const double q = e->wishes->prevalence;
    static double (*const rule[])(double, double, double) = {ppv_at, npv_at};
    static const char *const names[] = {"ppv_at_prevalence", "npv_at_prevalence"};
    if (!found[0] || !found[0]->known || !found[1] || !found[1]->known) return;
    const struct figure sens = *found[0], spec = *found[1]; /* the list may move */
    for (int i = 0; i < 2; i++)
        figure_range(
            figures_add(&e->figures, "point", subject, names[i], rule[i](sens.value, spec.value, q),
                        e->scores->n),
            (struct interval){rule[i](sens.low, spec.low, q), rule[i](sens.high, spec.high, q)},
            "from the intervals of sensitivity and specificity");
}

static void add_figures(struct evaluation *e, const struct point *p) {
    const struct two_by_two t = p->table;
    const double level = e->wishes->level;
    const bool exact = e->wishes->exact;
    struct figures *f = &e->figures;
    const double n = e->scores->n;
    static const char *const counts[] = {"tp", "fn", "fp", "tn"};
    const double values[] = {t.tp, t.fn, t.fp, t.tn};
    figures_add(f, "point", p->subject, "threshold", p->threshold, (size_t)n)->reason =
        p->elsewhere ? "no interval: chosen elsewhere" : "no interval: chosen on these pictures";
    for (int i = 0; i < 4; i++)
        figures_add(f, "point", p->subject, counts[i], values[i], (size_t)n)->reason =
            "no interval: a count";
    figures_share(f, "point", p->subject, "sensitivity", t.tp, t.tp + t.fn, exact, level);
    figures_share(f, "point", p->subject, "specificity", t.tn, t.tn + t.fp, exact, level);
    figures_share(f, "point", p->subject, "ppv", t.tp, t.tp + t.fp, exact, level);
    figures_share(f, "point", p->subject, "npv", t.tn, t.tn + t.fn, exact, level);
    if (e->wishes->prevalence >= 0) add_at_prevalence(e, p->subject);
    if (e->scores->probabilities && p->threshold > 0 && p->threshold < 1)
        figures_add(f, "point", p->subject, "net_benefit", net_benefit(t.tp, t.fp, n, p->threshold),
                    (size_t)n)
            ->reason = "no interval: given at this threshold";
}

static bool add_point(struct evaluation *e, const struct point_wish *wish,
                      const struct curve *chosen_on) {
    struct point *p = &e->points[e->point_count++];
    *p = (struct point){.wish = wish, .threshold = wish->target};
    p->elsewhere = e->wishes->chosen_on || wish->kind == POINT_THRESHOLD;
    p->subject = pool_print(e->pool, e->trouble, "%s %s", e->positive.name, wish->name);
    if (!p->subject) return false;
    if (wish->kind != POINT_THRESHOLD) {
        const struct curve_point *at = choose(wish, chosen_on, e->wishes->level);
        if (!at) {
            figures_none(&e->figures, "point", p->subject, "threshold", e->scores->n,
                         "no threshold reaches it");
            return true;
        }
        p->threshold = at->threshold;
    }
    p->known = true;
    p->table = count_at(&e->positive, e->scores->n, p->threshold);
    add_figures(e, p);
    return true;
}

/* The curve of the same positive group among other scores. */
static bool curve_elsewhere(struct evaluation *e, struct view *view) {
    const struct scores *there = e->wishes->chosen_on, *here = e->scores;
    bool *members = pool_get(e->pool, there->classes, sizeof *members, e->trouble);
    if (!members) return false;
    if (here->yes_no && there->yes_no)
        members[1] = true;
    else
        for (const char *at = e->positive.name; at; at = strchr(at, '+')) {
            at += *at == '+';
            const uint32_t k = scores_class(there, at, strcspn(at, "+"));
            if (k == NO_CLASS)
                return fail(e->trouble, "%s: no class '%.*s', of which thresholds are to be chosen",
                            there->name, (int)strcspn(at, "+"), at);
            members[k] = true;
        }
    return view_make(view, there, members, e->positive.name, e->pool, e->trouble);
}

bool evaluate_points(struct evaluation *e) {
    struct view there;
    const struct curve *curve = &e->positive.curve;
    if (!e->positive.name) return true;
    if (e->wishes->chosen_on) {
        if (!curve_elsewhere(e, &there)) return false;
        curve = &there.curve;
    }
    bool here = false;
    for (size_t i = 0; i < e->wishes->point_count; i++) {
        if (!add_point(e, &e->wishes->points[i], curve)) return false;
        here |= !e->points[i].elsewhere;
    }
    if (here)
        evaluate_note(e, "Thresholds were chosen on the same pictures: on others, sensitivity and "
                         "specificity will be lower. --threshold-from chooses them elsewhere.");
    return true;
}
