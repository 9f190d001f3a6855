#include "weights/bytes.h"
#include "weights/rules.h"

/* Of five factors; FOVEA_TOO_LARGE is more than an array may have. */
static uint64_t product(uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e) {
    return fovea_product(fovea_product(fovea_product((uint64_t)a * b, c), d), e);
}

/* A kernel and a bias; with them, where the kernel is of bytes, its scales, as many as the bias has numbers. */
static bool rule_kernel(const struct fovea_rule_query *query) {
    return query->arrays == 2 || query->arrays == 3;
}

/* A second input, if there is one, is added to the output and has its shape. */
static bool rule_added(struct fovea_rule_query *query) {
    struct fovea_shape second;
    if (query->inputs == 1) return true;
    query->shape_of(query->context, 1, &second);
    if (!fovea_shape_equal(&second, &query->output))
        return fovea_rule_fail(query, "R-014 what is added to a layer has another shape");
    return true;
}

bool fovea_rule_conv(struct fovea_rule_query *query) {
    struct fovea_conv *conv = &query->as.conv;
    if (query->inputs > 2 || !rule_kernel(query))
        return fovea_rule_fail(query,
                               "R-015 a convolution needs one or two inputs, kernel and bias");
    if (!fovea_rule_window(query, &conv->window)) return false;
    const struct fovea_axis *y = &conv->window.y, *x = &conv->window.x;
    if (query->attribute[FOVEA_WINDOW_KERNEL] == 0)
        return fovea_rule_fail(query, "R-016 a convolution needs a kernel size");
    conv->groups = query->attribute[FOVEA_CONV_GROUPS];
    conv->inputs = query->first.dims[2];
    conv->outputs = query->attribute[FOVEA_CONV_OUTPUTS];
    if (conv->groups < 1 || conv->outputs < 1 || conv->outputs > FOVEA_DIM_MAX ||
        conv->inputs % conv->groups != 0 || conv->outputs % conv->groups != 0)
        return fovea_rule_fail(query, "R-017 channels that are not a multiple of the groups");
    if (!fovea_rule_tail(query, FOVEA_CONV_TAIL, &conv->tail)) return false;
    uint32_t inputs = conv->inputs / conv->groups;
    uint32_t outputs = (uint32_t)fovea_round_up(conv->outputs / conv->groups, FOVEA_BLOCK);
    uint32_t taps = y->kernel * x->kernel;
    query->array_count[0] = product(outputs, conv->groups, taps, inputs, 1);
    query->array_count[1] = query->array_count[2] = product(outputs, conv->groups, 1, 1, 1);
    query->macs = product(y->output, x->output, conv->outputs, taps, inputs);
    query->output.rank = 3;
    query->output.dims[0] = y->output;
    query->output.dims[1] = x->output;
    query->output.dims[2] = conv->outputs;
    return rule_added(query);
}

/* One axis of a transposed convolution, from every second word. */
static bool transposed_axis(struct fovea_axis *axis, uint32_t input, const uint32_t *word,
                            uint32_t mode) {
    for (int i = 0; i < FOVEA_WINDOW_PADDING; i += 2)
        if (word[i] < 1 || word[i] > FOVEA_STEP_MAX) return false;
    axis->input = input;
    axis->kernel = word[FOVEA_WINDOW_KERNEL];
    axis->stride = word[FOVEA_WINDOW_STRIDE];
    axis->dilation = word[FOVEA_WINDOW_DILATION];
    uint64_t stride = axis->stride, reach = (uint64_t)(axis->kernel - 1) * axis->dilation + 1;
    const uint32_t added = word[FOVEA_TRANSPOSED_EXTRA];
    uint64_t extra = added ? added - 1 : 0, whole = (input - 1) * stride + reach, output;
    bool stated = added > 0, same = mode == FOVEA_PADDING_SAME;
    if (same)
        output = stated ? (input - 1) * stride + reach % 2 + extra : input * stride;
    else
        output = whole + (stated ? extra : reach < stride ? stride - reach : 0);
    if (output < 1 || output > FOVEA_DIM_MAX || added > FOVEA_STEP_MAX) return false;
    axis->output = (uint32_t)output;
    axis->before = same && whole > output ? (int32_t)((whole - output) / 2) : 0;
    return stride == 1 || axis->dilation == 1;
}

