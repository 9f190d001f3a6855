/* Raw operations: the list, and the arithmetic among them. */
#include "convert/keras/mask.h"
#include "convert/keras/raw.h"

#include <string.h>

static const uint32_t no_words[FOVEA_ATTRIBUTES_MAX];
static const float infinity = (float)(1e300 * 1e300);

struct raw_row {
    const char *class_name, *functions;
    keras_raw *convert;
    const char *parameter;
};
static const struct raw_row raw_list[] = {
#define RAW(class_name, functions, function, parameter)                                            \
    {class_name, functions, function, parameter},
#include "convert/keras/raw.def"
#undef RAW
};

/* Whether `word` is one of "a|b|c". */
static bool is_among(const char *names, const char *word) {
    size_t length = strlen(word);
    for (const char *name = names; name; name = strchr(name, '|')) {
        if (*name == '|') name++;
        if (strcspn(name, "|") == length && strncmp(name, word, length) == 0) return length > 0;
    }
    return false;
}

static bool is_lambda(const char *class_name) {
    return strcmp(class_name, "TFOpLambda") == 0 || strcmp(class_name, "SlicingOpLambda") == 0;
}

static const struct raw_row *row_of(const char *class_name, const struct json *config) {
    const struct json *function = json_member(config, "function");
    const char *last = NULL;
    if (is_lambda(class_name)) {
        if (!function || function->type != JSON_STRING) return NULL;
        last = strrchr(function->text, '.');
        last = last ? last + 1 : function->text;
    }
    for (size_t i = 0; i < sizeof raw_list / sizeof raw_list[0]; i++)
        if (last ? is_among(raw_list[i].functions, last)
                 : *class_name && strcmp(raw_list[i].class_name, class_name) == 0)
            return &raw_list[i];
    return NULL;
}

bool keras_knows_function(const char *function) {
    for (size_t i = 0; i < sizeof raw_list / sizeof raw_list[0]; i++)
        if (is_among(raw_list[i].functions, function)) return true;
    return false;
}

/* Keras 3's operations may be called as layers are. Modules tell them apart; where there are none, as in
 * .h5 files, what only layers have in their configs. */
bool keras_is_raw(const struct keras *keras, const struct layer *layer) {
    const struct json *module = json_member(layer->item, "module");
    const char *mark = keras_layer_of(layer->class_name) ? "dtype" : "trainable";
    if (is_lambda(layer->class_name)) return true;
    if (keras->generation < 3 || !row_of(layer->class_name, layer->config)) return false;
    if (module && module->type == JSON_STRING) return !strstr(module->text, "layers");
    return !json_member(layer->config, "trainable") && !json_member(layer->config, mark);
}

bool keras_raw_layer(struct layer_call *call) {
    const struct raw_row *row = row_of(call->class_name, call->config);
    const struct json *function = json_member(call->config, "function");
    if (!row)
        return keras_fail(call, "K-147 the function '%s' is not supported",
                          function && function->type == JSON_STRING ? function->text : "?");
    uint64_t asked = 0;
    call->asked = &asked;
    const bool done = row->convert(call, row->parameter) && keras_all_asked(call);
    call->asked = NULL;
    return done;
}

#define FIRST "x|input|inputs|tensor|input_tensor|features|logits|a|value|t"

bool raw_same(struct layer_call *call, const char *parameter) {
    (void)parameter;
    keras_argument(call, 1, "shape"); /* that the tensor has anyway */
    return keras_tensor_argument(call, 0, FIRST, &call->output);
}

bool raw_cast(struct layer_call *call, const char *parameter) {
    const struct json *type = keras_argument(call, 1, "dtype").json;
    uint32_t value;
    (void)parameter;
    if (json_is(type, "bool"))
        return keras_tensor_argument(call, 0, FIRST, &value) && keras_differs(call, value, 0);
    if (!type || type->type != JSON_STRING || !strstr(type->text, "float"))
        return keras_fail(call, "K-148 it casts to something that is not a floating-point type");
    return keras_tensor_argument(call, 0, FIRST, &call->output);
}

/* ---- two operands ---- */

static const struct {
    const char *name;
    uint32_t op;
    bool reversed;
} pair_rows[] = {
    {"add", FOVEA_OP_ADD, false},           {"divide", FOVEA_OP_DIVIDE, false},
    {"maximum", FOVEA_OP_MAXIMUM, false},   {"minimum", FOVEA_OP_MINIMUM, false},
    {"multiply", FOVEA_OP_MULTIPLY, false}, {"rdivide", FOVEA_OP_DIVIDE, true},
    {"rsubtract", FOVEA_OP_SUBTRACT, true}, {"subtract", FOVEA_OP_SUBTRACT, false},
};

