#include <string.h>

#include "cli/report/chart.h"
#include "cli/report/page.h"

/* With more classes the table is left out: it would not be read. */
#define TABLE_CLASSES 20

static bool is_count(const struct figure *f) {
    return f->known && !f->ranged && f->value == (double)(long)f->value &&
           (f->value > 1 || strlen(f->metric) == 2 || strstr(f->metric, "right"));
}

void page_value(const struct page *page, const struct figure *f) {
    FILE *out = page->out;
    if (!f || !f->known) {
        fputs("<td class=\"none\">&#8211; <small>", out);
        html_text(out, f && f->reason ? f->reason : "not evaluated");
        fputs("</small></td>", out);
        return;
    }
    const bool small = f->value != 0 && f->value < 1e-3 && f->value > -1e-3;
    fprintf(out, is_count(f) ? "<td>%.0f" : small ? "<td>%.2e" : "<td>%.3f", f->value);
    if (f->ranged) fprintf(out, " <small>%.3f to %.3f</small>", f->low, f->high);
    fputs("</td>", out);
}

static void cell(FILE *out, const char *tag, const char *text) {
    fprintf(out, "<%s>", tag);
    html_text(out, text);
    fprintf(out, "</%s>", tag);
}

void page_counts(const struct page *page) {
    const struct evaluation *e = page->e;
    if (e->scores->coarse) return;
    fputs("<table><tr><th>Class</th><th>Pictures</th><th>Prevalence</th></tr>\n", page->out);
    for (uint32_t k = 0; k < e->scores->classes; k++) {
        const char *name = e->scores->class_names[k];
        fputs("<tr>", page->out);
        cell(page->out, "th", name);
        fprintf(page->out, "<td>%.0f</td>", e->table.truth[k]);
        page_value(page, figures_find(&e->figures, "count", name, "prevalence"));
        fputs("</tr>\n", page->out);
    }
    fputs("</table>\n", page->out);
}

static void confusion_row(const struct page *page, uint32_t i) {
    const struct confusion *t = &page->e->table;
    fputs("<tr>", page->out);
    cell(page->out, "th", page->e->scores->class_names[i]);
    for (uint32_t j = 0; j < t->classes; j++) {
        const double count = t->cell[(size_t)i * t->classes + j];
        const double share = t->truth[i] > 0 ? count / t->truth[i] : 0;
        const char *colour = i == j ? "11,110,153" : "201,88,44";
        fprintf(page->out,
                "<td style=\"background:rgba(%s,%.2f)%s\">%.0f<small>%.0f&#8239;%%</small></td>",
                colour,
                i == j               ? 0.85 * share
                : 1.2 * share > 0.85 ? 0.85
                                     : 1.2 * share,
                share > 0.6 ? ";color:#fff" : "", count, 100 * share);
    }
    fprintf(page->out, "<td>%.0f</td></tr>\n", t->truth[i]);
}

void page_confusion(const struct page *page) {
    const struct evaluation *e = page->e;
    FILE *out = page->out;
    if (e->scores->coarse) return;
    if (e->table.classes > TABLE_CLASSES) {
        fprintf(out, "<p>The table of answers is left out: %u classes. The JSON has it.</p>\n",
                e->table.classes);
        return;
    }
    fputs("<h3>Answers to each class</h3><p class=\"quiet\">Rows: what the pictures are. Columns: "
          "what the model "
          "answered. Percentages are of the row.</p>\n<table class=\"matrix\"><tr><th></th>",
          out);
    for (uint32_t k = 0; k < e->table.classes; k++) cell(out, "th", e->scores->class_names[k]);
    fputs("<th>all</th></tr>\n", out);
    for (uint32_t k = 0; k < e->table.classes; k++) confusion_row(page, k);
    fputs("</table>\n", out);
}

static void point_table(const struct page *page, const struct point *p) {
    static const char *const metrics[] = {"sensitivity", "specificity",       "ppv",
                                          "npv",         "ppv_at_prevalence", "npv_at_prevalence",
                                          "net_benefit"};
    FILE *out = page->out;
    fputs("<div class=\"point\"><h4>", out);
    html_text(out, p->subject);
    fputs("</h4>\n", out);
    if (!p->known) {
        fputs("<p>No threshold reaches it.</p></div>\n", out);
        return;
    }
    fprintf(out, "<p class=\"quiet\">Positive from a score of %.4g on; %s.</p>", p->threshold,
            p->elsewhere ? "chosen elsewhere" : "<b>chosen on these pictures</b>");
    const struct two_by_two t = p->table;
    fprintf(
        out,
        "<table><tr><th></th><th>Answer +</th><th>Answer "
        "&#8722;</th></tr><tr><th>Positive</th><td>%.0f</td>"
        "<td>%.0f</td></tr><tr><th>Negative</th><td>%.0f</td><td>%.0f</td></tr></table>\n<table>",
        t.tp, t.fn, t.fp, t.tn);
    for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++) {
        const struct figure *f = figures_find(&page->e->figures, "point", p->subject, metrics[m]);
        if (!f) continue;
        fputs("<tr>", out);
        cell(out, "th", metric_words(metrics[m]));
        page_value(page, f);
        fprintf(out, "<td class=\"n\">n %zu</td></tr>\n", f->n);
    }
    fputs("</table></div>\n", out);
}

