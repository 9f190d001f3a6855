/* Steps of a recipe whose pixels depend on their neighbours: OpenCV's CLAHE, medianBlur and GaussianBlur, bit for
 * bit. */
#include "engine/math.h"
#include "engine/resize.h"

/* Where the picture goes on as in a window_mirror whose last row it is (BORDER_REFLECT_101). */
static uint32_t window_mirror(int32_t at, uint32_t size) {
    if (size == 1) return 0;
    while (at < 0 || at >= (int32_t)size) at = at < 0 ? -at : 2 * (int32_t)(size - 1) - at;
    return (uint32_t)at;
}

static uint32_t window_replicate(int32_t at, uint32_t size) {
    return at < 0 ? 0 : (uint32_t)at >= size ? size - 1 : (uint32_t)at;
}

/* ---- contrast limited adaptive histogram equalisation ---- */

struct clahe {
    const struct fovea_bytes_picture *plane;
    uint32_t tiles, tile_width, tile_height;
    uint8_t *tables; /* of each tile */
    uint32_t *counts;
};

/* What is above the limit is spread over all values, what is left of it over some. */
static void window_clahe_limit(uint32_t counts[256], uint32_t limit) {
    uint32_t cut = 0;
    for (int v = 0; v < 256; v++) {
        if (counts[v] <= limit) continue;
        cut += counts[v] - limit;
        counts[v] = limit;
    }
    for (int v = 0; v < 256; v++) counts[v] += cut / 256;
    uint32_t rest = cut % 256;
    const uint32_t step = rest ? (256 / rest > 1 ? 256 / rest : 1) : 1;
    for (uint32_t v = 0; v < 256 && rest > 0; v += step, rest--) counts[v]++;
}

static void clahe_tile(const struct clahe *c, uint32_t across, uint32_t down, uint32_t limit) {
    const struct fovea_bytes_picture *p = c->plane;
    uint8_t *table = c->tables + (size_t)256 * (down * c->tiles + across);
    uint32_t sum = 0, *counts = c->counts;
    fovea_fill(counts, 0, 256 * sizeof *counts);
    for (uint32_t i = 0; i < c->tile_height; i++) {
        const uint32_t y = window_mirror((int32_t)(down * c->tile_height + i), p->height);
        for (uint32_t j = 0; j < c->tile_width; j++)
            counts[p->pixels[y * p->stride +
                             window_mirror((int32_t)(across * c->tile_width + j), p->width)]]++;
    }
    if (limit) window_clahe_limit(counts, limit);
    const float scale = 255.0f / (float)(c->tile_width * c->tile_height);
    for (int v = 0; v < 256; v++) {
        sum += counts[v];
        table[v] = fovea_clip_byte(fovea_rint((double)((float)sum * scale)));
    }
}

/* Two neighbouring tiles and how near to the second. */
struct clahe_pair {
    uint32_t first, second;
    float to_second, to_first;
};

static struct clahe_pair clahe_pair(const struct clahe *c, uint32_t at, uint32_t tile) {
    const float inverse = 1.0f / (float)tile, product = (float)at * inverse, place = product - 0.5f;
    const int32_t first = fovea_floor((double)place), last = (int32_t)c->tiles - 1;
    const float over = place - (float)first;
    return (struct clahe_pair){(uint32_t)(first < 0 ? 0 : first),
                               (uint32_t)(first + 1 > last ? last : first + 1), over, 1.0f - over};
}

