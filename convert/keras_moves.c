/* Shapes and orders. */
#include "convert/keras.h"

bool keras_shaped(struct layer_call *call, uint32_t input, const struct fovea_shape *shape) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {shape->rank};
    if (fovea_shape_equal(shape, graph_shape(call->graph, input))) {
        call->output = input;
        return true;
    }
    for (uint32_t i = 0; i < shape->rank; i++) words[1 + i] = shape->dims[i];
    return keras_step(call, FOVEA_OP_RESHAPE, input, NULL, 0, words);
}

void keras_steps(const struct fovea_shape *shape, int64_t *steps) {
    int64_t step = 1;
    for (uint32_t i = shape->rank; i-- > 0;) {
        steps[i] = step;
        step *= shape->dims[i];
    }
}

bool keras_rearranged(struct layer_call *call, uint32_t input, const struct fovea_shape *shape,
                      const int64_t *steps, int64_t base) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {shape->rank};
    int64_t plain[FOVEA_RANK_MAX];
    uint64_t from, to;
    fovea_shape_count(graph_shape(call->graph, input), &from);
    fovea_shape_count(shape, &to);
    keras_steps(shape, plain);
    bool same = from == to && base == 0;
    for (uint32_t i = 0; i < shape->rank; i++) {
        same &= shape->dims[i] == 1 || steps[i] == plain[i];
        words[1 + i] = shape->dims[i];
        words[1 + FOVEA_RANK_MAX + i] = (uint32_t)steps[i];
    }
    words[1 + 2 * FOVEA_RANK_MAX] = (uint32_t)base;
    if (same) return keras_shaped(call, input, shape);
    return keras_step(call, FOVEA_OP_REARRANGE, input, NULL, 0, words);
}
