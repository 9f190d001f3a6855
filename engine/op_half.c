/* Weights of half precision, and the layers that read them as they are. */
#include "engine/op.h"

#define TASK_OUTPUTS (4 * FOVEA_BLOCK) /* of a task, a multiple of this */

void fovea_bind_floats(struct fovea_binding *binding) {
    if (!FOVEA_HALVES_BUILT || !binding->half) return;
    uint64_t count = binding->view->query.array_count[0];
    float *memory = (float *)fovea_bind_reserve(binding, count * sizeof(float));
    struct fovea_widen widen = {binding->halves, memory, (size_t)count};
    if (memory) binding->kernels->widen_f16(&widen);
    binding->step->weights = memory;
    binding->half = false;
}

/* Each weight is used once: as fast as memory gives them. */
static void half_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_conv_step *s = &step->as.conv;
    size_t first, last;
    fovea_slice(s->conv.outputs, TASK_OUTPUTS, task, step->tasks, &first, &last);
    if (first >= last) return;
    struct fovea_dense_half layer = {
        .input = step->input,
        .bias = step->bias + first,
        .add = step->second ? step->second + first : NULL,
        .weights = s->halves + first * s->conv.inputs,
        .output = step->output + first,
        .channels = last - first,
        .length = s->conv.inputs,
        .low = s->low,
        .high = s->high,
    };
    s->dense(&layer);
    fovea_tail_apply(&step->tail, layer.output, layer.channels);
}

void fovea_bind_half(struct fovea_binding *binding, uint64_t block_bytes) {
    struct fovea_step *step = binding->step;
    struct fovea_conv_step *s = &step->as.conv;
    if (!FOVEA_HALVES_BUILT || !binding->half) return;
    s->halves = binding->halves;
    s->widen = binding->kernels->widen_f16;
    s->dense = binding->kernels->dense_f16;
    bool alone = !binding->by_rows && s->flat_width != 0 && s->conv.window.x.output == 1 &&
                 s->conv.groups == 1 && binding->view->record.op != FOVEA_OP_CONV_TRANSPOSED;
    if (fovea_kernel_built(FOVEA_KERNEL_dense_f16) && alone) {
        step->run = half_run;
        step->kernel = FOVEA_KERNEL_dense_f16;
        return;
    }
    uint64_t floats = s->chunk * (block_bytes / sizeof(float)); /* at most the array's */
    s->task_floats = fovea_round_up((size_t)floats, FOVEA_ALIGN / sizeof(float));
    if (!binding->by_rows)
        fovea_bind_scratch(binding, (uint64_t)step->tasks * s->task_floats * sizeof(float));
    else if (binding->row_floats < s->task_floats)
        binding->row_floats = s->task_floats;
}
