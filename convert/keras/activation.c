/* Activations: by name, as layers, with weights of their own. */
#include <string.h>

#include "convert/keras/build.h"

void keras_put_tail(uint32_t *words, const struct fovea_tail *tail) {
    words[FOVEA_TAIL_KIND] = (uint32_t)tail->kind;
    words[FOVEA_TAIL_LOW] = fovea_bits_of_float(tail->low);
    words[FOVEA_TAIL_HIGH] = fovea_bits_of_float(tail->high);
    words[FOVEA_TAIL_ALPHA] = fovea_bits_of_float(tail->alpha);
}

bool keras_tail(struct layer_call *call, enum fovea_activation kind, float low, float high,
                float alpha) {
    const struct fovea_tail tail = {kind, low, high, alpha};
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    keras_put_tail(words, &tail);
    return keras_step(call, FOVEA_OP_ACTIVATION, call->output, NULL, 0, words);
}

static const float infinity = (float)(1e300 * 1e300);

/* What the numbers mean is said in kernels/kernels.h, by the kernel of that name. */
static const struct activation_row {
    const char *name;
    enum fovea_activation kind;
    float low, high, alpha;
} activation_rows[] = {
    {"celu", FOVEA_ACTIVATION_ELU, 1, 1, 1},
    {"elu", FOVEA_ACTIVATION_ELU, 1, 1, 1},
    {"exponential", FOVEA_ACTIVATION_EXP, 0, 0, 0},
    {"gelu", FOVEA_ACTIVATION_GELU, 0, 0, 0},
    {"hard_shrink", FOVEA_ACTIVATION_SHRINK, -0.5f, 0.5f, 0},
    {"hard_sigmoid", FOVEA_ACTIVATION_HARD_SIGMOID, 0, 0, 1 / 6.0f},
    {"hard_silu", FOVEA_ACTIVATION_HARD_SILU, 0, 0, 1 / 6.0f},
    {"hard_swish", FOVEA_ACTIVATION_HARD_SILU, 0, 0, 1 / 6.0f},
    {"hard_tanh", FOVEA_ACTIVATION_CLAMP, -1, 1, 0},
    {"leaky_relu", FOVEA_ACTIVATION_LEAKY, 0, infinity, 0.2f},
    {"linear", FOVEA_ACTIVATION_NONE, 0, 0, 0},
    {"log_sigmoid", FOVEA_ACTIVATION_SOFTPLUS, 0, 0, -1},
    {"mish", FOVEA_ACTIVATION_MISH, 0, 0, 0},
    {"relu", FOVEA_ACTIVATION_CLAMP, 0, infinity, 0},
    {"relu6", FOVEA_ACTIVATION_CLAMP, 0, 6, 0},
    {"selu", FOVEA_ACTIVATION_ELU, 1, 1.05070098736f, 1.75809934085f},
    {"sigmoid", FOVEA_ACTIVATION_SIGMOID, 0, 0, 0},
    {"silu", FOVEA_ACTIVATION_SILU, 0, 0, 0},
    {"soft_shrink", FOVEA_ACTIVATION_SHRINK, -0.5f, 0.5f, 0.5f},
    {"softplus", FOVEA_ACTIVATION_SOFTPLUS, 0, 0, 1},
    {"softsign", FOVEA_ACTIVATION_SOFTSIGN, 0, 0, 0},
    {"sparse_plus", FOVEA_ACTIVATION_SPARSE_PLUS, 0, 0, 0},
    {"sparse_sigmoid", FOVEA_ACTIVATION_HARD_SIGMOID, 0, 0, 0.5f},
    {"squareplus", FOVEA_ACTIVATION_SQUAREPLUS, 0, 0, 4},
    {"swish", FOVEA_ACTIVATION_SILU, 0, 0, 0},
    {"tanh", FOVEA_ACTIVATION_TANH, 0, 0, 0},
    {"tanh_shrink", FOVEA_ACTIVATION_TANH_SHRINK, 0, 0, 0},
};

static bool find_tail(const struct keras *keras, const char *name, struct fovea_tail *tail) {
    for (size_t i = 0; i < sizeof activation_rows / sizeof activation_rows[0]; i++) {
        const struct activation_row *row = &activation_rows[i];
        if (strcmp(row->name, name) != 0) continue;
        *tail = (struct fovea_tail){row->kind, row->low, row->high, row->alpha};
        /* Up to Keras 2 the slope of this one was 0.2. */
        if (strcmp(name, "hard_sigmoid") == 0 && keras->generation < 3) tail->alpha = 0.2f;
        return true;
    }
    return false;
}

/* Those that look at more than one number, along the last axis. */
static const struct {
    const char *name;
    uint32_t op;
} row_activations[] = {
    {"log_softmax", FOVEA_OP_LOG_SOFTMAX},
    {"softmax", FOVEA_OP_SOFTMAX},
    {"sparsemax", FOVEA_OP_SPARSEMAX},
};

bool keras_gated(struct layer_call *call, uint32_t input, uint32_t axis) {
    uint32_t size = shape_size(graph_shape(call->graph, input), axis), half = size / 2;
    if (size % 2) return keras_fail(call, "K-043 glu cannot halve a dimension of %u", size);
    if (!keras_sliced(call, input, axis, 0, half)) return false;
    uint32_t value = call->output;
    return keras_sliced(call, input, axis, half, half) &&
           keras_tail(call, FOVEA_ACTIVATION_SIGMOID, 0, 0, 0) &&
           keras_combined(call, FOVEA_OP_MULTIPLY, value, call->output);
}

