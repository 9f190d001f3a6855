/* Convolutions and dense layers. */
#include <string.h>

#include "convert/keras/quantized.h"

bool keras_bias(struct layer_call *call, uint64_t count, struct source *source) {
    bool use;
    memset(source, 0, sizeof *source);
    if (!keras_flag(call, "use_bias", true, &use)) return false;
    return !use || keras_weight(call, "bias", count, source);
}

bool keras_add_conv(struct layer_call *call, const uint32_t *window, uint32_t input,
                    const struct source *kernel, const struct source *bias, uint32_t inputs,
                    uint32_t outputs, uint32_t groups) {
    size_t taps = (size_t)window[FOVEA_WINDOW_KERNEL] * window[FOVEA_WINDOW_KERNEL + 1];
    uint32_t arrays[2] = {
        keras_conv_array(call, kernel, taps, inputs / groups, outputs, groups),
        keras_bias_array(call, bias, outputs, groups),
    };
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    memcpy(words, window, FOVEA_WINDOW_WORDS * sizeof *words);
    words[FOVEA_CONV_GROUPS] = groups;
    words[FOVEA_CONV_OUTPUTS] = outputs;
    return keras_step(call, FOVEA_OP_CONV, input, arrays, 2, words);
}

/* One filter a channel; the kernel's rows are [ky][kx] of `channels`. */
static bool add_depthwise(struct layer_call *call, const uint32_t *window, uint32_t input,
                          const struct source *kernel, const struct source *bias,
                          uint32_t channels) {
    size_t taps = (size_t)window[FOVEA_WINDOW_KERNEL] * window[FOVEA_WINDOW_KERNEL + 1];
    uint32_t arrays[2] = {
        keras_depthwise_array(call, kernel, taps, channels),
        keras_bias_array(call, bias, channels, 1),
    };
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    memcpy(words, window, FOVEA_WINDOW_WORDS * sizeof *words);
    return keras_step(call, FOVEA_OP_DEPTHWISE, input, arrays, 2, words);
}

/* `multiplier` filters a channel: beyond one, a convolution with a group for each channel. */
static bool add_multiplied(struct layer_call *call, const uint32_t *window, uint32_t input,
                           const struct source *kernel, const struct source *bias,
                           uint32_t channels, uint32_t multiplier) {
    return multiplier == 1 ? add_depthwise(call, window, input, kernel, bias, channels)
                           : keras_add_conv(call, window, input, kernel, bias, channels,
                                            channels * multiplier, channels);
}

/* The last dimension of the input. */
static uint32_t channels_of(const struct layer_call *call) {
    return shape_from_end(keras_input_shape(call, 0), 0);
}

/* *count = taps * inputs * outputs. */
static bool count_kernel(struct layer_call *call, const struct keras_window *window,
                         uint32_t inputs, uint64_t outputs, uint64_t *count) {
    *count = (uint64_t)window->kernel[0] * window->kernel[1] * window->kernel[2];
    *count = fovea_product(fovea_product(*count, inputs), outputs);
    if (*count == FOVEA_TOO_LARGE) return keras_fail(call, "K-103 its kernel is too large");
    return true;
}

bool keras_conv(struct layer_call *call) {
    struct keras_window window;
    int64_t filters, groups = 1;
    struct source kernel, bias;
    uint32_t picture, spatial = keras_spatial(call);
    uint64_t count;
    if (!keras_picture(call, &picture) || !keras_read_window(call, "kernel_size", &window) ||
        !keras_integer(call, "filters", 1, FOVEA_DIM_MAX, &filters))
        return false;
    if (json_member(call->config, "groups") &&
        !keras_integer(call, "groups", 1, FOVEA_DIM_MAX, &groups))
        return false;
    uint32_t inputs = channels_of(call), outputs = (uint32_t)filters, group = (uint32_t)groups;
    if (inputs % group != 0 || outputs % group != 0)
        return keras_fail(call, "K-104 %u inputs and %u filters are not multiples of %u groups",
                          inputs, outputs, group);
    if (!count_kernel(call, &window, inputs / group, outputs, &count) ||
        !keras_weight(call, "kernel", count, &kernel) || !keras_bias(call, outputs, &bias))
        return false;
    bool depthwise = group > 1 && group == inputs && group == outputs, added;
    if (spatial == 3)
        added = keras_volume_conv(call, &window, &kernel, &bias, outputs, group);
    else if (depthwise)
        added = add_depthwise(call, window.words, picture, &kernel, &bias, inputs);
    else
        added = keras_add_conv(call, window.words, picture, &kernel, &bias, inputs, outputs, group);
    return added && keras_unpicture(call) && keras_activation(call, "activation");
}

