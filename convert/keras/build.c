#include "convert/keras/build.h"

#include <string.h>

static const uint32_t no_words[FOVEA_ATTRIBUTES_MAX];

static bool add_axis(struct layer_call *call, const struct json *axis, uint32_t rank,
                     uint32_t *mask) {
    uint32_t dimension;
    if (axis->type != JSON_NUMBER || !axis->integral)
        return keras_fail(call, "K-084 its 'axis' is not an integer");
    if (axis->integer == 0 || axis->integer == -1 - (int64_t)rank)
        return keras_fail(call, "K-085 it works along the batch");
    if (!keras_axis(call, axis->integer, rank, &dimension)) return false;
    *mask |= 1u << dimension;
    return true;
}

bool keras_axes(struct layer_call *call, const struct json *axes, uint32_t rank, uint32_t *mask) {
    *mask = 0;
    if (!axes || axes->type == JSON_NULL) return keras_fail(call, "K-086 it works along the batch");
    if (axes->type != JSON_ARRAY) return add_axis(call, axes, rank, mask);
    for (const struct json *item = axes->first; item; item = item->next)
        if (!add_axis(call, item, rank, mask)) return false;
    return true;
}

bool keras_constant(struct layer_call *call, const struct source *source,
                    const struct fovea_shape *shape) {
    uint32_t array = keras_plain_array(call, source), words[FOVEA_ATTRIBUTES_MAX] = {0};
    if (!keras_put_shape(call, words, shape)) return false;
    return keras_node(call, FOVEA_OP_CONSTANT, NULL, 0, &array, 1, words);
}

bool keras_combined(struct layer_call *call, uint32_t op, uint32_t a, uint32_t b) {
    uint32_t pair[2] = {a, b};
    return keras_node(call, op, pair, 2, NULL, 0, no_words);
}

bool keras_product(struct layer_call *call, uint32_t a, uint32_t b, bool transposed) {
    const uint32_t pair[2] = {a, b},
                   words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_MATMUL_TRANSPOSED] = transposed};
    return keras_node(call, FOVEA_OP_MATMUL, pair, 2, NULL, 0, words);
}

bool keras_linear(struct layer_call *call, uint32_t input, const struct source *kernel,
                  const struct source *bias, uint32_t outputs) {
    uint32_t inputs = shape_from_end(graph_shape(call->graph, input), 0);
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_DENSE_OUTPUTS] = outputs};
    uint32_t arrays[2] = {keras_conv_array(call, kernel, 1, inputs, outputs, 1),
                          keras_bias_array(call, bias, outputs, 1)};
    return keras_step(call, FOVEA_OP_DENSE, input, arrays, 2, words);
}

bool keras_inner(struct layer_call *call, const char *key, const char *part,
                 struct layer_call *inner) {
    const struct json *json = json_member(call->config, key);
    const struct json *class_name = json_member(json, "class_name");
    *inner = *call;
    inner->config = json_member(json, "config");
    inner->part = part;
    if (call->part)
        inner->part = pool_print(call->keras->pool, call->keras->trouble, "%s%c%s", call->part,
                                 call->keras->separator ? call->keras->separator : '/', part);
    if (!class_name || class_name->type != JSON_STRING || !inner->config)
        return keras_fail(call, "K-087 its '%s' is not a layer", key);
    inner->class_name = class_name->text;
    return inner->part != NULL;
}

bool keras_affine(struct layer_call *call, uint32_t input, uint32_t axis, const float *scale,
                  const float *shift, uint32_t count) {
    const uint32_t rank = shape_rank(graph_shape(call->graph, input));
    const struct source sources[2] = {source_floats(scale, count), source_floats(shift, count)};
    if (axis + 1 == rank) return keras_affine_last(call, input, scale, shift);
    struct fovea_shape along = shape_ones(rank);
    shape_replace(&along, axis, count);
    for (int i = 0; i < 2; i++) {
        if (!keras_constant(call, &sources[i], &along) ||
            !keras_combined(call, i == 0 ? FOVEA_OP_MULTIPLY : FOVEA_OP_ADD, input, call->output))
            return false;
        input = call->output;
    }
    return true;
}

bool keras_affine_last(struct layer_call *call, uint32_t input, const float *scale,
                       const float *shift) {
    const struct fovea_shape *shape = graph_shape(call->graph, input);
    const uint32_t count = shape_from_end(shape, 0);
    const struct source sources[2] = {source_floats(scale, count), source_floats(shift, count)};
    uint32_t arrays[2] = {keras_plain_array(call, &sources[0]),
                          keras_plain_array(call, &sources[1])};
    return keras_step(call, FOVEA_OP_AFFINE, input, arrays, 2, no_words);
}

bool keras_scaled(struct layer_call *call, uint32_t input, float scale, float shift) {
    const struct fovea_shape shape = *graph_shape(call->graph, input), one = SHAPE(1);
    const bool scalar = shape_rank(&shape) == 0;
    if (scalar) {
        if (!keras_shaped(call, input, &one, false)) return false;
        input = call->output;
    }
    const struct fovea_shape *now = graph_shape(call->graph, input);
    uint32_t channels = shape_from_end(now, 0);
    float *scales = keras_floats(call, channels), *shifts = keras_floats(call, channels);
    if (!scales || !shifts) return false;
    for (uint32_t c = 0; c < channels; c++) {
        scales[c] = scale;
        shifts[c] = shift;
    }
    if (!keras_affine_last(call, input, scales, shifts)) return false;
    return !scalar || keras_shaped(call, call->output, &shape, false);
}

