/* Charts as inline SVG: axes from 0 to 1 or any other range, lines, points with intervals. */
#ifndef FOVEA_CLI_REPORT_CHART_H
#define FOVEA_CLI_REPORT_CHART_H

#include <stdbool.h>
#include <stdio.h>

struct chart {
    FILE *out;
    double x_low, x_high, y_low, y_high;
    double last_x, last_y; /* of the line being drawn, in pixels */
    bool begun;
};

/* Any text as HTML. */
void html_text(FILE *out, const char *text);

/* A square chart with grid and labels; "" for no title. */
struct chart chart_open(FILE *out, const char *title, const char *x_label, const char *y_label,
                        double x_low, double x_high, double y_low, double y_high);
void chart_close(struct chart *chart);

/* A line through points; those that no eye can tell from the last one are left out. `style` is a class of the page. */
void chart_line_begin(struct chart *chart, const char *style);
void chart_line_to(struct chart *chart, double x, double y);
void chart_line_end(struct chart *chart);
/* One segment. */
void chart_segment(struct chart *chart, const char *style, double x, double y, double to_x,
                   double to_y);
/* A point; a bar from the bottom; words, to the right of a place, or to the left where `left`. */
void chart_dot(struct chart *chart, double x, double y);
void chart_bar(struct chart *chart, double from, double to, double height);
void chart_words(struct chart *chart, double x, double y, bool left, const char *text);

#endif
