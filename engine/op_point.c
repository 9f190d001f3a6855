/* Activations and per-channel scale and shift. */
#include "engine/bind.h"

static void activation_run(const struct fovea_step *step, uint32_t task) {
    size_t begin, end;
    fovea_slice(step->count, 2 * FOVEA_BLOCK, task, step->tasks, &begin, &end);
    if (begin >= end) return;
    const struct fovea_tail_run *tail = step->tail;
    struct fovea_map map = {
        step->input + begin, step->output + begin, end - begin, tail->alpha, tail->low, tail->high};
    tail->kernel(&map);
}

bool fovea_bind_activation(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_tail tail = binding->view->query.as.tail;
    if (tail.kind == FOVEA_ACTIVATION_NONE) { /* a plain copy, so that NONE is legal everywhere */
        tail.kind = FOVEA_ACTIVATION_CLAMP;
        tail.low = -FOVEA_INFINITY;
        tail.high = FOVEA_INFINITY;
    }
    step->kernel = fovea_bind_tail(binding, &tail);
    step->run = activation_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}

struct fovea_affine_step {
    size_t positions, channels;
    void (*kernel)(const struct fovea_affine *);
};
FOVEA_STATE(fovea_affine_step, 12);

static void affine_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_affine_step *s = (const struct fovea_affine_step *)step->state;
    size_t begin, end;
    fovea_slice(s->positions, 1, task, step->tasks, &begin, &end);
    if (begin >= end) return;
    /* A tail is applied while a piece of the result is still in the first-level cache. */
    size_t piece = step->tail ? 1 + 2048 / s->channels : end - begin;
    for (size_t p = begin; p < end; p += piece) {
        size_t count = end - p < piece ? end - p : piece;
        struct fovea_affine affine = {step->input + p * s->channels,  step->weights, step->bias,
                                      step->output + p * s->channels, count,         s->channels};
        s->kernel(&affine);
        fovea_tail_apply(step->tail, affine.output, count * s->channels);
    }
}

bool fovea_bind_affine(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    const struct fovea_shape *shape = &binding->view->query.output;
    struct fovea_affine_step *s = fovea_bind_state(binding, fovea_affine_step);
    s->channels = shape->dims[shape->rank - 1];
    s->positions = step->count / s->channels;
    s->kernel = fovea_bind_kernel(binding, affine_f32);
    step->weights = fovea_bind_weights(binding, 0);
    step->bias = fovea_bind_weights(binding, 1);
    fovea_bind_tail(binding, &binding->view->query.as.tail);
    step->kernel = FOVEA_KERNEL_affine_f32;
    step->run = affine_run;
    step->tasks = fovea_bind_tasks(binding, step->count);
    return true;
}