static void clahe_mix(const struct clahe *c) {
    const struct fovea_bytes_picture *p = c->plane;
    for (uint32_t y = 0; y < p->height; y++) {
        const struct clahe_pair v = clahe_pair(c, y, c->tile_height);
        const uint8_t *upper = c->tables + (size_t)256 * v.first * c->tiles;
        const uint8_t *lower = c->tables + (size_t)256 * v.second * c->tiles;
        for (uint32_t x = 0; x < p->width; x++) {
            const struct clahe_pair u = clahe_pair(c, x, c->tile_width);
            uint8_t *at = p->pixels + y * p->stride + x;
            const uint32_t first = u.first * 256 + *at, second = u.second * 256 + *at;
            const float a = (float)upper[first] * u.to_first,
                        b = (float)upper[second] * u.to_second;
            const float d = (float)lower[first] * u.to_first,
                        e = (float)lower[second] * u.to_second;
            const float above = (a + b) * v.to_first, below = (d + e) * v.to_second;
            *at = fovea_clip_byte(fovea_rint((double)(above + below)));
        }
    }
}

FOVEA_LOCAL void fovea_clahe(const struct fovea_bytes_picture *plane, float limit, uint32_t tiles,
                             uint32_t *counts, struct fovea_arena *arena) {
    struct clahe c = {.plane = plane, .tiles = tiles, .counts = counts};
    const bool whole = plane->width % tiles == 0 && plane->height % tiles == 0;
    const uint32_t more_x = whole ? 0 : tiles - plane->width % tiles;
    const uint32_t more_y = whole ? 0 : tiles - plane->height % tiles;
    c.tile_width = (plane->width + more_x) / tiles;
    c.tile_height = (plane->height + more_y) / tiles;
    c.tables = (uint8_t *)fovea_room(arena, (uint64_t)tiles * tiles, 256, 1);
    if (!arena->base) return;
    uint32_t most = (uint32_t)((double)limit * (c.tile_width * c.tile_height) / 256);
    if (limit > 0 && most < 1) most = 1;
    for (uint32_t down = 0; down < tiles; down++)
        for (uint32_t across = 0; across < tiles; across++) clahe_tile(&c, across, down, most);
    clahe_mix(&c);
}

/* ---- median ---- */

struct median {
    const struct fovea_bytes_picture *from;
    int32_t reach;
    uint32_t value, below; /* the last median; values in the window that are less */
    uint16_t *counts;      /* of the window */
};

/* Adds a column of the window (`more` 1) or takes it away (-1). */
static void median_column(struct median *m, int32_t x, uint32_t y, uint32_t c, int more) {
    const struct fovea_bytes_picture *p = m->from;
    const uint8_t *column = p->pixels + (size_t)window_replicate(x, p->width) * p->channels + c;
    for (int32_t i = -m->reach; i <= m->reach; i++) {
        const uint8_t value = column[window_replicate((int32_t)y + i, p->height) * p->stride];
        m->counts[value] = (uint16_t)(m->counts[value] + more);
        if (value < m->value) m->below += (uint32_t)more;
    }
}

/* Along a row the window loses a column and gets one, and the median is walked to from the last one. */
static void median_row(const struct fovea_bytes_picture *p, struct median m, uint32_t y,
                       uint32_t c) {
    const uint32_t size = (uint32_t)(2 * m.reach + 1), half = size * size / 2;
    fovea_fill(m.counts, 0, 256 * sizeof *m.counts);
    for (int32_t x = -m.reach; x < m.reach; x++) median_column(&m, x, y, c, 1);
    for (int32_t x = 0; x < (int32_t)p->width; x++) {
        median_column(&m, x + m.reach, y, c, 1);
        while (m.below > half) m.below -= m.counts[--m.value];
        while (m.below + m.counts[m.value] <= half) m.below += m.counts[m.value++];
        p->pixels[y * p->stride + (size_t)x * p->channels + c] = (uint8_t)m.value;
        median_column(&m, x - m.reach, y, c, -1);
    }
}

/* A copy of the picture, without gaps. */
static struct fovea_bytes_picture window_copy(const struct fovea_bytes_picture *p,
                                              struct fovea_arena *arena) {
    struct fovea_bytes_picture copy = *p;
    copy.stride = (size_t)p->width * p->channels;
    copy.pixels = (uint8_t *)fovea_room(arena, p->height, copy.stride, 1);
    for (size_t y = 0; copy.pixels && y < p->height; y++)
        fovea_copy(copy.pixels + y * copy.stride, p->pixels + y * p->stride, copy.stride);
    return copy;
}

