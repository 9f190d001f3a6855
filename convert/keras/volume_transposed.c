/* Transposed convolution over a volume, from that over pictures. Output slices fall into as many phases as the
 * stride has steps. Those of a phase look at the same taps of neighbouring input slices: these lie side by side as
 * channels, and what belongs to the output slices lies below one another as one tall picture, so far apart that
 * they do not reach into each other. */
#include <string.h>

#include "convert/keras/transposed.h"

/* One axis: rule_conv.c has the formulas. */
struct axis {
    uint64_t input, kernel, stride, dilation;
    uint64_t whole, output, before;
    uint64_t pitch; /* inputs for which there is room, with their outputs */
};

static bool read_axis(struct layer_call *call, const struct keras_window *window, int which,
                      const uint32_t *added, struct axis *axis) {
    const bool same = window->words[FOVEA_WINDOW_PADDING] == FOVEA_PADDING_SAME;
    axis->input = shape_size(keras_input_shape(call, 0), (uint32_t)which);
    axis->kernel = window->kernel[which];
    axis->stride = window->stride[which];
    axis->dilation = window->dilation[which];
    if (axis->stride > 1 && axis->dilation > 1)
        return keras_fail(call, "K-467 strides and dilation together are not supported");
    const uint64_t reach = (axis->kernel - 1) * axis->dilation + 1,
                   extra = added ? added[which] : 0;
    axis->whole = (axis->input - 1) * axis->stride + reach;
    if (same)
        axis->output = added ? (axis->input - 1) * axis->stride + reach % 2 + extra
                             : axis->input * axis->stride;
    else
        axis->output = axis->whole + (added                  ? extra
                                      : reach < axis->stride ? axis->stride - reach
                                                             : 0);
    axis->before = same && axis->whole > axis->output ? (axis->whole - axis->output) / 2 : 0;
    const uint64_t end = axis->before + axis->output;
    const uint64_t span = end > axis->whole ? end : axis->whole;
    axis->pitch = (span + axis->stride - 1) / axis->stride;
    return (axis->output >= 1 && axis->pitch <= FOVEA_DIM_MAX &&
            axis->pitch - axis->input <= FOVEA_STEP_MAX) ||
           keras_fail(call, "K-468 its output is out of range");
}

/* From Keras' [kz][ky][kx][output][input] to rows [ky][kx][tap][input] of outputs, those of one phase. */
static float *phase_kernel(struct layer_call *call, const float *all, const struct axis axes[3],
                           uint64_t phase, uint64_t taps, uint64_t inputs, uint64_t outputs) {
    const struct axis *z = &axes[0], *y = &axes[1], *x = &axes[2];
    const uint64_t count = y->kernel * x->kernel * taps * inputs * outputs;
    float *kernel = keras_floats(call, count), *to = kernel;
    const uint32_t *rows = keras_phase_order(call, (uint32_t)y->kernel, (uint32_t)y->stride);
    const uint32_t *columns = keras_phase_order(call, (uint32_t)x->kernel, (uint32_t)x->stride);
    if (!kernel || !rows || !columns || !pool_spend(call->keras->pool, count, call->keras->trouble))
        return NULL;
    for (uint64_t ky = 0; ky < y->kernel; ky++)
        for (uint64_t kx = 0; kx < x->kernel; kx++)
            for (uint64_t t = 0; t < taps; t++) {
                const uint64_t kz = phase + t * z->stride;
                const uint64_t tap = (kz * y->kernel + rows[ky]) * x->kernel + columns[kx];
                for (uint64_t c = 0; c < inputs; c++)
                    for (uint64_t o = 0; o < outputs; o++)
                        *to++ = kz < z->kernel ? all[(tap * outputs + o) * inputs + c] : 0;
            }
    return kernel;
}

/* The input with zeros around it: before and behind its slices, below its rows, right of its columns. */
static bool add_room(struct layer_call *call, const struct axis axes[3], uint64_t before,
                     uint64_t after, uint64_t channels) {
    const struct axis *z = &axes[0], *y = &axes[1], *x = &axes[2];
    const struct fovea_shape lines = SHAPE(z->input, y->input, x->input * channels);
    const struct fovea_shape wide =
        SHAPE((z->input + before + after) * y->pitch, x->input, channels);
    const uint32_t around[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_EDGE_TOP] = (uint32_t)before,
                                                   [FOVEA_EDGE_BOTTOM] = (uint32_t)after,
                                                   [FOVEA_EDGE_RIGHT] =
                                                       (uint32_t)(y->pitch - y->input)};
    const uint32_t right[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_EDGE_RIGHT] =
                                                      (uint32_t)(x->pitch - x->input)};
    FOVEA_ASSERT(before <= FOVEA_STEP_MAX &&
                 after <= FOVEA_STEP_MAX); /* at most z's pitch - input */
    return keras_shaped(call, call->inputs[0], &lines, false) &&
           keras_step(call, FOVEA_OP_PAD, call->output, NULL, 0, around) &&
           keras_shaped(call, call->output, &wide, false) &&
           keras_step(call, FOVEA_OP_PAD, call->output, NULL, 0, right);
}

