/* Numbers that stand for categories: CategoryEncoding, Discretization, IntegerLookup. */
#include <string.h>

#include "convert/keras/build.h"

/* A place for the numbers 0 .. count - 1, beside the others. */
static bool numbered(struct layer_call *call, const float *numbers, uint32_t count) {
    const struct fovea_shape line = SHAPE(count);
    const struct source source = source_floats(numbers, count);
    return keras_constant(call, &source, &line);
}

/* The value with a dimension more, of size 1. */
static bool upright(struct layer_call *call, uint32_t value) {
    struct fovea_shape shape = *graph_shape(call->graph, value);
    shape_append(&shape, 1);
    return keras_shaped(call, value, &shape, false);
}

/* call->output = a `op` b for each number of the value and each of the list, in a last dimension. */
static bool compare_all(struct layer_call *call, uint32_t op, uint32_t value, const float *list,
                        uint32_t count) {
    if (!upright(call, value)) return false;
    const uint32_t column = call->output;
    return numbered(call, list, count) && keras_combined(call, op, column, call->output);
}

/* The sum of the last dimension, each number with its weight; that dimension is gone afterwards. */
static bool sum_last(struct layer_call *call, const float *weights, uint32_t count) {
    struct source source = source_floats(weights, count);
    const struct source none = {.count = 0};
    source.exact = true; /* a sum of them is an index, or a token */
    if (!keras_linear(call, call->output, &source, &none, 1)) return false;
    struct fovea_shape shape = *graph_shape(call->graph, call->output);
    shape_remove(&shape, shape_rank(&shape) - 1);
    return keras_shaped(call, call->output, &shape, false);
}

/* Indices as what 'output_mode' says, of `depth` categories. */
static bool encode(struct layer_call *call, const char *mode, uint32_t depth) {
    const uint32_t value = call->output, rank = shape_rank(graph_shape(call->graph, value));
    const uint32_t mask = shape_last_mask(graph_shape(call->graph, value));
    if (strcmp(mode, "int") == 0) return true;
    const bool one = strcmp(mode, "one_hot") == 0, count = strcmp(mode, "count") == 0;
    if (!one && !count && strcmp(mode, "multi_hot") != 0)
        return keras_fail(call, "K-493 its 'output_mode' '%s' is not supported", mode);
    if (rank < 1 && !one) return keras_fail(call, "K-494 its input is a single number");
    float *list = keras_floats(call, depth);
    if (!list) return false;
    for (uint32_t i = 0; i < depth; i++) list[i] = (float)i;
    const uint32_t places = shape_from_end(graph_shape(call->graph, value), 0);
    if (!compare_all(call, FOVEA_OP_EQUAL, value, list, depth)) return false;
    if (rank < 1 || (one && places != 1)) return true;
    return count ? keras_reduced(call, FOVEA_OP_MEAN_POOL, call->output, mask, false) &&
                       keras_scaled(call, call->output, (float)places, 0)
                 : keras_reduced(call, FOVEA_OP_MAX_POOL, call->output, mask, false);
}

bool keras_category_encoding(struct layer_call *call) {
    const char *mode;
    int64_t depth;
    if (!keras_one_input(call, 0) || !keras_text(call, "output_mode", "multi_hot", &mode) ||
        !keras_integer(call, "num_tokens", 1, FOVEA_STEP_MAX, &depth))
        return false;
    call->output = call->inputs[0];
    return encode(call, mode, (uint32_t)depth);
}

/* The numbers of a list of the config. */
static bool read_list(struct layer_call *call, const char *key, float **numbers, uint32_t *count) {
    const struct json *list = json_member(call->config, key);
    if (!list || list->type != JSON_ARRAY || list->count == 0 || list->count > FOVEA_STEP_MAX)
        return keras_fail(call,
                          "K-495 the file does not list its '%s'; give them to the layer, "
                          "where it is made",
                          key);
    *count = (uint32_t)list->count;
    *numbers = keras_floats(call, list->count);
    if (!*numbers) return false;
    float *to = *numbers;
    for (const struct json *item = list->first; item; item = item->next) {
        if (item->type != JSON_NUMBER)
            return keras_fail(call, "K-496 its '%s' are not numbers", key);
        *to++ = (float)item->number;
    }
    return true;
}

