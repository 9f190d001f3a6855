#include "cli/report/chart.h"

#include <math.h>

#include "convert/job/text.h"

#define SIDE   230.0 /* of the plot */
#define LEFT   50.0
#define TOP    26.0
#define WIDTH  (LEFT + SIDE + 14)
#define HEIGHT (TOP + SIDE + 42)

void html_text(FILE *out, const char *text) {
    size_t bytes;
    for (; *text; text += bytes) {
        const uint32_t c = text_next(text, &bytes);
        if (c == '<' || c == '>' || c == '&' || c == '"')
            fprintf(out, "&#%u;", c);
        else if (c == TEXT_INVALID || text_is_unsafe(c))
            fputs("\xef\xbf\xbd", out);
        else
            fwrite(text, 1, bytes, out);
    }
}

static double at_x(const struct chart *c, double x) {
    return LEFT + SIDE * (x - c->x_low) / (c->x_high - c->x_low);
}
static double at_y(const struct chart *c, double y) {
    return TOP + SIDE * (c->y_high - y) / (c->y_high - c->y_low);
}

/* Numbers of an axis, without an end of zeros. */
static void put_tick(FILE *out, double x, double y, const char *anchor, double value) {
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%.2g</text>", x, y, anchor,
            fabs(value) < 1e-9 ? 0 : value);
}

struct chart chart_open(FILE *out, const char *title, const char *x_label, const char *y_label,
                        double x_low, double x_high, double y_low, double y_high) {
    struct chart c = {out, x_low, x_high, y_low, y_high, 0, 0, false};
    fprintf(out, "<svg class=\"chart\" viewBox=\"0 0 %g %g\" role=\"img\"><title>", WIDTH, HEIGHT);
    html_text(out, title);
    fprintf(out, "</title><text class=\"head\" x=\"%g\" y=\"14\">", LEFT);
    html_text(out, title);
    fputs("</text>", out);
    for (int i = 0; i <= 5; i++) {
        const double x = x_low + (x_high - x_low) * i / 5, y = y_low + (y_high - y_low) * i / 5;
        chart_segment(&c, "grid", x, y_low, x, y_high);
        chart_segment(&c, "grid", x_low, y, x_high, y);
        put_tick(out, at_x(&c, x), TOP + SIDE + 14, "middle", x);
        put_tick(out, LEFT - 6, at_y(&c, y) + 3, "end", y);
    }
    fprintf(out, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">", LEFT + SIDE / 2,
            TOP + SIDE + 31);
    html_text(out, x_label);
    fprintf(out, "</text><text transform=\"translate(12 %g) rotate(-90)\" text-anchor=\"middle\">",
            TOP + SIDE / 2);
    html_text(out, y_label);
    fputs("</text>", out);
    return c;
}

void chart_close(struct chart *c) {
    fputs("</svg>\n", c->out);
}

void chart_line_begin(struct chart *c, const char *style) {
    fprintf(c->out, "<path class=\"%s\" d=\"", style);
    c->begun = false;
}

void chart_line_to(struct chart *c, double x, double y) {
    const double px = at_x(c, x), py = at_y(c, fmax(y, c->y_low));
    if (c->begun && fabs(px - c->last_x) + fabs(py - c->last_y) < 0.6) return;
    fprintf(c->out, "%c%.1f %.1f", c->begun ? 'L' : 'M', px, py);
    c->last_x = px;
    c->last_y = py;
    c->begun = true;
}

void chart_line_end(struct chart *c) {
    fputs("\"/>", c->out);
}

void chart_segment(struct chart *c, const char *style, double x, double y, double to_x,
                   double to_y) {
    fprintf(c->out, "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>", style,
            at_x(c, x), at_y(c, y), at_x(c, to_x), at_y(c, to_y));
}

void chart_dot(struct chart *c, double x, double y) {
    fprintf(c->out, "<circle class=\"dot\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.2\"/>", at_x(c, x),
            at_y(c, y));
}

void chart_bar(struct chart *c, double from, double to, double height) {
    const double top = at_y(c, height);
    fprintf(c->out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>",
            at_x(c, from), top, at_x(c, to) - at_x(c, from) - 1, TOP + SIDE - top);
}

void chart_words(struct chart *c, double x, double y, bool left, const char *text) {
    fprintf(c->out, "<text class=\"words\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">",
            at_x(c, x) + (left ? -6 : 6), at_y(c, y), left ? "end" : "start");
    html_text(c->out, text);
    fputs("</text>", c->out);
}
