/* Layers that merge tensors element by element. */
#include <string.h>

#include "convert/keras_build.h"

/* One after the other, from the left. */
static bool merge(struct layer_call *call, uint32_t op) {
    if (call->input_count < 1) return keras_fail(call, "it has no inputs");
    call->output = call->inputs[0];
    for (uint32_t i = 1; i < call->input_count; i++)
        if (!keras_combined(call, op, call->output, call->inputs[i])) return false;
    return true;
}

bool keras_add(struct layer_call *call) {
    return merge(call, FOVEA_OP_ADD);
}
bool keras_multiply(struct layer_call *call) {
    return merge(call, FOVEA_OP_MULTIPLY);
}
bool keras_maximum(struct layer_call *call) {
    return merge(call, FOVEA_OP_MAXIMUM);
}
bool keras_minimum(struct layer_call *call) {
    return merge(call, FOVEA_OP_MINIMUM);
}
bool keras_average(struct layer_call *call) {
    return merge(call, FOVEA_OP_ADD) &&
           keras_scaled(call, call->output, 1 / (float)call->input_count, 0);
}
bool keras_subtract(struct layer_call *call) {
    if (call->input_count != 2)
        return keras_fail(call, "it takes two tensors, not %u", call->input_count);
    return merge(call, FOVEA_OP_SUBTRACT);
}
