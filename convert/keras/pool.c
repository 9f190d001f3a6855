/* Pools. */
#include <string.h>

#include "convert/keras/mask.h"

static uint32_t pool_op(const struct layer_call *call) {
    return strstr(call->class_name, "Max") ? FOVEA_OP_MAX_POOL : FOVEA_OP_MEAN_POOL;
}

/* A volume is pooled along its width, a picture of all rows, and then along depth and height, a picture
 * of wide pixels: maximum and mean allow it, also at the edges. */
static bool pool_volume(struct layer_call *call, const struct keras_window *window,
                        const uint32_t *words) {
    const struct fovea_shape in = *keras_input_shape(call, 0);
    const uint64_t rows = shape_product(&in, 0, 2);
    uint32_t along[FOVEA_ATTRIBUTES_MAX], across[FOVEA_ATTRIBUTES_MAX];
    memcpy(along, words, sizeof along);
    memcpy(across, words, sizeof across);
    along[FOVEA_WINDOW_KERNEL] = along[FOVEA_WINDOW_STRIDE] = 1;
    for (int i = 0; i < 2; i++) {
        across[FOVEA_WINDOW_KERNEL + i] = window->kernel[i];
        across[FOVEA_WINDOW_STRIDE + i] = window->stride[i];
    }
    const struct fovea_shape lines = SHAPE(rows, shape_size(&in, 2), shape_size(&in, 3));
    if (!shape_is_possible(&lines)) return keras_fail(call, "K-143 its input is too large");
    if (!keras_shaped(call, call->inputs[0], &lines, false) ||
        !keras_step(call, pool_op(call), call->output, NULL, 0, along))
        return false;
    const uint64_t width = shape_size(graph_shape(call->graph, call->output), 1);
    const struct fovea_shape slices =
        SHAPE(shape_size(&in, 0), shape_size(&in, 1), width * shape_size(&in, 3));
    if (!shape_is_possible(&slices)) return keras_fail(call, "K-144 its input is too large");
    if (!keras_shaped(call, call->output, &slices, false) ||
        !keras_step(call, pool_op(call), call->output, NULL, 0, across))
        return false;
    const struct fovea_shape *pooled = graph_shape(call->graph, call->output);
    const struct fovea_shape out =
        SHAPE(shape_size(pooled, 0), shape_size(pooled, 1), width, shape_size(&in, 3));
    return keras_shaped(call, call->output, &out, false);
}

bool keras_pool(struct layer_call *call) {
    struct keras_window window;
    uint32_t picture, words[FOVEA_ATTRIBUTES_MAX] = {0};
    if (!keras_picture(call, &picture) || !keras_read_window(call, "pool_size", &window))
        return false;
    if (window.words[FOVEA_WINDOW_PADDING] == FOVEA_PADDING_EXPLICIT)
        return keras_fail(call, "K-145 padding 'causal' is not supported");
    memcpy(words, window.words, sizeof window.words);
    words[FOVEA_POOL_KEEP] = 1;
    if (keras_spatial(call) == 3) return pool_volume(call, &window, words);
    return keras_step(call, pool_op(call), picture, NULL, 0, words) && keras_unpicture(call);
}

/* The mean of the steps that count, by a product with the mask as a row. */
static bool masked_mean(struct layer_call *call, uint32_t mask, bool keep) {
    const uint32_t input = call->inputs[0];
    const uint32_t steps = shape_size(keras_input_shape(call, 0), 0);
    const uint32_t channels = shape_size(keras_input_shape(call, 0), 1);
    const struct fovea_shape row = SHAPE(1, steps), line = SHAPE(channels),
                             kept = SHAPE(1, channels);
    uint32_t count, sum;
    if (!keras_reduced(call, FOVEA_OP_MEAN_POOL, mask, 1, true) ||
        !keras_scaled(call, call->output, (float)steps, 0))
        return false;
    count = call->output;
    if (!keras_mask_column(call, mask) || !keras_combined(call, FOVEA_OP_KEEP, input, call->output))
        return false;
    sum = call->output;
    return keras_shaped(call, mask, &row, false) && keras_product(call, call->output, sum, false) &&
           keras_shaped(call, call->output, keep ? &kept : &line, false) &&
           keras_combined(call, FOVEA_OP_DIVIDE, call->output, count);
}

bool keras_global_pool(struct layer_call *call) {
    /* A kernel of 0 is the whole picture. */
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {
        0, 0, 1, 1, 1, 1, [FOVEA_WINDOW_PADDING] = FOVEA_PADDING_VALID};
    bool keep;
    if (!keras_one_input(call, keras_spatial(call) + 1) || !keras_channels_last(call) ||
        !keras_flag(call, "keepdims", false, &keep))
        return false;
    uint32_t mask = GRAPH_NONE;
    if (strcmp(call->class_name, "GlobalAveragePooling1D") == 0 && !call->first &&
        !keras_call_mask(call, &mask))
        return false;
    if (mask != GRAPH_NONE) return masked_mean(call, mask, keep);
    const struct fovea_shape in = *keras_input_shape(call, 0);
    const uint64_t columns = shape_from_end(&in, 1), channels = shape_from_end(&in, 0);
    const struct fovea_shape flat =
        SHAPE(shape_elements(&in) / (columns * channels), columns, channels);
    if (!shape_is_possible(&flat)) return keras_fail(call, "K-146 its input is too large");
    struct fovea_shape kept = shape_ones(keras_spatial(call));
    shape_append(&kept, channels);
    return keras_shaped(call, call->inputs[0], &flat, false) &&
           keras_step(call, pool_op(call), call->output, NULL, 0, words) &&
           (!keep || keras_shaped(call, call->output, &kept, false));
}
