/* Operators of bytes: what their words and arrays must be, and the shapes they make. Which of their tensors are of
 * bytes, and by which scales, is checked where the tensors are known (fovea_form_allows, blob_view.c). */
#include "weights/bytes.h"
#include "weights/rules.h"

#define BYTE_LEAST (-128)
#define BYTE_MOST  127

/* The two words of bounds: a range of bytes. */
static bool rule_bounds(struct fovea_rule_query *query, uint32_t word,
                        struct fovea_bounds *bounds) {
    bounds->low = (int32_t)query->attribute[word];
    bounds->high = (int32_t)query->attribute[word + 1];
    if (bounds->low < BYTE_LEAST || bounds->high > BYTE_MOST || bounds->low > bounds->high)
        return fovea_rule_fail(query, "R-540 bounds outside the range of 8 bits");
    return true;
}

static bool rule_alone(struct fovea_rule_query *query, uint32_t inputs, uint32_t arrays) {
    if (query->inputs != inputs || query->arrays != arrays)
        return fovea_rule_fail(query, "R-541 an 8-bit operator with the wrong inputs or arrays");
    return true;
}

/* Kernel, biases and scales of `outputs` in `groups`, of so many bytes for each. */
static void rule_byte_arrays(struct fovea_rule_query *query, uint32_t groups, uint32_t outputs,
                             uint64_t bytes) {
    const uint64_t blocks = fovea_round_up(outputs / groups, FOVEA_BLOCK) / FOVEA_BLOCK * groups;
    query->array_count[0] = fovea_product(blocks * FOVEA_BLOCK, bytes);
    query->array_count[1] = 2 * blocks * FOVEA_BLOCK;
    query->array_count[2] = blocks * FOVEA_BLOCK;
}

static uint64_t rule_quads(uint64_t bytes) {
    return (bytes + 3) / 4;
}

struct fovea_taps fovea_taps_of(const struct fovea_window *window, uint32_t groups,
                                uint32_t inputs) {
    const bool together = groups == 1 && window->x.dilation == 1;
    struct fovea_taps taps = {.columns = together ? 1 : window->x.kernel};
    taps.runs = window->y.kernel * taps.columns;
    taps.quads =
        (uint32_t)rule_quads((uint64_t)inputs / groups * (together ? window->x.kernel : 1));
    return taps;
}

bool fovea_rule_qconv(struct fovea_rule_query *query) {
    struct fovea_qconv *q = &query->as.qconv;
    if (!rule_alone(query, 1, 3) || !fovea_rule_window(query, &q->window)) return false;
    q->groups = query->attribute[FOVEA_CONV_GROUPS];
    q->inputs = query->first.dims[2];
    q->outputs = query->attribute[FOVEA_CONV_OUTPUTS];
    if (query->attribute[FOVEA_WINDOW_KERNEL] == 0 || q->groups < 1 || q->outputs < 1 ||
        q->outputs > FOVEA_DIM_MAX || q->inputs % q->groups != 0 || q->outputs % q->groups != 0)
        return fovea_rule_fail(query, "R-542 an 8-bit convolution without a kernel, or channels "
                                      "that do not divide into the groups");
    if (!rule_bounds(query, FOVEA_QCONV_LOW, &q->bounds)) return false;
    const struct fovea_axis *y = &q->window.y, *x = &q->window.x;
    q->taps = fovea_taps_of(&q->window, q->groups, q->inputs);
    rule_byte_arrays(query, q->groups, q->outputs, (uint64_t)q->taps.runs * q->taps.quads * 4);
    uint64_t places = fovea_product((uint64_t)y->output * x->output, q->outputs);
    query->macs = fovea_product(fovea_product(places, (uint64_t)y->kernel * x->kernel),
                                q->inputs / q->groups);
    query->output = (struct fovea_shape){3, {y->output, x->output, q->outputs}};
    return true;
}

bool fovea_rule_qdepthwise(struct fovea_rule_query *query) {
    struct fovea_qconv *q = &query->as.qconv;
    if (!rule_alone(query, 1, 3) || !fovea_rule_window(query, &q->window)) return false;
    if (query->attribute[FOVEA_WINDOW_KERNEL] == 0)
        return fovea_rule_fail(query, "R-543 an 8-bit depthwise convolution without a kernel");
    if (!rule_bounds(query, FOVEA_QDEPTHWISE_LOW, &q->bounds)) return false;
    const struct fovea_axis *y = &q->window.y, *x = &q->window.x;
    q->groups = q->inputs = q->outputs = query->first.dims[2];
    q->taps = (struct fovea_taps){y->kernel * x->kernel, x->kernel, 0};
    rule_byte_arrays(query, 1, q->outputs, q->taps.runs);
    query->macs =
        fovea_product(fovea_product((uint64_t)y->output * x->output, q->outputs), q->taps.runs);
    query->output = (struct fovea_shape){3, {y->output, x->output, q->outputs}};
    return true;
}

