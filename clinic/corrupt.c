#include "clinic/corrupt.h"

#include <math.h>
#include <string.h>

#include "clinic/random.h"

const struct change_row change_rows[CHANGES] = {
#define CHANGE(name, what) {#name, what},
#include "clinic/corrupt.def"
#undef CHANGE
};

struct work {
    const struct rgb *from;
    struct rgb *to;
    double *room;
    unsigned level; /* 0 to 4 */
    struct random random;
};

static uint8_t byte_of(double value) {
    return (uint8_t)(value <= 0 ? 0 : value >= 255 ? 255 : value + 0.5);
}

static double uniform(struct random *random) {
    return ((double)random_bits(random) + 0.5) / 4294967296.0;
}

static size_t numbers_of(const struct rgb *p) {
    return (size_t)p->width * p->height * 3;
}

static double pixel(const struct rgb *p, int64_t y, int64_t x, unsigned c) {
    y = y < 0 ? 0 : y >= p->height ? p->height - 1 : y;
    x = x < 0 ? 0 : x >= p->width ? p->width - 1 : x;
    return p->pixels[((size_t)y * p->width + (size_t)x) * 3 + c];
}

/* Between pixels; centres are at halves. */
static double between(const struct rgb *p, double y, double x, unsigned c) {
    const double v = floor(y - 0.5), h = floor(x - 0.5), fy = y - 0.5 - v, fx = x - 0.5 - h;
    const int64_t row = (int64_t)v, column = (int64_t)h;
    return (1 - fy) * ((1 - fx) * pixel(p, row, column, c) + fx * pixel(p, row, column + 1, c)) +
           fy * ((1 - fx) * pixel(p, row + 1, column, c) + fx * pixel(p, row + 1, column + 1, c));
}

static double mean_of(const struct rgb *p, unsigned c) {
    double sum = 0;
    for (size_t i = c; i < numbers_of(p); i += 3) sum += p->pixels[i];
    return sum / ((double)p->width * p->height);
}

/* ---- light and colour: a table for each channel ---- */

static void by_table(struct work *w, double (*value)(const struct work *, double, unsigned)) {
    for (unsigned c = 0; c < 3; c++) {
        uint8_t table[256];
        for (unsigned v = 0; v < 256; v++) table[v] = byte_of(value(w, v, c));
        for (size_t i = c; i < numbers_of(w->from); i += 3)
            w->to->pixels[i] = table[w->from->pixels[i]];
    }
}

static double brighter_value(const struct work *w, double v, unsigned c) {
    (void)c;
    return v + 25.5 * (w->level + 1);
}
static double darker_value(const struct work *w, double v, unsigned c) {
    static const double by[] = {0.85, 0.7, 0.55, 0.4, 0.3};
    (void)c;
    return v * by[w->level];
}
static double gamma_value(const struct work *w, double v, unsigned c) {
    static const double by[] = {1.1, 1.25, 1.4, 1.6, 2};
    (void)c;
    return 255 * pow(v / 255, by[w->level]);
}
static double contrast_value(const struct work *w, double v, unsigned c) {
    return (v - w->room[c]) * (0.9 - 0.1 * w->level) + w->room[c];
}
static const double casts[] = {0.05, 0.1, 0.15, 0.2, 0.3};
static double warm_value(const struct work *w, double v, unsigned c) {
    return v * (1 + (c == 0 ? casts[w->level] : c == 2 ? -casts[w->level] : 0));
}
static double cool_value(const struct work *w, double v, unsigned c) {
    return v * (1 - (c == 0 ? casts[w->level] : c == 2 ? -casts[w->level] : 0));
}

static void corrupt_brighter(struct work *w) {
    by_table(w, brighter_value);
}
static void corrupt_darker(struct work *w) {
    by_table(w, darker_value);
}
static void corrupt_gamma(struct work *w) {
    by_table(w, gamma_value);
}
static void corrupt_contrast(struct work *w) {
    for (unsigned c = 0; c < 3; c++) w->room[c] = mean_of(w->from, c);
    by_table(w, contrast_value);
}
static void corrupt_warm(struct work *w) {
    by_table(w, warm_value);
}
static void corrupt_cool(struct work *w) {
    by_table(w, cool_value);
}

static void corrupt_vignette(struct work *w) {
    static const double by[] = {0.1, 0.2, 0.3, 0.45, 0.6};
    const struct rgb *p = w->from;
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++) {
            const double v = 2 * (double)y / p->height - 1, h = 2 * (double)x / p->width - 1;
            const double factor = 1 - by[w->level] * fmin(v * v + h * h, 2) / 2;
            for (unsigned c = 0; c < 3; c++) {
                const size_t i = ((size_t)y * p->width + x) * 3 + c;
                w->to->pixels[i] = byte_of(p->pixels[i] * factor);
            }
        }
}

