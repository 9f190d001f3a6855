/* Layers that change the size of a picture. */
#include <string.h>

#include "convert/keras/keras.h"

static bool add_resize(struct layer_call *call, uint32_t input, uint32_t height, uint32_t width,
                       enum fovea_filter filter) {
    const struct fovea_shape *shape = graph_shape(call->graph, input);
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {height, width, (uint32_t)filter, 0};
    call->output = input;
    if (shape->dims[0] == height && shape->dims[1] == width) return true;
    return keras_step(call, FOVEA_OP_RESIZE, input, NULL, 0, words);
}

static bool read_filter(struct layer_call *call, const char *fallback, enum fovea_filter *filter) {
    const char *name;
    if (!keras_text(call, "interpolation", fallback, &name)) return false;
    *filter = strcmp(name, "nearest") == 0 ? FOVEA_FILTER_NEAREST : FOVEA_FILTER_BILINEAR;
    return *filter == FOVEA_FILTER_NEAREST || strcmp(name, "bilinear") == 0 ||
           keras_fail(call, "K-211 interpolation '%s' is not supported", name);
}

/* Each number `times` times along dimension `axis`. */
static bool repeat(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t times) {
    const struct fovea_shape from = *graph_shape(call->graph, input);
    struct fovea_shape split = {3, {1, times, 1}}, to = from;
    uint64_t size = (uint64_t)from.dims[axis] * times, before = 1, run = 1;
    for (uint32_t i = 0; i <= axis; i++) before *= from.dims[i];
    for (uint32_t i = axis + 1; i < from.rank; i++) run *= from.dims[i];
    if (size > FOVEA_DIM_MAX || before > FOVEA_DIM_MAX || run > FOVEA_DIM_MAX)
        return keras_fail(call, "K-212 its output is too large");
    const int64_t steps[] = {(int64_t)run, 0, 1};
    split.dims[0] = (uint32_t)before;
    split.dims[2] = (uint32_t)run;
    to.dims[axis] = (uint32_t)size;
    return keras_rearranged(call, input, &split, steps, 0) &&
           keras_shaped(call, call->output, &to, false);
}

bool keras_up_sampling(struct layer_call *call) {
    uint32_t times[3], picture;
    enum fovea_filter filter = FOVEA_FILTER_NEAREST;
    if (!keras_picture(call, &picture) || !keras_channels_last(call) ||
        !keras_sizes(call, "size", 1, times))
        return false;
    if (keras_spatial(call) == 3) {
        call->output = picture;
        for (uint32_t i = 0; i < 3; i++)
            if (!repeat(call, call->output, i, times[i])) return false;
        return true;
    }
    if (keras_spatial(call) == 2 && !read_filter(call, "nearest", &filter)) return false;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {times[1], times[2], (uint32_t)filter, 1};
    return keras_step(call, FOVEA_OP_RESIZE, picture, NULL, 0, words) && keras_unpicture(call);
}

/* ---- preprocessing ---- */

static bool read_target(struct layer_call *call, uint32_t target[2]) {
    int64_t height, width;
    if (!keras_one_input(call, 3) || !keras_channels_last(call) ||
        !keras_integer(call, "height", 1, FOVEA_DIM_MAX, &height) ||
        !keras_integer(call, "width", 1, FOVEA_DIM_MAX, &width))
        return false;
    target[0] = (uint32_t)height;
    target[1] = (uint32_t)width;
    return true;
}

/* The part of the input of size `size` whose middle is the input's; an odd rest is at the end. */
static bool crop_middle(struct layer_call *call, const uint32_t size[2]) {
    struct fovea_shape out = *keras_input_shape(call, 0);
    int64_t steps[FOVEA_RANK_MAX], base = 0;
    keras_steps(&out, steps);
    for (int i = 0; i < 2; i++) {
        base += (out.dims[i] - size[i]) / 2 * steps[i];
        out.dims[i] = size[i];
    }
    return keras_rearranged(call, call->inputs[0], &out, steps, base);
}

/* The largest part from the middle that has the target's sides, by Keras' formula. */
static bool crop_to_aspect(struct layer_call *call, const uint32_t target[2]) {
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    uint32_t size[2];
    for (int i = 0; i < 2; i++) {
        uint64_t side = (uint64_t)shape->dims[1 - i] * target[i] / target[1 - i];
        size[i] = side < 1 ? 1 : side < shape->dims[i] ? (uint32_t)side : shape->dims[i];
    }
    return crop_middle(call, size);
}

bool keras_resizing(struct layer_call *call) {
    uint32_t target[2];
    enum fovea_filter filter;
    bool crop, pad, antialias;
    if (!read_target(call, target) || !read_filter(call, "bilinear", &filter) ||
        !keras_flag(call, "crop_to_aspect_ratio", false, &crop) ||
        !keras_flag(call, "pad_to_aspect_ratio", false, &pad) ||
        !keras_flag(call, "antialias", false, &antialias))
        return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    bool same = shape->dims[0] == target[0] && shape->dims[1] == target[1];
    if (pad && !same) return keras_fail(call, "K-213 pad_to_aspect_ratio is not supported");
    call->output = call->inputs[0];
    if (crop && !crop_to_aspect(call, target)) return false;
    shape = graph_shape(call->graph, call->output);
    bool shrinks = shape->dims[0] > target[0] || shape->dims[1] > target[1];
    if (antialias && shrinks && filter != FOVEA_FILTER_NEAREST)
        return keras_fail(call, "K-214 antialias is not supported where a picture shrinks");
    return add_resize(call, call->output, target[0], target[1], filter);
}

bool keras_center_crop(struct layer_call *call) {
    uint32_t target[2];
    if (!read_target(call, target)) return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (shape->dims[0] >= target[0] && shape->dims[1] >= target[1])
        return crop_middle(call, target);
    return crop_to_aspect(call, target) &&
           add_resize(call, call->output, target[0], target[1], FOVEA_FILTER_BILINEAR);
}

/* Outside training: Keras 2, and 3 up to 3.5, crop to the target's sides and resize; since 3.8 the
 * picture stays as it is; in between lies a mixture. Keras 3 alone writes data_format. */
bool keras_random_crop(struct layer_call *call) {
    uint32_t target[2];
    if (!read_target(call, target)) return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    call->output = call->inputs[0];
    if (shape->dims[0] == target[0] && shape->dims[1] == target[1]) return true;
    const struct keras *keras = call->keras;
    bool third = keras_has(call, "data_format");
    if (third && (keras->generation != 3 || keras->release >= 30800)) return true;
    if (third && keras->release >= 30600)
        return keras_fail(call,
                          "K-215 outside training Keras 3.6 and 3.7 do here what fovea does not; "
                          "remove the layer");
    return crop_to_aspect(call, target) &&
           add_resize(call, call->output, target[0], target[1], FOVEA_FILTER_BILINEAR);
}
