/* One page that needs nothing else: no script, no font, no picture from elsewhere; it prints on A4. The order is
 * that in which readers of STARD, CLAIM and TRIPOD+AI look for things. */
#include "cli/report/chart.h"
#include "cli/report/page.h"
#include "weights/model.h"

static const char style[] =
    "@page{size:A4;margin:16mm 15mm}"
    "body{font:10.5pt/1.45 system-ui,'Segoe UI',Roboto,'Helvetica "
    "Neue',Arial,sans-serif;color:#1b2733;max-width:180mm;"
    "margin:12mm auto;padding:0 5mm}"
    "h1{font-size:21pt;line-height:1.2;margin:0 0 1mm}"
    "h2{font-size:13.5pt;margin:9mm 0 2mm;padding-bottom:1mm;border-bottom:1.5pt solid #0b6e99}"
    "h3{font-size:11pt;margin:5mm 0 1.5mm}h4{font-size:10.5pt;margin:0 0 1mm}"
    "h2,h3,h4{break-after:avoid}p{margin:1.5mm 0}.quiet,.aside{color:#5a6b7a;font-size:9.5pt}"
    "table{border-collapse:collapse;font-size:9.5pt;margin:1mm 0 3mm}"
    "th,td{padding:.8mm 2.2mm;text-align:right;border-bottom:.5pt solid #dbe2e8;vertical-align:top;"
    "font-variant-numeric:tabular-nums}"
    "th{font-weight:600;text-align:left}tr{break-inside:avoid}tr:first-child{break-after:avoid}"
    "td small{color:#5a6b7a;font-size:8.5pt;white-space:nowrap}td.none small{white-space:normal}"
    "table.list{width:100%}table.list tr:first-child th{white-space:nowrap}table.list "
    "td:last-child{color:#5a6b7a;font-size:8.5pt;text-align:left}"
    ".subject{background:#eef3f6}.n{color:#5a6b7a;white-space:nowrap}"
    "table.wide{font-size:8.5pt;width:100%}table.wide th,table.wide td{padding:.7mm "
    "1mm;text-align:right}table.wide th:first-child{text-align:left}table.wide td "
    "small{font-size:7pt}table.errors td{text-align:left}.charts.small{grid-template-columns:1fr "
    "1fr "
    "1fr}table.wide td small{display:block}"
    "table.matrix{font-size:9pt;break-inside:avoid}table.matrix td{text-align:center;border:.5pt "
    "solid "
    "#dbe2e8;min-width:9mm}"
    "table.matrix small{display:block;color:inherit;opacity:.8;font-size:7.5pt}"
    "table.matrix th{text-align:center}table.matrix th:first-child{text-align:right}"
    ".cards{display:flex;gap:3mm;margin:4mm 0;flex-wrap:wrap}"
    ".card{flex:1 1 38mm;border:.7pt solid #cfd9e1;border-radius:1.5mm;padding:2.5mm "
    "3mm;break-inside:avoid}"
    ".card b{display:block;font-size:18pt;line-height:1.2;color:#0b6e99}.card "
    "span{display:block;font-size:9pt}"
    ".card small{color:#5a6b7a}"
    ".flow{display:flex;align-items:center;gap:2mm;margin:3mm 0;font-size:9.5pt}"
    ".flow div{border:.7pt solid #9fb2c0;border-radius:1mm;padding:1.5mm 3mm}"
    ".notes{background:#fdf5ec;border-left:2pt solid #c9582c;padding:1.5mm 4mm;break-inside:avoid}"
    ".notes li{margin:1mm 0}.notes ul{margin:1mm 0;padding-left:4mm}"
    ".charts{display:grid;grid-template-columns:1fr 1fr;gap:3mm 5mm;align-items:center}"
    ".pair{display:grid;grid-template-columns:1fr 1fr;gap:3mm 6mm}.point{break-inside:avoid}"
    "svg{width:100%;height:auto;break-inside:avoid;font:9px system-ui,Arial,sans-serif}svg "
    "text{fill:#1b2733}"
    "svg .head{font-weight:600;font-size:10.5px}svg .words{fill:#5a6b7a}"
    ".grid{stroke:#e4eaee;stroke-width:.7}.even{stroke:#9aa9b5;stroke-width:1;fill:none}"
    ".line{stroke:#0b6e99;stroke-width:1.6;fill:none;stroke-linejoin:round}"
    ".cross{stroke:#c9582c;stroke-width:1.4}.dot{fill:#c9582c}.bar{fill:#bcd7e3}.mark{fill:#0b6e99}"
    ".forest .cross{stroke:#0b6e99}"
    "footer{margin-top:9mm;border-top:.5pt solid "
    "#cfd9e1;padding-top:2mm;color:#5a6b7a;font-size:8.5pt}"
    "code{font-size:9pt;overflow-wrap:anywhere}";