static void corrupt_noise(struct work *w) {
    static const double by[] = {0.02, 0.04, 0.06, 0.09, 0.13};
    for (size_t i = 0; i < numbers_of(w->from); i++) {
        const double normal =
            sqrt(-2 * log(uniform(&w->random))) * cos(6.283185307179586 * uniform(&w->random));
        w->to->pixels[i] = byte_of(w->from->pixels[i] + 255 * by[w->level] * normal);
    }
}

/* ---- sharpness ---- */

/* Sums with weights along rows, then along columns where `down`. */
static void filter(struct work *w, const double *weight, int reach, bool down) {
    const struct rgb *p = w->from;
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            for (unsigned c = 0; c < 3; c++) {
                double sum = 0;
                for (int k = -reach; k <= reach; k++)
                    sum += weight[k + reach] * pixel(p, y, (int64_t)x + k, c);
                w->room[((size_t)y * p->width + x) * 3 + c] = sum;
            }
    for (uint32_t y = 0; y < p->height; y++)
        for (size_t i = 0; i < (size_t)p->width * 3; i++) {
            double sum = down ? 0 : w->room[y * (size_t)p->width * 3 + i];
            for (int k = -reach; down && k <= reach; k++) {
                int64_t row = (int64_t)y + k;
                row = row < 0 ? 0 : row >= p->height ? p->height - 1 : row;
                sum += weight[k + reach] * w->room[(size_t)row * p->width * 3 + i];
            }
            w->to->pixels[y * (size_t)p->width * 3 + i] = byte_of(sum);
        }
}

#define REACH 60

static void corrupt_blur(struct work *w) {
    static const double by[] = {0.5, 1, 1.5, 2, 3};
    double weight[2 * REACH + 1], sum = 0;
    const double sigma = by[w->level] * w->from->width / 224;
    int reach = (int)ceil(3 * sigma);
    reach = reach > REACH ? REACH : reach;
    for (int k = -reach; k <= reach; k++)
        sum += weight[k + reach] = exp(-k * k / (2 * sigma * sigma));
    for (int k = 0; k <= 2 * reach; k++) weight[k] /= sum;
    filter(w, weight, reach, true);
}

static void corrupt_motion(struct work *w) {
    static const double by[] = {1, 2, 4, 6, 8};
    double weight[2 * REACH + 1];
    int reach = (int)(by[w->level] * w->from->width / 224 + 0.5);
    reach = reach < 1 ? 1 : reach > REACH ? REACH : reach;
    for (int k = 0; k <= 2 * reach; k++) weight[k] = 1.0 / (2 * reach + 1);
    filter(w, weight, reach, false);
}

static void corrupt_lowres(struct work *w) {
    static const uint32_t by[] = {112, 84, 56, 42, 28};
    const struct rgb *p = w->from;
    const uint32_t width = by[w->level] < p->width ? by[w->level] : p->width;
    uint32_t height = (uint32_t)((uint64_t)p->height * width / p->width);
    height = height < 1 ? 1 : height;
    struct rgb small = {width, height, (uint8_t *)w->room};
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (unsigned c = 0; c < 3; c++) {
                const uint32_t y0 = (uint32_t)((uint64_t)y * p->height / height);
                const uint32_t y1 = (uint32_t)((uint64_t)(y + 1) * p->height / height);
                const uint32_t x0 = (uint32_t)((uint64_t)x * p->width / width);
                const uint32_t x1 = (uint32_t)((uint64_t)(x + 1) * p->width / width);
                double sum = 0;
                for (uint32_t i = y0; i < y1; i++)
                    for (uint32_t j = x0; j < x1; j++) sum += pixel(p, i, j, c);
                small.pixels[((size_t)y * width + x) * 3 + c] =
                    byte_of(sum / ((double)(y1 - y0) * (x1 - x0)));
            }
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            for (unsigned c = 0; c < 3; c++)
                w->to->pixels[((size_t)y * p->width + x) * 3 + c] = byte_of(between(
                    &small, (y + 0.5) * height / p->height, (x + 0.5) * width / p->width, c));
}

/* ---- framing ---- */

static void corrupt_rotation(struct work *w) {
    static const double by[] = {5, 15, 30, 60, 90};
    const struct rgb *p = w->from;
    const double angle = by[w->level] * 3.141592653589793 / 180, s = sin(angle), k = cos(angle);
    const double middle_y = p->height / 2.0, middle_x = p->width / 2.0;
    double mean[3];
    for (unsigned c = 0; c < 3; c++) mean[c] = mean_of(p, c);
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++) {
            const double v = y + 0.5 - middle_y, h = x + 0.5 - middle_x;
            const double from_y = middle_y + s * h + k * v, from_x = middle_x + k * h - s * v;
            const bool inside =
                from_y >= 0 && from_x >= 0 && from_y < p->height && from_x < p->width;
            for (unsigned c = 0; c < 3; c++)
                w->to->pixels[((size_t)y * p->width + x) * 3 + c] =
                    byte_of(inside ? between(p, from_y, from_x, c) : mean[c]);
        }
}

