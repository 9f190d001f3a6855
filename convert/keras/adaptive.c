/* Pools of a stated number of outputs, whose windows may overlap and differ in size by one. */
#include <string.h>

#include "convert/keras/build.h"

/* Window `o` of `count` over `size` places. */
static uint32_t first_of(uint32_t o, uint32_t size, uint32_t count) {
    return (uint32_t)((uint64_t)o * size / count);
}
static uint32_t end_of(uint32_t o, uint32_t size, uint32_t count) {
    return (uint32_t)(((uint64_t)(o + 1) * size + count - 1) / count);
}

static bool mean_along(struct layer_call *call, uint32_t axis, uint32_t size, uint32_t count) {
    float *matrix = keras_floats(call, (uint64_t)size * count);
    if (!matrix || !pool_spend(call->keras->pool, (uint64_t)size * count, call->keras->trouble))
        return false;
    for (uint32_t o = 0; o < count; o++) {
        const uint32_t first = first_of(o, size, count), end = end_of(o, size, count);
        for (uint32_t i = first; i < end; i++)
            matrix[(uint64_t)i * count + o] = 1 / (float)(end - first);
    }
    return keras_along(call, call->output, axis, matrix, count);
}

static bool max_along(struct layer_call *call, uint32_t axis, uint32_t size, uint32_t count) {
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_CONCAT_AXIS] = axis}, input = call->output;
    uint32_t *windows = pool_get(call->keras->pool, count, sizeof *windows, call->keras->trouble);
    if (!windows) return false;
    for (uint32_t o = 0; o < count; o++) {
        const uint32_t first = first_of(o, size, count), end = end_of(o, size, count);
        if (!keras_sliced(call, input, axis, first, end - first) ||
            !keras_reduced(call, FOVEA_OP_MAX_POOL, call->output, 1u << axis, true))
            return false;
        windows[o] = call->output;
    }
    return count == 1 || keras_node(call, FOVEA_OP_CONCAT, windows, count, NULL, 0, words);
}

bool keras_adaptive_pool(struct layer_call *call) {
    const uint32_t spatial = keras_spatial(call);
    const bool max = strstr(call->class_name, "Max") != NULL;
    uint32_t sizes[3];
    if (!keras_one_input(call, spatial + 1) || !keras_channels_last(call) ||
        !keras_sizes(call, "output_size", 1, sizes))
        return false;
    call->output = call->inputs[0];
    for (uint32_t axis = 0; axis < spatial; axis++) {
        const uint32_t size = shape_size(graph_shape(call->graph, call->output), axis);
        const uint32_t count = sizes[3 - spatial + axis];
        if (size > FOVEA_STEP_MAX || (max && count > 1024))
            return keras_fail(call, "K-492 it has too many windows");
        if (!(max ? max_along : mean_along)(call, axis, size, count)) return false;
    }
    return true;
}