struct volume {
    struct axis axes[3];
    uint64_t slices; /* outputs of each phase */
    uint64_t inputs, outputs;
    const float *kernel;
    const struct source *bias;
};

/* call->output = the slices of one phase: slices x height x width x outputs. */
static bool convert_phase(struct layer_call *call, const struct volume *volume, uint64_t phase) {
    const struct axis *z = &volume->axes[0], *y = &volume->axes[1], *x = &volume->axes[2];
    const uint64_t channels = volume->inputs, slices = volume->slices;
    const uint64_t taps = phase < z->kernel ? (z->kernel - phase - 1) / z->stride + 1 : 1;
    const uint64_t before = (taps - 1) * z->dilation;
    const uint64_t after = slices > z->input ? slices - z->input : 0;
    if (!add_room(call, volume->axes, before, after, channels)) return false;
    const int64_t line = (int64_t)(x->pitch * channels), slice = (int64_t)y->pitch * line;
    const struct fovea_shape seen = SHAPE(slices, y->pitch, x->pitch, taps, channels);
    const struct fovea_shape tall = SHAPE(slices * y->pitch, x->pitch, taps * channels);
    const int64_t steps[] = {slice, line, (int64_t)channels, -(int64_t)z->dilation * slice, 1};
    float *kernel =
        phase_kernel(call, volume->kernel, volume->axes, phase, taps, channels, volume->outputs);
    if (!kernel || !keras_rearranged(call, call->output, &seen, steps, (int64_t)before * slice) ||
        !keras_shaped(call, call->output, &tall, false))
        return false;
    const uint64_t places = y->kernel * x->kernel, rows = taps * channels;
    const struct source source = source_floats(kernel, places * rows * volume->outputs);
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {
        (uint32_t)y->kernel,   (uint32_t)x->kernel,
        (uint32_t)y->stride,   (uint32_t)x->stride,
        (uint32_t)y->dilation, (uint32_t)x->dilation,
        FOVEA_PADDING_VALID,   [FOVEA_TRANSPOSED_OUTPUTS] = (uint32_t)volume->outputs};
    const uint32_t arrays[2] = {
        keras_conv_array(call, &source, (size_t)places, (size_t)rows, (size_t)volume->outputs, 1),
        keras_bias_array(call, volume->bias, (size_t)volume->outputs, 1)};
    if (!keras_step(call, FOVEA_OP_CONV_TRANSPOSED, call->output, arrays, 2, words)) return false;
    const int64_t row =
        (int64_t)(shape_size(graph_shape(call->graph, call->output), 1) * volume->outputs);
    const struct fovea_shape out = SHAPE(slices, y->output, x->output, volume->outputs);
    const int64_t kept[] = {(int64_t)(y->pitch * y->stride) * row, row, (int64_t)volume->outputs,
                            1};
    return keras_rearranged(call, call->output, &out, kept,
                            (int64_t)y->before * row + (int64_t)(x->before * volume->outputs));
}

bool keras_volume_transposed(struct layer_call *call, const struct keras_window *window,
                             const struct source *kernel, const struct source *bias,
                             uint32_t outputs, const uint32_t *added) {
    struct volume volume = {.outputs = outputs, .bias = bias};
    volume.inputs = shape_from_end(keras_input_shape(call, 0), 0);
    float *numbers = keras_floats(call, kernel->count);
    volume.kernel = numbers;
    for (int i = 0; i < 3; i++)
        if (!read_axis(call, window, i, added, &volume.axes[i])) return false;
    if (!numbers) return false;
    source_read(kernel, 0, kernel->count, numbers);
    const struct axis *z = &volume.axes[0], *y = &volume.axes[1], *x = &volume.axes[2];
    volume.slices = (z->before + z->output + z->stride - 1) / z->stride;
    const struct fovea_shape apart = SHAPE(volume.slices, 1, y->output * x->output * outputs);
    const struct fovea_shape together =
        SHAPE(volume.slices * z->stride, y->output * x->output * outputs);
    const struct fovea_shape out = SHAPE(z->output, y->output, x->output, outputs);
    uint32_t *phases = pool_get(call->keras->pool, z->stride, sizeof *phases, call->keras->trouble);
    if (!phases) return false;
    for (uint64_t p = 0; p < z->stride; p++) {
        const bool again = p > z->kernel; /* phases without taps are all the same */
        if (!again &&
            (!convert_phase(call, &volume, p) || !keras_shaped(call, call->output, &apart, false)))
            return false;
        phases[p] = again ? phases[z->kernel] : call->output;
    }
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_CONCAT_AXIS] = 1};
    call->output = phases[0];
    return (z->stride == 1 ||
            keras_node(call, FOVEA_OP_CONCAT, phases, (uint32_t)z->stride, NULL, 0, words)) &&
           keras_shaped(call, call->output, &together, false) &&
           keras_sliced(call, call->output, 0, (uint32_t)z->before, (uint32_t)z->output) &&
           keras_shaped(call, call->output, &out, false);
}
