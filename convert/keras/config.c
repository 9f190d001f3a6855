/* What layer files ask of a layer's config, inputs and graph; errors name layer, class and key. */
#include <stdio.h>
#include <string.h>

#include "convert/keras/keras.h"

bool keras_fail(struct layer_call *call, const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, fovea_check_text(format), arguments);
    va_end(arguments);
    return fail_check(call->keras->trouble, format, "layer '%s' (%s): %s", call->name,
                      call->class_name, text);
}

/* The value in what some versions write for numpy scalars: {"class_name": "__numpy__", "config": {"value": x}}
 * or, the first ones, {"type": "ndarray", "value": x}. */
static const struct json *plain(const struct json *json) {
    if (!json || json->type != JSON_OBJECT) return json;
    if (json_is(json_member(json, "type"), "ndarray")) return json_member(json, "value");
    const struct json *value = json_member(json_member(json, "config"), "value");
    return value ? value : json;
}

bool keras_is_off(const struct json *json) {
    json = plain(json);
    return json && (json->type == JSON_FALSE || json->type == JSON_NULL ||
                    (json->type == JSON_NUMBER && json->number == 0));
}

bool keras_integer(struct layer_call *call, const char *key, int64_t low, int64_t high,
                   int64_t *value) {
    const struct json *json = plain(json_member(call->config, key));
    if (!json || json->type != JSON_NUMBER || !json->integral)
        return keras_fail(call, "K-094 its '%s' is not an integer", key);
    if (json->integer < low || json->integer > high)
        return keras_fail(call, "K-095 its '%s' of %lld is out of range", key,
                          (long long)json->integer);
    *value = json->integer;
    return true;
}

bool keras_number(struct layer_call *call, const char *key, double fallback, double *value) {
    const struct json *json = keras_setting(call, key);
    bool bound = fallback - fallback != 0; /* which is infinite, or null, where there is none */
    *value = fallback;
    if (!json || (bound && json->type == JSON_NULL)) return true;
    json = plain(json);
    if (!json || json->type != JSON_NUMBER)
        return keras_fail(call, "K-096 its '%s' is not a number", key);
    *value = json->number;
    float as_stored = (float)json->number;
    return bound || as_stored - as_stored == 0 ||
           keras_fail(call, "K-256 its '%s' is not a finite number", key);
}

bool keras_flag(struct layer_call *call, const char *key, bool fallback, bool *value) {
    const struct json *json = plain(keras_setting(call, key));
    *value = fallback;
    if (!json || json->type == JSON_NULL) return true;
    if (json->type != JSON_TRUE && json->type != JSON_FALSE && json->type != JSON_NUMBER)
        return keras_fail(call, "K-097 its '%s' is neither true nor false", key);
    *value = !keras_is_off(json); /* Python takes 1 for true */
    return true;
}

bool keras_text(struct layer_call *call, const char *key, const char *fallback, const char **text) {
    const struct json *json = json_member(call->config, key);
    /* Null is a text's default only where Keras has none, and the format's of the machine that trained. */
    bool open = !fallback || strcmp(key, "data_format") == 0;
    *text = fallback;
    if (!json || (open && json->type == JSON_NULL)) return true;
    if (json->type != JSON_STRING) return keras_fail(call, "K-098 its '%s' is not text", key);
    *text = json->text;
    return true;
}

const struct fovea_shape *keras_input_shape(const struct layer_call *call, uint32_t input) {
    return graph_shape(call->graph, call->inputs[input]);
}

bool keras_one_input(struct layer_call *call, uint32_t rank) {
    if (call->input_count != 1)
        return keras_fail(call, "K-099 it takes one input, not %u", call->input_count);
    uint32_t have = shape_rank(keras_input_shape(call, 0));
    if (rank && have != rank)
        return keras_fail(call, "K-100 its input has %u dimensions instead of %u", have, rank);
    return true;
}

bool keras_channels_last(struct layer_call *call) {
    const char *format;
    if (!keras_text(call, "data_format", "channels_last", &format)) return false;
    if (strcmp(format, call->first ? "channels_first" : "channels_last") != 0)
        return keras_fail(call, "K-101 data_format '%s' is not supported", format);
    return true;
}

bool keras_axis(struct layer_call *call, int64_t stated, uint32_t rank, uint32_t *axis) {
    int64_t at = stated < 0 ? stated + (int64_t)rank : stated - 1;
    if (at < 0 || at >= (int64_t)rank)
        return keras_fail(call, "K-102 its input has no axis %lld", (long long)stated);
    *axis = (uint32_t)at;
    if (call->first && rank > 1) *axis = shape_first_to_end(rank, *axis);
    return true;
}

float *keras_floats(struct layer_call *call, uint64_t count) {
    return pool_get(call->keras->pool, count, sizeof(float), call->keras->trouble);
}

bool keras_node(struct layer_call *call, uint32_t op, const uint32_t *inputs, uint32_t input_count,
                const uint32_t *arrays, uint32_t array_count, const uint32_t *attributes) {
    for (uint32_t i = 0; i < array_count; i++)
        if (arrays[i] == GRAPH_NONE) return false;
    call->output = graph_node(call->graph, op, call->name, inputs, input_count, arrays, array_count,
                              attributes);
    return call->output != GRAPH_NONE;
}

bool keras_step(struct layer_call *call, uint32_t op, uint32_t input, const uint32_t *arrays,
                uint32_t array_count, const uint32_t *attributes) {
    return keras_node(call, op, &input, 1, arrays, array_count, attributes);
}

/* ---- arrays ---- */

uint32_t keras_conv_array(struct layer_call *call, const struct source *source, size_t taps,
                          size_t inputs, size_t outputs, size_t groups) {
    struct array array = {.layout = ARRAY_CONV, .source = *source};
    array.taps = taps;
    array.inputs = inputs;
    array.outputs = outputs;
    array.groups = groups;
    array.count = (uint64_t)fovea_round_up(outputs / groups, FOVEA_BLOCK) * groups * taps * inputs;
    return graph_array(call->graph, &array);
}

uint32_t keras_depthwise_array(struct layer_call *call, const struct source *source, size_t taps,
                               size_t channels) {
    struct array array = {.layout = ARRAY_DEPTHWISE, .source = *source, .groups = 1};
    array.taps = taps;
    array.inputs = 1;
    array.outputs = channels;
    array.count = (uint64_t)fovea_round_up(channels, FOVEA_BLOCK) * taps;
    return graph_array(call->graph, &array);
}

uint32_t keras_bias_array(struct layer_call *call, const struct source *source, size_t outputs,
                          size_t groups) {
    struct array array = {.layout = ARRAY_BIAS, .source = *source, .taps = 1, .inputs = 1};
    array.outputs = outputs;
    array.groups = groups;
    array.count = (uint64_t)fovea_round_up(outputs / groups, FOVEA_BLOCK) * groups;
    return graph_array(call->graph, &array);
}

uint32_t keras_plain_array(struct layer_call *call, const struct source *source) {
    struct array array = {.layout = ARRAY_PLAIN,
                          .source = *source,
                          .taps = 1,
                          .inputs = 1,
                          .outputs = 1,
                          .groups = 1,
                          .count = source->count};
    return graph_array(call->graph, &array);
}