bool fovea_rule_conv_transposed(struct fovea_rule_query *query) {
    struct fovea_transposed *conv = &query->as.transposed;
    const uint32_t *word = query->attribute;
    if (query->inputs != 1 || !rule_kernel(query) || query->first.rank != 3)
        return fovea_rule_fail(query,
                               "R-019 a transposed convolution needs a picture, kernel and bias");
    if (word[FOVEA_WINDOW_PADDING] > FOVEA_PADDING_SAME)
        return fovea_rule_fail(query, "R-020 an unknown padding");
    if (!transposed_axis(&conv->y, query->first.dims[0], word, word[FOVEA_WINDOW_PADDING]) ||
        !transposed_axis(&conv->x, query->first.dims[1], word + 1, word[FOVEA_WINDOW_PADDING]))
        return fovea_rule_fail(query, "R-021 a transposed convolution with an axis out of range");
    conv->inputs = query->first.dims[2];
    conv->outputs = word[FOVEA_TRANSPOSED_OUTPUTS];
    if (conv->outputs < 1 || conv->outputs > FOVEA_DIM_MAX)
        return fovea_rule_fail(query, "R-022 a convolution with no outputs or too many");
    if (!fovea_rule_tail(query, FOVEA_TRANSPOSED_TAIL, &conv->tail)) return false;
    uint32_t outputs = (uint32_t)fovea_round_up(conv->outputs, FOVEA_BLOCK);
    uint32_t taps = conv->y.kernel * conv->x.kernel;
    query->array_count[0] = product(outputs, taps, conv->inputs, 1, 1);
    query->array_count[1] = query->array_count[2] = outputs;
    query->macs = product(conv->y.input, conv->x.input, conv->outputs, taps, conv->inputs);
    query->output.rank = 3;
    query->output.dims[0] = conv->y.output;
    query->output.dims[1] = conv->x.output;
    query->output.dims[2] = conv->outputs;
    return true;
}

struct fovea_phase fovea_phase_of(const struct fovea_axis *axis, uint32_t index) {
    uint32_t stride = axis->stride, at = index + (uint32_t)axis->before; /* of the first output */
    uint32_t phase = at % stride, whole = axis->kernel / stride, rest = axis->kernel % stride;
    struct fovea_phase p = {.axis = {.input = axis->input, .stride = 1}};
    p.axis.output = (axis->output - 1 - index) / stride + 1;
    p.axis.kernel = whole + (phase < rest);
    p.axis.dilation = axis->dilation;
    p.first_tap = phase * whole + (phase < rest ? phase : rest);
    /* The last tap in its order, k = phase, meets the first output at input at / stride. */
    int64_t last = p.axis.kernel > 0 ? (int64_t)(p.axis.kernel - 1) * axis->dilation : 0;
    p.axis.before = (int32_t)(last - at / stride);
    return p;
}

bool fovea_rule_depthwise(struct fovea_rule_query *query) {
    struct fovea_depthwise *depthwise = &query->as.depthwise;
    if (query->inputs != 1 || !rule_kernel(query))
        return fovea_rule_fail(query,
                               "R-024 a depthwise convolution needs one input, kernel and bias");
    if (!fovea_rule_window(query, &depthwise->window)) return false;
    if (query->attribute[FOVEA_WINDOW_KERNEL] == 0)
        return fovea_rule_fail(query, "R-025 a convolution needs a kernel size");
    const struct fovea_axis *y = &depthwise->window.y, *x = &depthwise->window.x;
    depthwise->channels = query->first.dims[2];
    if (!fovea_rule_tail(query, FOVEA_DEPTHWISE_TAIL, &depthwise->tail)) return false;
    uint32_t channels = (uint32_t)fovea_round_up(depthwise->channels, FOVEA_BLOCK);
    uint32_t taps = y->kernel * x->kernel;
    query->array_count[0] = product(channels, taps, 1, 1, 1);
    query->array_count[1] = query->array_count[2] = channels;
    query->macs = product(y->output, x->output, depthwise->channels, taps, 1);
    query->output = query->first;
    query->output.dims[0] = y->output;
    query->output.dims[1] = x->output;
    return true;
}

bool fovea_rule_dense(struct fovea_rule_query *query) {
    struct fovea_conv *conv = &query->as.conv;
    const struct fovea_shape *shape = &query->first;
    if (query->inputs > 2 || !rule_kernel(query))
        return fovea_rule_fail(query,
                               "R-027 a dense layer needs one or two inputs, kernel and bias");
    if (shape->rank < 1) return fovea_rule_fail(query, "R-028 a dense layer on a single number");
    const uint32_t outputs = query->attribute[FOVEA_DENSE_OUTPUTS];
    if (outputs < 1 || outputs > FOVEA_DIM_MAX)
        return fovea_rule_fail(query, "R-029 a dense layer with no outputs or too many");
    if (!fovea_rule_tail(query, FOVEA_DENSE_TAIL, &conv->tail)) return false;
    uint64_t elements;
    if (!fovea_shape_count(shape, &elements))
        return fovea_rule_fail(query, "R-030 a shape out of range");
    const uint32_t inputs = shape->dims[shape->rank - 1];
    const uint32_t rows = (uint32_t)(elements / inputs); /* of what may be more dimensions */
    const struct fovea_axis one = {1, 1, 1, 1, 1, 0};
    conv->window.y = conv->window.x = one;
    conv->window.x.input = conv->window.x.output = rows;
    conv->groups = 1;
    conv->inputs = inputs;
    conv->outputs = outputs;
    query->array_count[1] = query->array_count[2] = fovea_round_up(outputs, FOVEA_BLOCK);
    query->array_count[0] = query->array_count[1] * inputs; /* below 2^49; what follows, 2^53 */
    query->macs = elements * outputs;
    query->output = *shape;
    query->output.dims[shape->rank - 1] = outputs;
    return rule_added(query);
}
