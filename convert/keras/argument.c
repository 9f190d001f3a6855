/* The arguments of a call.
 *
 * Keras 3: {"args": [...], "kwargs": {...}}. Keras 2: the first argument, with the others by name in an
 * object that each tensor in it carries: ["layer", 0, 0, {"y": 2.0}] or a list of these; a number in the
 * first place is ["_CONSTANT_VALUE", -1, 2.0, {"y": ["layer", 0, 0]}]. */
#include <string.h>

#include "convert/keras/raw.h"

static const struct json *by_name(const struct json *object, const char *names) {
    for (const char *name = names; name; name = strchr(name, '|')) {
        char key[48];
        if (*name == '|') name++;
        size_t length = strcspn(name, "|");
        if (length >= sizeof key) continue;
        memcpy(key, name, length);
        key[length] = 0;
        const struct json *member = json_member(object, key);
        if (member) return member;
    }
    return NULL;
}

static const struct json *as_list(const struct json *json) {
    const struct json *items = json_member(json, "items");
    return items && json_is(json_member(json, "class_name"), "__tuple__") ? items : json;
}

static bool is_constant(const struct json *json) {
    return json_is(json_item(json, 0), "_CONSTANT_VALUE");
}

static uint32_t tensor_at(const struct layer_call *call, const struct json *json) {
    for (uint32_t i = 0; call->refs && i < call->ref_count; i++)
        if (call->refs[i].at == json) return call->ref_values[i];
    return GRAPH_NONE;
}

/* The arguments by name; NULL: none. */
static const struct json *named_of(const struct layer_call *call) {
    const struct json *node = call->node;
    if (!node || node->type == JSON_OBJECT) return json_member(node, "kwargs");
    const bool single = is_constant(node) || tensor_at(call, node) != GRAPH_NONE;
    return json_item(single ? node : json_item(node, 0), 3);
}

/* Notes that the converting function knows this one of them. */
static const struct json *ask(const struct layer_call *call, const char *names) {
    const struct json *named = named_of(call), *found = named ? by_name(named, names) : NULL;
    uint64_t bit = 1;
    if (!found) return NULL;
    for (const struct json *item = named->first; item && item != found; item = item->next)
        bit <<= 1;
    if (call->asked) *call->asked |= bit;
    return found;
}

bool keras_all_asked(struct layer_call *call) {
    static const char *const harmless[] = {"name", "dtype", "dtype_hint"};
    const struct json *named = named_of(call);
    uint64_t bit = 1;
    if (!named || named->type != JSON_OBJECT) return true;
    for (const struct json *item = named->first; item; item = item->next, bit <<= 1) {
        bool known = *call->asked & bit || item->type == JSON_NULL || item->type == JSON_FALSE;
        for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
            known |= strcmp(item->key, harmless[i]) == 0;
        if (!known) return keras_fail(call, "K-700 its argument '%s' is not supported", item->key);
    }
    return true;
}

struct keras_argument keras_argument(const struct layer_call *call, size_t position,
                                     const char *names) {
    struct keras_argument argument = {by_name(call->config, names), GRAPH_NONE};
    const struct json *node = call->node;
    if (argument.json) return argument;
    if (node && node->type == JSON_OBJECT) {
        argument.json = ask(call, names);
        if (!argument.json) argument.json = json_item(json_member(node, "args"), position);
    } else if (node) {
        argument.json = position == 0 ? node : ask(call, names);
        if (argument.json && is_constant(argument.json))
            argument.json = json_item(argument.json, 2);
    }
    if (argument.json) argument.value = tensor_at(call, argument.json);
    return argument;
}

bool keras_tensor_argument(struct layer_call *call, size_t position, const char *names,
                           uint32_t *value) {
    struct keras_argument argument = keras_argument(call, position, names);
    *value = argument.value;
    /* A list of one tensor is what Keras 2 may write for a tensor. */
    if (*value == GRAPH_NONE && argument.json && argument.json->type == JSON_ARRAY &&
        argument.json->count == 1)
        *value = tensor_at(call, argument.json->first);
    return *value != GRAPH_NONE || keras_fail(call, "K-049 its argument '%.*s' is not a tensor",
                                              (int)strcspn(names, "|"), names);
}

bool keras_number_argument(struct layer_call *call, size_t position, const char *names,
                           double fallback, double *number) {
    struct keras_argument argument = keras_argument(call, position, names);
    const struct json *json = argument.json;
    *number = fallback;
    if (!json || json->type == JSON_NULL) return true;
    if (argument.value != GRAPH_NONE || json->type != JSON_NUMBER)
        return keras_fail(call, "K-050 its argument '%.*s' is not a number",
                          (int)strcspn(names, "|"), names);
    *number = json->number;
    return true;
}

bool keras_flag_argument(struct layer_call *call, size_t position, const char *names, bool *flag) {
    const struct json *json = keras_argument(call, position, names).json;
    *flag = json && !keras_is_off(json);
    return !json || json->type == JSON_TRUE || json->type == JSON_NUMBER || keras_is_off(json) ||
           keras_fail(call, "K-051 its argument '%.*s' is neither true nor false",
                      (int)strcspn(names, "|"), names);
}