/* How many boundaries a number has reached. */
bool keras_discretization(struct layer_call *call) {
    const char *mode;
    float *bounds, *ones;
    uint32_t count;
    if (!keras_one_input(call, 0) || !keras_text(call, "output_mode", "int", &mode) ||
        !read_list(call, "bin_boundaries", &bounds, &count) || !(ones = keras_floats(call, count)))
        return false;
    for (uint32_t i = 0; i < count; i++) ones[i] = 1;
    return compare_all(call, FOVEA_OP_GREATER_EQUAL, call->inputs[0], bounds, count) &&
           sum_last(call, ones, count) && encode(call, mode, count + 1);
}

/* Index to number: a table. */
static bool look_back(struct layer_call *call, const float *list, uint32_t count, uint32_t before,
                      bool mask, float mask_token) {
    double unknown;
    float *table = keras_floats(call, (uint64_t)count + before);
    if (!table || !keras_number(call, "oov_token", -1, &unknown)) return false;
    for (uint32_t i = 0; i < before; i++) table[i] = mask && i == 0 ? mask_token : (float)unknown;
    memcpy(table + before, list, count * sizeof *table);
    const struct source source = source_floats(table, (uint64_t)count + before);
    const struct fovea_shape shape = *keras_input_shape(call, 0);
    const uint32_t array = keras_plain_array(call, &source);
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {
        [FOVEA_GATHER_ROWS] = count + before, [FOVEA_GATHER_WIDTH] = 1};
    return keras_step(call, FOVEA_OP_GATHER, call->inputs[0], &array, 1, words) &&
           keras_shaped(call, call->output, &shape, false);
}

bool keras_integer_lookup(struct layer_call *call) {
    const char *mode;
    const struct json *mask = json_member(call->config, "mask_token");
    const bool masks = mask && mask->type == JSON_NUMBER;
    float *list, *weights;
    int64_t unknown;
    uint32_t count;
    bool invert, fill;
    if (!keras_one_input(call, 0) || !keras_text(call, "output_mode", "int", &mode) ||
        !keras_integer(call, "num_oov_indices", 0, FOVEA_STEP_MAX, &unknown) ||
        !keras_flag(call, "invert", false, &invert) ||
        !keras_flag(call, "pad_to_max_tokens", false, &fill) ||
        !read_list(call, "vocabulary", &list, &count))
        return false;
    const bool whole = strcmp(mode, "int") == 0;
    if ((unknown != 1 && !invert) || fill || (masks && !whole))
        return keras_fail(call,
                          "K-497 only one number per token, and one for all others, is supported");
    const uint32_t before =
        (uint32_t)unknown + masks; /* the mask is 0; what is unknown, behind it */
    if (invert) return look_back(call, list, count, before, masks, masks ? (float)mask->number : 0);
    if (!(weights = keras_floats(call, (uint64_t)count + 1))) return false;
    float *tokens = keras_floats(call, (uint64_t)count + 1);
    if (!tokens) return false;
    memcpy(tokens, list, count * sizeof *tokens);
    for (uint32_t i = 0; i < count; i++) weights[i] = (float)(i + 1); /* above what is unknown */
    if (masks) {
        tokens[count] = (float)mask->number;
        weights[count++] = -1;
    }
    return compare_all(call, FOVEA_OP_EQUAL, call->inputs[0], tokens, count) &&
           sum_last(call, weights, count) && keras_scaled(call, call->output, 1, (float)masks) &&
           encode(call, mode, count - masks + before);
}
