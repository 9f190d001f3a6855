/* Calls that no file holds as they are: operations of TensorFlow by name on values and constants, and layers
 * by class and settings, for what spells the same otherwise. */
#include <string.h>

#include "convert/keras/raw.h"

/* Puts a copy of `value` at the end of a list or object. */
static bool append(struct layer_call *call, struct json *list, const char *key,
                   const struct json *value, struct json **placed) {
    struct json *item = pool_get(call->keras->pool, 1, sizeof *item, call->keras->trouble);
    if (!item) return false;
    *item = *value;
    item->key = key;
    item->next = NULL;
    struct json **end = (struct json **)(uintptr_t)&list->first;
    while (*end) end = (struct json **)(uintptr_t) & (*end)->next;
    *end = item;
    list->count++;
    if (placed) *placed = item;
    return true;
}

bool keras_setting_add(struct layer_call *call, struct json *object, const char *key,
                       const struct json *value) {
    object->type = JSON_OBJECT;
    return append(call, object, key, value, NULL);
}

bool keras_item_add(struct layer_call *call, struct json *list, const struct json *value) {
    return append(call, list, NULL, value, NULL);
}

bool keras_operate(struct layer_call *call, const char *function,
                   const struct keras_argument *arguments, uint32_t count,
                   const struct json *settings) {
    struct json node = {.type = JSON_OBJECT}, args = {.type = JSON_ARRAY, .key = "args"};
    struct json config = {.type = JSON_OBJECT};
    const struct json null = {.type = JSON_NULL};
    const struct json name = {.type = JSON_STRING, .text = function, .length = strlen(function)};
    struct pool *pool = call->keras->pool;
    struct ref *refs = pool_get(pool, count, sizeof *refs, call->keras->trouble);
    uint32_t *values = pool_get(pool, count, sizeof *values, call->keras->trouble), tensors = 0;
    struct layer_call inner = *call;
    if (!refs || !values || !keras_setting_add(call, &config, "function", &name)) return false;
    for (uint32_t i = 0; i < count; i++) {
        struct json *placed;
        const bool tensor = arguments[i].value != GRAPH_NONE;
        if (!append(call, &args, NULL, tensor || !arguments[i].json ? &null : arguments[i].json,
                    &placed))
            return false;
        if (!tensor) continue;
        refs[tensors].at = placed;
        values[tensors++] = arguments[i].value;
    }
    if (!append(call, &node, "args", &args, NULL) ||
        (settings && !append(call, &node, "kwargs", settings, NULL)))
        return false;
    inner.class_name = "TFOpLambda";
    inner.config = &config;
    inner.node = &node;
    inner.inputs = values;
    inner.refs = refs;
    inner.input_count = tensors;
    inner.output_count = 0;
    if (!keras_raw_layer(&inner)) return false;
    call->output = inner.output;
    call->outputs = inner.outputs;
    call->output_count = inner.output_count;
    return true;
}

bool keras_applied(struct layer_call *call, const char *class_name, const struct json *config,
                   uint32_t input) {
    struct layer_call inner = *call;
    keras_layer *convert = keras_layer_of(class_name);
    inner.class_name = class_name;
    inner.config = config;
    inner.inputs = &input;
    inner.input_count = 1;
    inner.output_count = 0;
    if (!keras_wants_first(&inner, keras_layer_order(class_name), &inner.first)) return false;
    input = keras_ordered(call->keras, input, inner.first, call->name);
    if (input == GRAPH_NONE || !convert(&inner) ||
        !keras_mark_first(call->keras, inner.output, inner.first))
        return false;
    call->output = keras_ordered(call->keras, inner.output, false, call->name);
    return call->output != GRAPH_NONE;
}
