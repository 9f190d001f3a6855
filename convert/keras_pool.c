/* Pools. */
#include <string.h>

#include "convert/keras.h"

static uint32_t pool_op(const struct layer_call *call) {
    return strstr(call->class_name, "Max") ? FOVEA_OP_MAX_POOL : FOVEA_OP_MEAN_POOL;
}

bool keras_pool2d(struct layer_call *call) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    const struct json *strides = json_member(call->config, "strides");
    if (!keras_one_input(call, 3) || !keras_channels_last(call) ||
        !keras_pair(call, "pool_size", 1, words))
        return false;
    if (!strides || strides->type == JSON_NULL) { /* as wide as the window */
        words[2] = words[0];
        words[3] = words[1];
    } else if (!keras_pair(call, "strides", 1, words + 2)) {
        return false;
    }
    words[4] = words[5] = 1;
    const char *padding = keras_text(call, "padding", "valid");
    if (!padding) return false;
    if (strcmp(padding, "same") != 0 && strcmp(padding, "valid") != 0)
        return keras_fail(call, "padding '%s' is not supported", padding);
    words[6] = padding[0] == 's' ? FOVEA_PADDING_SAME : FOVEA_PADDING_VALID;
    words[11] = 1;
    return keras_step(call, pool_op(call), call->inputs[0], NULL, 0, words);
}

bool keras_global_pool2d(struct layer_call *call) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0, 0, 1, 1, 1, 1, FOVEA_PADDING_VALID};
    bool keep;
    if (!keras_one_input(call, 3) || !keras_channels_last(call) ||
        !keras_flag(call, "keepdims", false, &keep))
        return false;
    words[11] = keep;
    return keras_step(call, pool_op(call), call->inputs[0], NULL, 0, words);
}
