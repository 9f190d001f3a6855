/* Attention, and dense layers that are spelled as sums over letters. */
#include <string.h>

#include "convert/keras/quantized.h"
#include "convert/keras/raw.h"

static bool is_given(const struct json *json) {
    return json && json->type != JSON_NULL && json->type != JSON_FALSE;
}

/* Masks and scores are asked for by these arguments, or by those behind the first `known`; where they are
 * given as something, that is refused. */
static bool refuse_arguments(struct layer_call *call, size_t known) {
    static const char *const names[] = {"attention_mask", "mask",
                                        "query_mask",     "value_mask",
                                        "key_mask",       "use_causal_mask",
                                        "causal",         "return_attention_scores"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (is_given(keras_argument(call, SIZE_MAX, names[i]).json))
            return keras_fail(call, "K-065 its '%s' is not supported", names[i]);
    }
    const struct json *all = json_member(call->node, "args"), *item = json_item(all, known);
    for (; item; item = item->next)
        if (is_given(item))
            return keras_fail(call, "K-066 its argument %zu is not supported", known + 1);
    return true;
}

/* softmax(scores) times the values; leading dimensions are a batch. */
static bool attend(struct layer_call *call, uint32_t scores, uint32_t value) {
    const uint32_t last = shape_last_mask(graph_shape(call->graph, scores));
    return keras_rowwise(call, FOVEA_OP_SOFTMAX, scores, last, NULL, 0, NULL) &&
           keras_product(call, call->output, value, false);
}

/* ---- Attention and AdditiveAttention, on [query, value, key] of steps x numbers ---- */

/* tanh of every query plus every key, both of which may be scaled: queries x keys x numbers. */
static bool sums(struct layer_call *call, uint32_t query, uint32_t key, float scale) {
    const struct fovea_shape q = *graph_shape(call->graph, query);
    const struct fovea_shape k = *graph_shape(call->graph, key);
    const struct fovea_shape rows = SHAPE(shape_size(&q, 0), 1, shape_size(&q, 1));
    const struct fovea_shape columns = SHAPE(1, shape_size(&k, 0), shape_size(&k, 1));
    if (!keras_shaped(call, query, &rows, false)) return false;
    uint32_t left = call->output;
    return keras_shaped(call, key, &columns, false) &&
           keras_combined(call, FOVEA_OP_ADD, left, call->output) &&
           (scale == 1 || keras_scaled(call, call->output, scale, 0)) &&
           keras_tail(call, FOVEA_ACTIVATION_TANH, 0, 0, 0);
}

static bool read_scalar(struct layer_call *call, const char *role, float *number) {
    struct source source;
    if (!keras_weight(call, role, 1, &source)) return false;
    source_read(&source, 0, 1, number);
    return true;
}

static bool attention_scores(struct layer_call *call, uint32_t query, uint32_t key) {
    const char *mode;
    float scale = 1, weight = 1;
    bool use;
    if (!keras_text(call, "score_mode", "dot", &mode) ||
        !keras_flag(call, "use_scale", false, &use))
        return false;
    if (use && !read_scalar(call, "scale", &scale)) return false;
    if (strcmp(mode, "dot") == 0)
        return keras_product(call, query, key, true) &&
               (scale == 1 || keras_scaled(call, call->output, scale, 0));
    if (strcmp(mode, "concat") != 0)
        return keras_fail(call, "K-067 score_mode '%s' is not supported", mode);
    float numbers = (float)shape_size(graph_shape(call->graph, query), 1);
    return read_scalar(call, "concat_score_weight", &weight) && sums(call, query, key, scale) &&
           keras_reduced(call, FOVEA_OP_MEAN_POOL, call->output, 1u << 2, false) &&
           keras_scaled(call, call->output, weight * numbers, 0);
}

/* The sum of tanh(query + key), each number with its weight: a dense layer of one output. */
static bool additive_scores(struct layer_call *call, uint32_t query, uint32_t key) {
    const struct fovea_shape scores = SHAPE(shape_size(graph_shape(call->graph, query), 0),
                                            shape_size(graph_shape(call->graph, key), 0));
    uint32_t count = shape_size(graph_shape(call->graph, query), 1);
    float *ones = keras_floats(call, count);
    struct source weights = source_floats(ones, count), none = {.count = 0};
    bool use;
    if (!ones || !keras_flag(call, "use_scale", true, &use)) return false;
    for (uint32_t i = 0; i < count; i++) ones[i] = 1;
    return (!use || keras_weight(call, "scale", count, &weights)) && sums(call, query, key, 1) &&
           keras_linear(call, call->output, &weights, &none, 1) &&
           keras_shaped(call, call->output, &scores, false);
}