/* A tensor and a number: a scale and a shift, or a bound. */
static bool with_number(struct layer_call *call, uint32_t op, uint32_t tensor, double number,
                        bool number_first) {
    float value = (float)number;
    call->output = tensor;
    switch (op) {
    case FOVEA_OP_ADD: return keras_scaled(call, tensor, 1, value);
    case FOVEA_OP_MULTIPLY: return keras_scaled(call, tensor, value, 0);
    case FOVEA_OP_SUBTRACT:
        return number_first ? keras_scaled(call, tensor, -1, value)
                            : keras_scaled(call, tensor, 1, -value);
    case FOVEA_OP_MAXIMUM: return keras_tail(call, FOVEA_ACTIVATION_CLAMP, value, infinity, 0);
    case FOVEA_OP_MINIMUM: return keras_tail(call, FOVEA_ACTIVATION_CLAMP, -infinity, value, 0);
    default: break;
    }
    if (!number_first) return keras_scaled(call, tensor, (float)(1 / number), 0);
    const struct json json = {.type = JSON_NUMBER, .number = number};
    return keras_constant_argument(call, &json, 0) &&
           keras_combined(call, FOVEA_OP_DIVIDE, call->output, tensor);
}

bool keras_tensor_pair(struct layer_call *call, const struct keras_argument *argument,
                       uint32_t *values) {
    for (int i = 0; i < 2; i++) {
        values[i] = argument[i].value;
        if (values[i] != GRAPH_NONE) continue;
        uint32_t rank = shape_rank(graph_shape(call->graph, argument[1 - i].value));
        if (!keras_constant_argument(call, argument[i].json, rank)) return false;
        values[i] = call->output;
    }
    bool constant = argument[0].value == GRAPH_NONE || argument[1].value == GRAPH_NONE;
    uint32_t a = shape_rank(graph_shape(call->graph, values[0]));
    uint32_t b = shape_rank(graph_shape(call->graph, values[1]));
    return constant || a == b ||
           keras_fail(call, "K-149 its tensors have %u and %u dimensions beside the batch", a, b);
}

bool raw_pair(struct layer_call *call, const char *parameter) {
    struct keras_argument argument[2];
    uint32_t values[2];
    size_t row = 0;
    while (strcmp(pair_rows[row].name, parameter) != 0) row++;
    bool reversed = pair_rows[row].reversed;
    argument[reversed] = keras_argument(call, 0, reversed ? "y" : "x1|x");
    argument[!reversed] = keras_argument(call, 1, reversed ? "x" : "x2|y");
    bool constant[2] = {argument[0].value == GRAPH_NONE, argument[1].value == GRAPH_NONE};
    if (constant[0] && constant[1])
        return keras_fail(call, "K-150 neither of its arguments is a tensor");
    for (int i = 0; i < 2; i++)
        if (constant[i] && argument[i].json && argument[i].json->type == JSON_NUMBER)
            return with_number(call, pair_rows[row].op, argument[1 - i].value,
                               argument[i].json->number, i == 0);
    return keras_tensor_pair(call, argument, values) &&
           keras_combined(call, pair_rows[row].op, values[0], values[1]);
}

/* TensorFlow's bias: along the channels, wherever these are. */
bool raw_bias(struct layer_call *call, const char *parameter) {
    const struct json *format = keras_argument(call, 2, "data_format").json;
    struct keras_argument argument[2] = {keras_argument(call, 0, "value"),
                                         keras_argument(call, 1, "bias")};
    uint32_t values[2];
    (void)parameter;
    if (argument[0].value == GRAPH_NONE)
        return keras_fail(call, "K-300 what it adds a bias to is not a tensor");
    if (!keras_tensor_pair(call, argument, values)) return false;
    const struct fovea_shape *first = graph_shape(call->graph, values[0]);
    uint32_t rank = shape_rank(first), order[FOVEA_RANK_MAX];
    if (!format || format->type != JSON_STRING || strncmp(format->text, "NC", 2) != 0 || rank < 2)
        return keras_combined(call, FOVEA_OP_ADD, values[0], values[1]);
    for (uint32_t d = 0; d < rank; d++) order[d] = shape_last_to_front(rank, d);
    if (!keras_permuted(call, values[0], order) ||
        !keras_combined(call, FOVEA_OP_ADD, call->output, values[1]))
        return false;
    for (uint32_t d = 0; d < rank; d++) order[d] = shape_first_to_end(rank, d);
    return keras_permuted(call, call->output, order);
}

