/* A factor for each channel in front of a pointwise convolution, as squeeze-and-excite blocks have it: the
 * convolution's weights are multiplied instead of all positions, where they are far fewer. The weights so made
 * lie in the scratch memory, behind what the convolution uses of it. */
#include "engine/choose.h"
#include "engine/conv.h"
#include "engine/link.h"

#if !FOVEA_SMALL

/* Weights come from memory and go back to it, positions are in the caches. */
#define LEAST_GAIN 4

struct fovea_scale_step {
    const float *weights; /* or, where that is NULL, */
    struct fovea_narrow narrow;
    void (*multiply)(const struct fovea_pair *);
    size_t inputs, blocks;
    size_t offset; /* the products are at scratch + offset, the tasks' factors behind them */
};
FOVEA_STATE(fovea_scale_step, 48);

/* Blocks of weights by factors, each written down as often as a block has outputs. */
static void scale_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_scale_step *s = (const struct fovea_scale_step *)step->state;
    size_t block = s->inputs * FOVEA_BLOCK, begin, end;
    float *to = step->scratch + s->offset, *factors = to + (s->blocks + task) * block;
    fovea_slice(s->blocks, 1, task, step->tasks, &begin, &end);
    for (size_t k = 0; k < s->inputs; k++)
        for (size_t o = 0; o < FOVEA_BLOCK; o++) factors[k * FOVEA_BLOCK + o] = step->second[k];
    for (size_t b = begin; b < end; b++) {
        struct fovea_pair pair = {NULL, factors, to + b * block, block, 1, 1};
        pair.a = s->weights ? s->weights + b * block : pair.output;
        if (!s->weights) fovea_narrow_widen(&s->narrow, b * block, block, pair.output);
        s->multiply(&pair);
    }
}

/* ---- planning ---- */

bool fovea_scale_channels(const struct fovea_pair_dims *dims, const struct fovea_tail *tail) {
    return tail->kind == FOVEA_ACTIVATION_NONE && dims->rank == 2 && dims->a_stride[1] == 1 &&
           dims->b_stride[0] == 0;
}

const char *fovea_scale_why_not(const struct fovea_setting *setting,
                                const struct fovea_pair_dims *dims, const struct fovea_conv *conv) {
    struct fovea_conv_shape shape = fovea_conv_shape_of(setting, conv);
    if (!shape.flat_width || conv->groups != 1 || shape.window.x.output != dims->dims[0] ||
        conv->inputs != dims->dims[1])
        return FOVEA_REASON("Y-017 factors: the convolution that follows is not pointwise");
    return LEAST_GAIN * (uint64_t)conv->outputs < dims->dims[0]
               ? NULL
               : FOVEA_REASON("Y-018 factors: as many weights as positions to multiply");
}

void fovea_bind_factors(struct fovea_binding *binding, struct fovea_step *step) {
    const struct fovea_step *conv = binding->step;
    const struct fovea_conv_step *c = fovea_conv_of(conv);
    const size_t inputs = c->inputs, blocks = c->blocks, block = inputs * FOVEA_BLOCK;
    const uint64_t offset = (uint64_t)conv->tasks * c->task_floats;
    struct fovea_narrow narrow;
    const float *weights =
        fovea_bind_narrow(binding, &narrow) ? NULL : fovea_bind_weights(binding, 0);
    binding->step = step;
    struct fovea_scale_step *s = fovea_bind_state(binding, fovea_scale_step);
    s->weights = weights;
    s->narrow = narrow;
    s->multiply = fovea_bind_kernel(binding, multiply_f32);
    s->inputs = inputs;
    s->blocks = blocks;
    s->offset = (size_t)offset;
    step->run = scale_run;
    step->kernel = FOVEA_KERNEL_multiply_f32;
    step->weights = weights;
    step->tasks = fovea_bind_tasks(binding, blocks * block);
    /* Of all tasks together: at the end of what the convolution has of the scratch memory. */
    fovea_bind_scratch_all(binding, offset + (blocks + step->tasks) * block);
}

/* The weights that the step makes, when it knows its scratch memory. */
const float *fovea_scale_weights(const struct fovea_step *step) {
    return step->scratch + ((const struct fovea_scale_step *)step->state)->offset;
}

#endif