static bool convert_attention(struct layer_call *call, bool additive) {
    bool causal;
    if (call->input_count < 2 || call->input_count > 3)
        return keras_fail(call, "K-068 it takes a query, a value and maybe a key, not %u tensors",
                          call->input_count);
    if (!refuse_arguments(call, 1) || !keras_flag(call, "causal", false, &causal)) return false;
    uint32_t query = call->inputs[0], value = call->inputs[1];
    uint32_t key = call->input_count > 2 ? call->inputs[2] : value;
    for (uint32_t i = 0; i < call->input_count; i++)
        if (shape_rank(keras_input_shape(call, i)) != 2)
            return keras_fail(call,
                              "K-069 its inputs have other dimensions than steps and numbers");
    if (shape_size(keras_input_shape(call, 0), 1) != shape_size(graph_shape(call->graph, key), 1))
        return keras_fail(call, "K-070 its query and key have different widths");
    return (additive ? additive_scores(call, query, key) : attention_scores(call, query, key)) &&
           attend(call, call->output, value);
}

bool keras_attention(struct layer_call *call) {
    return convert_attention(call, false);
}
bool keras_additive_attention(struct layer_call *call) {
    return convert_attention(call, true);
}

/* ---- MultiHeadAttention ---- */

struct heads {
    uint32_t count, key, value; /* numbers a head */
    bool bias;
};

/* One of the layers inside, inputs to outputs, with its weights in attribute `part`. */
static bool project(struct layer_call *call, const char *part, bool use_bias, uint32_t input,
                    uint64_t outputs) {
    const struct json axes = {.type = JSON_STRING, .key = "bias_axes", .text = "", .length = 0};
    const struct json config = {
        .type = JSON_OBJECT, .count = use_bias, .first = use_bias ? &axes : NULL};
    struct layer_call inner = *call;
    struct source kernel, bias = {.count = 0};
    const uint64_t inputs = shape_from_end(graph_shape(call->graph, input), 0);
    if (outputs > FOVEA_DIM_MAX) return keras_fail(call, "K-071 it is too wide");
    inner.class_name = "EinsumDense";
    inner.config = &config;
    inner.part = part;
    if (!keras_weight(&inner, "kernel", inputs * outputs, &kernel) ||
        (use_bias && !keras_weight(&inner, "bias", outputs, &bias)) ||
        !keras_linear(call, input, &kernel, &bias, (uint32_t)outputs))
        return false;
    return true;
}

/* steps x (heads * size) to heads x steps x size */
static bool split_heads(struct layer_call *call, uint32_t heads, uint32_t size) {
    const uint32_t order[3] = {1, 0, 2};
    const struct fovea_shape split =
        SHAPE(shape_size(graph_shape(call->graph, call->output), 0), heads, size);
    return keras_shaped(call, call->output, &split, false) &&
           keras_permuted(call, call->output, order);
}

static bool multiply_heads(struct layer_call *call, const struct heads *heads, uint32_t query,
                           uint32_t key, uint32_t value) {
    const uint32_t order[3] = {1, 0, 2};
    float scale = (float)(1 / keras_root((double)heads->key));
    uint64_t width = (uint64_t)heads->count * heads->key;
    uint32_t q, k;
    if (!project(call, "query_dense", heads->bias, query, width) ||
        !keras_scaled(call, call->output, scale, 0) || !split_heads(call, heads->count, heads->key))
        return false;
    q = call->output;
    if (!project(call, "key_dense", heads->bias, key, width) ||
        !split_heads(call, heads->count, heads->key))
        return false;
    k = call->output;
    width = (uint64_t)heads->count * heads->value;
    if (!project(call, "value_dense", heads->bias, value, width) ||
        !split_heads(call, heads->count, heads->value))
        return false;
    value = call->output;
    if (!keras_product(call, q, k, true) || !attend(call, call->output, value)) return false;
    const struct fovea_shape joined =
        SHAPE(shape_size(graph_shape(call->graph, call->output), 1), width);
    return keras_permuted(call, call->output, order) &&
           keras_shaped(call, call->output, &joined, false);
}

