/* A factor for each channel in front of a pointwise convolution, as squeeze-and-excite blocks have it: the
 * convolution's weights are multiplied instead of all positions, where they are far fewer. The weights so made
 * lie in the scratch memory, behind what the convolution uses of it. */
#include "engine/conv.h"

/* Weights come from memory and go back to it, positions are in the caches. */
#define LEAST_GAIN 4

/* Blocks of weights by factors, each written down as often as a block has outputs. */
static void scale_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_scale_step *s = &step->as.scale;
    size_t block = s->inputs * FOVEA_BLOCK, begin, end;
    float *to = step->scratch + s->offset, *factors = to + (s->blocks + task) * block;
    fovea_slice(s->blocks, 1, task, step->tasks, &begin, &end);
    for (size_t k = 0; k < s->inputs; k++)
        for (size_t o = 0; o < FOVEA_BLOCK; o++) factors[k * FOVEA_BLOCK + o] = step->second[k];
    for (size_t b = begin; b < end; b++) {
        struct fovea_pair pair = {NULL, factors, to + b * block, block, 1, 1};
        if (FOVEA_HALVES_BUILT && s->halves) {
            struct fovea_widen widen = {s->halves + b * block, pair.output, block};
            s->widen(&widen);
            pair.a = pair.output;
        } else {
            pair.a = s->weights + b * block;
        }
        s->multiply(&pair);
    }
}

/* Of two dimensions, the first one all there and the second one stretched over the first dimension: channels. */
static bool scale_of_channels(const struct fovea_step *step) {
    const struct fovea_pair_step *s = &step->as.pair;
    return step->kernel == FOVEA_KERNEL_multiply_f32 && !step->tail.kernel && s->rank == 2 &&
           s->a_stride[1] == 1 && s->b_stride[0] == 0;
}

bool fovea_scale_begins(const struct fovea_binding *binding) {
    const struct fovea_model *model = binding->view->model;
    const uint32_t node = binding->step->node, value = model->inputs + node;
    struct fovea_shape shape;
    uint64_t from, to;
    if (binding->exact || !scale_of_channels(binding->step)) return false;
    fovea_blob_value(model, fovea_node_input(binding->view, 0), &shape, &from);
    fovea_blob_value(model, value, &shape, &to);
    return from == to && node + 1 < model->nodes &&
           fovea_blob_node(model, node + 1).op == FOVEA_OP_CONV &&
           fovea_reads_alone(model, node + 1, value);
}

void fovea_bind_scale(struct fovea_binding *binding, struct fovea_step *step) {
    const uint32_t positions = step->as.pair.dims[0], inputs = step->as.pair.dims[1];
    struct fovea_step *conv = binding->step;
    struct fovea_conv_step *c = &conv->as.conv;
    struct fovea_scale_step *s = &step->as.scale;
    if (!fovea_conv_begins(conv) || c->flat_width == 0 || c->conv.groups != 1 ||
        c->conv.window.x.output != positions || c->conv.inputs != inputs ||
        LEAST_GAIN * (uint64_t)c->conv.outputs >= positions)
        return;
    uint64_t offset = (uint64_t)conv->tasks * c->task_floats, block = inputs * FOVEA_BLOCK;
    s->weights = conv->weights;
    s->halves = c->halves;
    s->widen = c->widen;
    c->halves = NULL; /* it gets floats */
    s->inputs = inputs;
    s->blocks = c->blocks;
    s->offset = (size_t)offset;
    s->multiply = binding->kernels->multiply_f32;
    step->run = scale_run;
    step->tasks = fovea_bind_tasks(binding, s->blocks * block);
    conv->input = step->input;
    fovea_bind_scratch(binding, (offset + (s->blocks + step->tasks) * block) * sizeof(float));
}

void fovea_scale_place(struct fovea_step *steps, uint32_t count) {
    for (uint32_t i = 0; i + 1 < count; i++)
        if (steps[i].run == scale_run)
            steps[i + 1].weights = steps[i].scratch + steps[i].as.scale.offset;
}
