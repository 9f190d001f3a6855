/* Layers that change the size of a picture. */
#include <string.h>

#include "convert/keras/build.h"

/* Along both axes, by the engine's own filters where it has the one. */
static bool add_resize(struct layer_call *call, uint32_t input, const uint32_t target[2],
                       const struct keras_filter *filter) {
    const struct fovea_shape shape = *graph_shape(call->graph, input);
    const bool nearest = strcmp(filter->name, "nearest") == 0;
    const bool bilinear = strcmp(filter->name, "bilinear") == 0;
    const bool shrinks = shape_size(&shape, 0) > target[0] || shape_size(&shape, 1) > target[1];
    const uint32_t kind = nearest ? FOVEA_FILTER_NEAREST : FOVEA_FILTER_BILINEAR;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_RESIZING_HEIGHT] = target[0],
                                                  [FOVEA_RESIZING_WIDTH] = target[1],
                                                  [FOVEA_RESIZING_FILTER] = kind};
    if (shape_size(&shape, 0) == target[0] && shape_size(&shape, 1) == target[1])
        return keras_pinned(call, input);
    call->output = input;
    bool plain = !filter->legacy && !filter->corners && (nearest || !filter->antialias || !shrinks);
    if (plain && (nearest || bilinear))
        return keras_step(call, FOVEA_OP_RESIZE, input, NULL, 0, words);
    for (uint32_t axis = 0; axis < 2; axis++)
        if (target[axis] != shape_size(&shape, axis) &&
            !keras_filtered(call, call->output, axis, target[axis], filter))
            return false;
    return true;
}

static bool read_filter(struct layer_call *call, const char *fallback, const char **name) {
    return keras_text(call, "interpolation", fallback, name) &&
           (strcmp(*name, "nearest") == 0 || keras_filter_known(*name) ||
            keras_fail(call, "K-211 interpolation '%s' is not supported", *name));
}

/* Each number `times` times along dimension `axis`. */
static bool repeat(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t times) {
    const struct fovea_shape from = *graph_shape(call->graph, input);
    const uint64_t run = shape_product(&from, axis + 1, FOVEA_RANK_MAX);
    const struct fovea_shape split = SHAPE(shape_product(&from, 0, axis + 1), times, run);
    struct fovea_shape to = from;
    shape_replace(&to, axis, (uint64_t)shape_size(&from, axis) * times);
    if (!shape_is_possible(&split) || !shape_is_possible(&to))
        return keras_fail(call, "K-212 its output is too large");
    const int64_t steps[] = {(int64_t)run, 0, 1};
    return keras_rearranged(call, input, &split, steps, 0) &&
           keras_shaped(call, call->output, &to, false);
}

/* Keras 2.2 and 2.3 called TensorFlow 1's resize_bilinear, whose outputs begin where inputs do. What is called
 * "-tf" is TensorFlow's own Keras. */
static bool is_legacy(const struct keras *keras) {
    return keras->generation == 2 && keras->release < 20400 && !strstr(keras->version, "-tf");
}

bool keras_up_sampling(struct layer_call *call) {
    uint32_t times[3], picture;
    struct keras_filter filter = {.name = "nearest"};
    if (!keras_picture(call, &picture) || !keras_channels_last(call) ||
        !keras_sizes(call, "size", 1, times))
        return false;
    if (keras_spatial(call) == 3) {
        call->output = picture;
        for (uint32_t i = 0; i < 3; i++)
            if (!repeat(call, call->output, i, times[i])) return false;
        return true;
    }
    if (keras_spatial(call) == 2 && !read_filter(call, "nearest", &filter.name)) return false;
    bool nearest = strcmp(filter.name, "nearest") == 0;
    filter.legacy = is_legacy(call->keras);
    filter.table = call->keras->generation < 3;
    if (nearest || (strcmp(filter.name, "bilinear") == 0 && !filter.legacy)) {
        const uint32_t kind = nearest ? FOVEA_FILTER_NEAREST : FOVEA_FILTER_BILINEAR;
        const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_RESIZING_HEIGHT] = times[1],
                                                      [FOVEA_RESIZING_WIDTH] = times[2],
                                                      [FOVEA_RESIZING_FILTER] = kind,
                                                      [FOVEA_RESIZING_RELATIVE] = 1};
        return keras_step(call, FOVEA_OP_RESIZE, picture, NULL, 0, words) && keras_unpicture(call);
    }
    const struct fovea_shape *shape = graph_shape(call->graph, picture);
    const uint64_t high = (uint64_t)shape_size(shape, 0) * times[1];
    const uint64_t wide = (uint64_t)shape_size(shape, 1) * times[2];
    if (high > FOVEA_DIM_MAX || wide > FOVEA_DIM_MAX)
        return keras_fail(call, "K-308 its output is too large");
    const uint32_t target[2] = {(uint32_t)high, (uint32_t)wide};
    return add_resize(call, picture, target, &filter);
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
static bool crop_middle(struct layer_call *call, uint32_t input, const uint32_t size[2]) {
    struct fovea_shape out = *graph_shape(call->graph, input);
    int64_t steps[FOVEA_RANK_MAX], base = 0;
    shape_steps(&out, steps);
    for (uint32_t d = 0; d < 2; d++) {
        base += ((int64_t)shape_size(&out, d) - size[d]) / 2 * steps[d];
        shape_replace(&out, d, size[d]);
    }
    return keras_rearranged(call, input, &out, steps, base);
}