bool keras_activate(struct layer_call *call, const char *name) {
    struct fovea_tail tail;
    if (find_tail(call->keras, name, &tail))
        return tail.kind == FOVEA_ACTIVATION_NONE ||
               keras_tail(call, tail.kind, tail.low, tail.high, tail.alpha);
    const struct fovea_shape *shape = graph_shape(call->graph, call->output);
    const uint32_t last = shape_last_mask(shape), rank = shape_rank(shape);
    if (last) {
        if (!keras_plain_output(call)) return false; /* the last axis is Keras' */
        for (size_t i = 0; i < sizeof row_activations / sizeof row_activations[0]; i++)
            if (strcmp(row_activations[i].name, name) == 0)
                return keras_rowwise(call, row_activations[i].op, call->output, last, NULL, 0,
                                     NULL);
        if (strcmp(name, "glu") == 0)
            return keras_gated(call, call->output, shape_first_to_end(rank, 0));
    }
    return keras_fail(call, "K-044 activation '%s' is not supported", name);
}

/* The name where a config spells an activation as text or as a function; NULL where it is a layer. */
static const char *activation_name(const struct json *json) {
    const struct json *class_name = json_member(json, "class_name");
    const struct json *config = json_member(json, "config");
    if (json->type == JSON_STRING) return json->text;
    return json_is(class_name, "function") && config && config->type == JSON_STRING ? config->text
                                                                                    : NULL;
}

bool keras_find_tail(struct layer_call *call, const char *key, struct fovea_tail *tail) {
    const struct json *json = keras_setting(call, key);
    *tail = (struct fovea_tail){FOVEA_ACTIVATION_NONE, 0, 0, 0};
    if (!json || json->type == JSON_NULL) return true;
    const char *name = activation_name(json);
    if (name && find_tail(call->keras, name, tail)) return true;
    return keras_fail(call, "K-045 its '%s' %s%s%s is not supported here", key, name ? "'" : "",
                      name ? name : "", name ? "'" : "");
}

/* Layers that may stand where an activation is named. */
static keras_layer *const activation_layers[] = {
    keras_elu, keras_leaky_relu, keras_relu, keras_softmax, keras_thresholded_relu,
};

bool keras_activation(struct layer_call *call, const char *key) {
    const struct json *json = json_member(call->config, key);
    if (!json || json->type == JSON_NULL) return true;
    const char *name = activation_name(json);
    if (name) return keras_activate(call, name);
    const struct json *class_name = json_member(json, "class_name");
    if (!class_name || class_name->type != JSON_STRING)
        return keras_fail(call, "K-046 its '%s' is not understood", key);
    keras_layer *convert = keras_layer_of(class_name->text);
    if (convert == keras_softmax && !keras_plain_output(call)) return false; /* so are its axes */
    struct layer_call inner = *call;
    inner.config = json_member(json, "config");
    inner.inputs = &call->output;
    inner.input_count = 1;
    for (size_t i = 0; i < sizeof activation_layers / sizeof activation_layers[0]; i++)
        if (convert && convert == activation_layers[i]) {
            if (!convert(&inner)) return false;
            call->output = inner.output;
            return true;
        }
    return keras_fail(call, "K-047 activation '%s' is not supported", class_name->text);
}

bool keras_activation_layer(struct layer_call *call) {
    if (!keras_one_input(call, 0)) return false;
    call->output = call->inputs[0];
    return keras_activation(call, "activation");
}

bool keras_relu(struct layer_call *call) {
    double most, slope, threshold;
    if (!keras_one_input(call, 0) || !keras_number(call, "max_value", 1e300 * 1e300, &most) ||
        !keras_number(call, "negative_slope", 0, &slope) ||
        !keras_number(call, "threshold", 0, &threshold))
        return false;
    call->output = call->inputs[0];
    return keras_rectify(call, slope, most, threshold);
}

bool keras_rectify(struct layer_call *call, double slope, double most, double threshold) {
    if (!(most >= threshold))
        return keras_fail(call, "K-048 its 'max_value' is below its 'threshold'");
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
    return keras_tail(call, FOVEA_ACTIVATION_ELU, 1, 1, (float)alpha);
}

/* x above theta, else 0. */
bool keras_thresholded_relu(struct layer_call *call) {
    double theta;
    if (!keras_one_input(call, 0) || !keras_number(call, "theta", 1, &theta)) return false;
    call->output = call->inputs[0];
    return keras_tail(call, FOVEA_ACTIVATION_SHRINK, -infinity, (float)theta, 0);
}

bool keras_softmax(struct layer_call *call) {
    const struct json last = {.type = JSON_NUMBER, .integral = true, .integer = -1};
    const struct json *axis = json_member(call->config, "axis");
    uint32_t mask;
    if (!keras_one_input(call, 0)) return false;
    uint32_t rank = shape_rank(keras_input_shape(call, 0));
    return keras_axes(call, axis && axis->type != JSON_NULL ? axis : &last, rank, &mask) &&
           keras_rowwise(call, FOVEA_OP_SOFTMAX, call->inputs[0], mask, NULL, 0, NULL);
}

/* x below 0 times a weight of its own, or one shared along some axes. */
bool keras_prelu(struct layer_call *call) {
    const struct json *shared = json_member(call->config, "shared_axes");
    uint32_t mask = 0;
    struct source alpha;
    if (!keras_one_input(call, 0)) return false;
    struct fovea_shape shape = *keras_input_shape(call, 0);
    if (shared && shared->type != JSON_NULL && !keras_axes(call, shared, shape_rank(&shape), &mask))
        return false;
    for (uint32_t d = 0; d < shape_rank(&shape); d++)
        if (mask >> d & 1) shape_replace(&shape, d, 1);
    return keras_weight(call, "alpha", shape_elements(&shape), &alpha) &&
           keras_constant(call, &alpha, &shape) &&
           keras_combined(call, FOVEA_OP_SLOPE, call->inputs[0], call->output);
}
