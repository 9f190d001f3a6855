/* Pools. */
#include <string.h>

#include "convert/keras/keras.h"

static uint32_t pool_op(const struct layer_call *call) {
    return strstr(call->class_name, "Max") ? FOVEA_OP_MAX_POOL : FOVEA_OP_MEAN_POOL;
}

/* A volume is pooled along its width, a picture of all rows, and then along depth and height, a picture
 * of wide pixels: maximum and mean allow it, also at the edges. */
static bool pool_volume(struct layer_call *call, const struct keras_window *window,
                        const uint32_t *words) {
    const struct fovea_shape in = *keras_input_shape(call, 0);
    const uint64_t rows = (uint64_t)in.dims[0] * in.dims[1];
    uint32_t along[FOVEA_ATTRIBUTES_MAX], across[FOVEA_ATTRIBUTES_MAX];
    memcpy(along, words, sizeof along);
    memcpy(across, words, sizeof across);
    along[0] = along[2] = across[1] = across[3] = 1;
    across[0] = window->kernel[0];
    across[1] = window->kernel[1];
    across[2] = window->stride[0];
    across[3] = window->stride[1];
    const struct fovea_shape lines = {3, {(uint32_t)rows, in.dims[2], in.dims[3]}};
    if (rows > FOVEA_DIM_MAX) return keras_fail(call, "K-143 its input is too large");
    if (!keras_shaped(call, call->inputs[0], &lines, false) ||
        !keras_step(call, pool_op(call), call->output, NULL, 0, along))
        return false;
    uint32_t width = graph_shape(call->graph, call->output)->dims[1];
    const uint64_t wide = (uint64_t)width * in.dims[3];
    const struct fovea_shape slices = {3, {in.dims[0], in.dims[1], (uint32_t)wide}};
    if (wide > FOVEA_DIM_MAX) return keras_fail(call, "K-144 its input is too large");
    if (!keras_shaped(call, call->output, &slices, false) ||
        !keras_step(call, pool_op(call), call->output, NULL, 0, across))
        return false;
    const struct fovea_shape *pooled = graph_shape(call->graph, call->output);
    const struct fovea_shape out = {4, {pooled->dims[0], pooled->dims[1], width, in.dims[3]}};
    return keras_shaped(call, call->output, &out, false);
}

bool keras_pool(struct layer_call *call) {
    struct keras_window window;
    uint32_t picture, words[FOVEA_ATTRIBUTES_MAX] = {0};
    if (!keras_picture(call, &picture) || !keras_read_window(call, "pool_size", &window))
        return false;
    if (window.words[6] == FOVEA_PADDING_EXPLICIT)
        return keras_fail(call, "K-145 padding 'causal' is not supported");
    memcpy(words, window.words, sizeof window.words);
    words[11] = 1;
    if (keras_spatial(call) == 3) return pool_volume(call, &window, words);
    return keras_step(call, pool_op(call), picture, NULL, 0, words) && keras_unpicture(call);
}

bool keras_global_pool(struct layer_call *call) {
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0, 0, 1, 1, 1, 1, FOVEA_PADDING_VALID};
    bool keep;
    if (!keras_one_input(call, keras_spatial(call) + 1) || !keras_channels_last(call) ||
        !keras_flag(call, "keepdims", false, &keep))
        return false;
    const struct fovea_shape in = *keras_input_shape(call, 0);
    uint64_t rows = 1;
    for (uint32_t i = 0; i + 2 < in.rank; i++) rows *= in.dims[i]; /* of a tensor that is there */
    if (rows > FOVEA_DIM_MAX) return keras_fail(call, "K-146 its input is too large");
    struct fovea_shape flat = {3, {(uint32_t)rows, in.dims[in.rank - 2], in.dims[in.rank - 1]}};
    struct fovea_shape kept = {in.rank, {1, 1, 1, 1}};
    kept.dims[in.rank - 1] = in.dims[in.rank - 1];
    return keras_shaped(call, call->inputs[0], &flat, false) &&
           keras_step(call, pool_op(call), call->output, NULL, 0, words) &&
           (!keep || keras_shaped(call, call->output, &kept, false));
}
