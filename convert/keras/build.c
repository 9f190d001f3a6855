#include "convert/keras/build.h"

#include <string.h>

static const uint32_t no_words[FOVEA_ATTRIBUTES_MAX];

static bool add_axis(struct layer_call *call, const struct json *axis, uint32_t rank,
                     uint32_t *mask) {
    uint32_t dimension;
    if (axis->type != JSON_NUMBER || !axis->integral)
        return keras_fail(call, "K-084 its 'axis' is no whole number");
    if (axis->integer == 0 || axis->integer == -(int64_t)rank - 1)
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
    uint32_t array = keras_plain_array(call, source), words[FOVEA_ATTRIBUTES_MAX] = {shape->rank};
    for (uint32_t i = 0; i < shape->rank; i++) words[1 + i] = shape->dims[i];
    return keras_node(call, FOVEA_OP_CONSTANT, NULL, 0, &array, 1, words);
}

bool keras_combined(struct layer_call *call, uint32_t op, uint32_t a, uint32_t b) {
    uint32_t pair[2] = {a, b};
    return keras_node(call, op, pair, 2, NULL, 0, no_words);
}

bool keras_product(struct layer_call *call, uint32_t a, uint32_t b, bool transposed) {
    const uint32_t pair[2] = {a, b}, words[FOVEA_ATTRIBUTES_MAX] = {transposed};
    return keras_node(call, FOVEA_OP_MATMUL, pair, 2, NULL, 0, words);
}

bool keras_linear(struct layer_call *call, uint32_t input, const struct source *kernel,
                  const struct source *bias, uint32_t outputs) {
    const struct fovea_shape *shape = graph_shape(call->graph, input);
    uint32_t inputs = shape->dims[shape->rank - 1];
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {outputs};
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
        return keras_fail(call, "K-087 its '%s' is no layer", key);
    inner->class_name = class_name->text;
    return inner->part != NULL;
}

bool keras_affine(struct layer_call *call, uint32_t input, uint32_t axis, const float *scale,
                  const float *shift, uint32_t count) {
    const struct fovea_shape *shape = graph_shape(call->graph, input);
    const struct source sources[2] = {source_floats(scale, count), source_floats(shift, count)};
    if (axis + 1 == shape->rank) {
        uint32_t arrays[2] = {keras_plain_array(call, &sources[0]),
                              keras_plain_array(call, &sources[1])};
        return keras_step(call, FOVEA_OP_AFFINE, input, arrays, 2, no_words);
    }
    struct fovea_shape along = {shape->rank, {0}};
    for (uint32_t i = 0; i < along.rank; i++) along.dims[i] = i == axis ? count : 1;
    for (int i = 0; i < 2; i++) {
        if (!keras_constant(call, &sources[i], &along) ||
            !keras_combined(call, i == 0 ? FOVEA_OP_MULTIPLY : FOVEA_OP_ADD, input, call->output))
            return false;
        input = call->output;
    }
    return true;
}

bool keras_scaled(struct layer_call *call, uint32_t input, float scale, float shift) {
    struct fovea_shape shape = *graph_shape(call->graph, input), one = {1, {1}};
    if (shape.rank == 0) {
        if (!keras_shaped(call, input, &one, false)) return false;
        input = call->output;
    }
    const struct fovea_shape *now = graph_shape(call->graph, input);
    uint32_t channels = now->dims[now->rank - 1];
    float *scales = keras_floats(call, channels), *shifts = keras_floats(call, channels);
    if (!scales || !shifts) return false;
    for (uint32_t c = 0; c < channels; c++) {
        scales[c] = scale;
        shifts[c] = shift;
    }
    if (!keras_affine(call, input, now->rank - 1, scales, shifts, channels)) return false;
    return shape.rank > 0 || keras_shaped(call, call->output, &shape, false);
}

