#include "cli/overlay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- colours ---- */

static double polynomial(const double *k, unsigned count, double x) {
    double sum = 0;
    while (count-- > 0) sum = sum * x + k[count];
    return sum;
}

static uint8_t byte_of(double value) {
    return (uint8_t)(value <= 0 ? 0 : value >= 1 ? 255 : value * 255 + 0.5);
}

/* A value between -1 and 1. Turbo is Mikhailov's polynomial of degree 5. */
static void colour_of(enum colours colours, double value, uint8_t rgb[3]) {
    static const double turbo[3][6] = {
        {0.13572138, 4.61539260, -42.66032258, 132.13108234, -152.94239396, 59.28637943},
        {0.09140261, 2.19418839, 4.84296658, -14.18503333, 4.27729857, 2.82956604},
        {0.10667330, 12.64194608, -60.58204836, 110.36276771, -89.90310912, 27.34824973}};
    static const double viridis[5][3] = {{0.267, 0.005, 0.329},
                                         {0.230, 0.322, 0.546},
                                         {0.128, 0.567, 0.551},
                                         {0.369, 0.789, 0.383},
                                         {0.993, 0.906, 0.144}};
    const double size = fmin(fabs(value), 1), at = fmin(size * 4, 3.999999);
    for (int c = 0; c < 3; c++) {
        const double *low = viridis[(int)at], *high = viridis[(int)at + 1];
        const double signed_colour = value >= 0 ? (c == 0 ? 1 : 1 - size) : (c == 2 ? 1 : 1 - size);
        rgb[c] =
            byte_of(colours == COLOURS_TURBO     ? polynomial(turbo[c], 6, size)
                    : colours == COLOURS_VIRIDIS ? low[c] + (at - floor(at)) * (high[c] - low[c])
                    : colours == COLOURS_GREY    ? size
                                                 : signed_colour);
    }
}

/* ---- places ---- */

/* The part of a photo that the model sees: all, or the middle of it in the input's proportions, as fovea_image_fit crops. */
struct box {
    uint32_t top, left, height, width;
};
static struct box box_of(const struct overlay *o) {
    const uint32_t w = o->photo->width, h = o->photo->height;
    struct box box = {0, 0, h, w};
    if (o->fit != FOVEA_FIT_CROP) return box;
    const uint64_t high = (uint64_t)w * o->height / o->width,
                   wide = (uint64_t)h * o->width / o->height;
    box.height = high < h ? (uint32_t)high : h;
    box.width = wide < w ? (uint32_t)wide : w;
    box.top = (h - box.height) / 2;
    box.left = (w - box.width) / 2;
    return box;
}

double overlay_at(const struct overlay *o, uint32_t y, uint32_t x) {
    const struct box box = box_of(o);
    if (y < box.top || x < box.left || y >= box.top + box.height || x >= box.left + box.width)
        return 0;
    double v = ((double)(y - box.top) + 0.5) * (double)o->height / box.height - 0.5;
    double h = ((double)(x - box.left) + 0.5) * (double)o->width / box.width - 0.5;
    v = fmax(0, fmin(v, (double)(o->height - 1)));
    h = fmax(0, fmin(h, (double)(o->width - 1)));
    const size_t row = (size_t)v, column = (size_t)h;
    const size_t below = row + 1 < o->height ? row + 1 : row;
    const size_t next = column + 1 < o->width ? column + 1 : column;
    const double fy = v - (double)row, fx = h - (double)column;
    const double *a = o->map + row * o->width, *b = o->map + below * o->width;
    return (1 - fy) * ((1 - fx) * a[column] + fx * a[next]) +
           fy * ((1 - fx) * b[column] + fx * b[next]);
}

static void pixel_of(const struct fovea_image *p, uint32_t y, uint32_t x, uint8_t rgb[3]) {
    const unsigned channels = p->format == FOVEA_PIXELS_GREY   ? 1
                              : p->format >= FOVEA_PIXELS_RGBA ? 4
                                                               : 3;
    const uint8_t *at = p->pixels + (size_t)y * p->stride + (size_t)x * channels;
    const bool bgr = p->format == FOVEA_PIXELS_BGR || p->format == FOVEA_PIXELS_BGRA;
    for (unsigned c = 0; c < 3; c++) rgb[c] = at[channels == 1 ? 0 : bgr ? 2 - c : c];
}

/* ---- pictures ---- */

#define STRONGEST 0.6 /* how much of a pixel the colour takes at most */

