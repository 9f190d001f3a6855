/* What a photo is like, in five numbers. */
#include "include/fovea_verdict.h"

#define WORKING 224u /* pixels of width at most that are looked at */

struct working {
    const struct fovea_image *image;
    uint32_t left, top, part_width, part_height; /* what of the picture is used */
    uint32_t width, height;
};

static struct working working_of(const struct fovea_image *image) {
    struct working w = {.image = image,
                        .left = image->left < image->width ? image->left : 0,
                        .top = image->top < image->height ? image->top : 0};
    w.part_width = image->width - w.left;
    w.part_height = image->height - w.top;
    if (image->part_width && image->part_width < w.part_width) w.part_width = image->part_width;
    if (image->part_height && image->part_height < w.part_height)
        w.part_height = image->part_height;
    w.width = w.part_width < WORKING ? w.part_width : WORKING;
    w.height = (uint32_t)((uint64_t)w.part_height * w.width / w.part_width);
    if (w.height < 1) w.height = 1;
    return w;
}

/* Red, green and blue of a camera's numbers, 0 to 255 or beyond by what rounding leaves. */
static void of_yuv(const struct fovea_image *p, uint32_t y, uint32_t x, double rgb[3]) {
    const bool video = p->yuv == FOVEA_YUV_BT601_VIDEO || p->yuv == FOVEA_YUV_BT709_VIDEO;
    const bool old = p->yuv == FOVEA_YUV_BT601_VIDEO || p->yuv == FOVEA_YUV_BT601_FULL;
    const double red = old ? 0.299 : 0.2126, blue = old ? 0.114 : 0.0722;
    const size_t at = (size_t)(y / 2) * p->chroma_stride + (size_t)(x / 2) * p->chroma_step;
    const double by = video ? 255.0 / 219 : 1, chroma = video ? 255.0 / 224 : 1;
    const double grey = ((double)p->pixels[y * p->stride + x] - (video ? 16 : 0)) * by;
    const double u = ((double)p->u[at] - 128) * chroma, v = ((double)p->v[at] - 128) * chroma;
    rgb[0] = grey + 2 * (1 - red) * v;
    rgb[2] = grey + 2 * (1 - blue) * u;
    rgb[1] = (grey - red * rgb[0] - blue * rgb[2]) / (1 - red - blue);
}

static void of_565(const uint8_t *at, double rgb[3]) {
    const unsigned word = at[0] | (unsigned)at[1] << 8;
    rgb[0] = (word >> 11) * 255.0 / 31;
    rgb[1] = (word >> 5 & 63) * 255.0 / 63;
    rgb[2] = (word & 31) * 255.0 / 31;
}

static void pixel_at(const struct fovea_image *p, uint32_t y, uint32_t x, double rgb[3]) {
    static const unsigned places[][4] = {/* bytes, red, green, blue */
                                         [FOVEA_PIXELS_GREY] = {1, 0, 0, 0},
                                         [FOVEA_PIXELS_RGB] = {3, 0, 1, 2},
                                         [FOVEA_PIXELS_BGR] = {3, 2, 1, 0},
                                         [FOVEA_PIXELS_RGBA] = {4, 0, 1, 2},
                                         [FOVEA_PIXELS_BGRA] = {4, 2, 1, 0}};
    if (p->format == FOVEA_PIXELS_YUV420) {
        of_yuv(p, y, x, rgb);
        return;
    }
    const uint8_t *row = p->pixels + (size_t)y * p->stride;
    if (p->format == FOVEA_PIXELS_RGB565) {
        of_565(row + 2 * (size_t)x, rgb);
        return;
    }
    const unsigned *place = places[p->format];
    for (int c = 0; c < 3; c++) rgb[c] = row[(size_t)x * place[0] + place[1 + c]];
}

/* The mean of the pixels that fall into a working pixel: grey by ITU-R BT.601, and red minus blue. */
static void look(const struct working *w, uint32_t x, uint32_t y, double *grey, double *warmth) {
    const uint32_t x0 = (uint32_t)((uint64_t)x * w->part_width / w->width);
    const uint32_t x1 = (uint32_t)((uint64_t)(x + 1) * w->part_width / w->width);
    const uint32_t y0 = (uint32_t)((uint64_t)y * w->part_height / w->height);
    const uint32_t y1 = (uint32_t)((uint64_t)(y + 1) * w->part_height / w->height);
    double sum[3] = {0}, rgb[3];
    for (uint32_t row = y0; row < y1; row++)
        for (uint32_t column = x0; column < x1; column++) {
            pixel_at(w->image, w->top + row, w->left + column, rgb);
            for (int c = 0; c < 3; c++) sum[c] += rgb[c];
        }
    const double n = (double)(x1 - x0) * (double)(y1 - y0);
    *grey = (0.299 * sum[0] + 0.587 * sum[1] + 0.114 * sum[2]) / n;
    *warmth = (sum[0] - sum[2]) / n;
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