static void corrupt_turn(struct work *w) {
    const struct rgb *p = w->from;
    const bool swap = w->level >= 3;
    w->to->width = swap ? p->height : p->width;
    w->to->height = swap ? p->width : p->height;
    for (uint32_t y = 0; y < w->to->height; y++)
        for (uint32_t x = 0; x < w->to->width; x++) {
            uint32_t row = swap ? x : y, column = swap ? y : x;
            const bool down = w->level == 1 || w->level == 2 || w->level == 4;
            const bool across = w->level == 0 || w->level == 2 || w->level == 3;
            if (down) row = p->height - 1 - row;
            if (across) column = p->width - 1 - column;
            memcpy(w->to->pixels + ((size_t)y * w->to->width + x) * 3,
                   p->pixels + ((size_t)row * p->width + column) * 3, 3);
        }
}

static void corrupt_zoom(struct work *w) {
    static const double by[] = {1.05, 1.1, 1.2, 1.35, 1.5};
    const struct rgb *p = w->from;
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            for (unsigned c = 0; c < 3; c++)
                w->to->pixels[((size_t)y * p->width + x) * 3 + c] =
                    byte_of(between(p, p->height / 2.0 + (y + 0.5 - p->height / 2.0) / by[w->level],
                                    p->width / 2.0 + (x + 0.5 - p->width / 2.0) / by[w->level], c));
}

static void corrupt_shift(struct work *w) {
    static const double by[] = {0.02, 0.05, 0.1, 0.15, 0.2};
    const struct rgb *p = w->from;
    const int64_t d = (int64_t)(p->width * by[w->level]);
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++)
            for (unsigned c = 0; c < 3; c++)
                w->to->pixels[((size_t)y * p->width + x) * 3 + c] =
                    (uint8_t)pixel(p, (int64_t)y - d, (int64_t)x - d, c);
}

static void dot(struct rgb *p, double y, double x, int size, int grey) {
    for (int64_t i = (int64_t)y; i < (int64_t)y + size; i++)
        for (int64_t j = (int64_t)x; j < (int64_t)x + size; j++)
            if (i >= 0 && j >= 0 && i < p->height && j < p->width)
                for (int c = 0; c < 3; c++)
                    p->pixels[((size_t)i * p->width + (size_t)j) * 3 + (size_t)c] =
                        (uint8_t)(grey / (c + 1));
}

static void corrupt_hair(struct work *w) {
    static const unsigned by[] = {3, 6, 12, 20, 35};
    struct random *r = &w->random;
    memcpy(w->to->pixels, w->from->pixels, numbers_of(w->from));
    for (unsigned n = 0; n < by[w->level]; n++) {
        const double y = uniform(r) * w->from->height, x = uniform(r) * w->from->width;
        const double angle = uniform(r) * 3.141592653589793, bend = uniform(r) * 0.6 - 0.3;
        const double length = (0.4 + 0.6 * uniform(r)) * w->from->width;
        const int grey = 20 + (int)(40 * uniform(r));
        const int size = (int)((1 + random_below(r, 2)) * w->from->width / 224.0 + 0.5);
        for (double t = 0; t <= 1; t += 0.5 / length)
            dot(w->to, y + length * t * sin(angle + bend * t),
                x + length * t * cos(angle + bend * t), size < 1 ? 1 : size, grey);
    }
}

/* ---- JPEG without its coding: 8 x 8 cosines, quantised; colours at half the size ---- */

static const uint8_t luminance[64] = {16,  11,  10,  16,  24, 40, 51,  61,  12,  12,  14,  19,  26,
                                      58,  60,  55,  14,  13, 16, 24,  40,  57,  69,  56,  14,  17,
                                      22,  29,  51,  87,  80, 62, 18,  22,  37,  56,  68,  109, 103,
                                      77,  24,  35,  55,  64, 81, 104, 113, 92,  49,  64,  78,  87,
                                      103, 121, 120, 101, 72, 92, 95,  98,  112, 100, 103, 99};