void page_points(const struct page *page) {
    if (!page->e->point_count) return;
    fputs("<h3>Operating points</h3><div class=\"pair\">\n", page->out);
    for (size_t i = 0; i < page->e->point_count; i++) point_table(page, &page->e->points[i]);
    fputs("</div>\n", page->out);
}

/* Every figure of a section, a line each. */
static void list_section(const struct page *page, const char *section, const char *title) {
    const struct figures *figures = &page->e->figures;
    const char *subject = "";
    bool begun = false;
    for (size_t i = 0; i < figures->count; i++) {
        const struct figure *f = &figures->list[i];
        if (strcmp(f->section, section) != 0) continue;
        if (!begun) {
            fputs("<h3>", page->out);
            html_text(page->out, title);
            fputs("</h3><table class=\"list\"><tr><th>Figure</th><th>Value and "
                  "interval</th><th>n</th>"
                  "<th>How</th></tr>\n",
                  page->out);
        }
        begun = true;
        if (strcmp(subject, f->subject) != 0) {
            fputs("<tr><th colspan=\"4\" class=\"subject\">", page->out);
            html_text(page->out, subject = f->subject);
            fputs("</th></tr>\n", page->out);
        }
        fputs("<tr>", page->out);
        cell(page->out, "th", metric_words(f->metric));
        page_value(page, f);
        fprintf(page->out, "<td class=\"n\">%zu</td>", f->n);
        cell(page->out, "td", f->method ? f->method : f->known && f->reason ? f->reason : "");
        fputs("</tr>\n", page->out);
    }
    if (begun) fputs("</table>\n", page->out);
}

/* Classes: a line each, a column for each figure. */
static void wide_classes(const struct page *page) {
    static const char *const metrics[] = {"sensitivity", "specificity",      "ppv", "npv", "f1",
                                          "auc",         "average_precision"};
    static const char *const heads[] = {"Sensitivity", "Specificity", "PPV",           "NPV",
                                        "F1",          "AUC",         "Avg. precision"};
    const struct evaluation *e = page->e;
    if (e->scores->coarse) return;
    fputs("<h3>Each class against the rest</h3><table class=\"wide\"><tr><th></th>", page->out);
    for (size_t m = 0; m < sizeof heads / sizeof *heads; m++) cell(page->out, "th", heads[m]);
    fputs("</tr>\n", page->out);
    for (uint32_t k = 0; k < e->scores->classes; k++) {
        fputs("<tr>", page->out);
        cell(page->out, "th", e->scores->class_names[k]);
        for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++)
            page_value(page,
                       figures_find(&e->figures, "class", e->scores->class_names[k], metrics[m]));
        fputs("</tr>\n", page->out);
    }
    fputs("</table>\n", page->out);
}

void page_figures(const struct page *page) {
    list_section(page, "overall", "All pictures");
    list_section(page, "mask", "Means of pictures, and all pixels pooled");
    list_section(page, "picture", "Each picture");
    list_section(page, "positive", "Positive group against the rest");
    wide_classes(page);
    list_section(page, "fold", "Folds");
    list_section(page, "comparison", "Paired comparison");
}

void page_mistakes(const struct page *page) {
    const struct evaluation *e = page->e;
    FILE *out = page->out;
    if (e->mistake_count) {
        fputs("<h3>The surest wrong answers</h3><table "
              "class=\"list errors\"><tr><th>Picture</th><th>Is</th><th>Answer</th>"
              "<th>Score</th></tr>\n",
              out);
        for (size_t i = 0; i < e->mistake_count; i++) {
            const struct mistake *m = &e->mistakes[i];
            fputs("<tr>", out);
            cell(out, "td", e->scores->ids[m->row]);
            cell(out, "td", e->scores->class_names[e->scores->truth[m->row]]);
            cell(out, "td", e->scores->class_names[m->answer]);
            fprintf(out, "<td>%.4f</td></tr>\n", m->confidence);
        }
        fputs("</table>\n", out);
    } else if (!e->scores->coarse) {
        fputs("<p>No answer was wrong.</p>\n", out);
    }
    if (!page->r->unread_count) return;
    fputs("<h3>Pictures that could not be read</h3><ul>\n", out);
    for (size_t i = 0; i < page->r->unread_count && i < 100; i++)
        cell(out, "li", page->r->unread[i].reason);
    fputs("</ul>\n", out);
}
