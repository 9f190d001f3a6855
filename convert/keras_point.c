/* Layers that work number by number: normalisation, scaling, activations, merging. */
#include <string.h>

#include "convert/keras.h"

/* y = x * scale + shift; by channel where `axis` is the last one, else along `axis` through constants
 * that stretch. */
static bool add_affine(struct layer_call *call, uint32_t axis, const float *scale,
                       const float *shift, uint32_t count) {
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    const uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0};
    const struct source sources[2] = {source_floats(scale, count), source_floats(shift, count)};
    uint32_t arrays[2] = {keras_plain_array(call, &sources[0]),
                          keras_plain_array(call, &sources[1])};
    if (axis + 1 == shape->rank)
        return keras_step(call, FOVEA_OP_AFFINE, call->inputs[0], arrays, 2, none);
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {shape->rank}, input = call->inputs[0];
    for (uint32_t i = 0; i < shape->rank; i++) words[1 + i] = i == axis ? count : 1;
    for (int i = 0; i < 2; i++) {
        if (!keras_node(call, FOVEA_OP_CONSTANT, NULL, 0, &arrays[i], 1, words)) return false;
        uint32_t pair[2] = {input, call->output};
        if (!keras_node(call, i == 0 ? FOVEA_OP_MULTIPLY : FOVEA_OP_ADD, pair, 2, NULL, 0, none))
            return false;
        input = call->output;
    }
    return true;
}

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

static double square_root(double x) {
    double root = x > 1 ? x : 1;
    if (!(x > 0)) return 0;
    for (int i = 0; i < 600; i++) { /* Newton from above: falls until it stands */
        double next = 0.5 * (root + x / root);
        if (next >= root) break;
        root = next;
    }
    return root;
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
        if (!json->integral) return keras_fail(call, "its 'axis' is not one axis");
        stated = json->integer;
    }
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (!keras_axis(call, stated, shape->rank, &axis)) return false;
    uint32_t count = shape->dims[axis];
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
            return keras_fail(call, "a variance of it is not positive");
        double slope = gamma[i] / square_root(variance[i] + epsilon);
        factor[i] = (float)slope;
        shift[i] = (float)(beta[i] - mean[i] * slope);
    }
    return add_affine(call, axis, factor, shift, count);
}

/* A number, or a list of one number a channel. */
static bool read_channels(struct layer_call *call, const char *key, double fallback,
                          uint32_t channels, float *out) {
    const struct json *json = json_member(call->config, key);
    if (json && json->type == JSON_OBJECT) json = json_member(json_member(json, "config"), "value");
    bool list = json && json->type == JSON_ARRAY;
    if (list && json->count == 1) {
        json = json->first;
        list = false;
    }
    if (list && json->count != channels)
        return keras_fail(call, "its '%s' has %zu numbers for %u channels", key, json->count,
                          channels);
    const struct json *item = list ? json->first : json;
    for (uint32_t c = 0; c < channels; c++) {
        if (item && item->type != JSON_NULL && item->type != JSON_NUMBER)
            return keras_fail(call, "its '%s' is no number", key);
        out[c] = (float)(item && item->type == JSON_NUMBER ? item->number : fallback);
        if (list) item = item->next;
    }
    return true;
}

bool keras_rescaling(struct layer_call *call) {
    if (!keras_one_input(call, 0)) return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (shape->rank < 1) return keras_fail(call, "its input is a single number");
    uint32_t channels = shape->dims[shape->rank - 1];
    float *scale = keras_floats(call, channels), *offset = keras_floats(call, channels);
    if (!scale || !offset || !read_channels(call, "scale", 1, channels, scale) ||
        !read_channels(call, "offset", 0, channels, offset))
        return false;
    return add_affine(call, shape->rank - 1, scale, offset, channels);
}

/* ---- activations ---- */

bool keras_tail(struct layer_call *call, enum fovea_activation kind, float low, float high,
                float alpha) {
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {(uint32_t)kind, fovea_bits_of_float(low),
                                                  fovea_bits_of_float(high),
                                                  fovea_bits_of_float(alpha)};
    return keras_step(call, FOVEA_OP_ACTIVATION, call->output, NULL, 0, words);
}

static const float infinity = (float)(1e300 * 1e300);

static const struct activation_row {
    const char *name;
    enum fovea_activation kind;
    float low, high, alpha;
} activation_rows[] = {
    {"relu", FOVEA_ACTIVATION_CLAMP, 0, infinity, 0},
    {"relu6", FOVEA_ACTIVATION_CLAMP, 0, 6, 0},
    {"leaky_relu", FOVEA_ACTIVATION_LEAKY, 0, infinity, 0.2f},
    {"elu", FOVEA_ACTIVATION_ELU, 0, 0, 1},
    {"sigmoid", FOVEA_ACTIVATION_SIGMOID, 0, 0, 0},
    {"tanh", FOVEA_ACTIVATION_TANH, 0, 0, 0},
    {"swish", FOVEA_ACTIVATION_SILU, 0, 0, 0},
    {"silu", FOVEA_ACTIVATION_SILU, 0, 0, 0},
    {"exponential", FOVEA_ACTIVATION_EXP, 0, 0, 0},
};

static bool add_softmax(struct layer_call *call) {
    const struct fovea_shape *shape = graph_shape(call->graph, call->output);
    if (shape->rank < 1) return keras_fail(call, "softmax of a single number");
    const uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0};
    return keras_step(call, FOVEA_OP_SOFTMAX, call->output, NULL, 0, none);
}

