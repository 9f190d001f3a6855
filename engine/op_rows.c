/* Softmax and its kin, and normalizations: each row by itself. */
#include "engine/bind.h"

struct fovea_softmax_step {
    size_t rows, count;
    void (*kernel)(const struct fovea_softmax *);
};
FOVEA_STATE(fovea_softmax_step, 12);

static void softmax_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_softmax_step *s = (const struct fovea_softmax_step *)step->state;
    size_t begin, end;
    fovea_slice(s->rows, 1, task, step->tasks, &begin, &end);
    if (begin >= end) return;
    struct fovea_softmax softmax = {step->input + begin * s->count, step->output + begin * s->count,
                                    end - begin, s->count};
    s->kernel(&softmax);
}

static bool bind_rows(struct fovea_binding *binding, void (*kernel)(const struct fovea_softmax *),
                      uint8_t index) {
    struct fovea_step *step = binding->step;
    struct fovea_softmax_step *s = fovea_bind_state(binding, fovea_softmax_step);
    const struct fovea_rows *rows = &binding->view->query.as.rows;
    s->rows = rows->rows;
    s->count = rows->count;
    s->kernel = kernel;
    step->kernel = index;
    step->run = softmax_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}

bool fovea_bind_softmax(struct fovea_binding *binding) {
    return bind_rows(binding, fovea_bind_kernel(binding, softmax_f32), FOVEA_KERNEL_softmax_f32);
}
bool fovea_bind_log_softmax(struct fovea_binding *binding) {
    return bind_rows(binding, fovea_bind_kernel(binding, log_softmax_f32),
                     FOVEA_KERNEL_log_softmax_f32);
}
bool fovea_bind_sparsemax(struct fovea_binding *binding) {
    return bind_rows(binding, fovea_bind_kernel(binding, sparsemax_f32),
                     FOVEA_KERNEL_sparsemax_f32);
}

struct fovea_normalize_step {
    struct fovea_normalization normalization;
    void (*kernel)(const struct fovea_normalize *);
};
FOVEA_STATE(fovea_normalize_step, 20);

static void normalize_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_normalize_step *s = (const struct fovea_normalize_step *)step->state;
    const struct fovea_normalization *norm = &s->normalization;
    size_t begin, end, count = norm->rows.count;
    fovea_slice(norm->rows.rows, 1, task, step->tasks, &begin, &end);
    if (begin >= end) return;
    struct fovea_normalize run = {
        .input = step->input + begin * count,
        .scale = step->weights,
        .shift = step->bias,
        .output = step->output + begin * count,
        .rows = end - begin,
        .count = count,
        .epsilon = norm->epsilon,
        .about_mean = norm->kind == FOVEA_NORM_LAYER || norm->kind == FOVEA_NORM_VARIANCE,
        .center = norm->kind == FOVEA_NORM_LAYER,
        .whole = norm->kind == FOVEA_NORM_UNIT,
    };
    s->kernel(&run);
}

bool fovea_bind_normalize(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_normalize_step *s = fovea_bind_state(binding, fovea_normalize_step);
    s->normalization = binding->view->query.as.normalization;
    s->kernel = fovea_bind_kernel(binding, normalize_f32);
    step->weights = fovea_bind_weights(binding, 0);
    step->bias = fovea_bind_weights(binding, 1);
    step->kernel = FOVEA_KERNEL_normalize_f32;
    step->run = normalize_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}