static const uint8_t colours[64] = {17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99,
                                    24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99,
                                    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
                                    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

static void quantise_block(double block[8][8], const uint8_t *table, unsigned quality) {
    static const double step = 3.141592653589793 / 16;
    const double scale = quality < 50 ? 5000.0 / quality : 200 - 2.0 * quality;
    double cosine[8][8], half[8][8];
    for (int u = 0; u < 8; u++)
        for (int x = 0; x < 8; x++)
            cosine[u][x] = cos((2 * x + 1) * u * step) * (u ? 0.5 : 0.3535533905932738);
    for (int y = 0; y < 8; y++)
        for (int u = 0; u < 8; u++) {
            half[y][u] = 0;
            for (int x = 0; x < 8; x++) half[y][u] += cosine[u][x] * block[y][x];
        }
    double whole[8][8];
    for (int v = 0; v < 8; v++)
        for (int u = 0; u < 8; u++) {
            double sum = 0;
            for (int y = 0; y < 8; y++) sum += cosine[v][y] * half[y][u];
            double q = floor((table[8 * v + u] * scale + 50) / 100);
            q = q < 1 ? 1 : q > 255 ? 255 : q;
            whole[v][u] = q * floor(sum / q + 0.5);
        }
    for (int v = 0; v < 8; v++)
        for (int x = 0; x < 8; x++) {
            half[v][x] = 0;
            for (int u = 0; u < 8; u++) half[v][x] += cosine[u][x] * whole[v][u];
        }
    for (int y = 0; y < 8; y++)
        for (int x = 0; x < 8; x++) {
            block[y][x] = 0;
            for (int v = 0; v < 8; v++) block[y][x] += cosine[v][y] * half[v][x];
        }
}

/* One plane of height x width numbers; what lies outside repeats the edge. */
static void quantise(double *plane, uint32_t width, uint32_t height, const uint8_t *table,
                     unsigned quality) {
    for (uint32_t y = 0; y < height; y += 8)
        for (uint32_t x = 0; x < width; x += 8) {
            double block[8][8];
            for (uint32_t i = 0; i < 8; i++)
                for (uint32_t j = 0; j < 8; j++)
                    block[i][j] = plane[(size_t)(y + i < height ? y + i : height - 1) * width +
                                        (x + j < width ? x + j : width - 1)] -
                                  128;
            quantise_block(block, table, quality);
            for (uint32_t i = 0; i < 8 && y + i < height; i++)
                for (uint32_t j = 0; j < 8 && x + j < width; j++)
                    plane[(size_t)(y + i) * width + x + j] = block[i][j] + 128;
        }
}

static void corrupt_jpeg(struct work *w) {
    static const unsigned by[] = {50, 35, 25, 15, 8};
    const struct rgb *p = w->from;
    const uint32_t half_width = (p->width + 1) / 2, half_height = (p->height + 1) / 2;
    const size_t pixels = (size_t)p->width * p->height, half = (size_t)half_width * half_height;
    double *grey = w->room, *blue = grey + pixels, *red = blue + half;
    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *c = p->pixels + 3 * i;
        grey[i] = 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2];
    }
    for (uint32_t y = 0; y < half_height; y++)
        for (uint32_t x = 0; x < half_width; x++) {
            double sum[3] = {0};
            for (unsigned c = 0; c < 3; c++)
                for (uint32_t k = 0; k < 4; k++)
                    sum[c] += pixel(p, 2 * (int64_t)y + k / 2, 2 * (int64_t)x + k % 2, c) / 4;
            const double mean = 0.299 * sum[0] + 0.587 * sum[1] + 0.114 * sum[2];
            blue[(size_t)y * half_width + x] = 128 + 0.564334 * (sum[2] - mean);
            red[(size_t)y * half_width + x] = 128 + 0.713267 * (sum[0] - mean);
        }
    quantise(grey, p->width, p->height, luminance, by[w->level]);
    quantise(blue, half_width, half_height, colours, by[w->level]);
    quantise(red, half_width, half_height, colours, by[w->level]);
    for (uint32_t y = 0; y < p->height; y++)
        for (uint32_t x = 0; x < p->width; x++) {
            const size_t i = (size_t)y * p->width + x, j = (size_t)(y / 2) * half_width + x / 2;
            uint8_t *to = w->to->pixels + 3 * i;
            to[0] = byte_of(grey[i] + 1.402 * (red[j] - 128));
            to[1] = byte_of(grey[i] - 0.344136 * (blue[j] - 128) - 0.714136 * (red[j] - 128));
            to[2] = byte_of(grey[i] + 1.772 * (blue[j] - 128));
        }
}

void corrupt(const struct rgb *from, enum change change, unsigned level, uint64_t seed,
             double *room, struct rgb *to) {
    static void (*const all[CHANGES])(struct work *) = {
#define CHANGE(name, what) corrupt_##name,
#include "clinic/corrupt.def"
#undef CHANGE
    };
    struct work work = {from, to, room, level - 1, random_start(seed)};
    to->width = from->width;
    to->height = from->height;
    all[change](&work);
}
