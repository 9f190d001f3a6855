/* The parts of the page, in the order of their numbers on it. */
#ifndef FOVEA_CLI_REPORT_PAGE_H
#define FOVEA_CLI_REPORT_PAGE_H

#include "cli/report/report.h"

struct page {
    const struct report *r;
    const struct evaluation *e;
    FILE *out;
};

/* page_tables.c */
void page_counts(const struct page *page);
void page_confusion(const struct page *page);
void page_points(const struct page *page);
void page_figures(const struct page *page);
void page_mistakes(const struct page *page);

/* page_charts.c */
void page_curves(const struct page *page);
void page_calibration(const struct page *page);
void page_forest(const struct page *page, const char *section, const char *metric);
void page_risk(const struct page *page);

/* "0.803 <small>0.772 to 0.834</small>", or the reason why there is none. */
void page_value(const struct page *page, const struct figure *figure);

#endif