FOVEA_LOCAL void fovea_median(const struct fovea_bytes_picture *p, uint32_t size,
                              struct fovea_arena *arena) {
    const struct fovea_bytes_picture from = window_copy(p, arena);
    struct median m = {.from = &from, .reach = (int32_t)(size / 2)};
    m.counts = (uint16_t *)fovea_room(arena, 256, 1, sizeof *m.counts);
    for (uint32_t y = 0; arena->base && y < p->height; y++)
        for (uint32_t c = 0; c < p->channels; c++) median_row(p, m, y, c);
}

/* ---- Gaussian ---- */

#define WINDOW_GAUSSIAN_MOST 15

/* Weights in 256ths that add up to 256: each takes over what rounding left of those before it. */
static void gaussian_weights(uint32_t size, double sigma, uint16_t weights[WINDOW_GAUSSIAN_MOST]) {
    static const uint8_t known[4][4] = {{0}, {64, 128}, {16, 64, 96}, {8, 28, 56, 72}};
    double exact[WINDOW_GAUSSIAN_MOST], sum = 1, error = 0;
    const uint32_t middle = size / 2;
    uint16_t left = 256;
    for (uint32_t i = 0; sigma <= 0 && size <= 7 && i <= middle; i++)
        weights[i] = weights[size - 1 - i] = known[middle][i];
    if (sigma <= 0 && size <= 7) return;
    if (sigma <= 0) sigma = size * 0.15 + 0.35;
    for (uint32_t i = 0; i < middle; i++) {
        const double off = (double)(middle - i);
        exact[i] = fovea_exp(
            -0.5 / (sigma * sigma) * off * off > -600 ? -0.5 / (sigma * sigma) * off * off : -600);
        sum += 2 * exact[i];
    }
    for (uint32_t i = 0; i < middle; i++) {
        const double wanted = exact[i] / sum * 256 + error;
        const int32_t rounded = fovea_rint(wanted);
        error = wanted - rounded;
        weights[i] = weights[size - 1 - i] = (uint16_t)rounded;
        left = (uint16_t)(left - 2 * rounded);
    }
    weights[middle] = left;
}

FOVEA_LOCAL void fovea_gaussian(const struct fovea_bytes_picture *p, uint32_t size, double sigma,
                                struct fovea_arena *arena) {
    uint16_t weights[WINDOW_GAUSSIAN_MOST];
    const int32_t reach = (int32_t)(size / 2);
    const size_t wide = (size_t)p->width * p->channels;
    uint16_t *across = (uint16_t *)fovea_room(arena, p->height, wide, sizeof *across);
    if (!arena->base) return;
    gaussian_weights(size, fovea_rint(sigma * 1e6) / 1e6, weights);
    for (size_t y = 0; y < p->height; y++)
        for (size_t i = 0; i < wide; i++) {
            const uint8_t *row = p->pixels + y * p->stride + i % p->channels;
            const int32_t x = (int32_t)(i / p->channels);
            uint32_t sum = 0;
            for (int32_t t = -reach; t <= reach; t++)
                sum += (uint32_t)row[(size_t)window_mirror(x + t, p->width) * p->channels] *
                       weights[t + reach];
            across[y * wide + i] = (uint16_t)sum;
        }
    for (size_t y = 0; y < p->height; y++)
        for (size_t i = 0; i < wide; i++) {
            uint32_t sum = 1 << 15;
            for (int32_t t = -reach; t <= reach; t++)
                sum += (uint32_t)across[window_mirror((int32_t)y + t, p->height) * wide + i] *
                       weights[t + reach];
            p->pixels[y * p->stride + i] = (uint8_t)(sum >> 16);
        }
}
