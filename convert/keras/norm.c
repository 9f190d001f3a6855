/* Normalizations. */
#include <string.h>

#include "convert/keras/build.h"

/* `count` numbers of the weight, or `fallback` where the layer does without. */
static bool read_numbers(struct layer_call *call, bool use, const char *role, uint32_t count,
                         double fallback, double *numbers) {
    struct source source;
    float *floats = keras_floats(call, count);
    if (!floats) return false;
    if (use && !keras_weight(call, role, count, &source)) return false;
    if (use) source_read(&source, 0, count, floats);
    for (uint32_t i = 0; i < count; i++) numbers[i] = use ? (double)floats[i] : fallback;
    return true;
}

double keras_root(double x) {
    double root = x > 1 ? x : 1;
    if (!(x > 0)) return 0;
    for (int i = 0; i < 600; i++) { /* Newton from above: falls until it stands */
        double next = 0.5 * (root + x / root);
        if (next >= root) break;
        root = next;
    }
    return root;
}

/* The layer says what its input was like in training. */
static bool note_moments(struct layer_call *call, const double *mean, const double *variance,
                         uint32_t count) {
    struct graph_moments moments = {.value = call->inputs[0]};
    for (uint32_t i = 0; i < count; i++) {
        moments.mean += mean[i] / count;
        moments.variance += variance[i] / count;
    }
    return graph_note_moments(call->graph, &moments);
}

bool keras_batch_normalization(struct layer_call *call) {
    bool center, scale;
    double epsilon;
    int64_t stated = -1;
    uint32_t axis;
    const struct json *json = json_member(call->config, "axis");
    if (json && json->type == JSON_ARRAY && json->count == 1) json = json->first; /* Keras 2: [3] */
    if (!keras_one_input(call, 0) || !keras_flag(call, "center", true, &center) ||
        !keras_flag(call, "scale", true, &scale) || !keras_number(call, "epsilon", 1e-3, &epsilon))
        return false;
    if (json && json->type != JSON_NULL) {
        if (!json->integral) return keras_fail(call, "K-122 its 'axis' is not one axis");
        stated = json->integer;
    }
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (!keras_axis(call, stated, shape_rank(shape), &axis)) return false;
    uint32_t count = shape_size(shape, axis);
    double *number =
        pool_get(call->keras->pool, 4 * (uint64_t)count, sizeof *number, call->keras->trouble);
    float *factor = keras_floats(call, count), *shift = keras_floats(call, count);
    if (!number || !factor || !shift) return false;
    double *gamma = number, *beta = gamma + count, *mean = beta + count, *variance = mean + count;
    if (!read_numbers(call, scale, "gamma", count, 1, gamma) ||
        !read_numbers(call, center, "beta", count, 0, beta) ||
        !read_numbers(call, true, "moving_mean", count, 0, mean) ||
        !read_numbers(call, true, "moving_variance", count, 0, variance))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!(variance[i] + epsilon > 0))
            return keras_fail(call, "K-123 a variance of it is not positive");
        double slope = gamma[i] / keras_root(variance[i] + epsilon);
        factor[i] = (float)slope;
        shift[i] = (float)(beta[i] - mean[i] * slope);
    }
    return note_moments(call, mean, variance, count) &&
           keras_affine(call, call->inputs[0], axis, factor, shift, count);
}

/* ---- by what is in the tensor itself ---- */

/* The same as floats of the pool. */
static bool factors(struct layer_call *call, bool use, const char *role, uint64_t count,
                    float fallback, const float **numbers) {
    struct source source;
    float *floats = keras_floats(call, count);
    if (!floats || (use && !keras_weight(call, role, count, &source))) return false;
    if (use) source_read(&source, 0, count, floats);
    for (uint64_t i = 0; i < count && !use; i++) floats[i] = fallback;
    *numbers = floats;
    return true;
}

static bool normalize(struct layer_call *call, uint32_t input, uint32_t mask, enum fovea_norm kind,
                      double epsilon, const float *scale, const float *shift, uint64_t count) {
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_NORMALIZE_KIND] = (uint32_t)kind,
                                                  [FOVEA_NORMALIZE_EPSILON] =
                                                      fovea_bits_of_float((float)epsilon)};
    if (!scale) return keras_rowwise(call, FOVEA_OP_NORMALIZE, input, mask, NULL, 0, words);
    const struct source sources[2] = {source_floats(scale, count), source_floats(shift, count)};
    uint32_t arrays[2] = {keras_plain_array(call, &sources[0]),
                          keras_plain_array(call, &sources[1])};
    return keras_rowwise(call, FOVEA_OP_NORMALIZE, input, mask, arrays, 2, words);
}

