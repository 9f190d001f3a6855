#include <math.h>
#include <string.h>

#include "clinic/bootstrap.h"
#include "clinic/masks.h"

enum { DICE, IOU, HAUSDORFF95, HAUSDORFF, SURFACE_MEAN, AREA, FIGURES };
static const char *const names[FIGURES] = {"dice",      "iou",          "hausdorff95",
                                           "hausdorff", "surface_mean", "area_difference"};

/* The figures of a pair; NAN where there is none. */
static void measure(const struct mask_pair *pair, double empty_is, double value[FIGURES]) {
    const struct overlap *o = &pair->overlap;
    const double none = empty_is < 0 ? NAN : empty_is;
    for (int f = 0; f < FIGURES; f++) value[f] = NAN;
    if (!overlap_dice(o, &value[DICE])) value[DICE] = none;
    if (!overlap_iou(o, &value[IOU])) value[IOU] = none;
    if (o->a) value[AREA] = ((double)o->b - (double)o->a) / (double)o->a;
    if (!pair->surface.known) return;
    value[HAUSDORFF95] = pair->surface.hausdorff95;
    value[HAUSDORFF] = pair->surface.hausdorff;
    value[SURFACE_MEAN] = pair->surface.mean;
}

static const char *reason_of(const struct mask_pair *pair) {
    return !pair->overlap.a && !pair->overlap.b ? "both masks are empty"
           : !pair->overlap.a                   ? "the mask of the truth is empty"
                                                : "the mask of the answer is empty";
}

static double mean_of(const double *values, const uint32_t *times, size_t count) {
    double sum = 0, n = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i] * times[i];
        n += times[i];
    }
    return sum / n;
}

/* The mean of the pictures that have the figure; the bootstrap draws pictures. */
static bool add_mean(struct evaluation *e, const char *metric, const double *values, size_t count,
                     const char *none) {
    const uint32_t draws = e->wishes->draws, n = (uint32_t)count;
    uint32_t *times = pool_get(e->pool, n, sizeof *times, e->trouble);
    uint32_t *kind = pool_get(e->pool, n, sizeof *kind, e->trouble);
    double *means = pool_get(e->pool, draws, sizeof *means, e->trouble);
    struct groups all;
    if (!times || !kind || !means || !groups_make(&all, kind, n, 1, e->pool, e->trouble))
        return false;
    if (n == 0) {
        figures_none(&e->figures, "mask", "", metric, 0, none);
        return true;
    }
    for (uint32_t i = 0; i < n; i++) times[i] = 1;
    struct figure *figure =
        figures_add(&e->figures, "mask", "", metric, mean_of(values, times, n), n);
    if (n < 2 || draws < 50) {
        figure->reason =
            n < 2 ? "an interval needs two pictures" : "no interval: too few bootstrap draws";
        return true;
    }
    struct random random = random_start(e->wishes->seed);
    for (uint32_t d = 0; d < draws; d++) {
        draw_within(&all, &random, times);
        means[d] = mean_of(values, times, n);
    }
    figure_range(figure, interval_percentile(means, draws, e->wishes->level),
                 "bootstrap over pictures, percentile");
    return true;
}

/* All pixels together, as if they were one picture. */
static void add_pooled(struct evaluation *e, const struct mask_pair *pairs, size_t count) {
    struct overlap sum = {0};
    double pixels = 0;
    for (size_t i = 0; i < count; i++) {
        sum.a += pairs[i].overlap.a;
        sum.b += pairs[i].overlap.b;
        sum.both += pairs[i].overlap.both;
        pixels += (double)pairs[i].pixels;
    }
    const double hits = (double)sum.both, alarms = (double)(sum.b - sum.both);
    const double positives = (double)sum.a, negatives = pixels - positives;
    const struct {
        const char *metric;
        double value;
    } figures[] = {{"dice", 2 * hits / (positives + (double)sum.b)},
                   {"sensitivity", hits / positives},
                   {"specificity", (negatives - alarms) / negatives},
                   {"ppv", hits / (double)sum.b}};
    for (size_t f = 0; f < sizeof figures / sizeof *figures; f++) {
        struct figure *figure = figures_add(&e->figures, "mask", "pooled", figures[f].metric,
                                            figures[f].value, (size_t)pixels);
        if (figure->known) figure->reason = "no interval: pixels of a picture are not independent";
    }
}

bool evaluate_masks(struct evaluation *e, const struct mask_pair *pairs, size_t count,
                    double empty_is, const char *name, const struct evaluate_wishes *wishes,
                    struct pool *pool, struct trouble *trouble) {
    *e = (struct evaluation){.wishes = wishes,
                             .pool = pool,
                             .trouble = trouble,
                             .figures = {.pool = pool, .trouble = trouble}};
    struct scores *none = pool_get(pool, 1, sizeof *none, trouble);
    double *values = pool_get(pool, count, sizeof *values, trouble), value[FIGURES];
    if (!none || !values) return false;
    *none = (struct scores){.name = name, .n = (uint32_t)count, .coarse = true};
    e->scores = none;
    for (int f = 0; f < FIGURES; f++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++) {
            measure(&pairs[i], empty_is, value);
            if (isfinite(value[f])) values[n++] = value[f];
        }
        if (!add_mean(e, names[f], values, n, "no picture has two masks that are not empty"))
            return false;
        if (n < count && n > 0)
            evaluate_note(e, pool_print(pool, trouble,
                                        "%s is a mean of %zu pictures: in %zu a mask is empty.",
                                        names[f], n, count - n));
    }
    add_pooled(e, pairs, count);
    for (size_t i = 0; i < count; i++) {
        measure(&pairs[i], empty_is, value);
        for (int f = 0; f < FIGURES; f++) {
            if (!isfinite(value[f]))
                figures_none(&e->figures, "picture", pairs[i].name, names[f], 1,
                             reason_of(&pairs[i]));
            else
                figures_add(&e->figures, "picture", pairs[i].name, names[f], value[f], 1)->reason =
                    "no interval: of one picture";
        }
    }
    return !trouble->set;
}
