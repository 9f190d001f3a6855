#include "clinic/figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct figure *figures_add(struct figures *figures, const char *section, const char *subject,
                           const char *metric, double value, size_t n) {
    static struct figure spare; /* written to where memory failed, and never read */
    if (figures->count == figures->room) {
        const size_t larger = figures->room ? figures->room * 2 : 256;
        struct figure *list = pool_get(figures->pool, larger, sizeof *list, figures->trouble);
        if (!list) return &spare;
        if (figures->count) memcpy(list, figures->list, figures->count * sizeof *list);
        figures->list = list;
        figures->room = larger;
    }
    struct figure *figure = &figures->list[figures->count++];
    *figure = (struct figure){.section = section, .subject = subject, .metric = metric, .n = n};
    figure->known = isfinite(value);
    if (figure->known)
        figure->value = value;
    else
        figure->reason = "undefined: division by zero";
    return figure;
}

void figure_range(struct figure *figure, struct interval range, const char *method) {
    figure->ranged = figure->known && isfinite(range.low) && isfinite(range.high);
    if (!figure->ranged) return;
    figure->low = range.low;
    figure->high = range.high;
    figure->method = method;
}

void figures_none(struct figures *figures, const char *section, const char *subject,
                  const char *metric, size_t n, const char *reason) {
    figures_add(figures, section, subject, metric, NAN, n)->reason = reason;
}

void figures_share(struct figures *figures, const char *section, const char *subject,
                   const char *metric, double hits, double n, bool exact, double level) {
    if (n <= 0) {
        figures_none(figures, section, subject, metric, 0, "no pictures to count");
        return;
    }
    figure_range(figures_add(figures, section, subject, metric, hits / n, (size_t)n),
                 exact ? interval_exact(hits, n, level) : interval_wilson(hits, n, level),
                 exact ? "Clopper-Pearson" : "Wilson");
}

const struct figure *figures_find(const struct figures *figures, const char *section,
                                  const char *subject, const char *metric) {
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *f = &figures->list[i];
        if ((!section || strcmp(f->section, section) == 0) && strcmp(f->subject, subject) == 0 &&
            strcmp(f->metric, metric) == 0)
            return f;
    }
    return NULL;
}

bool figures_is_first(const struct figures *figures, const struct figure *figure) {
    const struct figure *f = figures->list;
    while (strcmp(f->section, figure->section) != 0 || strcmp(f->subject, figure->subject) != 0)
        f++;
    return f == figure;
}

/* ---- requirements ---- */

static bool holds(double value, const char *relation, double bound) {
    if (relation[0] == '>') return relation[1] == '=' ? value >= bound : value > bound;
    return relation[1] == '=' ? value <= bound : value < bound;
}

bool figures_require(const struct figures *figures, const char *text, struct trouble *trouble) {
    char metric[64] = "", subject[200] = "";
    const char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL;
    const char *behind = close ? close + 1 : text, *relation = strpbrk(behind, "<>");
    const size_t length = open ? (size_t)(open - text) : strcspn(text, ".<>");
    const char *end = open ? behind : text + length;
    char *last = NULL;
    const double bound = relation ? strtod(relation + 1 + (relation[1] == '='), &last) : 0;
    if (!relation || (open && !close) || length >= sizeof metric || *last || last == relation + 1 ||
        (open && (size_t)(close - open) > sizeof subject))
        return fail(trouble, "--require %s: not METRIC(SUBJECT)>=NUMBER", text);
    memcpy(metric, text, length);
    if (open) memcpy(subject, open + 1, (size_t)(close - open) - 1);
    const struct figure *f = figures_find(figures, NULL, subject, metric);
    if (!f)
        return fail(trouble, "--require %s: there is no figure '%s' of '%s'", text, metric,
                    subject);
    const bool low = strncmp(end, ".low", 4) == 0, high = strncmp(end, ".high", 5) == 0;
    if (end + (low ? 4 : high ? 5 : 0) != relation)
        return fail(trouble, "--require %s: not METRIC(SUBJECT)>=NUMBER", text);
    if (!f->known || ((low || high) && !f->ranged))
        return fail(trouble, "--require %s: its value is unknown: %s", text,
                    f->reason ? f->reason : "no interval");
    const double value = low ? f->low : high ? f->high : f->value;
    return holds(value, relation, bound) ||
           fail(trouble, "--require %s: not met, it is %.6g (n = %zu)", text, value, f->n);
}
