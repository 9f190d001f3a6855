/* Attention of several heads, each with keys and values of its own or shared with others. */
#include <string.h>

#include "convert/keras/attention.h"
#include "convert/keras/raw.h"

struct heads {
    uint32_t count, key, value; /* numbers a head */
    uint32_t groups;            /* heads of keys and values: each serves count / groups */
    bool bias, gate;
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

/* groups x steps x size to heads x steps x size, each group several times. */
static bool repeat_heads(struct layer_call *call, const struct heads *heads) {
    const struct fovea_shape shape = *graph_shape(call->graph, call->output);
    const uint32_t steps = shape_size(&shape, 1), size = shape_size(&shape, 2);
    const struct fovea_shape many = SHAPE(heads->groups, heads->count / heads->groups, steps, size);
    const struct fovea_shape all = SHAPE(heads->count, steps, size);
    const int64_t step[] = {(int64_t)steps * size, 0, size, 1};
    return heads->groups == heads->count || (keras_rearranged(call, call->output, &many, step, 0) &&
                                             keras_shaped(call, call->output, &all, false));
}

/* The answers of all heads side by side: steps x (heads * size). */
static bool multiply_heads(struct layer_call *call, const struct heads *heads,
                           const struct attention *attention, uint32_t query, uint32_t key,
                           uint32_t value, uint32_t *weights) {
    const uint32_t order[3] = {1, 0, 2};
    const float scale = (float)(1 / keras_root((double)heads->key));
    uint64_t width = (uint64_t)heads->count * heads->key;
    uint32_t q, k;
    if (!project(call, "query_dense", heads->bias, query, width) ||
        !keras_scaled(call, call->output, scale, 0) || !split_heads(call, heads->count, heads->key))
        return false;
    q = call->output;
    if (!project(call, "key_dense", heads->bias, key, (uint64_t)heads->groups * heads->key) ||
        !split_heads(call, heads->groups, heads->key) || !repeat_heads(call, heads))
        return false;
    k = call->output;
    if (!project(call, "value_dense", heads->bias, value, (uint64_t)heads->groups * heads->value) ||
        !split_heads(call, heads->groups, heads->value) || !repeat_heads(call, heads))
        return false;
    value = call->output;
    width = (uint64_t)heads->count * heads->value;
    if (!keras_product(call, q, k, true) ||
        !keras_attend(call, attention, call->output, value, weights))
        return false;
    const struct fovea_shape joined =
        SHAPE(shape_size(graph_shape(call->graph, call->output), 1), width);
    if (!keras_permuted(call, call->output, order) ||
        !keras_shaped(call, call->output, &joined, false))
        return false;
    if (!heads->gate) return true;
    const uint32_t answer = call->output;
    return project(call, "gate_dense", heads->bias, query, width) &&
           keras_tail(call, FOVEA_ACTIVATION_SIGMOID, 0, 0, 0) &&
           keras_combined(call, FOVEA_OP_MULTIPLY, answer, call->output);
}

static bool read_heads(struct layer_call *call, struct heads *heads) {
    const bool grouped = strncmp(call->class_name, "Group", 5) == 0;
    int64_t count, groups, key, value;
    const struct json *own = json_member(call->config, "value_dim");
    if (!keras_integer(call, grouped ? "num_query_heads" : "num_heads", 1, FOVEA_DIM_MAX, &count) ||
        !keras_integer(call, grouped ? "head_dim" : "key_dim", 1, FOVEA_DIM_MAX, &key) ||
        !keras_flag(call, "use_gate", false, &heads->gate) ||
        !keras_flag(call, "use_bias", true, &heads->bias))
        return false;
    groups = count;
    value = key;
    if (grouped && !keras_integer(call, "num_key_value_heads", 1, count, &groups)) return false;
    if (count % groups)
        return keras_fail(call, "K-072 its %lld heads are not a multiple of its %lld groups",
                          (long long)count, (long long)groups);
    if (!grouped && own && own->type != JSON_NULL &&
        !keras_integer(call, "value_dim", 1, FOVEA_DIM_MAX, &value))
        return false;
    heads->count = (uint32_t)count;
    heads->groups = (uint32_t)groups;
    heads->key = (uint32_t)key;
    heads->value = (uint32_t)value;
    return true;
}

/* Keras 3 has two ways to attend: only the longer one, taken for these, clears weights. */
static bool clears_weights(struct layer_call *call, const struct attention *attention,
                           bool *clear) {
    double dropout;
    if (!keras_number(call, "dropout", 0, &dropout)) return false;
    *clear = call->keras->generation >= 3 && (dropout > 0 || attention->scores);
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
    struct attention attention;
    uint32_t query, value, key, weights;
    uint64_t outputs = 1;
    if (!read_heads(call, &heads) || !keras_tensor_argument(call, 0, "query", &query) ||
        !keras_tensor_argument(call, 1, "value", &value))
        return false;
    key = value;
    if (key_argument.json && key_argument.json->type != JSON_NULL &&
        !keras_tensor_argument(call, 2, "key", &key))
        return false;
    if (!keras_read_attention(call, 3, query, value, key, &attention) ||
        !clears_weights(call, &attention, &attention.clear))
        return false;
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
    return multiply_heads(call, &heads, &attention, query, key, value, &weights) &&
           project(call, "output_dense", heads.bias, call->output, outputs) &&
           keras_shaped(call, call->output, &result, false) &&
           keras_give_scores(call, &attention, weights);
}
