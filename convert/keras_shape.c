/* Layers that change the shape only. */
#include <string.h>

#include "convert/keras.h"

static bool add_reshape(struct layer_call *call, uint32_t input, const struct fovea_shape *shape) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {shape->rank};
    for (uint32_t i = 0; i < shape->rank; i++) words[1 + i] = shape->dims[i];
    return keras_step(call, FOVEA_OP_RESHAPE, input, NULL, 0, words);
}

bool keras_flatten(struct layer_call *call) {
    uint64_t count;
    if (!keras_one_input(call, 0) || !keras_channels_last(call)) return false;
    fovea_shape_count(keras_input_shape(call, 0), &count);
    struct fovea_shape flat = {1, {(uint32_t)count}};
    if (count > FOVEA_DIM_MAX) return keras_fail(call, "its input has too many elements");
    return add_reshape(call, call->inputs[0], &flat);
}

bool keras_reshape(struct layer_call *call) {
    const struct json *target = json_member(call->config, "target_shape");
    struct fovea_shape shape = {0};
    uint64_t count, known = 1;
    int open = -1;
    if (!keras_one_input(call, 0)) return false;
    if (!target || target->type != JSON_ARRAY || target->count > FOVEA_RANK_MAX)
        return keras_fail(call, "its 'target_shape' is no list of at most %d numbers",
                          FOVEA_RANK_MAX);
    fovea_shape_count(keras_input_shape(call, 0), &count);
    for (const struct json *item = target->first; item; item = item->next, shape.rank++) {
        bool inferred = item->integral && item->integer == -1;
        if (!item->integral || (inferred && open >= 0) ||
            (!inferred && (item->integer < 1 || item->integer > FOVEA_DIM_MAX)))
            return keras_fail(call, "its 'target_shape' is out of range");
        if (inferred) open = (int)shape.rank;
        shape.dims[shape.rank] = inferred ? 1 : (uint32_t)item->integer;
        if (!fovea_multiply(known, shape.dims[shape.rank], &known) || known > FOVEA_ELEMENTS_MAX)
            return keras_fail(call, "its 'target_shape' is too large");
    }
    if (open >= 0) shape.dims[open] = (uint32_t)(count / known);
    if (open < 0 ? known != count : count % known != 0)
        return keras_fail(call, "its input of %llu elements does not fit its 'target_shape'",
                          (unsigned long long)count);
    return add_reshape(call, call->inputs[0], &shape);
}

/* padding: n, [y, x] or [[top, bottom], [left, right]]. */
bool keras_zero_padding2d(struct layer_call *call) {
    const struct json *padding = json_member(call->config, "padding");
    int64_t side[4]; /* top, bottom, left, right */
    if (!keras_one_input(call, 3) || !keras_channels_last(call)) return false;
    for (size_t i = 0; i < 4; i++) {
        const struct json *item = padding;
        if (item && item->type == JSON_ARRAY) item = json_item(item, i / 2);
        if (item && item->type == JSON_ARRAY) item = json_item(item, i % 2);
        if (!item || !item->integral || item->integer < 0 || item->integer > FOVEA_STEP_MAX)
            return keras_fail(call, "its 'padding' is not understood");
        side[i] = item->integer;
    }
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {(uint32_t)side[0], (uint32_t)side[2],
                                                  (uint32_t)side[1], (uint32_t)side[3]};
    return keras_step(call, FOVEA_OP_PAD, call->inputs[0], NULL, 0, words);
}

bool keras_concatenate(struct layer_call *call) {
    int64_t stated = -1;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    const struct json *axis = json_member(call->config, "axis");
    if (call->input_count < 1) return keras_fail(call, "it has no inputs");
    if (axis && axis->type != JSON_NULL && !keras_integer(call, "axis", -8, 8, &stated))
        return false;
    if (stated == 0) return keras_fail(call, "it joins along the batch");
    if (!keras_axis(call, stated, keras_input_shape(call, 0)->rank, &words[0])) return false;
    if (call->input_count == 1) {
        call->output = call->inputs[0];
        return true;
    }
    return keras_node(call, FOVEA_OP_CONCAT, call->inputs, call->input_count, NULL, 0, words);
}
