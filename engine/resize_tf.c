/* tf.image.resize's other filters: bicubic, area, lanczos, gaussian, mitchellcubic, and bilinear and bicubic with
 * antialiasing. Rows first, then columns, in float32, each output a weighted sum of a run of pixels. The weights are
 * those of TensorFlow's kernels: ScaleAndTranslate for all but area and plain bicubic, whose weights come from a
 * table of 1024 steps. */
#include "engine/math.h"
#include "engine/resize.h"

/* ---- the filters: of a distance that is not negative ---- */

static double tf_sinc(double x, double radius) {
    const double angle = x * FOVEA_PI;
    if (x > radius) return 0;
    return x <= 1e-3 ? 1 : radius * fovea_sin(angle) * fovea_sin(angle / radius) / (angle * angle);
}

static double tf_lanczos3(double x) {
    return tf_sinc(x, 3);
}

static double tf_lanczos5(double x) {
    return tf_sinc(x, 5);
}

static double tf_gaussian(double x) {
    return x >= 1.5 ? 0 : fovea_exp(-2 * x * x); /* deviation: a third of the radius */
}

static double tf_triangle(double x) {
    return x < 1 ? 1 - x : 0;
}

static double tf_cubic(double x) {
    if (x >= 2) return 0;
    return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
}

static double tf_mitchell(double x) {
    if (x >= 2) return 0;
    return x >= 1 ? ((-7.0 / 18 * x + 2) * x - 10.0 / 3) * x + 16.0 / 9
                  : (7.0 / 6 * x - 2) * x * x + 8.0 / 9;
}

struct tf_kind {
    double (*weight)(double distance);
    float radius;
    bool antialias;
};

#define TF_ROW(resize) [FOVEA_RESIZE_TF_##resize - FOVEA_RESIZE_TF_BICUBIC]
static const struct tf_kind tf_kinds[] = {
    TF_ROW(BICUBIC) = {tf_cubic, 2, false},          TF_ROW(AREA) = {NULL, 0.5f, true},
    TF_ROW(LANCZOS3) = {tf_lanczos3, 3, false},      TF_ROW(LANCZOS5) = {tf_lanczos5, 5, false},
    TF_ROW(GAUSSIAN) = {tf_gaussian, 1.5f, false},   TF_ROW(MITCHELL) = {tf_mitchell, 2, false},
    TF_ROW(BILINEAR_AA) = {tf_triangle, 1, true},    TF_ROW(BICUBIC_AA) = {tf_cubic, 2, true},
    TF_ROW(LANCZOS3_AA) = {tf_lanczos3, 3, true},    TF_ROW(LANCZOS5_AA) = {tf_lanczos5, 5, true},
    TF_ROW(GAUSSIAN_AA) = {tf_gaussian, 1.5f, true}, TF_ROW(MITCHELL_AA) = {tf_mitchell, 2, true},
};

/* ---- one axis ---- */

struct tf_axis {
    uint32_t size, out, taps;
    float scale, stretch; /* picture pixels per output pixel; how much wider the filter is for it */
    uint32_t *starts, *counts;
    float *weights;
};

static struct tf_axis tf_axis(const struct tf_kind *kind, uint32_t size, uint32_t out) {
    struct tf_axis a = {.size = size, .out = out};
    a.scale = kind->weight ? 1.0f / ((float)out / (float)size) : (float)size / (float)out;
    a.stretch = kind->antialias && a.scale > 1 ? a.scale : 1;
    const float reach = kind->radius * a.stretch;
    a.taps = 2 * ((uint32_t)reach + 1) + 2;
    if (a.taps > size) a.taps = size;
    return a;
}

static int32_t tf_clamp(int32_t at, uint32_t size) {
    return at < 0 ? 0 : at >= (int32_t)size ? (int32_t)size - 1 : at;
}

/* Divides the weights by their sum. */
static void tf_normalise(float *weights, uint32_t count) {
    float sum = 0;
    for (uint32_t t = 0; t < count; t++) sum += weights[t];
    if (sum < 1e-35f && sum > -1e-35f) return;
    const float by = 1.0f / sum;
    for (uint32_t t = 0; t < count; t++) weights[t] *= by;
}

static void tf_spread(const struct tf_kind *kind, struct tf_axis *a, uint32_t i, float *weights) {
    const float centre = ((float)i + 0.5f) * a->scale, reach = kind->radius * a->stretch;
    const float by = 1.0f / a->stretch;
    const int32_t low = -fovea_floor(-(double)(centre - reach - 0.5f));
    const int32_t first = tf_clamp(low, a->size);
    const int32_t last = tf_clamp(fovea_floor((double)(centre + reach - 0.5f)), a->size);
    a->starts[i] = (uint32_t)first;
    a->counts[i] = (uint32_t)(last - first + 1);
    for (uint32_t t = 0; t < a->counts[i]; t++) {
        const float off = ((float)((uint32_t)first + t) + 0.5f - centre) * by;
        weights[t] = (float)kind->weight((double)(off < 0 ? -off : off));
    }
    tf_normalise(weights, a->counts[i]);
}