/* The axes of the config, the last one where it names none, and how many numbers lie along them. */
static bool read_axes(struct layer_call *call, uint32_t *mask, uint64_t *count) {
    const struct json last = {.type = JSON_NUMBER, .integral = true, .integer = -1};
    const struct json *axis = json_member(call->config, "axis");
    if (!keras_one_input(call, 0)) return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (!keras_axes(call, axis ? axis : &last, shape_rank(shape), mask)) return false;
    *count = shape_masked(shape, *mask); /* at most all elements */
    return true;
}

bool keras_layer_normalization(struct layer_call *call) {
    bool center, scale, about_zero;
    double epsilon;
    uint32_t mask;
    uint64_t count;
    if (!read_axes(call, &mask, &count) || !keras_flag(call, "center", true, &center) ||
        !keras_flag(call, "scale", true, &scale) ||
        !keras_flag(call, "rms_scaling", false, &about_zero) ||
        !keras_number(call, "epsilon", 1e-3, &epsilon))
        return false;
    scale |= about_zero; /* Keras: by the variance, not by the mean square, and never a shift */
    center &= !about_zero;
    enum fovea_norm kind = about_zero ? FOVEA_NORM_VARIANCE : FOVEA_NORM_LAYER;
    if (!scale && !center)
        return normalize(call, call->inputs[0], mask, kind, epsilon, NULL, NULL, 0);
    const float *gamma, *beta;
    return factors(call, scale, "gamma", count, 1, &gamma) &&
           factors(call, center, "beta", count, 0, &beta) &&
           normalize(call, call->inputs[0], mask, kind, epsilon, gamma, beta, count);
}

bool keras_rms_normalization(struct layer_call *call) {
    double epsilon;
    uint32_t mask;
    uint64_t count;
    if (!read_axes(call, &mask, &count) || !keras_number(call, "epsilon", 1e-6, &epsilon))
        return false;
    const float *scale, *shift;
    return factors(call, true, "scale", count, 1, &scale) &&
           factors(call, false, "", count, 0, &shift) &&
           normalize(call, call->inputs[0], mask, FOVEA_NORM_RMS, epsilon, scale, shift, count);
}

/* The least sum of squares is 1e-12 up to Keras 2, the square of that from Keras 3 on. */
bool keras_unit_normalization(struct layer_call *call) {
    uint32_t mask;
    uint64_t count;
    return read_axes(call, &mask, &count) &&
           normalize(call, call->inputs[0], mask, FOVEA_NORM_UNIT,
                     call->keras->generation < 3 ? 1e-12 : 1e-24, NULL, NULL, 0);
}

/* Channels in groups: all but the group's own dimension are one row. */
bool keras_group_normalization(struct layer_call *call) {
    int64_t groups = 32, stated = -1;
    bool center, scale;
    double epsilon;
    uint32_t axis;
    if (!keras_one_input(call, 0) || !keras_flag(call, "center", true, &center) ||
        !keras_flag(call, "scale", true, &scale) || !keras_number(call, "epsilon", 1e-3, &epsilon))
        return false;
    if (json_member(call->config, "groups") &&
        !keras_integer(call, "groups", -1, FOVEA_DIM_MAX, &groups))
        return false;
    if (json_member(call->config, "axis") && !keras_integer(call, "axis", -8, 8, &stated))
        return false;
    const struct fovea_shape shape = *keras_input_shape(call, 0);
    if (!keras_axis(call, stated, shape_rank(&shape), &axis)) return false;
    uint32_t channels = shape_size(&shape, axis);
    if (groups == -1) groups = channels;
    if (groups < 1 || channels % groups != 0)
        return keras_fail(call, "K-124 %u channels are not a multiple of %lld groups", channels,
                          (long long)groups);
    struct fovea_shape split = shape;
    shape_replace(&split, axis, channels / (uint32_t)groups);
    shape_insert(&split, axis, (uint64_t)groups);
    if (!shape_is_possible(&split))
        return keras_fail(call, "K-125 its input has too many dimensions");
    uint32_t mask = shape_all_mask(&split) & ~(1u << axis);
    if (!keras_shaped(call, call->inputs[0], &split, false) ||
        !normalize(call, call->output, mask, FOVEA_NORM_LAYER, epsilon, NULL, NULL, 0) ||
        !keras_shaped(call, call->output, &shape, false))
        return false;
    const float *gamma, *beta;
    return factors(call, scale, "gamma", channels, 1, &gamma) &&
           factors(call, center, "beta", channels, 0, &beta) &&
           ((!scale && !center) || keras_affine(call, call->output, axis, gamma, beta, channels));
}

/* ---- by what is known beforehand ---- */