/* The largest part from the middle that has the target's sides, by Keras' formula. */
static bool crop_to_aspect(struct layer_call *call, uint32_t input, const uint32_t target[2]) {
    const struct fovea_shape *shape = graph_shape(call->graph, input);
    uint32_t size[2];
    for (uint32_t d = 0; d < 2; d++) {
        const uint32_t have = shape_size(shape, d);
        uint64_t side = (uint64_t)shape_size(shape, 1 - d) * target[d] / target[1 - d];
        size[d] = side < 1 ? 1 : side < have ? (uint32_t)side : have;
    }
    return crop_middle(call, input, size);
}

/* Filled up around the middle until it has the target's sides. Keras puts as much behind as before. */
static bool pad_to_aspect(struct layer_call *call, uint32_t input, const uint32_t target[2],
                          double fill) {
    const struct fovea_shape shape = *graph_shape(call->graph, input);
    call->output = input;
    if (fill != 0 && !keras_scaled(call, input, 1, (float)-fill)) return false;
    for (uint32_t i = 0; i < 2; i++) {
        const uint64_t have = shape_size(&shape, i);
        const uint64_t side = (uint64_t)shape_size(&shape, 1 - i) * target[i] / target[1 - i];
        const uint64_t before = side > have ? (side - have) / 2 : 0;
        if (before > FOVEA_STEP_MAX) return keras_fail(call, "K-309 its output is too large");
        if (before && !keras_padded(call, call->output, i, (uint32_t)before, (uint32_t)before,
                                    KERAS_BORDER_ZERO))
            return false;
    }
    return fill == 0 || keras_scaled(call, call->output, 1, (float)fill);
}

bool keras_resized(struct layer_call *call, uint32_t input, const struct keras_resize *resize) {
    const struct fovea_shape *shape = graph_shape(call->graph, input);
    if (shape_size(shape, 0) == resize->target[0] && shape_size(shape, 1) == resize->target[1])
        return keras_pinned(call, input);
    call->output = input;
    if (resize->crop && !crop_to_aspect(call, input, resize->target)) return false;
    if (resize->pad && !pad_to_aspect(call, input, resize->target, resize->fill)) return false;
    return add_resize(call, call->output, resize->target, &resize->filter);
}

bool keras_resizing(struct layer_call *call) {
    struct keras_resize resize = {.filter = {.table = call->keras->generation < 3}};
    return read_target(call, resize.target) && read_filter(call, "bilinear", &resize.filter.name) &&
           keras_flag(call, "crop_to_aspect_ratio", false, &resize.crop) &&
           keras_flag(call, "pad_to_aspect_ratio", false, &resize.pad) &&
           keras_flag(call, "antialias", false, &resize.filter.antialias) &&
           keras_number(call, "fill_value", 0, &resize.fill) &&
           keras_resized(call, call->inputs[0], &resize);
}

static const struct keras_filter bilinear = {.name = "bilinear"};

bool keras_center_crop(struct layer_call *call) {
    uint32_t target[2];
    if (!read_target(call, target)) return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    if (shape_size(shape, 0) >= target[0] && shape_size(shape, 1) >= target[1])
        return crop_middle(call, call->inputs[0], target);
    return crop_to_aspect(call, call->inputs[0], target) &&
           add_resize(call, call->output, target, &bilinear);
}

/* Outside training: Keras 2, and 3 up to 3.5, crop to the target's sides and resize; since 3.8 the
 * picture stays as it is; in between lies a mixture. Keras 3 alone writes data_format. */
bool keras_random_crop(struct layer_call *call) {
    uint32_t target[2];
    if (!read_target(call, target)) return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    const struct keras *keras = call->keras;
    bool third = keras_has(call, "data_format");
    call->output = call->inputs[0];
    if (third && (keras->generation != 3 || keras->release >= 30800)) return true;
    if (shape_size(shape, 0) == target[0] && shape_size(shape, 1) == target[1])
        return keras_pinned(call, call->inputs[0]);
    bool unknown = strchr(keras->version, '.') == NULL; /* a config apart does not say */
    if (third && (unknown || keras->release >= 30600))
        return keras_fail(call,
                          "K-215 outside training its answer depends on the version of Keras 3 "
                          "that wrote it, and that of 3.6 and 3.7 is not supported; remove it");
    return crop_to_aspect(call, call->inputs[0], target) &&
           add_resize(call, call->output, target, &bilinear);
}
