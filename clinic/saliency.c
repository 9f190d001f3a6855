#include "clinic/saliency.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clinic/random.h"

static size_t place_of(const struct canvas *c, size_t y, size_t x, size_t channel) {
    return y * c->by_row + x * c->by_column + channel * c->by_channel;
}

static size_t count_of(const struct canvas *c) {
    return c->height * c->width * c->channels;
}

static void restore(struct canvas *c, const float *whole) {
    memcpy(c->values, whole, count_of(c) * sizeof *whole);
}

static double ask(struct judge_of *judge, const struct canvas *canvas) {
    judge->asked++;
    return judge->score(judge->context, canvas);
}

/* ---- fills ---- */

/* The mean of a channel over a box. */
static double box_mean(const struct canvas *c, size_t y0, size_t y1, size_t x0, size_t x1,
                       size_t channel) {
    double sum = 0;
    for (size_t y = y0; y < y1; y++)
        for (size_t x = x0; x < x1; x++) sum += (double)c->values[place_of(c, y, x, channel)];
    return sum / ((double)(y1 - y0) * (double)(x1 - x0));
}

void saliency_fill(const struct canvas *from, enum saliency_fill fill, const float *black,
                   float *to) {
    const size_t side = fill == SALIENCY_BLUR ? (from->width + 15) / 16 : 0;
    for (size_t c = 0; c < from->channels; c++) {
        const float whole = fill == SALIENCY_BLACK
                                ? black[c]
                                : (float)box_mean(from, 0, from->height, 0, from->width, c);
        for (size_t y = 0; y < from->height; y++)
            for (size_t x = 0; x < from->width; x++) to[place_of(from, y, x, c)] = whole;
        for (size_t y = 0; side && y < from->height; y += side)
            for (size_t x = 0; x < from->width; x += side) {
                const size_t y1 = y + side < from->height ? y + side : from->height;
                const size_t x1 = x + side < from->width ? x + side : from->width;
                const float mean = (float)box_mean(from, y, y1, x, x1, c);
                for (size_t i = y; i < y1; i++)
                    for (size_t j = x; j < x1; j++) to[place_of(from, i, j, c)] = mean;
            }
    }
}

/* ---- occlusion ---- */

/* Window `i` of `grid` along a side: from *start, the length. */
static size_t window_of(size_t side, unsigned grid, unsigned i, size_t *start) {
    size_t length = (2 * side + (grid + 1) / 2) / (grid + 1);
    length = length < 1 ? 1 : length > side ? side : length;
    *start = grid > 1 ? ((side - length) * i + (grid - 1) / 2) / (grid - 1) : 0;
    return length;
}

bool saliency_occlusion(struct canvas *canvas, const float *whole, const float *fill, unsigned grid,
                        struct judge_of *judge, double base, double *map, struct trouble *trouble) {
    const size_t pixels = canvas->height * canvas->width;
    double *times = calloc(pixels, sizeof *times);
    if (!times) return fail(trouble, "out of memory");
    for (size_t i = 0; i < pixels; i++) map[i] = 0;
    for (unsigned gy = 0; gy < grid; gy++)
        for (unsigned gx = 0; gx < grid; gx++) {
            size_t y0, x0;
            const size_t y1 = window_of(canvas->height, grid, gy, &y0) + y0;
            const size_t x1 = window_of(canvas->width, grid, gx, &x0) + x0;
            restore(canvas, whole);
            for (size_t c = 0; c < canvas->channels; c++)
                for (size_t y = y0; y < y1; y++)
                    for (size_t x = x0; x < x1; x++) {
                        const size_t at = place_of(canvas, y, x, c);
                        canvas->values[at] = fill[at];
                    }
            const double drop = base - ask(judge, canvas);
            for (size_t y = y0; y < y1; y++)
                for (size_t x = x0; x < x1; x++) {
                    map[y * canvas->width + x] += drop;
                    times[y * canvas->width + x]++;
                }
        }
    for (size_t i = 0; i < pixels; i++) map[i] = times[i] > 0 ? map[i] / times[i] : 0;
    restore(canvas, whole);
    free(times);
    return true;
}

/* ---- RISE ---- */

#define CELLS 7

static double uniform(struct random *random) {
    return (double)random_bits(random) / 4294967296.0;
}

/* A mask: cells of 0 and 1, stretched a cell larger than the picture, and cut out of that at random. */
static void draw_mask(struct random *random, size_t height, size_t width, double *mask) {
    double cell[CELLS + 1][CELLS + 1];
    for (size_t y = 0; y <= CELLS; y++)
        for (size_t x = 0; x <= CELLS; x++) cell[y][x] = random_bits(random) >> 31;
    const double high = (double)height / CELLS, wide = (double)width / CELLS;
    const double down = uniform(random), right = uniform(random);
    for (size_t y = 0; y < height; y++) {
        const double v = fmin((double)y / high + down, CELLS - 1e-9);
        const size_t row = (size_t)v;
        for (size_t x = 0; x < width; x++) {
            const double h = fmin((double)x / wide + right, CELLS - 1e-9);
            const size_t column = (size_t)h;
            const double fy = v - (double)row, fx = h - (double)column;
            mask[y * width + x] =
                (1 - fy) * ((1 - fx) * cell[row][column] + fx * cell[row][column + 1]) +
                fy * ((1 - fx) * cell[row + 1][column] + fx * cell[row + 1][column + 1]);
        }
    }
}