bool raw_matmul(struct layer_call *call, const char *parameter) {
    static const char *const turned_names[2] = {"transpose_a|adjoint_a", "transpose_b|adjoint_b"};
    struct keras_argument argument[2] = {keras_argument(call, 0, "x1|a"),
                                         keras_argument(call, 1, "x2|b")};
    uint32_t values[2];
    bool turned[2];
    (void)parameter;
    if (argument[0].value == GRAPH_NONE)
        return keras_fail(call, "K-151 its first argument is not a tensor");
    for (size_t i = 0; i < 2; i++)
        if (!keras_flag_argument(call, 2 + i, turned_names[i], &turned[i])) return false;
    if (!keras_tensor_pair(call, argument, values)) return false;
    const struct fovea_shape *first = graph_shape(call->graph, values[0]);
    uint32_t rank = shape_rank(first), order[FOVEA_RANK_MAX];
    if (rank == 1 && argument[1].value == GRAPH_NONE) { /* rows that are vectors */
        const struct fovea_shape row = SHAPE(1, shape_size(first, 0));
        if (turned[0]) return keras_fail(call, "K-152 it transposes the batch");
        if (!keras_shaped(call, values[0], &row, false) ||
            !keras_product(call, call->output, values[1], turned[1]))
            return false;
        const struct fovea_shape flat =
            SHAPE(shape_size(graph_shape(call->graph, call->output), 1));
        return keras_shaped(call, call->output, &flat, false);
    }
    if (rank < 2) return keras_fail(call, "K-153 it multiplies along the batch");
    if (turned[0]) {
        for (uint32_t d = 0; d < rank; d++) /* the last two change places */
            order[d] = d + 2 == rank ? d + 1 : d + 1 == rank ? d - 1 : d;
        if (!keras_permuted(call, values[0], order)) return false;
        values[0] = call->output;
    }
    return keras_product(call, values[0], values[1], turned[1]);
}

/* ---- one operand ---- */

static bool reciprocal(struct layer_call *call) {
    return with_number(call, FOVEA_OP_DIVIDE, call->output, 1, true);
}

static bool squared(struct layer_call *call, uint32_t value) {
    return keras_combined(call, FOVEA_OP_MULTIPLY, value, value);
}

/* keras.activations.relu of Keras 2 has the settings of the layer. */
static bool rectify(struct layer_call *call) {
    double slope, most, threshold;
    return keras_number_argument(call, 1, "negative_slope|alpha", 0, &slope) &&
           keras_number_argument(call, 2, "max_value", 1e300 * 1e300, &most) &&
           keras_number_argument(call, 3, "threshold", 0, &threshold) &&
           keras_rectify(call, slope, most, threshold);
}

/* Activations with a setting: its names, its usual value, and what is made of it. */
static bool map_setting(struct layer_call *call, const char *name, bool *found) {
    double number, other;
    float value;
    *found = true;
    if (strcmp(name, "gelu") == 0) {
        bool approximate;
        if (!keras_flag_argument(call, 1, "approximate", &approximate)) return false;
        return keras_tail(call, approximate ? FOVEA_ACTIVATION_GELU_TANH : FOVEA_ACTIVATION_GELU, 0,
                          0, 0);
    }
    if (strcmp(name, "silu") == 0) { /* TensorFlow's may have a slope */
        if (!keras_number_argument(call, 1, "beta", 1, &number)) return false;
        if (number != 1) return keras_fail(call, "K-154 a 'beta' of %g is not supported", number);
    }
    if (strcmp(name, "elu") == 0 || strcmp(name, "celu") == 0) {
        if (!keras_number_argument(call, 1, "alpha", 1, &number)) return false;
        if (!(number > 0)) return keras_fail(call, "K-155 its 'alpha' is not above 0");
        return keras_tail(call, FOVEA_ACTIVATION_ELU, name[0] == 'c' ? (float)(1 / number) : 1, 1,
                          (float)number);
    }
    if (strcmp(name, "relu") == 0) return rectify(call);
    if (strcmp(name, "leaky_relu") == 0)
        return keras_number_argument(call, 1, "negative_slope|alpha", 0.2, &number) &&
               keras_tail(call, FOVEA_ACTIVATION_LEAKY, 0, infinity, (float)number);
    if (strcmp(name, "squareplus") == 0)
        return keras_number_argument(call, 1, "b", 4, &number) &&
               keras_tail(call, FOVEA_ACTIVATION_SQUAREPLUS, 0, 0, (float)number);
    if (strcmp(name, "soft_shrink") == 0 || strcmp(name, "hard_shrink") == 0) {
        if (!keras_number_argument(call, 1, "threshold", 0.5, &number)) return false;
        value = (float)number;
        return keras_tail(call, FOVEA_ACTIVATION_SHRINK, -value, value, name[0] == 's' ? value : 0);
    }
    if (strcmp(name, "threshold") == 0) {
        if (!keras_number_argument(call, 1, "threshold", 0, &number) ||
            !keras_number_argument(call, 2, "default_value|value", 0, &other))
            return false;
        if (other != 0)
            return keras_fail(call, "K-156 a value of %g below the threshold is not supported",
                              other);
        return keras_tail(call, FOVEA_ACTIVATION_SHRINK, -infinity, (float)number, 0);
    }
    *found = false;
    return true;
}