bool keras_sliced(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t first,
                  uint32_t count) {
    struct fovea_shape shape = *graph_shape(call->graph, input);
    int64_t steps[FOVEA_RANK_MAX];
    shape_steps(&shape, steps);
    shape_replace(&shape, axis, count);
    return keras_rearranged(call, input, &shape, steps, (int64_t)first * steps[axis]);
}

/* The order that takes the dimensions of `mask` behind the others, and how many they are. */
static uint32_t order_last(uint32_t rank, uint32_t mask, uint32_t *order) {
    uint32_t count = 0, moved = 0;
    for (uint32_t d = 0; d < rank; d++)
        if (!(mask >> d & 1)) order[count++] = d;
    for (uint32_t d = 0; d < rank; d++)
        if (mask >> d & 1) order[count + moved++] = d;
    return moved;
}

bool keras_rowwise(struct layer_call *call, uint32_t op, uint32_t input, uint32_t mask,
                   const uint32_t *arrays, uint32_t array_count, const uint32_t *words) {
    uint32_t rank = shape_rank(graph_shape(call->graph, input));
    uint32_t order[FOVEA_RANK_MAX], back[FOVEA_RANK_MAX], own[FOVEA_ATTRIBUTES_MAX] = {0};
    if (words) memcpy(own, words, sizeof own);
    own[FOVEA_ROWS_DIMENSIONS] = order_last(rank, mask, order);
    for (uint32_t d = 0; d < rank; d++) back[order[d]] = d;
    return keras_permuted(call, input, order) &&
           keras_step(call, op, call->output, arrays, array_count, own) &&
           keras_permuted(call, call->output, back);
}

/* As a pool: the tensor is `outer` pieces of `high` x `wide` places of `inner` numbers. */
static bool reduce_pieces(struct layer_call *call, uint32_t op, uint32_t input, uint64_t outer,
                          uint64_t high, uint64_t wide, uint64_t inner) {
    uint64_t kernel_y = 0, kernel_x = 0; /* the whole picture */
    if (outer > 1) {
        if (inner == 1) { /* one long line, of which a kernel takes many pieces at a time */
            kernel_y = 1;
            kernel_x = high * wide;
            wide *= high * outer;
            high = outer = 1;
        } else {
            kernel_y = high;
            kernel_x = wide;
        }
        if (kernel_y > FOVEA_STEP_MAX || kernel_x > FOVEA_STEP_MAX)
            return keras_fail(call, "K-088 it reduces more than %d numbers to one", FOVEA_STEP_MAX);
    }
    const struct fovea_shape picture = SHAPE(outer * high, wide, inner);
    if (!shape_is_possible(&picture))
        return keras_fail(call, "K-089 its input has too many elements");
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {
        [FOVEA_WINDOW_DILATION] = 1, [FOVEA_WINDOW_DILATION + 1] = 1, [FOVEA_POOL_KEEP] = 1};
    words[FOVEA_WINDOW_KERNEL] = (uint32_t)kernel_y;
    words[FOVEA_WINDOW_KERNEL + 1] = (uint32_t)kernel_x;
    words[FOVEA_WINDOW_STRIDE] = kernel_y ? (uint32_t)kernel_y : 1;
    words[FOVEA_WINDOW_STRIDE + 1] = kernel_x ? (uint32_t)kernel_x : 1;
    return keras_shaped(call, input, &picture, false) &&
           keras_step(call, op, call->output, NULL, 0, words);
}

bool keras_reduced(struct layer_call *call, uint32_t op, uint32_t input, uint32_t mask, bool keep) {
    const struct fovea_shape shape = *graph_shape(call->graph, input);
    struct fovea_shape result = SHAPE_SCALAR;
    uint32_t order[FOVEA_RANK_MAX] = {0}, rank = shape_rank(&shape), first = 0, end = 0;
    for (uint32_t d = 0; d < rank; d++)
        if (!(mask >> d & 1) || keep)
            shape_append(&result, mask >> d & 1 ? 1 : shape_size(&shape, d));
    if (mask == 0) return keras_shaped(call, input, &result, false);
    while (!(mask >> first & 1)) first++;
    for (end = first; mask >> end & 1; end++) {
    }
    if (mask >> end) { /* dimensions that are no neighbours go to the end first */
        order_last(rank, mask, order);
        if (!keras_permuted(call, input, order)) return false;
        input = call->output;
        for (first = 0, end = rank; !(mask >> order[first] & 1);) first++;
    }
    const struct fovea_shape *now = graph_shape(call->graph, input);
    /* With sides of 1 a picture looks like others whose dimensions are joined below. */
    if (shape_rank(now) == 3 && (first != 0 || end != 2)) {
        if (!keras_pinned(call, input)) return false;
        input = call->output;
        now = graph_shape(call->graph, input);
    }
    return reduce_pieces(call, op, input, shape_product(now, 0, first), shape_size(now, first),
                         shape_product(now, first + 1, end),
                         shape_product(now, end, FOVEA_RANK_MAX)) &&
           keras_shaped(call, call->output, &result, false);
}