static bool read_heads(struct layer_call *call, struct heads *heads) {
    static const char *const refused[] = {"use_gate", "sliding_window"};
    int64_t count, key, value;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (is_given(json_member(call->config, refused[i])))
            return keras_fail(call, "K-072 its '%s' is not supported", refused[i]);
    }
    const struct json *own = json_member(call->config, "value_dim");
    if (!keras_integer(call, "num_heads", 1, FOVEA_DIM_MAX, &count) ||
        !keras_integer(call, "key_dim", 1, FOVEA_DIM_MAX, &key) ||
        !keras_flag(call, "use_bias", true, &heads->bias))
        return false;
    value = key;
    if (own && own->type != JSON_NULL &&
        !keras_integer(call, "value_dim", 1, FOVEA_DIM_MAX, &value))
        return false;
    heads->count = (uint32_t)count;
    heads->key = (uint32_t)key;
    heads->value = (uint32_t)value;
    return true;
}

/* All dimensions between the batch and the last are attended to together, as one: steps x numbers. */
static bool flatten_steps(struct layer_call *call, uint32_t *value) {
    const struct json *axes = json_member(call->config, "attention_axes");
    const struct fovea_shape *shape = graph_shape(call->graph, *value);
    const uint32_t last = shape_last_mask(shape), rank = shape_rank(shape);
    uint32_t mask;
    if (rank < 2) return keras_fail(call, "K-073 its input has no steps");
    if (axes && axes->type != JSON_NULL) {
        if (!keras_axes(call, axes, rank, &mask)) return false;
        if (mask != (shape_all_mask(shape) ^ last))
            return keras_fail(
                call, "K-074 attention along some of its input's dimensions is not supported");
    }
    const struct fovea_shape flat =
        SHAPE(shape_masked(shape, shape_all_mask(shape) ^ last), shape_from_end(shape, 0));
    if (!shape_is_possible(&flat)) return keras_fail(call, "K-075 its input has too many steps");
    if (!keras_shaped(call, *value, &flat, false)) return false;
    *value = call->output;
    return true;
}

bool keras_multi_head_attention(struct layer_call *call) {
    struct keras_argument key_argument = keras_argument(call, 2, "key");
    const struct json *stated = json_member(call->config, "output_shape");
    struct heads heads;
    uint32_t query, value, key;
    uint64_t outputs = 1;
    if (!refuse_arguments(call, 3) || !read_heads(call, &heads) ||
        !keras_tensor_argument(call, 0, "query", &query) ||
        !keras_tensor_argument(call, 1, "value", &value))
        return false;
    key = value;
    if (is_given(key_argument.json) && !keras_tensor_argument(call, 2, "key", &key)) return false;
    struct fovea_shape result = *graph_shape(call->graph, query);
    if (!flatten_steps(call, &query) || !flatten_steps(call, &value) || !flatten_steps(call, &key))
        return false;
    if (stated && stated->type != JSON_NULL) {
        const struct json *size = stated->type == JSON_ARRAY ? stated->first : stated;
        if (!size) return keras_fail(call, "K-260 its 'output_shape' is empty");
        shape_remove(&result, shape_first_to_end(shape_rank(&result), 0)); /* the last one */
        for (; size; size = stated->type == JSON_ARRAY ? size->next : NULL) {
            shape_append(&result,
                         size->integral && size->integer > 0 ? (uint64_t)size->integer : 0);
            if (!shape_is_possible(&result))
                return keras_fail(call, "K-076 its 'output_shape' is out of range");
            outputs = fovea_product(outputs, (uint64_t)size->integer);
        }
    } else {
        outputs = shape_from_end(&result, 0);
    }
    return multiply_heads(call, &heads, query, key, value) &&
           project(call, "output_dense", heads.bias, call->output, outputs) &&
           keras_shaped(call, call->output, &result, false);
}

/* ---- EinsumDense ---- */

/* "...ab,bcd->...acd": what is multiplied away is the input's end and the kernel's start, what is new the
 * kernel's end and the output's, so that it is a dense layer under other shapes. */
struct equation {
    const char *input, *kernel, *output;
    size_t inputs, kernels, outputs; /* letters */
    size_t summed, fresh;
};

