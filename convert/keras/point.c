/* Scaling by the config. */
#include "convert/keras/build.h"

/* A number, or a list of one number a channel. */
static bool read_channels(struct layer_call *call, const char *key, const struct json *fallback,
                          uint32_t channels, float *out) {
    const struct json *json = json_member(call->config, key);
    if (!json) json = fallback;
    if (json && json->type == JSON_OBJECT) json = json_member(json_member(json, "config"), "value");
    bool list = json && json->type == JSON_ARRAY;
    if (list && json->count == 1) {
        json = json->first;
        list = false;
    }
    if (list && json->count != channels)
        return keras_fail(call, "K-140 its '%s' has %zu numbers for %u channels", key, json->count,
                          channels);
    const struct json *item = list ? json->first : json;
    for (uint32_t c = 0; c < channels; c++) {
        if (!item || item->type != JSON_NUMBER)
            return keras_fail(call, "K-141 its '%s' is not a number", key);
        out[c] = (float)item->number;
        if (list) item = item->next;
    }
    return true;
}

bool keras_rescaling(struct layer_call *call) {
    const struct json zero = {.type = JSON_NUMBER};
    if (!keras_one_input(call, 0)) return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (shape_rank(shape) < 1) return keras_fail(call, "K-142 its input is a single number");
    uint32_t channels = shape_from_end(shape, 0);
    float *scale = keras_floats(call, channels), *offset = keras_floats(call, channels);
    if (!scale || !offset || !read_channels(call, "scale", NULL, channels, scale) ||
        !read_channels(call, "offset", &zero, channels, offset))
        return false;
    return keras_affine_last(call, call->inputs[0], scale, offset);
}