/* Numbers of nested lists, at most `most` of them. */
static bool flat_numbers(struct layer_call *call, const char *key, double *numbers, uint64_t most,
                         uint64_t *count) {
    const struct json *stack[JSON_DEPTH_MAX + 2], *all = json_member(call->config, key);
    int top = 0;
    *count = 0;
    stack[top++] = all;
    while (top > 0) {
        const struct json *at = stack[--top];
        if (!at) continue;
        if (at != all && at->next) stack[top++] = at->next; /* the siblings of `all` are not ours */
        if (at->type == JSON_ARRAY)
            stack[top++] = at->first;
        else if (at->type != JSON_NUMBER || *count == most)
            return keras_fail(call, "K-126 its '%s' is not a list of at most %llu numbers", key,
                              (unsigned long long)most);
        else
            numbers[(*count)++] = at->number;
    }
    return true;
}

/* Mean or variance: of the config, or of the weights that adapt() left. */
static bool read_moments(struct layer_call *call, const char *key, uint64_t count, uint64_t last,
                         double *numbers) {
    const struct json *json = json_member(call->config, key);
    uint64_t have;
    if (!json || json->type == JSON_NULL) {
        const float *floats;
        if (!factors(call, true, key, count, 0, &floats)) return false;
        for (uint64_t i = 0; i < count; i++) numbers[i] = (double)floats[i];
        return true;
    }
    if (!flat_numbers(call, key, numbers, count, &have)) return false;
    /* What is spread over the other axes has to be a plain list, along the last one. */
    bool plain = json->type != JSON_ARRAY || !json->first || json->first->type == JSON_NUMBER;
    if (have == 0 || count % have != 0 || (have > 1 && have < count && (!plain || have != last)))
        return keras_fail(call, "K-127 its '%s' has %llu numbers for %llu", key,
                          (unsigned long long)have, (unsigned long long)count);
    for (uint64_t i = have; i < count; i++) numbers[i] = numbers[i - have];
    return true;
}

bool keras_normalization(struct layer_call *call) {
    bool invert;
    uint32_t mask = 0;
    uint64_t count = 1, last = 1; /* last: numbers along the last axis */
    const struct json *axis = json_member(call->config, "axis");
    bool everywhere = axis && axis->type == JSON_NULL; /* one mean for all */
    if (!keras_one_input(call, 0) || !keras_flag(call, "invert", false, &invert)) return false;
    if (!everywhere && !read_axes(call, &mask, &count)) return false;
    for (uint32_t d = 0; mask >> d; d++)
        if (mask >> d & 1) last = shape_size(keras_input_shape(call, 0), d);
    double *number = pool_get(call->keras->pool, 2 * count, sizeof *number, call->keras->trouble);
    float *factor = keras_floats(call, count), *shift = keras_floats(call, count);
    if (!number || !factor || !shift || !read_moments(call, "mean", count, last, number) ||
        !read_moments(call, "variance", count, last, number + count))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        double deviation = keras_root(number[count + i]);
        if (!(deviation > 1e-7)) deviation = 1e-7;
        factor[i] = (float)(invert ? deviation : 1 / deviation);
        shift[i] = (float)(invert ? number[i] : -number[i] / deviation);
    }
    if (count == 1) return keras_scaled(call, call->inputs[0], factor[0], shift[0]);
    struct fovea_shape shape = *keras_input_shape(call, 0);
    for (uint32_t d = 0; d < shape_rank(&shape); d++) {
        if (mask == 1u << d)
            return keras_affine(call, call->inputs[0], d, factor, shift, (uint32_t)count);
        if (!(mask >> d & 1)) shape_replace(&shape, d, 1);
    }
    const struct source sources[2] = {source_floats(factor, count), source_floats(shift, count)};
    if (!keras_constant(call, &sources[0], &shape) ||
        !keras_combined(call, FOVEA_OP_MULTIPLY, call->inputs[0], call->output))
        return false;
    uint32_t scaled = call->output;
    return keras_constant(call, &sources[1], &shape) &&
           keras_combined(call, FOVEA_OP_ADD, scaled, call->output);
}

/* ConvNeXt's: a factor a channel. */
bool keras_layer_scale(struct layer_call *call) {
    if (!keras_one_input(call, 0)) return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (shape_rank(shape) < 1) return keras_fail(call, "K-128 its input is a single number");
    uint32_t channels = shape_from_end(shape, 0);
    const float *gamma, *zeros;
    return factors(call, true, "gamma", channels, 1, &gamma) &&
           factors(call, false, "", channels, 0, &zeros) &&
           keras_affine_last(call, call->inputs[0], gamma, zeros);
}
