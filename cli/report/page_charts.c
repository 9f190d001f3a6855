#include <math.h>
#include <string.h>

#include "cli/report/chart.h"
#include "cli/report/page.h"

/* With more classes their curves are left out. */
#define CHART_CLASSES 12

/* "mel: AUC 0.803 (0.772 to 0.834)" */
static void title_of(char *text, size_t size, const char *name, const char *what,
                     const struct figure *f) {
    if (f && f->known && f->ranged)
        snprintf(text, size, "%s: %s %.3f (%.3f to %.3f)", name, what, f->value, f->low, f->high);
    else if (f && f->known)
        snprintf(text, size, "%s: %s %.3f", name, what, f->value);
    else
        snprintf(text, size, "%s", name);
}

/* Where operating points are, with their intervals as a cross. */
static void mark_points(const struct page *page, struct chart *c) {
    const struct evaluation *e = page->e;
    for (size_t i = 0; i < e->point_count; i++) {
        const char *subject = e->points[i].subject;
        const struct figure *sens = figures_find(&e->figures, "point", subject, "sensitivity");
        const struct figure *spec = figures_find(&e->figures, "point", subject, "specificity");
        if (!sens || !spec || !sens->ranged || !spec->ranged) continue;
        const double x = 1 - spec->value, y = sens->value;
        chart_segment(c, "cross", x, sens->low, x, sens->high);
        chart_segment(c, "cross", 1 - spec->high, y, 1 - spec->low, y);
        chart_dot(c, x, y);
        chart_words(c, x, fmax(y - 0.06 - 0.05 * (double)i, 0.04), x > 0.6,
                    e->points[i].wish->name);
    }
}

static void roc_chart(const struct page *page, const struct view *v, const char *section) {
    char title[160];
    title_of(title, sizeof title, v->name, "AUC",
             figures_find(&page->e->figures, section, v->name, "auc"));
    if (!v->curve.positives || !v->curve.negatives) return;
    struct chart c =
        chart_open(page->out, title, "1 \xe2\x88\x92 specificity", "sensitivity", 0, 1, 0, 1);
    chart_segment(&c, "even", 0, 0, 1, 1);
    chart_line_begin(&c, "line");
    chart_line_to(&c, 0, 0);
    for (size_t i = 0; i < v->curve.count; i++)
        chart_line_to(&c, (double)v->curve.points[i].alarms / (double)v->curve.negatives,
                      (double)v->curve.points[i].hits / (double)v->curve.positives);
    chart_line_to(&c, 1, 1);
    chart_line_end(&c);
    if (v == &page->e->positive) mark_points(page, &c);
    chart_close(&c);
}

static void precision_chart(const struct page *page, const struct view *v, const char *section) {
    char title[160];
    if (!v->curve.positives) return;
    title_of(title, sizeof title, v->name, "AP",
             figures_find(&page->e->figures, section, v->name, "average_precision"));
    struct chart c = chart_open(page->out, title, "sensitivity (recall)",
                                "positive predictive value", 0, 1, 0, 1);
    const double prevalence =
        (double)v->curve.positives / (double)(v->curve.positives + v->curve.negatives);
    chart_segment(&c, "even", 0, prevalence, 1, prevalence);
    chart_words(&c, 1, prevalence + 0.02, true, "prevalence");
    chart_line_begin(&c, "line");
    for (size_t i = 0; i < v->curve.count; i++) {
        const struct curve_point *p = &v->curve.points[i];
        chart_line_to(&c, (double)p->hits / (double)v->curve.positives,
                      (double)p->hits / (double)(p->hits + p->alarms));
    }
    chart_line_end(&c);
    chart_close(&c);
}

void page_curves(const struct page *page) {
    const struct evaluation *e = page->e;
    fputs("<div class=\"charts\">\n", page->out);
    if (e->positive.name) {
        roc_chart(page, &e->positive, "positive");
        precision_chart(page, &e->positive, "positive");
    }
    fputs("</div><div class=\"charts small\">\n", page->out);
    const bool two = e->scores->classes == 2 && e->positive.name; /* the same curve twice */
    for (uint32_t k = 0;
         e->classes && !two && e->scores->classes <= CHART_CLASSES && k < e->scores->classes; k++) {
        if (e->positive.name && strcmp(e->positive.name, e->classes[k].name) == 0) continue;
        roc_chart(page, &e->classes[k], "class");
    }
    fputs("</div>\n", page->out);
}

/* ---- calibration ---- */

static void reliability_chart(const struct page *page) {
    const struct bin *bins = page->e->reliability;
    struct chart c = chart_open(page->out, "Calibration: the diagonal is perfect",
                                "predicted probability", "share that is positive", 0, 1, 0, 1);
    for (int b = 0; b < RELIABILITY_BINS; b++)
        chart_bar(&c, (double)b / RELIABILITY_BINS, (b + 1.0) / RELIABILITY_BINS,
                  0.25 * bins[b].n / page->e->scores->n);
    chart_segment(&c, "even", 0, 0, 1, 1);
    for (int b = 0; b < RELIABILITY_BINS; b++) {
        if (bins[b].n == 0) continue;
        const double x = bins[b].confidence / bins[b].n;
        const struct interval range =
            interval_wilson(bins[b].right, bins[b].n, page->e->wishes->level);
        chart_segment(&c, "cross", x, range.low, x, range.high);
        chart_dot(&c, x, bins[b].right / bins[b].n);
    }
    chart_close(&c);
}