/* depth_multiplier and the number of outputs it makes. */
static bool read_multiplier(struct layer_call *call, uint32_t channels, uint32_t *multiplier) {
    int64_t value = 1;
    if (json_member(call->config, "depth_multiplier") &&
        !keras_integer(call, "depth_multiplier", 1, FOVEA_DIM_MAX / channels, &value))
        return false;
    *multiplier = (uint32_t)value;
    return true;
}

bool keras_depthwise(struct layer_call *call) {
    struct keras_window window;
    uint32_t picture, multiplier;
    uint64_t count;
    struct source kernel, bias;
    if (!keras_picture(call, &picture) || !keras_read_window(call, "kernel_size", &window))
        return false;
    uint32_t channels = channels_of(call);
    if (!read_multiplier(call, channels, &multiplier)) return false;
    uint64_t outputs = (uint64_t)channels * multiplier;
    if (!count_kernel(call, &window, 1, outputs, &count) ||
        !keras_weight(call, "kernel", count, &kernel) || !keras_bias(call, outputs, &bias))
        return false;
    return add_multiplied(call, window.words, picture, &kernel, &bias, channels, multiplier) &&
           keras_unpicture(call) && keras_activation(call, "activation");
}

bool keras_separable(struct layer_call *call) {
    /* kernel, stride, dilation of both axes */
    const uint32_t point[FOVEA_WINDOW_WORDS] = {
        1, 1, 1, 1, 1, 1, [FOVEA_WINDOW_PADDING] = FOVEA_PADDING_VALID};
    struct keras_window window;
    uint32_t picture, multiplier;
    uint64_t count;
    int64_t filters;
    struct source depth, pointwise, bias, none = {.count = 0};
    if (!keras_picture(call, &picture) || !keras_read_window(call, "kernel_size", &window) ||
        !keras_integer(call, "filters", 1, FOVEA_DIM_MAX, &filters))
        return false;
    uint32_t channels = channels_of(call), outputs = (uint32_t)filters;
    if (!read_multiplier(call, channels, &multiplier)) return false;
    uint32_t middle = channels * multiplier;
    if (!count_kernel(call, &window, 1, middle, &count) ||
        !keras_weight(call, "depthwise_kernel", count, &depth) ||
        !keras_weight(call, "pointwise_kernel", (uint64_t)middle * outputs, &pointwise) ||
        !keras_bias(call, outputs, &bias))
        return false;
    return add_multiplied(call, window.words, picture, &depth, &none, channels, multiplier) &&
           keras_add_conv(call, point, call->output, &pointwise, &bias, middle, outputs, 1) &&
           keras_unpicture(call) && keras_activation(call, "activation");
}

bool keras_dense(struct layer_call *call) {
    int64_t outputs;
    struct source kernel, bias;
    if (!keras_one_input(call, 0) || !keras_integer(call, "units", 1, FOVEA_DIM_MAX, &outputs))
        return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (shape_rank(shape) < 1) return keras_fail(call, "K-105 its input is a single number");
    uint32_t inputs = channels_of(call);
    if (!keras_weight(call, "kernel", (uint64_t)inputs * (uint64_t)outputs, &kernel) ||
        !keras_bias(call, (uint64_t)outputs, &bias))
        return false;
    return keras_quantized_linear(call, call->inputs[0], &kernel, &bias, (uint32_t)outputs) &&
           keras_activation(call, "activation");
}
