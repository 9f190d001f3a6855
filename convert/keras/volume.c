/* Convolution over a volume, from what pictures offer: the slices that one output slice looks at lie
 * side by side as channels, and all these stand below one another as one tall picture. */
#include "convert/keras/keras.h"

/* One axis of the window over an input: how much is added before and behind, how many outputs. */
struct volume_axis {
    uint32_t before, after, output;
};

static bool volume_axis(struct layer_call *call, const struct keras_window *window, int which,
                        uint32_t input, struct volume_axis *axis) {
    uint64_t stride = window->stride[which], padding = 0;
    uint64_t reach = (uint64_t)(window->kernel[which] - 1) * window->dilation[which] + 1;
    bool same = window->words[FOVEA_WINDOW_PADDING] == FOVEA_PADDING_SAME;
    if (!same && reach > input) return keras_fail(call, "K-236 a kernel larger than its input");
    uint64_t output = same ? (input + stride - 1) / stride : (input - reach) / stride + 1;
    uint64_t span = (output - 1) * stride + reach;
    if (same && span > input) padding = span - input;
    if (padding / 2 >= FOVEA_STEP_MAX) return keras_fail(call, "K-237 its kernel reaches too far");
    axis->before = (uint32_t)(padding / 2);
    axis->after = (uint32_t)(padding - padding / 2);
    axis->output = (uint32_t)output;
    return true;
}

bool keras_volume_conv(struct layer_call *call, const struct keras_window *window,
                       struct source *kernel, const struct source *bias, uint32_t outputs,
                       uint32_t groups) {
    const struct fovea_shape in = *keras_input_shape(call, 0);
    const uint32_t high = shape_size(&in, 1), width = shape_size(&in, 2);
    uint32_t depth = window->kernel[0], step = window->stride[1];
    uint32_t channels = shape_size(&in, 3), share = channels / groups;
    struct volume_axis z, y, x;
    if (!volume_axis(call, window, 0, shape_size(&in, 0), &z) ||
        !volume_axis(call, window, 1, high, &y) || !volume_axis(call, window, 2, width, &x))
        return false;
    /* Slices of a whole number of steps, so that each begins at an output row of the tall picture. */
    uint64_t line = (uint64_t)width * channels;
    uint64_t height = fovea_round_up((size_t)high + y.before + y.after, step);
    uint64_t below = height - high - y.before;
    const struct fovea_shape lines = SHAPE(shape_size(&in, 0), high, line);
    if (!shape_is_possible(&lines) || below > FOVEA_STEP_MAX)
        return keras_fail(call, "K-238 its input is too large");
    const uint32_t pad[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_EDGE_TOP] = z.before,
                                                [FOVEA_EDGE_LEFT] = y.before,
                                                [FOVEA_EDGE_BOTTOM] = z.after,
                                                [FOVEA_EDGE_RIGHT] = (uint32_t)below};
    bool grows = z.before || z.after || y.before || below;
    if (!keras_shaped(call, call->inputs[0], &lines, false) ||
        (grows && !keras_step(call, FOVEA_OP_PAD, call->output, NULL, 0, pad)))
        return false;
    /* (output slice, row, column, group, slice of the window, channel of the group) */
    int64_t slice = (int64_t)(height * line), column = channels;
    const struct fovea_shape seen = SHAPE(z.output, height, width, groups, depth, share);
    const int64_t steps[] = {
        window->stride[0] * slice, (int64_t)line, column, share, window->dilation[0] * slice, 1};
    const uint64_t rows = height * z.output, wide = (uint64_t)depth * channels;
    const struct fovea_shape tall = SHAPE(rows, width, wide);
    if (!shape_is_possible(&tall)) return keras_fail(call, "K-239 its input is too large");
    if (!keras_rearranged(call, call->output, &seen, steps, 0) ||
        !keras_shaped(call, call->output, &tall, false))
        return false;
    /* From [kz][ky][kx][channel] of outputs to [ky][kx][kz][channel]. */
    uint64_t tap = (uint64_t)share * outputs;
    const struct keras_order orders[] = {
        {window->kernel[1], NULL, tap * window->kernel[2]},
        {window->kernel[2], NULL, tap},
        {depth, NULL, tap * window->kernel[2] * window->kernel[1]},
        {share, NULL, outputs},
        {outputs, NULL, 1},
    };
    uint32_t words[FOVEA_WINDOW_WORDS];
    for (int i = 0; i < FOVEA_WINDOW_WORDS; i++) words[i] = window->words[i];
    words[FOVEA_WINDOW_PADDING] = FOVEA_PADDING_EXPLICIT;
    words[FOVEA_WINDOW_LEFT] = x.before;
    words[FOVEA_WINDOW_RIGHT] = x.after;
    if (!keras_reordered(call, kernel, 5, orders) ||
        !keras_add_conv(call, words, call->output, kernel, bias, (uint32_t)wide, outputs, groups))
        return false;
    /* Of each slice the rows that do not reach into the next one. */
    const struct fovea_shape out = SHAPE(z.output, y.output, x.output, outputs);
    int64_t row = (int64_t)x.output * outputs;
    const int64_t kept[] = {(int64_t)(height / step) * row, row, outputs, 1};
    return keras_rearranged(call, call->output, &out, kept, 0);
}