bool keras_sliced(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t first,
                  uint32_t count) {
    struct fovea_shape shape = *graph_shape(call->graph, input);
    int64_t steps[FOVEA_RANK_MAX];
    keras_steps(&shape, steps);
    shape.dims[axis] = count;
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
    uint32_t rank = graph_shape(call->graph, input)->rank;
    uint32_t order[FOVEA_RANK_MAX], back[FOVEA_RANK_MAX], own[FOVEA_ATTRIBUTES_MAX] = {0};
    if (words) memcpy(own, words, sizeof own);
    own[0] = order_last(rank, mask, order);
    for (uint32_t d = 0; d < rank; d++) back[order[d]] = d;
    return keras_permuted(call, input, order) &&
           keras_step(call, op, call->output, arrays, array_count, own) &&
           keras_permuted(call, call->output, back);
}

/* As a pool: the tensor is `outer` pieces of `high` x `wide` places of `inner` numbers. */
static bool reduce_pieces(struct layer_call *call, uint32_t op, uint32_t input, uint64_t outer,
                          uint64_t high, uint64_t wide, uint64_t inner) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0, 0, 1, 1, 1, 1, FOVEA_PADDING_VALID};
    words[11] = 1;
    if (outer > 1) {
        if (inner == 1) { /* one long line, of which a kernel takes many pieces at a time */
            wide *= high * outer;
            words[1] = words[3] = (uint32_t)(wide / outer);
            words[0] = 1;
            high = outer = 1;
        } else {
            words[0] = words[2] = (uint32_t)high;
            words[1] = words[3] = (uint32_t)wide;
        }
        if (words[0] > FOVEA_STEP_MAX || words[1] > FOVEA_STEP_MAX)
            return keras_fail(call, "K-088 it reduces more than %d numbers to one", FOVEA_STEP_MAX);
    }
    uint64_t sides[3] = {outer * high, wide, inner};
    struct fovea_shape picture = {3, {0}};
    for (int i = 0; i < 3; i++) {
        if (sides[i] > FOVEA_DIM_MAX)
            return keras_fail(call, "K-089 its input has too many elements");
        picture.dims[i] = (uint32_t)sides[i];
    }
    return keras_shaped(call, input, &picture, false) &&
           keras_step(call, op, call->output, NULL, 0, words);
}

bool keras_reduced(struct layer_call *call, uint32_t op, uint32_t input, uint32_t mask, bool keep) {
    const struct fovea_shape shape = *graph_shape(call->graph, input);
    struct fovea_shape result = {0};
    uint32_t order[FOVEA_RANK_MAX], first = 0, end = 0;
    for (uint32_t d = 0; d < shape.rank; d++)
        if (!(mask >> d & 1) || keep)
            result.dims[result.rank++] = mask >> d & 1 ? 1 : shape.dims[d];
    if (mask == 0) return keras_shaped(call, input, &result, false);
    while (!(mask >> first & 1)) first++;
    for (end = first; mask >> end & 1; end++) {
    }
    if (mask >> end) { /* dimensions that are no neighbours go to the end first */
        uint32_t count = order_last(shape.rank, mask, order);
        if (!keras_permuted(call, input, order)) return false;
        input = call->output;
        first = shape.rank - count;
        end = shape.rank;
    }
    const struct fovea_shape *now = graph_shape(call->graph, input);
    /* With sides of 1 a picture looks like others whose dimensions are joined below. */
    if (now->rank == 3 && (first != 0 || end != 2)) {
        if (!keras_pinned(call, input)) return false;
        input = call->output;
        now = graph_shape(call->graph, input);
    }
    uint64_t outer = 1, wide = 1, inner = 1; /* below FOVEA_ELEMENTS_MAX, as all elements are */
    for (uint32_t d = 0; d < now->rank; d++)
        if (d != first) *(d < first ? &outer : d < end ? &wide : &inner) *= now->dims[d];
    return reduce_pieces(call, op, input, outer, now->dims[first], wide, inner) &&
           keras_shaped(call, call->output, &result, false);
}