uint8_t *overlay_paint(const struct overlay *o, struct trouble *trouble) {
    const uint32_t w = o->photo->width, h = o->photo->height;
    uint8_t *to = malloc((size_t)w * h * 3);
    if (!to) fail(trouble, "out of memory");
    for (uint32_t y = 0; to && y < h; y++)
        for (uint32_t x = 0; x < w; x++) {
            uint8_t *pixel = to + ((size_t)y * w + x) * 3, colour[3];
            double value = overlay_at(o, y, x) / o->scale;
            if (o->colours != COLOURS_SIGNED && value < 0) value = 0;
            colour_of(o->colours, value, colour);
            const double share = STRONGEST * fmin(fabs(value), 1);
            pixel_of(o->photo, y, x, pixel);
            for (int c = 0; c < 3; c++)
                pixel[c] = (uint8_t)((1 - share) * pixel[c] + share * colour[c] + 0.5);
        }
    return to;
}

/* Digits of 3 x 5 pixels, a row in three bits. */
static const uint8_t glyphs[12][5] = {{7, 5, 5, 5, 7}, {2, 6, 2, 2, 7}, {7, 1, 7, 4, 7},
                                      {7, 1, 7, 1, 7}, {5, 5, 7, 1, 1}, {7, 4, 7, 1, 7},
                                      {7, 4, 7, 5, 7}, {7, 1, 1, 1, 1}, {7, 5, 7, 5, 7},
                                      {7, 5, 7, 1, 7}, {0, 0, 0, 0, 2}, {0, 0, 7, 0, 0}};

struct sheet {
    uint8_t *at;
    uint32_t width, height;
};

static void write_number(struct sheet *s, uint32_t left, uint32_t top, uint32_t size,
                         double value) {
    char text[16];
    snprintf(text, sizeof text, "%.2f", value);
    for (const char *c = text; *c; c++, left += 4 * size) {
        const uint8_t *glyph = glyphs[*c == '.' ? 10 : *c == '-' ? 11 : (*c - '0') % 10];
        for (uint32_t y = 0; y < 5 * size; y++)
            for (uint32_t x = 0; x < 3 * size; x++)
                if (top + y < s->height && left + x < s->width &&
                    glyph[y / size] >> (2 - x / size) & 1)
                    memset(s->at + ((size_t)(top + y) * s->width + left + x) * 3, 0, 3);
    }
}

/* The colours from the bottom, where they stand for `low`, to the top. */
static void paint_bar(struct sheet *s, const struct overlay *o, uint32_t left, uint32_t size) {
    const double low = o->colours == COLOURS_SIGNED ? -1 : 0;
    const uint32_t margin = 5 * size, length = s->height - 2 * margin;
    for (uint32_t y = 0; y < length; y++)
        for (uint32_t x = 0; x < 6 * size; x++)
            colour_of(o->colours, 1 - (1 - low) * y / (double)length,
                      s->at + ((size_t)(margin + y) * s->width + left + x) * 3);
    for (int i = 0; i < 3; i++)
        write_number(s, left + 8 * size, margin / 2 + (uint32_t)i * length / 2, size,
                     o->scale * (1 - (1 - low) * i / 2));
}

uint8_t *overlay_sheet(const struct overlay *o, uint32_t *width, uint32_t *height,
                       struct trouble *trouble) {
    const uint32_t w = o->photo->width, h = o->photo->height < 40 ? 40 : o->photo->height;
    const uint32_t size = h / 100 + 1, gap = 4 * size, bar = 32 * size;
    struct sheet s = {NULL, 2 * w + 2 * gap + bar, h};
    uint8_t *painted = overlay_paint(o, trouble);
    s.at = painted ? malloc((size_t)s.width * s.height * 3) : NULL;
    if (painted && !s.at) fail(trouble, "out of memory");
    if (s.at) memset(s.at, 255, (size_t)s.width * s.height * 3);
    for (uint32_t y = 0; s.at && y < o->photo->height; y++) {
        uint8_t *row = s.at + (size_t)y * s.width * 3;
        for (uint32_t x = 0; x < w; x++) pixel_of(o->photo, y, x, row + (size_t)x * 3);
        memcpy(row + ((size_t)w + gap) * 3, painted + (size_t)y * w * 3, (size_t)w * 3);
    }
    if (s.at) paint_bar(&s, o, 2 * w + 2 * gap, size);
    free(painted);
    *width = s.width;
    *height = s.height;
    return s.at;
}