bool fovea_rule_qdense(struct fovea_rule_query *query) {
    struct fovea_qconv *q = &query->as.qconv;
    const struct fovea_shape *shape = &query->first;
    uint64_t elements;
    if (!rule_alone(query, 1, 3)) return false;
    q->outputs = query->attribute[FOVEA_DENSE_OUTPUTS];
    if (shape->rank < 1 || !fovea_shape_count(shape, &elements) || q->outputs < 1 ||
        q->outputs > FOVEA_DIM_MAX)
        return fovea_rule_fail(query, "R-544 an 8-bit dense layer with no outputs or too many");
    if (!rule_bounds(query, FOVEA_QDENSE_LOW, &q->bounds)) return false;
    const uint32_t last = shape->rank - 1;
    const uint32_t rows = (uint32_t)(elements / shape->dims[last]);
    q->groups = 1;
    q->inputs = shape->dims[last];
    q->window = (struct fovea_window){{1, 1, 1, 1, 1, 0}, {rows, rows, 1, 1, 1, 0}};
    q->taps = fovea_taps_of(&q->window, 1, q->inputs);
    rule_byte_arrays(query, 1, q->outputs, (uint64_t)q->taps.quads * 4);
    query->macs = elements * q->outputs; /* below 2^53 */
    query->output = *shape;
    query->output.dims[last] = q->outputs;
    return true;
}

bool fovea_rule_qadd(struct fovea_rule_query *query) {
    struct fovea_qadd *q = &query->as.qadd;
    struct fovea_shape second;
    if (!rule_alone(query, 2, 0)) return false;
    query->shape_of(query->context, 1, &second);
    q->a = (int32_t)query->attribute[FOVEA_QADD_A];
    q->b = (int32_t)query->attribute[FOVEA_QADD_B];
    q->shift = query->attribute[FOVEA_QADD_SHIFT];
    if (!fovea_shape_equal(&query->first, &second) || q->a < -32767 || q->a > 32767 ||
        q->b < -32767 || q->b > 32767 || q->shift < 1 || q->shift > 14)
        return fovea_rule_fail(query, "R-545 an 8-bit sum with factors out of range");
    query->output = query->first;
    return rule_bounds(query, FOVEA_QADD_LOW, &q->bounds);
}

bool fovea_rule_qmean_pool(struct fovea_rule_query *query) {
    return fovea_rule_mean_pool(query);
}

bool fovea_rule_qtable(struct fovea_rule_query *query) {
    if (!rule_alone(query, 1, 1)) return false;
    query->array_count[0] = FOVEA_TABLE_BYTES;
    query->output = query->first;
    return true;
}

bool fovea_rule_qmultiply(struct fovea_rule_query *query) {
    struct fovea_qmultiply *q = &query->as.qmultiply;
    struct fovea_shape second;
    uint64_t count;
    if (!rule_alone(query, 2, 0)) return false;
    query->shape_of(query->context, 1, &second);
    q->scale = fovea_float_of_bits(query->attribute[FOVEA_QMULTIPLY_SCALE]);
    const uint32_t last = query->first.rank - 1;
    const bool channels = query->first.rank > 0 && fovea_shape_count(&second, &count) &&
                          second.rank > 0 && count == query->first.dims[last] &&
                          second.dims[second.rank - 1] == query->first.dims[last];
    q->channels = channels ? query->first.dims[last] : 0;
    if ((!channels && !fovea_shape_equal(&query->first, &second)) ||
        !(q->scale > 0 && q->scale < 0x1p60f))
        return fovea_rule_fail(query,
                               "R-546 an 8-bit product of different shapes, or without a scale");
    query->output = query->first;
    return rule_bounds(query, FOVEA_QMULTIPLY_LOW, &q->bounds);
}

static bool rule_boundary(struct fovea_rule_query *query) {
    query->output = query->first;
    return rule_alone(query, 1, 0);
}

bool fovea_rule_quantize(struct fovea_rule_query *query) {
    return rule_boundary(query);
}
bool fovea_rule_dequantize(struct fovea_rule_query *query) {
    return rule_boundary(query);
}
