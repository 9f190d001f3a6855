/* Softmax and its kin, and normalizations: each row by itself. */
#include "engine/op.h"

static void rows_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_rows_step *s = &step->as.rows;
    size_t begin, end;
    fovea_slice(s->rows, 1, task, step->tasks, &begin, &end);
    if (begin >= end) return;
    struct fovea_softmax softmax = {step->input + begin * s->count, step->output + begin * s->count,
                                    end - begin, s->count};
    s->kernel(&softmax);
}

static bool bind_rows(struct fovea_binding *binding, void (*kernel)(const struct fovea_softmax *),
                      enum fovea_kernel_index index) {
    struct fovea_step *step = binding->step;
    const struct fovea_rows *rows = &binding->view->query.as.rows;
    step->as.rows.rows = rows->rows;
    step->as.rows.count = rows->count;
    step->as.rows.kernel = kernel;
    step->kernel = index;
    step->run = rows_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}

bool fovea_bind_softmax(struct fovea_binding *binding) {
    return bind_rows(binding, binding->kernels->softmax_f32, FOVEA_KERNEL_softmax_f32);
}
bool fovea_bind_log_softmax(struct fovea_binding *binding) {
    return bind_rows(binding, binding->kernels->log_softmax_f32, FOVEA_KERNEL_log_softmax_f32);
}
bool fovea_bind_sparsemax(struct fovea_binding *binding) {
    return bind_rows(binding, binding->kernels->sparsemax_f32, FOVEA_KERNEL_sparsemax_f32);
}

static void normalize_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_normalization *norm = &step->as.normalize.normalization;
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
    step->as.normalize.kernel(&run);
}

bool fovea_bind_normalize(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    step->as.normalize.normalization = binding->view->query.as.normalization;
    step->as.normalize.kernel = binding->kernels->normalize_f32;
    step->kernel = FOVEA_KERNEL_normalize_f32;
    step->run = normalize_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}
