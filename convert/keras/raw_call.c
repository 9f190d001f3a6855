/* Calls that no file holds as they are: operations of TensorFlow by name on values and constants, and layers
 * by class and settings, for what spells the same otherwise. */
#include <string.h>

#include "convert/keras/raw.h"

struct json *keras_json_add(struct layer_call *call, struct json *list, const char *key,
                            const struct json *value) {
    struct json *item = pool_get(call->keras->pool, 1, sizeof *item, call->keras->trouble);
    if (!item) return NULL;
    *item = *value;
    item->key = key;
    item->next = NULL;
    struct json **end = (struct json **)(uintptr_t)&list->first;
    while (*end) end = (struct json **)(uintptr_t) & (*end)->next;
    *end = item;
    list->count++;
    return item;
}

bool keras_draft_tensor(struct layer_call *call, struct keras_draft *draft, struct json *list,
                        const char *key, uint32_t value) {
    const struct json null = {.type = JSON_NULL};
    if (draft->tensors == KERAS_DRAFT_TENSORS)
        return keras_fail(call, "K-337 a function of it takes more than %d tensors",
                          KERAS_DRAFT_TENSORS);
    struct json *placed = keras_json_add(call, list, key, &null);
    if (!placed) return false;
    draft->refs[draft->tensors].at = placed;
    draft->values[draft->tensors++] = value;
    return true;
}

bool keras_operate(struct layer_call *call, const char *function, struct keras_draft *draft) {
    struct json node = {.type = JSON_OBJECT}, config = {.type = JSON_OBJECT};
    const struct json name = {.type = JSON_STRING, .text = function, .length = strlen(function)};
    struct layer_call inner = *call;
    draft->args.type = JSON_ARRAY;
    draft->kwargs.type = JSON_OBJECT;
    if (!keras_json_add(call, &config, "function", &name) ||
        !keras_json_add(call, &node, "args", &draft->args) ||
        !keras_json_add(call, &node, "kwargs", &draft->kwargs))
        return false;
    inner.class_name = "TFOpLambda";
    inner.config = &config;
    inner.node = &node;
    inner.inputs = draft->values;
    inner.refs = draft->refs;
    inner.ref_values = draft->values;
    inner.input_count = inner.ref_count = draft->tensors;
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
    inner.inputs = inner.ref_values = &input;
    inner.input_count = inner.ref_count = 1;
    inner.output_count = 0;
    if (!keras_wants_first(&inner, keras_layer_order(class_name), &inner.first)) return false;
    input = keras_ordered(call->keras, input, inner.first, call->name);
    if (input == GRAPH_NONE || !convert(&inner) ||
        !keras_mark_first(call->keras, inner.output, inner.first))
        return false;
    call->output = keras_ordered(call->keras, inner.output, false, call->name);
    return call->output != GRAPH_NONE;
}
