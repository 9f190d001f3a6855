/* Tensors made larger along an axis: zeros, or their own numbers once more. */
#include "convert/keras/build.h"

/* The tensor as a picture that is padded left and right. */
static bool pad_zeros(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t before,
                      uint32_t after) {
    struct fovea_shape shape = *graph_shape(call->graph, input);
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {
        [FOVEA_EDGE_LEFT] = before, [FOVEA_EDGE_RIGHT] = after};
    const uint64_t size = shape_size(&shape, axis);
    const struct fovea_shape picture = SHAPE(shape_product(&shape, 0, axis), size,
                                             shape_product(&shape, axis + 1, FOVEA_RANK_MAX));
    if (!shape_is_possible(&picture))
        return keras_fail(call, "K-201 its input has too many elements");
    shape_replace(&shape, axis, size + before + after);
    return keras_shaped(call, input, &picture, false) &&
           keras_step(call, FOVEA_OP_PAD, call->output, NULL, 0, words) &&
           keras_shaped(call, call->output, &shape, false);
}

/* `count` places of the axis from `first` on, each `step` (-1, 0, 1) from the one before. */
static bool take_places(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t first,
                        uint32_t count, int64_t step) {
    struct fovea_shape shape = *graph_shape(call->graph, input);
    int64_t steps[FOVEA_RANK_MAX];
    shape_steps(&shape, steps);
    const int64_t base = (int64_t)first * steps[axis];
    steps[axis] *= step;
    shape_replace(&shape, axis, count);
    return keras_rearranged(call, input, &shape, steps, base);
}

bool keras_padded(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t before,
                  uint32_t after, enum keras_border border) {
    const uint32_t size = shape_size(graph_shape(call->graph, input), axis);
    const uint32_t skip = border == KERAS_BORDER_REFLECT, most = before > after ? before : after;
    uint32_t parts[3], count = 0, words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_CONCAT_AXIS] = axis};
    call->output = input;
    if (before == 0 && after == 0) return true;
    if (border == KERAS_BORDER_ZERO) return pad_zeros(call, input, axis, before, after);
    if (border != KERAS_BORDER_EDGE && most + skip > size)
        return keras_fail(call, "K-310 it pads by more than its input's size");
    const bool edge = border == KERAS_BORDER_EDGE;
    const int64_t step = edge ? 0 : -1;
    if (before) {
        uint32_t first = edge ? 0 : before - 1 + skip;
        if (!take_places(call, input, axis, first, before, step)) return false;
        parts[count++] = call->output;
    }
    parts[count++] = input;
    if (after) {
        uint32_t first = edge ? size - 1 : size - 1 - skip;
        if (!take_places(call, input, axis, first, after, step)) return false;
        parts[count++] = call->output;
    }
    return keras_node(call, FOVEA_OP_CONCAT, parts, count, NULL, 0, words);
}