static bool add_activation(struct layer_call *call, const char *name) {
    if (strcmp(name, "linear") == 0) return true;
    if (strcmp(name, "softmax") == 0) return add_softmax(call);
    for (size_t i = 0; i < sizeof activation_rows / sizeof activation_rows[0]; i++) {
        const struct activation_row *row = &activation_rows[i];
        if (strcmp(row->name, name) == 0)
            return keras_tail(call, row->kind, row->low, row->high, row->alpha);
    }
    return keras_fail(call, "activation '%s' is not supported", name);
}

/* Activations that work along Keras' last dimension. */
static bool is_rowwise(const struct json *name) {
    static const char *const names[] = {"softmax",   "Softmax",   "log_softmax", "LogSoftmax",
                                        "sparsemax", "Sparsemax", "glu",         "GLU"};
    for (size_t i = 0; name && name->type == JSON_STRING && i < sizeof names / sizeof *names; i++)
        if (strcmp(name->text, names[i]) == 0) return true;
    return false;
}

bool keras_activation(struct layer_call *call, const char *key) {
    const struct json *json = json_member(call->config, key);
    if (!json || json->type == JSON_NULL) return true;
    bool rowwise = is_rowwise(json) || is_rowwise(json_member(json, "class_name")) ||
                   is_rowwise(json_member(json, "config"));
    if (rowwise && !keras_plain_output(call)) return false;
    if (json->type == JSON_STRING) return add_activation(call, json->text);
    /* A function or a layer spelled out: {"class_name", "config", ...}. */
    const struct json *class_name = json_member(json, "class_name");
    const struct json *config = json_member(json, "config");
    if (!class_name || class_name->type != JSON_STRING)
        return keras_fail(call, "its '%s' is not understood", key);
    if (strcmp(class_name->text, "function") == 0 && config && config->type == JSON_STRING)
        return add_activation(call, config->text);
    keras_layer *convert = keras_layer_of(class_name->text);
    if (convert != keras_relu && convert != keras_leaky_relu && convert != keras_elu &&
        convert != keras_softmax)
        return keras_fail(call, "activation '%s' is not supported", class_name->text);
    struct layer_call inner = *call;
    inner.config = config;
    inner.inputs = &call->output;
    inner.input_count = 1;
    if (!convert(&inner)) return false;
    call->output = inner.output;
    return true;
}

bool keras_activation_layer(struct layer_call *call) {
    if (!keras_one_input(call, 0)) return false;
    call->output = call->inputs[0];
    return keras_activation(call, "activation");
}

/* f(x) = max_value for x >= max_value, x for threshold <= x, negative_slope * (x - threshold) below. */
bool keras_relu(struct layer_call *call) {
    double most, slope, threshold;
    if (!keras_one_input(call, 0) || !keras_number(call, "max_value", 1e300 * 1e300, &most) ||
        !keras_number(call, "negative_slope", 0, &slope) ||
        !keras_number(call, "threshold", 0, &threshold))
        return false;
    if (!(most >= threshold)) return keras_fail(call, "its 'max_value' is below its 'threshold'");
    call->output = call->inputs[0];
    if (slope == 0 && threshold == 0)
        return keras_tail(call, FOVEA_ACTIVATION_CLAMP, 0, (float)most, 0);
    return keras_tail(call, FOVEA_ACTIVATION_LEAKY, (float)threshold, (float)most, (float)slope);
}

bool keras_leaky_relu(struct layer_call *call) {
    double slope;
    const char *key = json_member(call->config, "negative_slope") ? "negative_slope" : "alpha";
    if (!keras_one_input(call, 0) || !keras_number(call, key, 0.3, &slope)) return false;
    call->output = call->inputs[0];
    return keras_tail(call, FOVEA_ACTIVATION_LEAKY, 0, infinity, (float)slope);
}

bool keras_elu(struct layer_call *call) {
    double alpha;
    if (!keras_one_input(call, 0) || !keras_number(call, "alpha", 1, &alpha)) return false;
    call->output = call->inputs[0];
    return keras_tail(call, FOVEA_ACTIVATION_ELU, 0, 0, (float)alpha);
}

bool keras_softmax(struct layer_call *call) {
    int64_t stated = -1;
    uint32_t axis;
    const struct json *json = json_member(call->config, "axis");
    if (!keras_one_input(call, 0)) return false;
    if (json && json->type != JSON_NULL) {
        if (!json->integral) return keras_fail(call, "softmax over several axes is not supported");
        stated = json->integer;
    }
    uint32_t rank = keras_input_shape(call, 0)->rank;
    if (!keras_axis(call, stated, rank, &axis)) return false;
    if (axis + 1 != rank) return keras_fail(call, "softmax is supported over the last axis only");
    call->output = call->inputs[0];
    return add_softmax(call);
}

/* ---- merging ---- */

bool keras_merge(struct layer_call *call) {
    uint32_t op = strcmp(call->class_name, "Add") == 0 ? FOVEA_OP_ADD : FOVEA_OP_MULTIPLY;
    const uint32_t none[FOVEA_ATTRIBUTES_MAX] = {0};
    if (call->input_count < 2)
        return keras_fail(call, "it takes two tensors or more, and has %u", call->input_count);
    call->output = call->inputs[0];
    for (uint32_t i = 1; i < call->input_count; i++) {
        uint32_t pair[2] = {call->output, call->inputs[i]};
        if (!keras_node(call, op, pair, 2, NULL, 0, none)) return false;
    }
    return true;
}
