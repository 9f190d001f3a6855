/* Layers of one position that read weights narrower than floats as they are. */
#include "engine/choose.h"
#include "engine/conv.h"

#define TASK_OUTPUTS (4 * FOVEA_BLOCK) /* of a task, a multiple of this */

/* Each weight is used once: as fast as memory gives them. */
static void vector_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_conv_step *s = fovea_conv_of(step);
    size_t first, last;
    fovea_slice(s->outputs, TASK_OUTPUTS, task, step->tasks, &first, &last);
    if (first >= last) return;
    const struct fovea_narrow *weights = &s->narrow->weights;
    struct fovea_dense_narrow layer = {
        .input = step->input,
        .bias = step->bias + first,
        .add = step->second ? step->second + first : NULL,
        .weights = (const uint8_t *)weights->at + first * s->inputs * weights->bytes,
        .scale = weights->scale ? weights->scale + first : NULL,
        .output = step->output + first,
        .channels = last - first,
        .length = s->inputs,
        .low = s->low,
        .high = s->high,
    };
    s->narrow->dense(&layer);
    fovea_tail_apply(step->tail, layer.output, layer.channels);
}

const char *fovea_vector_why_not(const struct fovea_conv *conv,
                                 const struct fovea_numbers *kernel) {
    const struct fovea_axis *y = &conv->window.y, *x = &conv->window.x;
    bool halves =
        fovea_numbers_are(kernel, FOVEA_F16) && fovea_kernel_built(FOVEA_KERNEL_dense_f16);
    bool bytes = fovea_numbers_are(kernel, FOVEA_I8) && fovea_kernel_built(FOVEA_KERNEL_dense_i8);
    if (!halves && !bytes) return FOVEA_REASON("Y-015 weights are float32");
    bool one = y->input == 1 && x->input == 1 && y->output == 1 && x->output == 1 &&
               y->kernel == 1 && x->kernel == 1 && y->stride == 1 && x->stride == 1 &&
               y->before == 0 && x->before == 0 && conv->groups == 1;
    return one ? NULL : FOVEA_REASON("Y-016 more than one position");
}

bool fovea_bind_vector(struct fovea_binding *binding, const struct fovea_conv *conv) {
    fovea_bind_conv_state(binding, conv, fovea_bind_state(binding, fovea_conv_step));
    binding->step->run = vector_run;
    binding->step->kernel = fovea_numbers_are(&binding->view->array[0], FOVEA_I8)
                                ? FOVEA_KERNEL_dense_i8
                                : FOVEA_KERNEL_dense_f16;
    return true;
}
