/* Resizing by looking up pixels: none, Pillow's nearest, tf.image's nearest and bilinear. */
#include "engine/math.h"
#include "engine/resize.h"

/* Walks the centres of one axis of the tensor through the picture. Pillow adds a double step again and again,
 * tf.image multiplies a float anew each time, whose rounding moves its pixels by up to a hundredth of a level: both
 * are followed to the last bit. */
struct sampled_axis {
    enum fovea_resize resize;
    uint32_t index, count; /* in the tensor; of the picture */
    double at, step;
    float scale;
};

static struct sampled_axis sampled_begin(enum fovea_resize resize, uint32_t count, float first,
                                         float end, uint32_t out) {
    struct sampled_axis a = {.resize = resize, .count = count};
    const float box = end - first;
    a.step = (double)box / out;
    a.at = a.step * 0.5 + (double)first;
    a.scale = (float)count / (float)out;
    return a;
}

static struct sampled_axis sampled_rows(const struct fovea_fitting *f) {
    return sampled_begin(f->recipe->resize, f->image.height, f->box[1], f->box[3], f->height);
}

static struct sampled_axis sampled_columns(const struct fovea_fitting *f) {
    return sampled_begin(f->recipe->resize, f->image.width, f->box[0], f->box[2], f->width);
}

static uint32_t sampled_limit(double at, uint32_t count) {
    return at >= count - 1 ? count - 1 : (uint32_t)at;
}

/* The picture's column (or row) under the next centre. */
static uint32_t sampled_next(struct sampled_axis *a) {
    uint32_t i = a->index++;
    if (a->resize == FOVEA_RESIZE_NONE) return i;
    if (a->resize == FOVEA_RESIZE_TF_NEAREST) {
        float centre = ((float)i + 0.5f) * a->scale;
        return sampled_limit((double)centre, a->count);
    }
    double at = a->at;
    a->at += a->step;
    return sampled_limit(at, a->count);
}

/* The two neighbours of the next centre and how far it lies towards the upper one. */
struct sampled_pair {
    uint32_t lower, upper;
    float weight;
};

static struct sampled_pair sampled_pair(struct sampled_axis *a) {
    const float product = ((float)a->index++ + 0.5f) * a->scale, centre = product - 0.5f;
    const int32_t floor = fovea_floor((double)centre), last = (int32_t)a->count - 1;
    const int32_t lower = floor < last ? floor : last;
    const int32_t upper = centre > (float)floor && floor < last ? floor + 1 : lower;
    return (struct sampled_pair){lower < 0 ? 0 : (uint32_t)lower, upper < 0 ? 0 : (uint32_t)upper,
                                 centre - (float)floor};
}

static float sampled_mix(float from, float to, float weight) {
    float step = (to - from) * weight;
    return from + step;
}

static void sampled_bilinear(const struct fovea_fitting *f) {
    struct sampled_axis rows = sampled_rows(f);
    for (uint32_t y = 0; y < f->height; y++) {
        struct sampled_pair v = sampled_pair(&rows);
        struct sampled_axis columns = sampled_columns(f);
        for (uint32_t x = 0; x < f->width; x++) {
            struct sampled_pair u = sampled_pair(&columns);
            uint8_t p[4][3];
            float colours[3] = {0};
            fovea_fitting_pixel(f, u.lower, v.lower, p[0]);
            fovea_fitting_pixel(f, u.upper, v.lower, p[1]);
            fovea_fitting_pixel(f, u.lower, v.upper, p[2]);
            fovea_fitting_pixel(f, u.upper, v.upper, p[3]);
            for (uint32_t c = 0; c < f->planes; c++) {
                float top = sampled_mix(p[0][c], p[1][c], u.weight);
                float bottom = sampled_mix(p[2][c], p[3][c], u.weight);
                colours[c] = sampled_mix(top, bottom, v.weight);
            }
            fovea_fitting_put(f, x, y, colours);
        }
    }
}

static void sampled_nearest(const struct fovea_fitting *f) {
    struct sampled_axis rows = sampled_rows(f);
    for (uint32_t y = 0; y < f->height; y++) {
        uint32_t row = sampled_next(&rows);
        struct sampled_axis columns = sampled_columns(f);
        for (uint32_t x = 0; x < f->width; x++) {
            uint8_t p[3] = {0};
            fovea_fitting_pixel(f, sampled_next(&columns), row, p);
            fovea_fitting_put(f, x, y, (float[3]){p[0], p[1], p[2]});
        }
    }
}

FOVEA_LOCAL void fovea_resize_sampled(const struct fovea_fitting *f, struct fovea_arena *arena) {
    if (!arena->base) return; /* it needs no memory */
    if (f->recipe->resize == FOVEA_RESIZE_TF_BILINEAR)
        sampled_bilinear(f);
    else
        sampled_nearest(f);
}
