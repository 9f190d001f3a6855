/* Transposed convolutions. */
#include <string.h>

#include "convert/keras/keras.h"

/* The taps of an axis by phase, the last one of each first: rules.h. */
static uint32_t *phase_order(struct layer_call *call, uint32_t kernel, uint32_t stride) {
    uint32_t *order = pool_get(call->keras->pool, kernel, sizeof *order, call->keras->trouble),
             at = 0;
    for (uint32_t phase = 0; order && phase < stride && phase < kernel; phase++)
        for (uint32_t k = (kernel - 1 - phase) / stride * stride + phase;; k -= stride) {
            order[at++] = k;
            if (k == phase) break;
        }
    return order;
}

bool keras_conv_transposed(struct layer_call *call) {
    struct keras_window window;
    struct source kernel, bias;
    uint32_t picture, added[3], words[FOVEA_ATTRIBUTES_MAX] = {0};
    int64_t filters, groups = 1;
    if (!keras_picture(call, &picture) || !keras_read_window(call, "kernel_size", &window) ||
        !keras_integer(call, "filters", 1, FOVEA_DIM_MAX, &filters))
        return false;
    if (keras_has(call, "groups") && !keras_integer(call, "groups", 1, 1, &groups)) return false;
    if (window.words[FOVEA_WINDOW_PADDING] == FOVEA_PADDING_EXPLICIT)
        return keras_fail(call, "K-233 padding 'causal' is not supported");
    memcpy(words, window.words, FOVEA_TRANSPOSED_EXTRA * sizeof *words); /* up to the padding */
    if (keras_has(call, "output_padding")) {
        if (!keras_sizes(call, "output_padding", 0, added)) return false;
        if (keras_spatial(call) == 1) added[1] = 0;
        for (int i = 0; i < 2; i++) words[FOVEA_TRANSPOSED_EXTRA + i] = 1 + added[1 + i];
    }
    for (int i = 0; i < 2; i++)
        if (words[FOVEA_WINDOW_STRIDE + i] > 1 && words[FOVEA_WINDOW_DILATION + i] > 1)
            return keras_fail(call, "K-234 strides and dilation together are not supported");
    uint32_t inputs = shape_size(graph_shape(call->graph, picture), 2), outputs = (uint32_t)filters;
    uint64_t pairs = (uint64_t)inputs * outputs, row = pairs * window.kernel[2];
    const uint64_t count = fovea_product(row, window.kernel[1]);
    if (count == FOVEA_TOO_LARGE) return keras_fail(call, "K-235 its kernel is too large");
    if (!keras_weight(call, "kernel", count, &kernel) || !keras_bias(call, outputs, &bias))
        return false;
    /* From [ky][kx][output][input] to rows [ky][kx][input] of outputs, taps by phase. */
    const struct keras_order orders[] = {
        {window.kernel[1], phase_order(call, window.kernel[1], window.stride[1]), row},
        {window.kernel[2], phase_order(call, window.kernel[2], window.stride[2]), pairs},
        {inputs, NULL, 1},
        {outputs, NULL, inputs},
    };
    if (!orders[0].index || !orders[1].index || !keras_reordered(call, &kernel, 4, orders))
        return false;
    size_t taps = (size_t)window.kernel[1] * window.kernel[2];
    uint32_t arrays[2] = {
        keras_conv_array(call, &kernel, taps, inputs, outputs, 1),
        keras_bias_array(call, &bias, outputs, 1),
    };
    words[FOVEA_TRANSPOSED_OUTPUTS] = outputs;
    return keras_step(call, FOVEA_OP_CONV_TRANSPOSED, picture, arrays, 2, words) &&
           keras_unpicture(call) && keras_activation(call, "activation");
}
