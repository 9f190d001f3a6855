/* A factor for each channel in front of a pointwise convolution, as squeeze-and-excite blocks have it: the
 * convolution's weights are multiplied instead of all positions, where they are far fewer. The weights so made lie in the scratch memory,
 * behind what the convolution uses of it. */
#include "engine/conv.h"

#if !FOVEA_SMALL

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
        struct fovea_pair pair = {
            s->weights + b * block, factors, to + b * block, block, true, true};
        s->multiply(&pair);
    }
}

/* Whether a node multiplies each channel of a picture, in place. */
static bool scale_begins(const struct fovea_model *model, uint32_t node,
                         const struct fovea_node_view *view) {
    const struct fovea_rule_query *query = &view->query;
    struct fovea_shape shape;
    uint64_t from, to, count;
    if (view->record.op != FOVEA_OP_MULTIPLY || query->first.rank != 3 ||
        query->as.tail.kind != FOVEA_ACTIVATION_NONE)
        return false;
    query->shape_of(query->context, 1, &shape);
    uint32_t channels = shape.rank > 0 ? shape.dims[shape.rank - 1] : 1;
    if (!fovea_shape_count(&shape, &count) || count != channels || channels != query->first.dims[2])
        return false;
    fovea_blob_value(model, fovea_node_input(view, 0), &shape, &from);
    fovea_blob_value(model, model->inputs + node, &shape, &to);
    return from == to;
}

/* Whether a node is a convolution of single positions that gains by it. */
static bool scale_ends(const struct fovea_node_view *view, uint32_t value) {
    const struct fovea_conv *conv = &view->query.as.conv;
    const struct fovea_axis *y = &conv->window.y, *x = &conv->window.x;
    if (view->record.op != FOVEA_OP_CONV || fovea_node_input(view, 0) != value) return false;
    return y->kernel == 1 && x->kernel == 1 && y->stride == 1 && x->stride == 1 &&
           y->output == y->input && x->output == x->input && conv->groups == 1 &&
           !view->array[0].halves &&
           LEAST_GAIN * (uint64_t)conv->outputs < (uint64_t)y->output * x->output;
}

bool fovea_scale_find(const struct fovea_model *model, uint32_t node, fovea_shape_source *source,
                      const void *context) {
    struct fovea_node_view view;
    uint32_t value = model->inputs + node;
    return node + 1 < model->nodes && fovea_node_read(model, node, source, context, &view) &&
           scale_begins(model, node, &view) &&
           fovea_node_read(model, node + 1, source, context, &view) && scale_ends(&view, value) &&
           fovea_value_alone(model, value);
}

void fovea_bind_scale(struct fovea_binding *binding, struct fovea_step *step,
                      const struct fovea_step *conv) {
    const struct fovea_conv_step *c = &conv->as.conv;
    struct fovea_scale_step *s = &step->as.scale;
    if (!fovea_conv_begins(conv)) return; /* the blob changed */
    s->weights = conv->weights;
    s->inputs = c->conv.inputs;
    s->blocks = c->blocks;
    s->offset = conv->tasks * c->task_floats;
    s->multiply = binding->kernels->multiply_f32;
    step->run = scale_run;
    step->tasks = fovea_bind_tasks(binding, (uint64_t)s->blocks * s->inputs * FOVEA_BLOCK);
    fovea_bind_scratch(binding, ((uint64_t)s->offset +
                                 (uint64_t)(s->blocks + step->tasks) * s->inputs * FOVEA_BLOCK) *
                                    sizeof(float));
}

void fovea_scale_place(struct fovea_step *steps, uint32_t count) {
    for (uint32_t i = 0; i + 1 < count; i++)
        if (steps[i].run == scale_run)
            steps[i + 1].weights = steps[i].scratch + steps[i].as.scale.offset;
}
#endif