static void card(const struct page *page, const struct figure *f, const char *name,
                 const char *more) {
    if (!f || !f->known) return;
    fprintf(page->out, "<div class=\"card\"><b>%.3f</b><span>", f->value);
    html_text(page->out, name);
    fputs("</span><small>", page->out);
    if (f->ranged) fprintf(page->out, "%.3f to %.3f, ", f->low, f->high);
    fprintf(page->out, "n %zu", f->n);
    if (more) {
        fputs("<br>", page->out);
        html_text(page->out, more);
    }
    fputs("</small></div>\n", page->out);
}

static void put_cards(const struct page *page) {
    const struct figures *f = &page->e->figures;
    char more[80] = "", name[120];
    const struct figure *majority = figures_find(f, "overall", "", "majority_baseline");
    if (majority) snprintf(more, sizeof more, "always the same answer: %.3f", majority->value);
    fputs("<div class=\"cards\">\n", page->out);
    card(page, figures_find(f, "overall", "", "accuracy"), "Accuracy", more);
    card(page, figures_find(f, "mask", "", "dice"), "Dice, mean of pictures", NULL);
    card(page, figures_find(f, "mask", "", "hausdorff95"), "Hausdorff distance, 95 %, pixels",
         NULL);
    card(page, figures_find(f, "overall", "", "balanced_accuracy"), "Balanced accuracy", NULL);
    if (page->e->positive.name) {
        snprintf(name, sizeof name, "AUC of %s", page->e->positive.name);
        card(page, figures_find(f, "positive", page->e->positive.name, "auc"), name, NULL);
    }
    if (page->e->point_count) {
        const struct point *p = &page->e->points[0];
        const char *where =
            p->elsewhere ? "threshold chosen elsewhere" : "threshold chosen on these pictures";
        card(page, figures_find(f, "point", p->subject, "sensitivity"), "Sensitivity", where);
        card(page, figures_find(f, "point", p->subject, "specificity"), "Specificity", where);
    }
    fputs("</div>\n", page->out);
}

static void row(FILE *out, const char *name, const char *text, uint64_t hash) {
    if (!text) return;
    fprintf(out, "<tr><th>%s</th><td style=\"text-align:left\"><code>", name);
    html_text(out, text);
    fputs("</code>", out);
    if (hash) fprintf(out, " <small>fnv1a64:%016llx</small>", (unsigned long long)hash);
    fputs("</td></tr>\n", out);
}

