/* Convolutions and dense layers. */
#include <string.h>

#include "convert/keras.h"

/* Attribute words 0..10 of a window from the config. */
static bool read_window(struct layer_call *call, const char *kernel_key, uint32_t *words) {
    uint32_t dilation[2] = {1, 1};
    if (!keras_channels_last(call) || !keras_pair(call, kernel_key, 1, words) ||
        !keras_pair(call, "strides", 1, words + 2))
        return false;
    if (json_member(call->config, "dilation_rate") &&
        !keras_pair(call, "dilation_rate", 1, dilation))
        return false;
    words[4] = dilation[0];
    words[5] = dilation[1];
    const char *padding = keras_text(call, "padding", "valid");
    if (!padding) return false;
    if (strcmp(padding, "valid") == 0)
        words[6] = FOVEA_PADDING_VALID;
    else if (strcmp(padding, "same") == 0)
        words[6] = FOVEA_PADDING_SAME;
    else
        return keras_fail(call, "padding '%s' is not supported", padding);
    for (int i = 7; i < 11; i++) words[i] = 0;
    return true;
}

/* The bias, or zeros where the layer has none. */
static bool read_bias(struct layer_call *call, uint64_t count, struct source *source) {
    bool use;
    memset(source, 0, sizeof *source);
    if (!keras_flag(call, "use_bias", true, &use)) return false;
    return !use || keras_weight(call, "bias", count, source);
}

/* A convolution with kernel rows [ky][kx][inputs / groups] of `outputs`. */
static bool add_conv(struct layer_call *call, const uint32_t *window, uint32_t input,
                     const struct source *kernel, const struct source *bias, uint32_t inputs,
                     uint32_t outputs, uint32_t groups) {
    size_t taps = (size_t)window[0] * window[1];
    uint32_t arrays[2] = {
        keras_conv_array(call, kernel, taps, inputs / groups, outputs, groups),
        keras_bias_array(call, bias, outputs, groups),
    };
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    memcpy(words, window, FOVEA_WINDOW_WORDS * sizeof *words);
    words[11] = groups;
    words[12] = outputs;
    return keras_step(call, FOVEA_OP_CONV, input, arrays, 2, words);
}

/* One filter a channel; the kernel's rows are [ky][kx] of `channels`. */
static bool add_depthwise(struct layer_call *call, const uint32_t *window, uint32_t input,
                          const struct source *kernel, const struct source *bias,
                          uint32_t channels) {
    size_t taps = (size_t)window[0] * window[1];
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
    return multiplier == 1
               ? add_depthwise(call, window, input, kernel, bias, channels)
               : add_conv(call, window, input, kernel, bias, channels, channels * multiplier,
                          channels);
}

bool keras_conv2d(struct layer_call *call) {
    uint32_t window[FOVEA_WINDOW_WORDS];
    int64_t outputs, groups = 1;
    struct source kernel, bias;
    if (!keras_one_input(call, 3) || !read_window(call, "kernel_size", window) ||
        !keras_integer(call, "filters", 1, FOVEA_DIM_MAX, &outputs))
        return false;
    if (json_member(call->config, "groups") &&
        !keras_integer(call, "groups", 1, FOVEA_DIM_MAX, &groups))
        return false;
    uint32_t inputs = keras_input_shape(call, 0)->dims[2];
    if (inputs % groups != 0 || outputs % groups != 0)
        return keras_fail(call, "%u inputs and %lld filters do not divide into %lld groups", inputs,
                          (long long)outputs, (long long)groups);
    uint64_t count = (uint64_t)window[0] * window[1] * (inputs / (uint32_t)groups);
    if (!fovea_multiply(count, (uint64_t)outputs, &count))
        return keras_fail(call, "its kernel is too large");
    if (!keras_weight(call, "kernel", count, &kernel) ||
        !read_bias(call, (uint64_t)outputs, &bias))
        return false;
    bool depthwise = groups > 1 && groups == inputs && groups == outputs;
    bool added = depthwise ? add_depthwise(call, window, call->inputs[0], &kernel, &bias, inputs)
                           : add_conv(call, window, call->inputs[0], &kernel, &bias, inputs,
                                      (uint32_t)outputs, (uint32_t)groups);
    return added && keras_activation(call, "activation");
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

bool keras_depthwise2d(struct layer_call *call) {
    uint32_t window[FOVEA_WINDOW_WORDS], multiplier;
    struct source kernel, bias;
    if (!keras_one_input(call, 3) || !read_window(call, "kernel_size", window)) return false;
    uint32_t channels = keras_input_shape(call, 0)->dims[2];
    if (!read_multiplier(call, channels, &multiplier)) return false;
    uint64_t outputs = (uint64_t)channels * multiplier;
    if (!keras_weight(call, "kernel", outputs * window[0] * window[1],
                      &kernel) ||
        !read_bias(call, outputs, &bias))
        return false;
    return add_multiplied(call, window, call->inputs[0], &kernel, &bias, channels, multiplier) &&
           keras_activation(call, "activation");
}

bool keras_separable2d(struct layer_call *call) {
    uint32_t window[FOVEA_WINDOW_WORDS], multiplier;
    const uint32_t point[FOVEA_WINDOW_WORDS] = {1, 1, 1, 1, 1, 1, FOVEA_PADDING_VALID};
    int64_t outputs;
    struct source depth, pointwise, bias, none = {.count = 0};
    if (!keras_one_input(call, 3) || !read_window(call, "kernel_size", window) ||
        !keras_integer(call, "filters", 1, FOVEA_DIM_MAX, &outputs))
        return false;
    uint32_t channels = keras_input_shape(call, 0)->dims[2];
    if (!read_multiplier(call, channels, &multiplier)) return false;
    uint64_t middle = (uint64_t)channels * multiplier;
    if (!keras_weight(call, "depthwise_kernel", middle * window[0] * window[1], &depth) ||
        !keras_weight(call, "pointwise_kernel", middle * (uint64_t)outputs, &pointwise) ||
        !read_bias(call, (uint64_t)outputs, &bias))
        return false;
    return add_multiplied(call, window, call->inputs[0], &depth, &none, channels, multiplier) &&
           add_conv(call, point, call->output, &pointwise, &bias, (uint32_t)middle,
                    (uint32_t)outputs, 1) &&
           keras_activation(call, "activation");
}

bool keras_dense(struct layer_call *call) {
    int64_t outputs;
    struct source kernel, bias;
    if (!keras_one_input(call, 0) || !keras_integer(call, "units", 1, FOVEA_DIM_MAX, &outputs))
        return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (shape->rank < 1) return keras_fail(call, "its input is a single number");
    uint32_t inputs = shape->dims[shape->rank - 1];
    if (!keras_weight(call, "kernel", (uint64_t)inputs * (uint64_t)outputs, &kernel) ||
        !read_bias(call, (uint64_t)outputs, &bias))
        return false;
    uint32_t arrays[2] = {
        keras_conv_array(call, &kernel, 1, inputs, (size_t)outputs, 1),
        keras_bias_array(call, &bias, (size_t)outputs, 1),
    };
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {(uint32_t)outputs};
    return keras_step(call, FOVEA_OP_DENSE, call->inputs[0], arrays, 2, words) &&
           keras_activation(call, "activation");
}
