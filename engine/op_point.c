/* Activations and per-channel scale and shift. */
#include "engine/op.h"

static void activation_run(const struct fovea_step *step, uint32_t task) {
    size_t begin, end;
    fovea_slice(step->count, 2 * FOVEA_BLOCK, task, step->tasks, &begin, &end);
    if (begin >= end) return;
    struct fovea_map map = {step->input + begin, step->output + begin, end - begin,
                            step->tail.alpha,    step->tail.low,       step->tail.high};
    step->tail.kernel(&map);
}

bool fovea_bind_activation(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_tail tail = binding->view->query.as.tail;
    if (tail.kind == FOVEA_ACTIVATION_NONE) { /* a plain copy, so that NONE is legal everywhere */
        tail.kind = FOVEA_ACTIVATION_CLAMP;
        tail.low = -FOVEA_INFINITY;
        tail.high = FOVEA_INFINITY;
    }
    step->kernel = fovea_bind_map(binding, &tail);
    step->run = activation_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}

static void affine_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_affine_step *s = &step->as.affine;
    size_t begin, end;
    fovea_slice(s->positions, 1, task, step->tasks, &begin, &end);
    if (begin >= end) return;
    /* A tail is applied while a piece of the result is still in the first-level cache. */
    size_t piece = step->tail.kernel ? 1 + 2048 / s->channels : end - begin;
    for (size_t p = begin; p < end; p += piece) {
        size_t count = end - p < piece ? end - p : piece;
        struct fovea_affine affine = {step->input + p * s->channels,  step->weights, step->bias,
                                      step->output + p * s->channels, count,         s->channels};
        s->kernel(&affine);
        fovea_tail_apply(&step->tail, affine.output, count * s->channels);
    }
}

bool fovea_bind_affine(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    const struct fovea_shape *shape = &binding->view->query.output;
    step->as.affine.channels = shape->dims[shape->rank - 1];
    step->as.affine.positions = step->count / step->as.affine.channels;
    step->as.affine.kernel = binding->kernels->affine_f32;
    fovea_bind_map(binding, &binding->view->query.as.tail);
    step->kernel = FOVEA_KERNEL_affine_f32;
    step->run = affine_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}