/* Four taps, of which those outside have no weight. */
static void tf_table(struct tf_axis *a, uint32_t i, float *weights) {
    const float at = ((float)i + 0.5f) * a->scale - 0.5f;
    const int32_t middle = fovea_floor((double)at);
    const double step = fovea_rint((double)((at - (float)middle) * 1024)) / 1024.0;
    const double distances[4] = {1 + step, step, 1 - step, 2 - step};
    const int32_t first = tf_clamp(middle - 1, a->size), last = tf_clamp(middle + 2, a->size);
    a->starts[i] = (uint32_t)first;
    a->counts[i] = (uint32_t)(last - first + 1);
    for (int32_t t = first; t <= last; t++)
        weights[t - first] = (float)tf_cubic(distances[t - (middle - 1)]);
    tf_normalise(weights, a->counts[i]);
}

/* What of each pixel lies under output pixel i, as a share of all that does. */
static void tf_area(struct tf_axis *a, uint32_t i, float *weights) {
    const float low = (float)i * a->scale, high = (float)(i + 1) * a->scale;
    const uint32_t first = (uint32_t)tf_clamp((int32_t)low, a->size);
    uint32_t end = (uint32_t)high + (high > (float)(uint32_t)high);
    if (end > a->size) end = a->size; /* above `first`, which is within */
    a->starts[i] = first;
    a->counts[i] = end - first;
    for (uint32_t t = first; t < end; t++) {
        const bool starts = (float)t<low, ends = (float)(t + 1)> high;
        const float share = starts && ends ? a->scale
                            : starts       ? (float)(t + 1) - low
                            : ends         ? high - (float)t
                                           : 1.0f;
        weights[t - first] = share / a->scale;
    }
}

static void tf_weigh(const struct tf_kind *kind, struct tf_axis *a, bool table) {
    for (uint32_t i = 0; i < a->out; i++) {
        float *weights = a->weights + (size_t)i * a->taps;
        if (!kind->weight)
            tf_area(a, i, weights);
        else if (table)
            tf_table(a, i, weights);
        else
            tf_spread(kind, a, i, weights);
    }
}

/* ---- the work ---- */

struct tf_work {
    const struct fovea_fitting *f;
    struct tf_axis columns, rows;
    int16_t *source; /* a picture row, plane by plane */
    float *line;     /* the sums of rows, plane by plane */
};

static void tf_down(const struct tf_work *w, uint32_t y) {
    const struct tf_axis *v = &w->rows;
    const size_t count = (size_t)w->columns.size * w->f->planes;
    const float *weights = v->weights + (size_t)y * v->taps;
    fovea_fill(w->line, 0, count * sizeof *w->line);
    for (uint32_t t = 0; t < v->counts[y]; t++) {
        const float weight = weights[t];
        fovea_fitting_row(w->f, v->starts[y] + t, 0, w->columns.size, w->source, w->columns.size);
        for (size_t x = 0; x < count; x++) {
            const float part = (float)w->source[x] * weight;
            w->line[x] += part;
        }
    }
}

static void tf_across(const struct tf_work *w, uint32_t y) {
    const struct tf_axis *h = &w->columns;
    for (uint32_t x = 0; x < h->out; x++) {
        const float *weights = h->weights + (size_t)x * h->taps;
        float colours[3] = {0};
        for (uint32_t c = 0; c < w->f->planes; c++) {
            const float *line = w->line + (size_t)c * h->size + h->starts[x];
            for (uint32_t t = 0; t < h->counts[x]; t++) {
                const float part = line[t] * weights[t];
                colours[c] += part;
            }
        }
        fovea_fitting_put(w->f, x, y, colours);
    }
}

/* tf.image.resize returns a picture that has the size already. */
static void tf_hand_through(const struct fovea_fitting *f) {
    for (uint32_t y = 0; y < f->height; y++)
        for (uint32_t x = 0; x < f->width; x++) {
            uint8_t p[3] = {0};
            fovea_fitting_pixel(f, x, y, p);
            fovea_fitting_put(f, x, y, (float[3]){p[0], p[1], p[2]});
        }
}

FOVEA_LOCAL void fovea_resize_tf(const struct fovea_fitting *f, struct fovea_arena *arena) {
    const enum fovea_resize resize = f->recipe->resize;
    const struct tf_kind *kind = &tf_kinds[resize - FOVEA_RESIZE_TF_BICUBIC];
    struct tf_work w = {.f = f};
    struct tf_axis *const axes[] = {&w.columns, &w.rows};
    if (f->image.width == f->width && f->image.height == f->height) {
        if (arena->base) tf_hand_through(f);
        return;
    }
    w.columns = tf_axis(kind, f->image.width, f->width);
    w.rows = tf_axis(kind, f->image.height, f->height);
    for (int i = 0; i < 2; i++) {
        struct tf_axis *a = axes[i];
        a->starts = (uint32_t *)fovea_room(arena, a->out, 1, sizeof(uint32_t));
        a->counts = (uint32_t *)fovea_room(arena, a->out, 1, sizeof(uint32_t));
        a->weights = (float *)fovea_room(arena, a->out, a->taps, sizeof(float));
    }
    w.source = (int16_t *)fovea_room(arena, f->image.width, f->planes, sizeof(int16_t));
    w.line = (float *)fovea_room(arena, f->image.width, f->planes, sizeof(float));
    if (!arena->base) return;
    tf_weigh(kind, &w.columns, resize == FOVEA_RESIZE_TF_BICUBIC);
    tf_weigh(kind, &w.rows, resize == FOVEA_RESIZE_TF_BICUBIC);
    for (uint32_t y = 0; y < f->height; y++) {
        tf_down(&w, y);
        tf_across(&w, y);
    }
}
