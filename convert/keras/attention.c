/* Attention of one head, and what all kinds of attention share: masks of scores. */
#include "convert/keras/attention.h"

#include <string.h>

#include "convert/keras/raw.h"

/* ---- masks ---- */

/* Argument `name` as a mask; that of `value` where the call says nothing. */
static bool find_mask(struct layer_call *call, const char *name, uint32_t value, uint32_t *mask) {
    const struct keras_argument argument = keras_argument(call, SIZE_MAX, name);
    *mask = argument.value != GRAPH_NONE ? argument.value
            : value == GRAPH_NONE        ? GRAPH_NONE
                                         : keras_mask_of(call->keras, value);
    return argument.value != GRAPH_NONE || !argument.json || argument.json->type == JSON_NULL ||
           keras_fail(call, "K-065 its '%s' is not a tensor", name);
}

static bool is_true(const struct json *json) {
    return json && !keras_is_off(json);
}

bool keras_read_attention(struct layer_call *call, size_t known, uint32_t query, uint32_t value,
                          uint32_t key, struct attention *attention) {
    const bool automatic =
        call->keras->release >= 21000; /* TensorFlow's until 2.9 asked for them */
    const struct json *all = json_member(call->node, "args"), *item = json_item(all, known);
    const struct json *window = json_member(call->config, "sliding_window");
    *attention = (struct attention){.window = 0};
    for (; item; item = item->next)
        if (is_true(item))
            return keras_fail(call, "K-066 its argument %zu is not supported", known + 1);
    attention->causal = is_true(keras_argument(call, SIZE_MAX, "use_causal_mask").json) ||
                        is_true(json_member(call->config, "causal"));
    attention->scores = is_true(keras_argument(call, SIZE_MAX, "return_attention_scores").json);
    if (window && window->type == JSON_NUMBER && window->integral) {
        if (window->integer < 1 || window->integer > FOVEA_DIM_MAX)
            return keras_fail(call, "K-486 its 'sliding_window' is out of range");
        attention->window = (uint32_t)window->integer;
    }
    return find_mask(call, "query_mask", automatic ? query : GRAPH_NONE, &attention->query) &&
           find_mask(call, "value_mask", automatic ? value : GRAPH_NONE, &attention->value) &&
           find_mask(call, "key_mask", automatic ? key : GRAPH_NONE, &attention->key) &&
           find_mask(call, "attention_mask", GRAPH_NONE, &attention->mask);
}

/* *all = both where there are two. */
static bool both(struct layer_call *call, uint32_t mask, uint32_t *all) {
    if (*all == GRAPH_NONE) {
        *all = mask;
        return true;
    }
    if (!keras_combined(call, FOVEA_OP_MINIMUM, *all, mask)) return false;
    *all = call->output;
    return true;
}

/* A mask of steps as a row or a column beside the scores. */
static bool add_line(struct layer_call *call, uint32_t mask, bool column, uint32_t *all) {
    if (mask == GRAPH_NONE) return true;
    struct fovea_shape shape = *graph_shape(call->graph, mask);
    if (shape_rank(&shape) != 1)
        return keras_fail(call, "K-487 its mask does not have one number for each step");
    shape_insert(&shape, column ? 1 : 0, 1);
    return keras_shaped(call, mask, &shape, false) && both(call, call->output, all);
}

/* Which keys a query may look at by its place. */
static bool add_places(struct layer_call *call, const struct attention *attention, uint32_t queries,
                       uint32_t keys, uint32_t *all) {
    const uint64_t count = (uint64_t)queries * keys;
    const struct fovea_shape shape = SHAPE(queries, keys);
    float *numbers = keras_floats(call, count);
    if (!numbers || !pool_spend(call->keras->pool, count, call->keras->trouble)) return false;
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t q = i / keys, k = i % keys, apart = q > k ? q - k : k - q;
        numbers[i] =
            (!attention->causal || k <= q) && (attention->window == 0 || apart < attention->window);
    }
    const struct source source = source_floats(numbers, count);
    return keras_constant(call, &source, &shape) && both(call, call->output, all);
}

