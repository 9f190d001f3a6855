/* Resizing by looking up pixels: none, Pillow's nearest, tf.image's nearest and bilinear. */
#include "engine/resize.h"

/* Walks the centres of one axis of the tensor through the picture. Pillow adds a double step again
 * and again, tf.image multiplies a float anew each time: the nearest filters follow each to the last
 * bit, since there a bit can change the pixel. tf.image rounds the centres of its bilinear filter to
 * float as well; ours are double, nearer to the formula, and differ from tf.image by less than 0.003
 * of 255 on pictures of a few hundred pixels. */
struct sampled_axis {
    enum fovea_resize resize;
    uint32_t index, first,
        count; /* in the tensor; in the picture: where the box starts, its size */
    double at, step;
    float scale;
};

static struct sampled_axis sampled_begin(enum fovea_resize resize, uint32_t first, uint32_t count,
                                         uint32_t out) {
    struct sampled_axis a = {.resize = resize, .first = first, .count = count};
    a.step = (double)count / out;
    a.at = a.step * 0.5 + first;
    a.scale = (float)count / (float)out;
    return a;
}

static uint32_t sampled_limit(double at, uint32_t first, uint32_t count) {
    uint32_t last = first + count - 1;
    return at >= last ? last : (uint32_t)at;
}

/* The picture's column (or row) under the next centre. */
static uint32_t sampled_next(struct sampled_axis *a) {
    uint32_t i = a->index++;
    if (a->resize == FOVEA_RESIZE_NONE) return a->first + i;
    if (a->resize == FOVEA_RESIZE_TF_NEAREST) {
        float centre = ((float)i + 0.5f) * a->scale;
        return a->first + sampled_limit((double)centre, 0, a->count);
    }
    double at = a->at;
    a->at += a->step;
    return sampled_limit(at, a->first, a->count);
}

/* The two neighbours of the next centre and how far it lies towards the upper one. */
struct sampled_pair {
    uint32_t lower, upper;
    float weight;
};

static struct sampled_pair sampled_pair(struct sampled_axis *a) {
    double centre = (a->index++ + 0.5) * a->step;
    centre =
        centre < 0.5 ? 0.0 : centre - 0.5; /* before the first centre there is only the first */
    uint32_t last = a->count - 1, lower = sampled_limit(centre, 0, a->count);
    uint32_t upper = lower < last ? lower + 1 : last;
    return (struct sampled_pair){a->first + lower, a->first + upper, (float)(centre - lower)};
}

static float sampled_mix(float from, float to, float weight) {
    float step = (to - from) * weight;
    return from + step;
}

static void sampled_bilinear(const struct fovea_fitting *f) {
    struct sampled_axis rows = sampled_begin(f->recipe->resize, f->top, f->box_height, f->height);
    for (uint32_t y = 0; y < f->height; y++) {
        struct sampled_pair v = sampled_pair(&rows);
        struct sampled_axis columns =
            sampled_begin(f->recipe->resize, f->left, f->box_width, f->width);
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
    struct sampled_axis rows = sampled_begin(f->recipe->resize, f->top, f->box_height, f->height);
    for (uint32_t y = 0; y < f->height; y++) {
        uint32_t row = sampled_next(&rows);
        struct sampled_axis columns =
            sampled_begin(f->recipe->resize, f->left, f->box_width, f->width);
        for (uint32_t x = 0; x < f->width; x++) {
            uint8_t p[3] = {0};
            fovea_fitting_pixel(f, sampled_next(&columns), row, p);
            fovea_fitting_put(f, x, y, (float[3]){p[0], p[1], p[2]});
        }
    }
}

FOVEA_LOCAL void fovea_resize_sampled(const struct fovea_fitting *f) {
    if (f->recipe->resize == FOVEA_RESIZE_TF_BILINEAR)
        sampled_bilinear(f);
    else
        sampled_nearest(f);
}