bool saliency_rise(struct canvas *canvas, const float *whole, const float *fill, unsigned masks,
                   uint64_t seed, struct judge_of *judge, double *map, struct trouble *trouble) {
    const size_t pixels = canvas->height * canvas->width;
    struct random random = random_start(seed);
    double *mask = calloc(pixels, sizeof *mask), *kept = calloc(pixels, sizeof *kept), mean = 0;
    for (size_t i = 0; i < pixels; i++) map[i] = 0;
    for (unsigned m = 0; mask && kept && m < masks; m++) {
        draw_mask(&random, canvas->height, canvas->width, mask);
        for (size_t y = 0; y < canvas->height; y++)
            for (size_t x = 0; x < canvas->width; x++)
                for (size_t c = 0; c < canvas->channels; c++) {
                    const size_t at = place_of(canvas, y, x, c);
                    const double share = mask[y * canvas->width + x];
                    canvas->values[at] =
                        (float)(share * (double)whole[at] + (1 - share) * (double)fill[at]);
                }
        const double score = ask(judge, canvas);
        mean += score / masks;
        for (size_t i = 0; i < pixels; i++) {
            map[i] += score * mask[i];
            kept[i] += mask[i];
        }
    }
    for (size_t i = 0; kept && i < pixels; i++) map[i] = kept[i] > 0 ? map[i] / kept[i] - mean : 0;
    restore(canvas, whole);
    const bool done = mask && kept;
    free(mask);
    free(kept);
    return done || fail(trouble, "out of memory");
}

/* ---- maps ---- */

void saliency_stretch(const double *from, size_t height, size_t width, double *to, size_t to_height,
                      size_t to_width) {
    for (size_t y = 0; y < to_height; y++) {
        double v = ((double)y + 0.5) * (double)height / (double)to_height - 0.5;
        v = v < 0 ? 0 : v > (double)(height - 1) ? (double)(height - 1) : v;
        const size_t row = (size_t)v, below = row + 1 < height ? row + 1 : row;
        const double fy = v - (double)row;
        for (size_t x = 0; x < to_width; x++) {
            double h = ((double)x + 0.5) * (double)width / (double)to_width - 0.5;
            h = h < 0 ? 0 : h > (double)(width - 1) ? (double)(width - 1) : h;
            const size_t column = (size_t)h, next = column + 1 < width ? column + 1 : column;
            const double fx = h - (double)column;
            to[y * to_width + x] =
                (1 - fy) * ((1 - fx) * from[row * width + column] + fx * from[row * width + next]) +
                fy * ((1 - fx) * from[below * width + column] + fx * from[below * width + next]);
        }
    }
}

void saliency_random(double *map, size_t height, size_t width, uint64_t seed) {
    struct random random = random_start(seed);
    for (size_t i = 0; i < height * width; i++) map[i] = uniform(&random);
}

void saliency_centre(double *map, size_t height, size_t width) {
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            const double v = ((double)y + 0.5) / (double)height - 0.5;
            const double h = ((double)x + 0.5) / (double)width - 0.5;
            map[y * width + x] = exp(-8 * (v * v + h * h));
        }
}

/* ---- faithfulness ---- */

struct ranked {
    double value;
    size_t at;
};
static int by_value(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->value != y->value) return x->value > y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* The area while pixels of `from` become those of `to`, in order. */
static double area(struct canvas *c, const float *from, const float *to, const struct ranked *order,
                   unsigned steps, struct judge_of *judge) {
    const size_t pixels = c->height * c->width;
    double sum = 0, first = 0, last = 0;
    restore(c, from);
    for (unsigned s = 0; s <= steps; s++) {
        const size_t begin = s ? pixels * (s - 1) / steps : 0, end = s ? pixels * s / steps : 0;
        for (size_t i = begin; i < end; i++)
            for (size_t k = 0; k < c->channels; k++) {
                const size_t at = place_of(c, order[i].at / c->width, order[i].at % c->width, k);
                c->values[at] = to[at];
            }
        last = ask(judge, c);
        if (s == 0) first = last;
        sum += last;
    }
    return (sum - first / 2 - last / 2) / steps;
}

bool saliency_faithful(struct canvas *canvas, const float *whole, const float *fill,
                       const float *blurred, const double *map, unsigned steps,
                       struct judge_of *judge, struct faithfulness *found,
                       struct trouble *trouble) {
    const size_t pixels = canvas->height * canvas->width;
    struct ranked *order = malloc(pixels * sizeof *order);
    if (!order) return fail(trouble, "out of memory");
    for (size_t i = 0; i < pixels; i++) order[i] = (struct ranked){map[i], i};
    qsort(order, pixels, sizeof *order, by_value);
    found->deletion = area(canvas, whole, fill, order, steps, judge);
    found->insertion = area(canvas, blurred, whole, order, steps, judge);
    restore(canvas, whole);
    free(order);
    return true;
}
