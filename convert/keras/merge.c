/* Layers that merge tensors element by element. */
#include <string.h>

#include "convert/keras/mask.h"

/* One after the other, from the left. */
static bool merge(struct layer_call *call, uint32_t op) {
    if (call->input_count < 1) return keras_fail(call, "K-109 it has no inputs");
    call->output = call->inputs[0];
    for (uint32_t i = 1; i < call->input_count; i++)
        if (!keras_combined(call, op, call->output, call->inputs[i])) return false;
    return true;
}

/* ---- inputs with masks ---- */

static bool column_of(struct layer_call *call, uint32_t input, uint32_t *column) {
    const uint32_t mask = keras_mask_of(call->keras, call->inputs[input]);
    *column = GRAPH_NONE;
    if (mask == GRAPH_NONE) return true;
    if (shape_rank(graph_shape(call->graph, mask)) + 1 !=
        shape_rank(keras_input_shape(call, input)))
        return keras_fail(call, "K-488 its mask does not have one number for each step");
    if (!keras_mask_column(call, mask)) return false;
    *column = call->output;
    return true;
}

/* call->output = a where the mask counts, else b (GRAPH_NONE: 1). */
static bool choose(struct layer_call *call, uint32_t mask, uint32_t a, uint32_t b) {
    if (!keras_combined(call, FOVEA_OP_KEEP, a, mask)) return false;
    const uint32_t kept = call->output;
    return keras_scaled(call, mask, -1, 1) &&
           (b == GRAPH_NONE || keras_combined(call, FOVEA_OP_KEEP, b, call->output)) &&
           keras_combined(call, FOVEA_OP_ADD, kept, call->output);
}

/* Keras 3: a step that does not count leaves a product, maximum or minimum alone. */
static bool merge_masked(struct layer_call *call, uint32_t op) {
    const bool product = op == FOVEA_OP_MULTIPLY;
    uint32_t result = GRAPH_NONE, all = GRAPH_NONE, mask;
    if (!call->keras->masked || call->keras->generation < 3) return merge(call, op);
    for (uint32_t i = 0; i < call->input_count; i++) {
        uint32_t value = call->inputs[i];
        if (!column_of(call, i, &mask)) return false;
        if (mask != GRAPH_NONE && (product || i > 0)) {
            if (!choose(call, mask, value, product ? GRAPH_NONE : result)) return false;
            value = call->output;
        }
        if (!product && all != GRAPH_NONE) {
            if (!choose(call, all, result, value)) return false;
            result = call->output;
        }
        if (i > 0 && mask != GRAPH_NONE && all != GRAPH_NONE) {
            if (!keras_combined(call, FOVEA_OP_MAXIMUM, all, mask)) return false;
            mask = call->output;
        }
        all = i == 0 || all != GRAPH_NONE ? mask : GRAPH_NONE;
        if (i > 0 && !keras_combined(call, op, result, value)) return false;
        result = i > 0 ? call->output : value;
    }
    call->output = result;
    return !product || all == GRAPH_NONE || keras_combined(call, FOVEA_OP_KEEP, result, all);
}

bool keras_add(struct layer_call *call) {
    return merge(call, FOVEA_OP_ADD);
}
bool keras_multiply(struct layer_call *call) {
    return merge_masked(call, FOVEA_OP_MULTIPLY);
}
bool keras_maximum(struct layer_call *call) {
    return merge_masked(call, FOVEA_OP_MAXIMUM);
}
bool keras_minimum(struct layer_call *call) {
    return merge_masked(call, FOVEA_OP_MINIMUM);
}
bool keras_average(struct layer_call *call) {
    return merge(call, FOVEA_OP_ADD) &&
           keras_scaled(call, call->output, 1 / (float)call->input_count, 0);
}
/* InceptionResNetV2's: the first tensor and the second one scaled. */
bool keras_custom_scale(struct layer_call *call) {
    double scale;
    if (call->input_count != 2)
        return keras_fail(call, "K-303 it takes two tensors, not %u", call->input_count);
    return keras_number(call, "scale", 1, &scale) &&
           keras_scaled(call, call->inputs[1], (float)scale, 0) &&
           keras_combined(call, FOVEA_OP_ADD, call->inputs[0], call->output);
}
bool keras_subtract(struct layer_call *call) {
    if (call->input_count != 2)
        return keras_fail(call, "K-110 it takes two tensors, not %u", call->input_count);
    return merge(call, FOVEA_OP_SUBTRACT);
}

/* ---- products along an axis ---- */

/* Input `which` as a matrix: dimension `axis` last, all others one; normalized along it if asked. */
static bool dot_side(struct layer_call *call, uint32_t which, uint32_t axis, bool normalize) {
    const struct fovea_shape shape = *keras_input_shape(call, which);
    const uint64_t rows = shape_masked(&shape, shape_all_mask(&shape) & ~(1u << axis));
    const struct fovea_shape matrix = SHAPE(rows, shape_size(&shape, axis));
    uint32_t order[FOVEA_RANK_MAX + 1], count = 0;
    for (uint32_t d = 0; d < shape_rank(&shape); d++)
        if (d != axis) order[count++] = d;
    order[count] = axis;
    /* Keras 3 has the square of its epsilon of 1e-7 here. */
    float least = call->keras->generation < 3 ? 1e-12f : 1e-14f;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_ROWS_DIMENSIONS] = 1,
                                                  [FOVEA_NORMALIZE_KIND] = FOVEA_NORM_UNIT,
                                                  [FOVEA_NORMALIZE_EPSILON] =
                                                      fovea_bits_of_float(least)};
    return keras_permuted(call, call->inputs[which], order) &&
           keras_shaped(call, call->output, &matrix, false) &&
           (!normalize || keras_step(call, FOVEA_OP_NORMALIZE, call->output, NULL, 0, words));
}

bool keras_dot(struct layer_call *call) {
    const struct json *axes = json_member(call->config, "axes");
    struct fovea_shape result = SHAPE_SCALAR;
    uint32_t axis[2], side[2];
    bool normalize;
    if (call->input_count != 2)
        return keras_fail(call, "K-111 it takes two tensors, not %u", call->input_count);
    if (!keras_flag(call, "normalize", false, &normalize)) return false;
    for (uint32_t i = 0; i < 2; i++) {
        const struct fovea_shape *shape = keras_input_shape(call, i);
        const struct json *item = axes && axes->type == JSON_ARRAY ? json_item(axes, i) : axes;
        if (!item || !item->integral)
            return keras_fail(call, "K-112 its 'axes' are not understood");
        if (item->integer == 0) return keras_fail(call, "K-113 it works along the batch");
        if (!keras_axis(call, item->integer, shape_rank(shape), &axis[i])) return false;
        for (uint32_t d = 0; d < shape_rank(shape); d++)
            if (d != axis[i]) shape_append(&result, shape_size(shape, d));
        if (!shape_is_possible(&result))
            return keras_fail(call, "K-114 its output has too many dimensions");
    }
    if (shape_rank(&result) == 0) shape_append(&result, 1);
    for (uint32_t i = 0; i < 2; i++) {
        if (!dot_side(call, i, axis[i], normalize)) return false;
        side[i] = call->output;
    }
    return keras_product(call, side[0], side[1], true) &&
           keras_shaped(call, call->output, &result, false);
}