const struct json *keras_list_argument(const struct layer_call *call, size_t position,
                                       const char *names) {
    const struct json *json = keras_argument(call, position, names).json;
    return json && json->type != JSON_NULL ? as_list(json) : NULL;
}

bool keras_tensors_argument(struct layer_call *call, const char *names, uint32_t **values,
                            uint32_t *count) {
    const struct json *list = keras_list_argument(call, 0, names);
    *count = 0;
    if (!list || list->type != JSON_ARRAY || list->count == 0)
        return keras_fail(call, "K-052 its first argument is not a list of tensors");
    *values = pool_get(call->keras->pool, list->count, sizeof **values, call->keras->trouble);
    if (!*values) return false;
    for (const struct json *item = list->first; item; item = item->next) {
        (*values)[*count] = tensor_at(call, item);
        if ((*values)[(*count)++] == GRAPH_NONE)
            return keras_fail(call, "K-053 its first argument is not a list of tensors");
    }
    return true;
}

bool keras_read_integers(struct layer_call *call, const struct json *json, int64_t open,
                         int64_t *numbers, uint32_t *count) {
    const struct json *item = json && json->type == JSON_ARRAY ? json->first : json;
    *count = 0;
    for (; item; item = json->type == JSON_ARRAY ? item->next : NULL) {
        bool null = item->type == JSON_NULL;
        if (*count > FOVEA_RANK_MAX || (!null && (item->type != JSON_NUMBER || !item->integral)))
            return keras_fail(call, "K-054 an argument of it is not a short list of integers");
        numbers[(*count)++] = null ? open : item->integer;
    }
    return *count > 0 || keras_fail(call, "K-055 it lacks an argument");
}

bool keras_read_axis(struct layer_call *call, size_t position, int64_t fallback, uint32_t rank,
                     uint32_t *axis) {
    const struct json *json = keras_list_argument(call, position, "axis|dim");
    int64_t stated[FOVEA_RANK_MAX + 1] = {fallback};
    uint32_t count = 1;
    if (json && !keras_read_integers(call, json, 0, stated, &count)) return false;
    if (count != 1) return keras_fail(call, "K-056 it has several axes");
    if (stated[0] == 0 || stated[0] == -1 - (int64_t)rank)
        return keras_fail(call, "K-057 it works along the batch");
    return keras_axis(call, stated[0], rank, axis);
}

/* ---- constants ---- */

/* The shape of nested lists, from the first item of each. */
static bool list_shape(struct layer_call *call, const struct json *json, struct fovea_shape *shape,
                       uint64_t *count) {
    *shape = SHAPE_SCALAR;
    *count = 1;
    for (; json && json->type == JSON_ARRAY; json = as_list(json->first)) {
        shape_append(shape, json->count);
        if (!shape_is_possible(shape))
            return keras_fail(call, "K-058 a constant of it is out of range");
        *count = fovea_product(*count, json->count);
        if (*count > FOVEA_ELEMENTS_MAX)
            return keras_fail(call, "K-059 a constant of it is too large");
    }
    return true;
}

/* The numbers of nested lists, in order; exactly `count`. */
static bool list_numbers(struct layer_call *call, const struct json *json, float *numbers,
                         uint64_t count) {
    const struct json *stack[JSON_DEPTH_MAX + 2], *all = json;
    int top = 0;
    uint64_t have = 0;
    stack[top++] = all;
    while (top > 0) {
        const struct json *at = stack[--top];
        if (!at) continue;
        if (at != all && at->next) stack[top++] = at->next;
        at = as_list(at);
        if (at->type == JSON_ARRAY)
            stack[top++] = at->first;
        else if (at->type == JSON_NUMBER && have < count)
            numbers[have++] = (float)at->number;
        else
            return keras_fail(call, "K-060 a constant of it is not an array of numbers");
    }
    return have == count || keras_fail(call, "K-061 a constant of it has rows of different length");
}

bool keras_constant_argument(struct layer_call *call, const struct json *json, uint32_t rank) {
    struct fovea_shape shape;
    uint64_t count;
    const struct json *value = json_member(json_member(json, "config"), "value");
    if (value) json = value; /* {"class_name": "__numpy__" or "__tensor__", "config": {"value"}} */
    if (!json) return keras_fail(call, "K-062 it lacks an argument");
    json = as_list(json);
    if (!list_shape(call, json, &shape, &count)) return false;
    float *numbers = keras_floats(call, count);
    if (!numbers || !list_numbers(call, json, numbers, count)) return false;
    if (shape_rank(&shape) == rank + 1) { /* the batch, which here is not there */
        if (shape_size(&shape, 0) != 1)
            return keras_fail(call, "K-063 a constant of it has a batch of its own");
        shape_remove(&shape, 0);
    }
    if (shape_rank(&shape) > rank)
        return keras_fail(call, "K-064 a constant of it has too many dimensions");
    const struct source source = source_floats(numbers, count);
    return keras_constant(call, &source, &shape);
}
