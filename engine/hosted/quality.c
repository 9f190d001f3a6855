/* What a photo is like, in five numbers. */
#include "include/fovea_verdict.h"

#define WORKING 224u /* pixels of width at most that are looked at */

struct working {
    const struct fovea_image *image;
    uint32_t width, height, red, green, blue, channels;
};

static struct working working_of(const struct fovea_image *image) {
    struct working w = {.image = image, .width = image->width, .height = image->height};
    if (w.width > WORKING) {
        w.width = WORKING;
        w.height =
            (uint32_t)(((uint64_t)image->height * WORKING + image->width / 2) / image->width);
        if (w.height < 1) w.height = 1;
    }
    if (w.height > image->height) w.height = image->height;
    w.channels = image->format == FOVEA_PIXELS_GREY   ? 1
                 : image->format >= FOVEA_PIXELS_RGBA ? 4
                                                      : 3;
    const bool bgr = image->format == FOVEA_PIXELS_BGR || image->format == FOVEA_PIXELS_BGRA;
    w.red = w.channels == 1 ? 0 : bgr ? 2 : 0;
    w.green = w.channels == 1 ? 0 : 1;
    w.blue = w.channels == 1 ? 0 : bgr ? 0 : 2;
    return w;
}

/* The mean of the pixels that fall into a working pixel: grey by ITU-R BT.601, and red minus blue. */
static void look(const struct working *w, uint32_t x, uint32_t y, double *grey, double *warmth) {
    const struct fovea_image *p = w->image;
    const uint32_t x0 = (uint32_t)((uint64_t)x * p->width / w->width);
    const uint32_t x1 = (uint32_t)((uint64_t)(x + 1) * p->width / w->width);
    const uint32_t y0 = (uint32_t)((uint64_t)y * p->height / w->height);
    const uint32_t y1 = (uint32_t)((uint64_t)(y + 1) * p->height / w->height);
    uint64_t red = 0, green = 0, blue = 0;
    for (uint32_t row = y0; row < y1; row++)
        for (uint32_t column = x0; column < x1; column++) {
            const uint8_t *pixel = p->pixels + row * p->stride + (size_t)column * w->channels;
            red += pixel[w->red];
            green += pixel[w->green];
            blue += pixel[w->blue];
        }
    const double n = (double)(x1 - x0) * (double)(y1 - y0);
    *grey = (0.299 * (double)red + 0.587 * (double)green + 0.114 * (double)blue) / n;
    *warmth = ((double)red - (double)blue) / n;
}

struct sums {
    double grey, squares, warmth, clipped, laplacian, laplacian_squares, inner;
};

/* `rows` are the last three rows of grey; looks at the middle one's neighbours. */
static void sharpen(struct sums *s, double rows[3][WORKING], uint32_t y, uint32_t width) {
    const double *up = rows[(y + 1) % 3], *at = rows[(y + 2) % 3], *down = rows[y % 3];
    for (uint32_t x = 1; x + 1 < width; x++) {
        const double value = up[x] + down[x] + at[x - 1] + at[x + 1] - 4 * at[x];
        s->laplacian += value;
        s->laplacian_squares += value * value;
        s->inner += 1;
    }
}

static double variance(double sum, double squares, double n) {
    const double value = n > 0 ? squares / n - (sum / n) * (sum / n) : 0;
    return value > 0 ? value : 0;
}

static double root(double value) {
    double guess = value > 1 ? value : 1;
    for (int i = 0; i < 40; i++) guess = (guess + value / guess) / 2;
    return guess;
}

void fovea_quality_of(const struct fovea_image *image, float quality[FOVEA_QUALITY_COUNT]) {
    const struct working w = working_of(image);
    double rows[3][WORKING];
    struct sums s = {0};
    for (uint32_t y = 0; y < w.height; y++) {
        for (uint32_t x = 0; x < w.width; x++) {
            double grey, warmth;
            look(&w, x, y, &grey, &warmth);
            rows[y % 3][x] = grey;
            s.grey += grey;
            s.squares += grey * grey;
            s.warmth += warmth;
            s.clipped += grey < 3 || grey > 252;
        }
        if (y >= 2) sharpen(&s, rows, y, w.width);
    }
    const double n = (double)w.width * (double)w.height;
    quality[FOVEA_QUALITY_LIGHT] = (float)(s.grey / n);
    quality[FOVEA_QUALITY_CONTRAST] = (float)root(variance(s.grey, s.squares, n));
    quality[FOVEA_QUALITY_SHARPNESS] = (float)variance(s.laplacian, s.laplacian_squares, s.inner);
    quality[FOVEA_QUALITY_CLIPPED] = (float)(s.clipped / n);
    quality[FOVEA_QUALITY_WARMTH] = (float)(s.warmth / n);
}

const char *fovea_quality_name(enum fovea_quality quality) {
    static const char *const names[] = {"light", "contrast", "sharpness", "clipped", "warmth"};
    return (unsigned)quality < FOVEA_QUALITY_COUNT ? names[quality] : "unknown quality";
}
