#include "clinic/segment.h"

#include <math.h>

#include "clinic/interval.h"

struct overlap overlap_of(const struct mask *a, const struct mask *b) {
    struct overlap sum = {0};
    for (size_t i = 0; i < (size_t)a->height * a->width; i++) {
        sum.a += a->at[i];
        sum.b += b->at[i];
        sum.both += a->at[i] && b->at[i];
    }
    return sum;
}

bool overlap_dice(const struct overlap *overlap, double *value) {
    *value = 2 * (double)overlap->both / (double)(overlap->a + overlap->b);
    return overlap->a + overlap->b > 0;
}

bool overlap_iou(const struct overlap *overlap, double *value) {
    *value = (double)overlap->both / (double)(overlap->a + overlap->b - overlap->both);
    return overlap->a + overlap->b > 0;
}

/* Whether a pixel of the mask has a 4-neighbour outside of it. */
static bool on_outline(const struct mask *m, uint32_t y, uint32_t x) {
    const size_t i = (size_t)y * m->width + x;
    return m->at[i] &&
           (y == 0 || x == 0 || y + 1 == m->height || x + 1 == m->width || !m->at[i - 1] ||
            !m->at[i + 1] || !m->at[i - m->width] || !m->at[i + m->width]);
}

#define FAR 1e18 /* above any square of a distance */

/* What one line needs: parabolas of the lower envelope, and where each begins. */
struct envelope {
    double *value, *begin;
    uint32_t *root;
};

/* Squares of distances along one line of n values `step` apart, in place: min over q of (x - q)^2 + f(q). */
static void transform_line(double *f, size_t step, uint32_t n, const struct envelope *e) {
    uint32_t parabolas = 0;
    for (uint32_t q = 0; q < n; q++) {
        e->value[q] = f[q * step];
        if (e->value[q] >= FAR) continue;
        double cross = -FAR;
        while (parabolas > 0) {
            const double r = e->root[parabolas - 1];
            cross = (e->value[q] + (double)q * q - e->value[e->root[parabolas - 1]] - r * r) /
                    (2 * (q - r));
            if (cross > e->begin[parabolas - 1]) break;
            parabolas--;
            cross = -FAR;
        }
        e->root[parabolas] = q;
        e->begin[parabolas++] = cross;
    }
    for (uint32_t x = 0, p = 0; parabolas > 0 && x < n; x++) {
        while (p + 1 < parabolas && e->begin[p + 1] < x) p++;
        const double off = (double)x - e->root[p];
        f[x * step] = off * off + e->value[e->root[p]];
    }
}

/* The distance of every pixel from the mask's outline. */
static double *distances(const struct mask *m, struct pool *pool, struct trouble *trouble) {
    const uint32_t side = m->height > m->width ? m->height : m->width;
    double *map = pool_get(pool, (uint64_t)m->height * m->width, sizeof *map, trouble);
    const struct envelope e = {pool_get(pool, side, sizeof(double), trouble),
                               pool_get(pool, side, sizeof(double), trouble),
                               pool_get(pool, side, sizeof(uint32_t), trouble)};
    if (!map || !e.value || !e.begin || !e.root) return NULL;
    for (uint32_t y = 0; y < m->height; y++)
        for (uint32_t x = 0; x < m->width; x++)
            map[(size_t)y * m->width + x] = on_outline(m, y, x) ? 0 : FAR;
    for (uint32_t x = 0; x < m->width; x++) transform_line(map + x, m->width, m->height, &e);
    for (uint32_t y = 0; y < m->height; y++)
        transform_line(map + (size_t)y * m->width, 1, m->width, &e);
    for (size_t i = 0; i < (size_t)m->height * m->width; i++) map[i] = sqrt(map[i]);
    return map;
}

/* The distances of a's outline from what `map` is of. */
static size_t gather(const struct mask *a, const double *map, double *out) {
    size_t count = 0;
    for (uint32_t y = 0; y < a->height; y++)
        for (uint32_t x = 0; x < a->width; x++)
            if (on_outline(a, y, x)) out[count++] = map[(size_t)y * a->width + x];
    return count;
}

bool surface_of(const struct mask *a, const struct mask *b, struct surface *surface,
                struct trouble *trouble) {
    struct pool pool = {0};
    const struct overlap sizes = overlap_of(a, b);
    *surface = (struct surface){0};
    if (sizes.a == 0 || sizes.b == 0) return true;
    double *from_a = distances(a, &pool, trouble), *from_b = distances(b, &pool, trouble);
    double *all = pool_get(&pool, sizes.a + sizes.b, sizeof *all, trouble);
    const bool done = from_a && from_b && all;
    if (done) {
        const size_t count_a = gather(a, from_b, all), count_b = gather(b, from_a, all + count_a);
        double sum = 0;
        for (size_t i = 0; i < count_a + count_b; i++) sum += all[i];
        sort_numbers(all, count_a);
        sort_numbers(all + count_a, count_b);
        surface->known = true;
        surface->hausdorff = fmax(all[count_a - 1], all[count_a + count_b - 1]);
        surface->hausdorff95 = fmax(quantile_of_sorted(all, count_a, 0.95),
                                    quantile_of_sorted(all + count_a, count_b, 0.95));
        surface->mean = sum / (double)(count_a + count_b);
        sort_numbers(all, count_a + count_b);
        surface->pooled95 = quantile_of_sorted(all, count_a + count_b, 0.95);
    }
    pool_free(&pool);
    return done;
}
