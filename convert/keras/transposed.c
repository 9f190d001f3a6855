/* Transposed convolutions. */
#include <string.h>

#include "convert/keras/transposed.h"

const uint32_t *keras_phase_order(struct layer_call *call, uint32_t kernel, uint32_t stride) {
    uint32_t *order = pool_get(call->keras->pool, kernel, sizeof *order, call->keras->trouble),
             at = 0;
    for (uint32_t phase = 0; order && phase < stride && phase < kernel; phase++)
        for (uint32_t k = (kernel - 1 - phase) / stride * stride + phase;; k -= stride) {
            order[at++] = k;
            if (k == phase) break;
        }
    return order;
}

/* Of a picture, or a line. */
static bool convert_picture(struct layer_call *call, const struct keras_window *window,
                            uint32_t picture, struct source *kernel, const struct source *bias,
                            uint32_t outputs, const uint32_t *added) {
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    memcpy(words, window->words, FOVEA_TRANSPOSED_EXTRA * sizeof *words); /* up to the padding */
    for (int i = 0; added && i < 2; i++) words[FOVEA_TRANSPOSED_EXTRA + i] = 1 + added[1 + i];
    for (int i = 0; i < 2; i++)
        if (words[FOVEA_WINDOW_STRIDE + i] > 1 && words[FOVEA_WINDOW_DILATION + i] > 1)
            return keras_fail(call, "K-234 strides and dilation together are not supported");
    const uint32_t inputs = shape_size(graph_shape(call->graph, picture), 2);
    const uint64_t pairs = (uint64_t)inputs * outputs, row = pairs * window->kernel[2];
    /* From [ky][kx][output][input] to rows [ky][kx][input] of outputs, taps by phase. */
    const struct keras_order orders[] = {
        {window->kernel[1], keras_phase_order(call, window->kernel[1], window->stride[1]), row},
        {window->kernel[2], keras_phase_order(call, window->kernel[2], window->stride[2]), pairs},
        {inputs, NULL, 1},
        {outputs, NULL, inputs},
    };
    if (!orders[0].index || !orders[1].index || !keras_reordered(call, kernel, 4, orders))
        return false;
    const size_t taps = (size_t)window->kernel[1] * window->kernel[2];
    const uint32_t arrays[2] = {
        keras_conv_array(call, kernel, taps, inputs, outputs, 1),
        keras_bias_array(call, bias, outputs, 1),
    };
    words[FOVEA_TRANSPOSED_OUTPUTS] = outputs;
    return keras_step(call, FOVEA_OP_CONV_TRANSPOSED, picture, arrays, 2, words) &&
           keras_unpicture(call);
}

bool keras_conv_transposed(struct layer_call *call) {
    struct keras_window window;
    struct source kernel, bias;
    uint32_t picture, added[3];
    int64_t filters, groups = 1;
    const uint32_t spatial = keras_spatial(call);
    if (!keras_picture(call, &picture) || !keras_read_window(call, "kernel_size", &window) ||
        !keras_integer(call, "filters", 1, FOVEA_DIM_MAX, &filters))
        return false;
    if (keras_has(call, "groups") && !keras_integer(call, "groups", 1, 1, &groups)) return false;
    if (window.words[FOVEA_WINDOW_PADDING] == FOVEA_PADDING_EXPLICIT)
        return keras_fail(call, "K-233 padding 'causal' is not supported");
    const bool stated = keras_has(call, "output_padding");
    if (stated && !keras_sizes(call, "output_padding", 0, added)) return false;
    if (stated && spatial == 1) added[1] = 0;
    const uint32_t inputs = shape_from_end(keras_input_shape(call, 0), 0);
    uint64_t count = fovea_product((uint64_t)filters, inputs);
    for (int i = 0; i < 3; i++) count = fovea_product(count, window.kernel[i]);
    if (count == FOVEA_TOO_LARGE) return keras_fail(call, "K-235 its kernel is too large");
    if (!keras_weight(call, "kernel", count, &kernel) ||
        !keras_bias(call, (uint64_t)filters, &bias))
        return false;
    const uint32_t outputs = (uint32_t)filters, *extra = stated ? added : NULL;
    return (spatial == 3
                ? keras_volume_transposed(call, &window, &kernel, &bias, outputs, extra)
                : convert_picture(call, &window, picture, &kernel, &bias, outputs, extra)) &&
           keras_activation(call, "activation");
}