static bool read_equation(struct layer_call *call, struct equation *e) {
    const char *text;
    if (!keras_text(call, "equation", "", &text)) return false;
    const char *comma = strchr(text, ','), *arrow = strstr(text, "->");
    bool right = comma && arrow && comma < arrow && !strchr(text, ' ');
    if (right) {
        e->input = text;
        e->kernel = comma + 1;
        e->output = arrow + 2;
        bool open = strncmp(e->input, "...", 3) == 0;
        right = open == (strncmp(e->output, "...", 3) == 0);
        if (open) {
            e->input += 3;
            e->output += 3;
        }
        e->inputs = (size_t)(comma - e->input);
        e->kernels = (size_t)(arrow - e->kernel);
        e->outputs = strlen(e->output);
        for (e->summed = 0; e->summed < e->kernels && e->summed < e->inputs; e->summed++)
            if (memchr(e->output, e->kernel[e->summed], e->outputs)) break;
        e->fresh = e->kernels - e->summed;
        size_t kept = e->inputs - e->summed;
        right = right && e->summed > 0 && e->fresh > 0 && e->outputs == kept + e->fresh &&
                memcmp(e->input + kept, e->kernel, e->summed) == 0 &&
                memcmp(e->input, e->output, kept) == 0 &&
                memcmp(e->output + kept, e->kernel + e->summed, e->fresh) == 0;
    }
    return right || keras_fail(call, "K-078 the equation '%s' is not supported", text);
}

/* The bias, whose axes are some of the output's, spread over the new ones. */
static bool spread_bias(struct layer_call *call, const struct equation *e, const uint32_t *sizes,
                        uint64_t outputs, struct source *bias) {
    const char *axes;
    uint64_t count = 1;
    size_t at = 0;
    uint64_t steps[FOVEA_RANK_MAX] = {0};
    memset(bias, 0, sizeof *bias);
    if (!keras_text(call, "bias_axes", NULL, &axes)) return false;
    if (!axes || !*axes) return true;
    for (size_t i = e->fresh; i-- > 0;) {
        bool has = strchr(axes, e->kernel[e->summed + i]) != NULL;
        steps[i] = has ? count : 0;
        count *= has ? sizes[i] : 1; /* at most `outputs` */
        at += has;
    }
    if (at != strlen(axes)) return keras_fail(call, "K-079 bias_axes '%s' are not supported", axes);
    if (!keras_weight(call, "bias", count, bias)) return false;
    float *from = keras_floats(call, count), *to = keras_floats(call, outputs);
    if (!from || !to) return false;
    source_read(bias, 0, count, from);
    for (uint64_t o = 0; o < outputs; o++) {
        uint64_t rest = o, place = 0;
        for (size_t i = e->fresh; i-- > 0; rest /= sizes[i]) place += rest % sizes[i] * steps[i];
        to[o] = from[place];
    }
    *bias = source_floats(to, outputs);
    return true;
}

bool keras_einsum_dense(struct layer_call *call) {
    const struct json *stated = json_member(call->config, "output_shape");
    struct equation e = {.summed = 0};
    struct source kernel, bias;
    uint32_t sizes[FOVEA_RANK_MAX];
    uint64_t inputs = 1, outputs = 1;
    if (!keras_one_input(call, 0) || !read_equation(call, &e)) return false;
    struct fovea_shape shape = *keras_input_shape(call, 0);
    size_t listed = stated && stated->type == JSON_ARRAY ? stated->count : 1;
    if (e.summed > shape_rank(&shape) || e.fresh > listed || e.fresh > FOVEA_RANK_MAX)
        return keras_fail(call, "K-080 its equation does not fit its input or its 'output_shape'");
    for (size_t i = 0; i < e.fresh; i++) {
        const struct json *size =
            stated && stated->type == JSON_ARRAY ? json_item(stated, listed - e.fresh + i) : stated;
        if (!size || !size->integral || size->integer < 1 || size->integer > FOVEA_DIM_MAX)
            return keras_fail(call, "K-081 its 'output_shape' is not understood");
        sizes[i] = (uint32_t)size->integer;
        outputs = fovea_product(outputs, sizes[i]);
        if (outputs > FOVEA_DIM_MAX) return keras_fail(call, "K-082 it has too many outputs");
    }
    for (size_t i = 0; i < e.summed; i++) {
        const uint32_t last = shape_first_to_end(shape_rank(&shape), 0);
        inputs *= shape_size(&shape, last); /* at most all elements */
        shape_remove(&shape, last);
    }
    struct fovea_shape result = shape;
    for (size_t i = 0; i < e.fresh; i++) shape_append(&result, sizes[i]);
    shape_append(&shape, inputs);
    if (!shape_is_possible(&shape) || !shape_is_possible(&result))
        return keras_fail(call, "K-083 its input or output is too large");
    return keras_weight(call, "kernel", inputs * outputs, &kernel) &&
           spread_bias(call, &e, sizes, outputs, &bias) &&
           keras_shaped(call, call->inputs[0], &shape, false) &&
           keras_quantized_linear(call, call->output, &kernel, &bias, (uint32_t)outputs) &&
           keras_shaped(call, call->output, &result, false) && keras_activation(call, "activation");
}