static void put_identity(const struct page *page) {
    const struct report *r = page->r;
    FILE *out = page->out;
    fputs("<h2>1 &#160;What was evaluated</h2>\n<table>", out);
    row(out, "Model", r->model ? r->model : "scores alone: see the file", r->model_hash);
    row(out, "Pictures", page->e->scores->name, r->data_hash);
    row(out, "Compared with", r->against, 0);
    row(out, "Thresholds chosen on", r->chosen_on, 0);
    fprintf(out,
            "<tr><th>Program</th><td style=\"text-align:left\">fovea %d.%d.%d; intervals "
            "%g&#8239;%%; bootstrap %u "
            "draws, seed %llu</td></tr></table>\n",
            FOVEA_VERSION_MAJOR, FOVEA_VERSION_MINOR, FOVEA_VERSION_PATCH,
            100 * page->e->wishes->level, page->e->wishes->draws,
            (unsigned long long)page->e->wishes->seed);
    fprintf(out,
            "<div class=\"flow\"><div>%zu pictures given</div>&#8594;<div>%zu could not be "
            "read</div>&#8594;<div>"
            "<b>%u evaluated</b></div></div>\n",
            r->found, r->unread_count, page->e->scores->n);
    if (page->e->note_count) {
        fputs("<div class=\"notes\"><b>To know before reading the figures</b><ul>\n", out);
        for (size_t i = 0; i < page->e->note_count; i++) {
            fputs("<li>", out);
            html_text(out, page->e->notes[i]);
            fputs("</li>\n", out);
        }
        fputs("</ul></div>\n", out);
    }
}

static void put_groups(const struct page *page) {
    const struct evaluation *e = page->e;
    if (!e->wishes->group_count) {
        fputs("<p>No subgroups were asked for (<code>--group</code>).</p>\n", page->out);
        return;
    }
    page_forest(page, "group", "accuracy");
    page_forest(page, "group", "auc");
    page_forest(page, "group", "sensitivity");
    fputs("<p class=\"quiet\">Intervals of small groups are wide: that a group's figure is lower "
          "may be chance.</p>\n",
          page->out);
}

/* Of answers that are classes. */
static void put_classes(const struct page *p) {
    FILE *out = p->out;
    fputs("<h2>2 &#160;Classes</h2>\n", out);
    page_counts(p);
    fputs("<h2>3 &#160;Answers</h2>\n", out);
    page_confusion(p);
    page_points(p);
    fputs("<h2>4 &#160;Curves</h2>\n", out);
    page_curves(p);
    fputs("<h2>5 &#160;Calibration and usefulness</h2>\n", out);
    page_calibration(p);
    fputs("<h2>6 &#160;Subgroups</h2>\n", out);
    put_groups(p);
    fputs("<h2>7 &#160;All figures</h2>\n", out);
    page_figures(p);
    fputs("<h2>8 &#160;Errors</h2>\n", out);
    page_risk(p);
    page_mistakes(p);
}

/* Of answers that are masks. */
static void put_masks(const struct page *page) {
    fputs("<h2>2 &#160;Masks</h2>\n", page->out);
    page_figures(page);
    fputs("<h2>3 &#160;Errors</h2>\n", page->out);
    page_mistakes(page);
}

void report_html(const struct report *r, FILE *out) {
    const struct page page = {r, r->e, out};
    const char *title = r->title ? r->title : "Evaluation of an image classifier";
    fputs(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width\"><title>",
        out);
    html_text(out, title);
    fprintf(out, "</title><style>%s</style></head><body>\n<h1>", style);
    html_text(out, title);
    fputs("</h1><p class=\"quiet\">", out);
    html_text(out, r->model ? r->model : r->e->scores->name);
    fprintf(out, ", %u pictures</p>\n", r->e->scores->n);
    put_cards(&page);
    put_identity(&page);
    if (r->e->scores->classes)
        put_classes(&page);
    else
        put_masks(&page);
    fputs("<footer>Intervals: of proportions Wilson or Clopper-Pearson, of AUCs DeLong, of other "
          "figures the percentile "
          "bootstrap, as said beside each. n is the number of pictures a figure is of. These "
          "figures are of these "
          "pictures: they say nothing about pictures of another camera, clinic or group of "
          "patients. This page is no "
          "approval of any kind.</footer>\n</body></html>\n",
          out);
}
