/* Depthwise convolution and pools: a window over each channel by itself, by rows. */
#include "engine/bind.h"

struct fovea_window_step {
    struct fovea_window window;
    uint32_t channels;
    bool split_channels; /* tasks share the channels instead of the rows */
    float low, high;
    void (*depthwise)(const struct fovea_depthwise_run *); /* or */
    void (*pool)(const struct fovea_window_run *);
};
FOVEA_STATE(fovea_window_step, 72);

static const struct fovea_window_step *window_of(const struct fovea_step *step) {
    return (const struct fovea_window_step *)step->state;
}

/* A row of outputs: row y, whose taps are those of `rows`, and the channels first .. last - 1 (of a
 * depthwise convolution, whole blocks). */
struct window_row {
    const struct fovea_step *step;
    uint32_t y;
    const struct fovea_span *rows;
    size_t first, last;
};

static size_t window_input_row(const struct window_row *row) {
    const struct fovea_axis *y = &window_of(row->step)->window.y;
    if (row->rows->taps == 0) return 0; /* a dilated window taller than its input */
    return row->rows->at + (size_t)(row->y - row->rows->begin) * y->stride;
}

static void depthwise_row(const struct window_row *row) {
    const struct fovea_step *step = row->step;
    const struct fovea_window_step *s = window_of(step);
    const struct fovea_axis *ay = &s->window.y, *ax = &s->window.x;
    size_t channels = s->channels, taps = (size_t)ay->kernel * ax->kernel;
    struct fovea_depthwise_run run = {
        .input = step->input + window_input_row(row) * ax->input * channels + row->first,
        .weights =
            step->weights + row->first * taps + (size_t)row->rows->tap * ax->kernel * FOVEA_BLOCK,
        .bias = step->bias + row->first,
        .output = step->output + (size_t)row->y * ax->output * channels + row->first,
        .outputs = ax->output,
        .channels = row->last - row->first,
        .rows = row->rows->taps,
        .columns = ax->kernel,
        .width = ax->input,
        .pixel = channels,
        .input_row = (size_t)ay->dilation * ax->input * channels,
        .step = ax->stride,
        .dilation = ax->dilation,
        .left = (size_t)(int64_t)ax->before,
        .output_step = channels,
        .weight_row = (size_t)ax->kernel * FOVEA_BLOCK,
        .weight_block = taps * FOVEA_BLOCK,
        .low = s->low,
        .high = s->high,
    };
    s->depthwise(&run);
    if (step->tail && run.channels == channels)
        fovea_tail_apply(step->tail, run.output, run.outputs * channels);
    else if (step->tail)
        for (size_t i = 0; i < run.outputs; i++)
            fovea_tail_apply(step->tail, run.output + i * channels, run.channels);
}

static void pool_row(const struct window_row *row) {
    const struct fovea_step *step = row->step;
    const struct fovea_window_step *s = window_of(step);
    const struct fovea_axis *ay = &s->window.y, *ax = &s->window.x;
    size_t channels = s->channels, line = window_input_row(row) * ax->input;
    for (uint32_t x = 0; x < ax->output;) {
        struct fovea_span columns = fovea_span_from(ax, x);
        struct fovea_window_run run = {
            .input = step->input + (line + columns.at) * channels + row->first,
            .output = step->output + ((size_t)row->y * ax->output + x) * channels + row->first,
            .outputs = columns.end - x,
            .channels = row->last - row->first,
            .rows = row->rows->taps,
            .columns = columns.taps,
            .input_row = (size_t)ay->dilation * ax->input * channels,
            .input_column = (size_t)ax->dilation * channels,
            .input_step = (size_t)ax->stride * channels,
            .output_step = channels,
        };
        s->pool(&run);
        x = columns.end;
    }
}

/* Rows begin .. end - 1, channels first .. last - 1. */
static void window_part(const struct fovea_step *step, size_t begin, size_t end, size_t first,
                        size_t last) {
    const struct fovea_window_step *s = window_of(step);
    for (uint32_t y = (uint32_t)begin; y < end;) {
        struct fovea_span rows = fovea_span_from(&s->window.y, y);
        for (; y < rows.end && y < end; y++) {
            struct window_row row = {step, y, &rows, first, last};
            if (s->depthwise)
                depthwise_row(&row);
            else
                pool_row(&row);
        }
    }
}

static void window_rows(const struct fovea_step *step, uint32_t begin, uint32_t end) {
    window_part(step, begin, end, 0, window_of(step)->channels);
}

static void window_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_window_step *s = window_of(step);
    size_t begin = 0, end = s->window.y.output, first = 0, last = s->channels;
    if (s->split_channels)
        fovea_slice(s->channels, FOVEA_BLOCK, task, step->tasks, &first, &last);
    else
        fovea_slice(end, 1, task, step->tasks, &begin, &end);
    if (first < last) window_part(step, begin, end, first, last);
}

static struct fovea_window_step *bind_window(struct fovea_binding *binding,
                                             const struct fovea_window *window, uint32_t channels) {
    struct fovea_step *step = binding->step;
    struct fovea_window_step *s = fovea_bind_state(binding, fovea_window_step);
    if (FOVEA_BY_ROWS) fovea_bind_rows(binding, window_rows, window, channels, channels);
    s->window = *window;
    s->channels = channels;
    uint64_t taps = (uint64_t)window->y.kernel * window->x.kernel;
    step->run = window_run;
    step->tasks = fovea_bind_tasks(binding, binding->view->query.elements * taps);
    s->split_channels = window->y.output < 4 * step->tasks && channels >= 2 * FOVEA_BLOCK;
    return s;
}

bool fovea_bind_depthwise(struct fovea_binding *binding) {
    const struct fovea_depthwise *depthwise = &binding->view->query.as.depthwise;
    struct fovea_step *step = binding->step;
    struct fovea_window_step *s = bind_window(binding, &depthwise->window, depthwise->channels);
    step->weights = fovea_bind_weights(binding, 0);
    step->bias = fovea_bind_weights(binding, 1);
    fovea_bind_bounds(binding, &depthwise->tail, &s->low, &s->high);
    s->depthwise = fovea_bind_kernel(binding, depthwise_f32);
    step->kernel = FOVEA_KERNEL_depthwise_f32;
    return true;
}

static bool bind_pool(struct fovea_binding *binding,
                      void (*kernel)(const struct fovea_window_run *), uint8_t index) {
    const struct fovea_pool *pool = &binding->view->query.as.pool;
    bind_window(binding, &pool->window, pool->channels)->pool = kernel;
    binding->step->kernel = index;
    return true;
}

bool fovea_bind_max_pool(struct fovea_binding *binding) {
    if (fovea_bind_bytes(binding)) return fovea_bind_max_pool_q8(binding);
    return bind_pool(binding, fovea_bind_kernel(binding, max_pool_f32), FOVEA_KERNEL_max_pool_f32);
}
bool fovea_bind_mean_pool(struct fovea_binding *binding) {
    return bind_pool(binding, fovea_bind_kernel(binding, mean_pool_f32),
                     FOVEA_KERNEL_mean_pool_f32);
}