bool raw_map(struct layer_call *call, const char *parameter) {
    bool found;
    if (!keras_tensor_argument(call, 0, FIRST, &call->output)) return false;
    if (!map_setting(call, parameter, &found)) return false;
    if (found) return true;
    if (strcmp(parameter, "abs") == 0)
        return keras_tail(call, FOVEA_ACTIVATION_LEAKY, 0, infinity, -1);
    if (strcmp(parameter, "erf") == 0) return keras_tail(call, FOVEA_ACTIVATION_ERF, 0, 0, 0);
    if (strcmp(parameter, "log") == 0) return keras_tail(call, FOVEA_ACTIVATION_LOG, 0, 0, 0);
    if (strcmp(parameter, "log1p") == 0) return keras_tail(call, FOVEA_ACTIVATION_LOG, 0, 0, 1);
    if (strcmp(parameter, "sqrt") == 0) return keras_tail(call, FOVEA_ACTIVATION_ROOT, 0, 0, 0);
    if (strcmp(parameter, "rsqrt") == 0)
        return keras_tail(call, FOVEA_ACTIVATION_ROOT, 0, 0, 0) && reciprocal(call);
    if (strcmp(parameter, "reciprocal") == 0) return reciprocal(call);
    if (strcmp(parameter, "negative") == 0) return keras_scaled(call, call->output, -1, 0);
    if (strcmp(parameter, "square") == 0) return squared(call, call->output);
    return keras_activate(call, parameter);
}

bool raw_clip(struct layer_call *call, const char *parameter) {
    double low, high;
    (void)parameter;
    return keras_tensor_argument(call, 0, FIRST, &call->output) &&
           keras_number_argument(call, 1, "x_min|clip_value_min|min_value", -1e300 * 1e300, &low) &&
           keras_number_argument(call, 2, "x_max|clip_value_max|max_value", 1e300 * 1e300, &high) &&
           keras_tail(call, FOVEA_ACTIVATION_CLAMP, (float)low, (float)high, 0);
}

/* Whole powers, by multiplication, and the square root. */
bool raw_power(struct layer_call *call, const char *parameter) {
    double exponent;
    uint32_t base;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, "x1|x", &base) ||
        !keras_number_argument(call, 1, "x2|y|a", 1, &exponent))
        return false;
    double size = exponent < 0 ? -exponent : exponent;
    call->output = base;
    if (size == 0.5) {
        if (!keras_tail(call, FOVEA_ACTIVATION_ROOT, 0, 0, 0)) return false;
    } else {
        if (!(size >= 1 && size <= 16) || size != (double)(int)size)
            return keras_fail(call, "K-157 a power of %g is not supported", exponent);
        for (int i = 1; i < (int)size; i++)
            if (!keras_combined(call, FOVEA_OP_MULTIPLY, call->output, base)) return false;
    }
    return exponent > 0 || reciprocal(call);
}

/* ---- along axes ---- */

static bool read_reduction(struct layer_call *call, uint32_t *input, uint32_t *mask, bool *keep,
                           uint64_t *count) {
    const struct json *initial = keras_argument(call, 3, "initial").json;
    if (!keras_tensor_argument(call, 0, FIRST, input)) return false;
    const struct fovea_shape *shape = graph_shape(call->graph, *input);
    if (initial && initial->type != JSON_NULL && initial->type != JSON_STRING)
        return keras_fail(call, "K-158 its 'initial' is not supported");
    if (!keras_axes(call, keras_list_argument(call, 1, "axis|reduction_indices"), shape_rank(shape),
                    mask) ||
        !keras_flag_argument(call, 2, "keepdims|keep_dims", keep))
        return false;
    *count = shape_masked(shape, *mask); /* at most all elements */
    return true;
}

