/* Resizing of pictures, with the centres of half pixels. */
#include "engine/bind.h"

/* What one output row or column is mixed from. */
struct fovea_resize_tap {
    uint32_t lower, upper;
    float weight; /* of the upper one */
};
struct fovea_resize_step {
    uint32_t width, channels; /* of the input */
    uint32_t rows, columns;   /* of the output */
    enum fovea_filter filter;
    const struct fovea_resize_tap *y, *x;
    void (*kernel)(const struct fovea_blend *); /* of the bilinear filter */
};
FOVEA_STATE(fovea_resize_step, 32);

/* The nearest is found as tf.image finds it, in float, unless each is taken a whole number of times; the
 * two neighbours exactly. */
static struct fovea_resize_tap resize_tap(enum fovea_filter filter, uint32_t o, uint32_t input,
                                          uint32_t output) {
    struct fovea_resize_tap tap = {0, 0, 0.0f};
    if (filter == FOVEA_FILTER_NEAREST) {
        if (output % input == 0) {
            tap.lower = tap.upper = o / (output / input);
            return tap;
        }
        float centre = ((float)o + 0.5f) * ((float)input / (float)output);
        tap.lower = centre >= (float)(input - 1) ? input - 1 : (uint32_t)centre;
        tap.upper = tap.lower;
        return tap;
    }
    /* (o + 1/2) * input / output - 1/2 = at / unit */
    int64_t at = (2 * (int64_t)o + 1) * input - output, unit = 2 * (int64_t)output;
    if (at < 0) return tap;
    tap.lower = (uint32_t)(at / unit);
    if (tap.lower > input - 1) tap.lower = input - 1;
    tap.upper = tap.lower < input - 1 ? tap.lower + 1 : tap.lower;
    tap.weight = (float)(at % unit) / (float)unit;
    return tap;
}

static void resize_nearest_row(const struct fovea_resize_step *s, const float *from, float *to) {
    size_t channels = s->channels;
    for (size_t x = 0; x < s->columns; x++, to += channels)
        fovea_copy(to, from + s->x[x].lower * channels, channels * sizeof(float));
}

static void resize_bilinear_row(const struct fovea_resize_step *s, const float *top,
                                const float *bottom, float weight, float *to) {
    size_t channels = s->channels;
    for (size_t x = 0; x < s->columns; x++, to += channels) {
        size_t left = s->x[x].lower * channels, right = s->x[x].upper * channels;
        struct fovea_blend blend = {{top + left, top + right, bottom + left, bottom + right},
                                    to,
                                    channels,
                                    s->x[x].weight,
                                    weight};
        s->kernel(&blend);
    }
}

static void resize_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_resize_step *s = (const struct fovea_resize_step *)step->state;
    size_t begin, end, from = (size_t)s->width * s->channels,
                       run = (size_t)s->columns * s->channels;
    fovea_slice(s->rows, 1, task, step->tasks, &begin, &end);
    for (size_t y = begin; y < end; y++) {
        const float *top = step->input + s->y[y].lower * from;
        float *to = step->output + y * run;
        if (s->filter == FOVEA_FILTER_BILINEAR)
            resize_bilinear_row(s, top, step->input + s->y[y].upper * from, s->y[y].weight, to);
        else if (y > begin && s->y[y].lower == s->y[y - 1].lower)
            fovea_copy(to, to - run, run * sizeof(float));
        else
            resize_nearest_row(s, top, to);
    }
}

/* The taps of one axis; NULL while measuring. */
static const struct fovea_resize_tap *resize_taps(struct fovea_binding *binding, uint32_t input,
                                                  uint32_t output) {
    struct fovea_resize_tap *taps =
        (struct fovea_resize_tap *)fovea_bind_reserve(binding, (uint64_t)output * sizeof *taps);
    for (uint32_t o = 0; taps && o < output; o++)
        taps[o] = resize_tap(binding->view->query.as.filter, o, input, output);
    return taps;
}

bool fovea_bind_resize(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_resize_step *s = fovea_bind_state(binding, fovea_resize_step);
    const struct fovea_rule_query *query = &binding->view->query;
    s->width = query->first.dims[1];
    s->channels = query->first.dims[2];
    s->rows = query->output.dims[0];
    s->columns = query->output.dims[1];
    s->filter = query->as.filter;
    s->y = resize_taps(binding, query->first.dims[0], s->rows);
    s->x = resize_taps(binding, query->first.dims[1], s->columns);
    if (s->filter == FOVEA_FILTER_BILINEAR) {
        s->kernel = fovea_bind_kernel(binding, blend_f32);
        step->kernel = FOVEA_KERNEL_blend_f32;
    }
    step->run = resize_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}