/* Scores of what does not count fall below all others. */
static bool hide(struct layer_call *call, uint32_t scores, uint32_t mask) {
    if (!keras_combined(call, FOVEA_OP_KEEP, scores, mask)) return false;
    const uint32_t kept = call->output;
    return keras_scaled(call, mask, 1e9f, -1e9f) &&
           keras_combined(call, FOVEA_OP_ADD, kept, call->output);
}

bool keras_attend(struct layer_call *call, const struct attention *attention, uint32_t scores,
                  uint32_t value, uint32_t *weights) {
    const struct fovea_shape shape = *graph_shape(call->graph, scores);
    const uint32_t last = shape_last_mask(&shape);
    uint32_t mask = attention->mask;
    if (!add_line(call, attention->query, true, &mask) ||
        !add_line(call, attention->value, false, &mask) ||
        (attention->key != attention->value && !add_line(call, attention->key, false, &mask)))
        return false;
    if ((attention->causal || attention->window) &&
        !add_places(call, attention, shape_from_end(&shape, 1), shape_from_end(&shape, 0), &mask))
        return false;
    if (mask != GRAPH_NONE) {
        if (!hide(call, scores, mask)) return false;
        scores = call->output;
    }
    if (!keras_rowwise(call, FOVEA_OP_SOFTMAX, scores, last, NULL, 0, NULL)) return false;
    if (mask != GRAPH_NONE && attention->clear &&
        !keras_combined(call, FOVEA_OP_KEEP, call->output, mask))
        return false;
    *weights = call->output;
    return keras_product(call, call->output, value, false);
}

bool keras_give_scores(struct layer_call *call, const struct attention *attention,
                       uint32_t weights) {
    if (!attention->scores) return true;
    call->outputs = pool_get(call->keras->pool, 2, sizeof(uint32_t), call->keras->trouble);
    if (!call->outputs) return false;
    call->outputs[0] = call->output;
    call->outputs[1] = weights;
    call->output_count = 2;
    return true;
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

/* The mask is a list of two, for query and value. */
static bool read_masks(struct layer_call *call, struct attention *attention) {
    const struct json *list = keras_argument(call, SIZE_MAX, "mask").json;
    if (!list || list->type != JSON_ARRAY) return true;
    for (uint32_t i = 0; i < call->ref_count; i++) {
        if (call->refs[i].at == json_item(list, 0)) attention->query = call->ref_values[i];
        if (call->refs[i].at == json_item(list, 1)) attention->value = call->ref_values[i];
    }
    return true;
}

static bool convert_attention(struct layer_call *call, bool additive) {
    struct attention attention;
    uint32_t weights, mask;
    if (call->input_count < 2 || call->input_count > 3)
        return keras_fail(call, "K-068 it takes a query, a value and maybe a key, not %u tensors",
                          call->input_count);
    uint32_t query = call->inputs[0], value = call->inputs[1];
    uint32_t key = call->input_count > 2 ? call->inputs[2] : value;
    if (!keras_read_attention(call, 1, query, value, GRAPH_NONE, &attention) ||
        !read_masks(call, &attention))
        return false;
    for (uint32_t i = 0; i < call->input_count; i++)
        if (shape_rank(keras_input_shape(call, i)) != 2)
            return keras_fail(call,
                              "K-069 its inputs do not have the dimensions steps and features");
    if (shape_size(keras_input_shape(call, 0), 1) != shape_size(graph_shape(call->graph, key), 1))
        return keras_fail(call, "K-070 its query and key have different widths");
    if (!(additive ? additive_scores(call, query, key) : attention_scores(call, query, key)))
        return false;
    mask = attention.query; /* here it hides steps of the answer, not scores */
    attention.query = attention.key = GRAPH_NONE;
    if (!keras_attend(call, &attention, call->output, value, &weights)) return false;
    const uint32_t answer = call->output;
    if (mask != GRAPH_NONE && (!keras_mask_column(call, mask) ||
                               !keras_combined(call, FOVEA_OP_KEEP, answer, call->output)))
        return false;
    return keras_give_scores(call, &attention, weights);
}

bool keras_attention(struct layer_call *call) {
    return convert_attention(call, false);
}
bool keras_additive_attention(struct layer_call *call) {
    return convert_attention(call, true);
}