bool raw_reduce(struct layer_call *call, const char *parameter) {
    uint32_t input, mask;
    uint64_t count;
    bool keep;
    if (!read_reduction(call, &input, &mask, &keep, &count)) return false;
    if (strcmp(parameter, "max") == 0)
        return keras_reduced(call, FOVEA_OP_MAX_POOL, input, mask, keep);
    const bool truth = parameter[0] == 'a'; /* any, all: of what is not 0 */
    if (truth && !keras_differs(call, input, 0)) return false;
    if (truth) input = call->output;
    if (strcmp(parameter, "any") == 0)
        return keras_reduced(call, FOVEA_OP_MAX_POOL, input, mask, keep);
    if (strcmp(parameter, "min") == 0 || truth)
        return keras_scaled(call, input, -1, 0) &&
               keras_reduced(call, FOVEA_OP_MAX_POOL, call->output, mask, keep) &&
               keras_scaled(call, call->output, -1, 0);
    return keras_reduced(call, FOVEA_OP_MEAN_POOL, input, mask, keep) &&
           (strcmp(parameter, "mean") == 0 || keras_scaled(call, call->output, (float)count, 0));
}

/* The variance, and its root. */
bool raw_spread(struct layer_call *call, const char *parameter) {
    uint32_t input, mask;
    uint64_t count;
    bool keep;
    return read_reduction(call, &input, &mask, &keep, &count) &&
           keras_reduced(call, FOVEA_OP_MEAN_POOL, input, mask, true) &&
           keras_combined(call, FOVEA_OP_SUBTRACT, input, call->output) &&
           squared(call, call->output) &&
           keras_reduced(call, FOVEA_OP_MEAN_POOL, call->output, mask, keep) &&
           (strcmp(parameter, "var") == 0 || keras_tail(call, FOVEA_ACTIVATION_ROOT, 0, 0, 0));
}

/* The least sum of squares under a normalization. */
static bool read_least(struct layer_call *call, float *least) {
    bool modern = call->keras->generation >= 3;
    double order, epsilon;
    if (!keras_number_argument(call, 2, "order", 2, &order) ||
        !keras_number_argument(call, modern ? 3 : 2, "epsilon", modern ? 1e-7 : 1e-12, &epsilon))
        return false;
    if (order != 2) return keras_fail(call, "K-159 a norm of order %g is not supported", order);
    *least = (float)(modern ? epsilon * epsilon : epsilon);
    return true;
}

bool raw_rows(struct layer_call *call, const char *parameter) {
    const struct json last = {.type = JSON_NUMBER, .integral = true, .integer = -1};
    const struct json *axis = keras_list_argument(call, 1, "axis|dim");
    uint32_t input, mask, words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_NORMALIZE_KIND] = FOVEA_NORM_UNIT};
    float least = 0;
    if (!keras_tensor_argument(call, 0, FIRST, &input)) return false;
    uint32_t rank = shape_rank(graph_shape(call->graph, input));
    bool whole = !axis && strcmp(parameter, "normalize") == 0 && call->keras->generation < 3;
    /* TensorFlow's l2_normalize without an axis goes over all numbers, the batch's too. */
    if (!keras_axes(call, axis || whole ? axis : &last, rank, &mask)) return false;
    if (strcmp(parameter, "glu") == 0) {
        uint32_t dimension = 0;
        if (mask == 0) return keras_fail(call, "K-160 it needs a dimension that it can halve");
        while (!(mask >> dimension & 1)) dimension++;
        return keras_gated(call, input, dimension);
    }
    if (strcmp(parameter, "normalize") == 0) {
        if (!read_least(call, &least)) return false;
        words[FOVEA_NORMALIZE_EPSILON] = fovea_bits_of_float(least);
        return keras_rowwise(call, FOVEA_OP_NORMALIZE, input, mask, NULL, 0, words);
    }
    uint32_t op = strcmp(parameter, "softmax") == 0     ? FOVEA_OP_SOFTMAX
                  : strcmp(parameter, "sparsemax") == 0 ? FOVEA_OP_SPARSEMAX
                                                        : FOVEA_OP_LOG_SOFTMAX;
    return keras_rowwise(call, op, input, mask, NULL, 0, no_words);
}