/* Whom to treat by the model, against everybody and nobody. */
static void decision_chart(const struct page *page) {
    const struct view *v = &page->e->positive;
    const double n = page->e->scores->n, positives = (double)v->curve.positives;
    const double top = fmax(positives / n * 1.15, 0.02);
    struct chart c =
        chart_open(page->out, "Decision curve: higher is better", "threshold probability",
                   "net benefit per picture", 0, 1, -top / 4, top);
    chart_segment(&c, "even", 0, 0, 1, 0);
    chart_words(&c, 1, top / 40, true, "treat nobody");
    chart_line_begin(&c, "even");
    for (double t = 0; t < 0.995; t += 0.005) {
        const double all = net_benefit(positives, n - positives, n, t);
        if (all < -top / 4) break;
        chart_line_to(&c, t, all);
    }
    chart_line_end(&c);
    chart_line_begin(&c, "line");
    size_t at = v->curve.count;
    for (double t = 0.005; t < 0.995; t += 0.005) {
        while (at > 0 && v->curve.points[at - 1].threshold < t) at--;
        const double hits = at ? (double)v->curve.points[at - 1].hits : 0;
        const double alarms = at ? (double)v->curve.points[at - 1].alarms : 0;
        const double benefit = net_benefit(hits, alarms, n, t);
        if (benefit < -top / 4) break;
        chart_line_to(&c, t, benefit);
    }
    chart_line_end(&c);
    chart_close(&c);
}

void page_calibration(const struct page *page) {
    const struct evaluation *e = page->e;
    if (!e->positive.name) {
        fputs("<p>Calibration and decision curves are of a positive group: <code>--positive</code> "
              "names one.</p>\n",
              page->out);
        return;
    }
    if (!e->scores->probabilities) {
        fputs("<p>Left out: ", page->out);
        html_text(page->out, e->scores->why_not);
        fputs(".</p>\n", page->out);
        return;
    }
    fputs("<div class=\"charts\">\n", page->out);
    reliability_chart(page);
    decision_chart(page);
    fputs("</div><p class=\"quiet\">Left: pictures in ten bins of the probability of ", page->out);
    html_text(page->out, e->positive.name);
    fputs("; bars show how many are in each, lines the interval of the share that is positive. "
          "Right: what deciding "
          "by the model gains over treating everybody (grey line that falls) or nobody (grey line "
          "at 0).</p>\n",
          page->out);
}

/* ---- subgroups ---- */

static void forest_row(const struct page *page, const struct figure *f, unsigned y) {
    FILE *out = page->out;
    fprintf(out, "<text x=\"190\" y=\"%u\" text-anchor=\"end\">", y + 4);
    html_text(out, f->subject);
    fputs("</text>", out);
    if (!f->known) {
        fprintf(out, "<text class=\"words\" x=\"200\" y=\"%u\">", y + 4);
        html_text(out, f->reason);
        fputs("</text>", out);
        return;
    }
    if (f->ranged)
        fprintf(out, "<line class=\"cross\" x1=\"%.1f\" y1=\"%u\" x2=\"%.1f\" y2=\"%u\"/>",
                200 + 240 * f->low, y, 200 + 240 * f->high, y);
    fprintf(out, "<rect class=\"mark\" x=\"%.1f\" y=\"%u\" width=\"6\" height=\"6\"/>",
            197 + 240 * f->value, y - 3);
    fprintf(out, "<text x=\"450\" y=\"%u\">%.3f", y + 4, f->value);
    if (f->ranged) fprintf(out, " (%.3f to %.3f)", f->low, f->high);
    fprintf(out, ", n %zu</text>\n", f->n);
}

void page_forest(const struct page *page, const char *section, const char *metric) {
    const struct figures *figures = &page->e->figures;
    unsigned rows = 0, y = 30;
    for (size_t i = 0; i < figures->count; i++)
        rows += strcmp(figures->list[i].section, section) == 0 &&
                strcmp(figures->list[i].metric, metric) == 0;
    if (!rows) return;
    fprintf(page->out,
            "<svg class=\"forest\" viewBox=\"0 0 640 %u\" role=\"img\"><text class=\"head\" "
            "x=\"200\" y=\"12\">",
            rows * 18 + 44);
    html_text(page->out, metric_words(metric));
    fputs("</text>", page->out);
    for (int i = 0; i <= 4; i++)
        fprintf(
            page->out,
            "<line class=\"grid\" x1=\"%d\" y1=\"20\" x2=\"%d\" y2=\"%u\"/><text x=\"%d\" y=\"%u\" "
            "text-anchor=\"middle\">%g</text>",
            200 + 60 * i, 200 + 60 * i, rows * 18 + 24, 200 + 60 * i, rows * 18 + 38, i / 4.0);
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *f = &figures->list[i];
        if (strcmp(f->section, section) != 0 || strcmp(f->metric, metric) != 0) continue;
        forest_row(page, f, y);
        y += 18;
    }
    fputs("</svg>\n", page->out);
}

/* ---- coverage ---- */

void page_risk(const struct page *page) {
    const struct evaluation *e = page->e;
    if (!e->risk) return;
    double most = 0.05;
    for (uint32_t i = e->scores->n / 50; i < e->scores->n; i++) most = fmax(most, e->risk[i]);
    fputs("<div class=\"charts\">\n", page->out);
    struct chart c =
        chart_open(page->out, "If only the surest answers are given", "share of pictures answered",
                   "share of these that is wrong", 0, 1, 0, most);
    chart_line_begin(&c, "line");
    for (uint32_t i = e->scores->n / 50; i < e->scores->n; i++)
        chart_line_to(&c, (i + 1.0) / e->scores->n, e->risk[i]);
    chart_line_end(&c);
    chart_close(&c);
    fputs("<p class=\"aside\">Answers in the order of their scores, the surest first. A score says "
          "how sure the model is "
          "<em>among pictures like these</em>; of others it knows nothing.</p></div>\n",
          page->out);
}
