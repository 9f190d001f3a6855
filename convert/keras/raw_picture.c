/* Raw operations on pictures whose layers have twins: sizes, pools, patches; and indices of what is largest. */
#include <string.h>

#include "convert/keras/raw.h"

#define PICTURE "images|image|x|inputs|input|value"

/* The channels-last form of a picture that the call may hand over otherwise; *first: it did. */
static bool last_form(struct layer_call *call, size_t position, uint32_t *input, bool *first) {
    const struct json *format = keras_argument(call, position, "data_format").json;
    const uint32_t order[] = {1, 2, 0};
    *first = json_is(format, "channels_first") || json_is(format, "NCHW");
    if (shape_rank(graph_shape(call->graph, *input)) != 3)
        return keras_fail(call, "K-311 its input is not a picture");
    if (!*first) return true;
    if (!keras_permuted(call, *input, order)) return false;
    *input = call->output;
    return true;
}

static bool given_form(struct layer_call *call, bool first) {
    const uint32_t order[] = {2, 0, 1};
    return !first || keras_permuted(call, call->output, order);
}

static bool word_argument(struct layer_call *call, size_t position, const char *names,
                          const char **word) {
    const struct json *json = keras_argument(call, position, names).json;
    if (!json || json->type == JSON_NULL) return true;
    if (json->type != JSON_STRING)
        return keras_fail(call, "K-312 its argument '%.*s' is not text", (int)strcspn(names, "|"),
                          names);
    *word = json->text;
    return true;
}

/* keras.ops.image.resize, tf.image.resize; with a parameter TensorFlow 1's function of that filter. */
bool raw_resize(struct layer_call *call, const char *parameter) {
    const bool old = *parameter != 0;
    struct keras_resize resize = {
        .filter = {.name = old ? parameter : "bilinear", .table = call->keras->generation < 3}};
    int64_t size[FOVEA_RANK_MAX + 1];
    uint32_t input, count;
    bool first, half = false, keep = false;
    if (!keras_tensor_argument(call, 0, PICTURE, &input) ||
        !keras_read_integers(call, keras_list_argument(call, 1, "size"), 0, size, &count) ||
        !keras_flag_argument(call, SIZE_MAX, "preserve_aspect_ratio", &keep) ||
        !keras_flag_argument(call, SIZE_MAX, "antialias", &resize.filter.antialias) ||
        !keras_flag_argument(call, SIZE_MAX, "crop_to_aspect_ratio", &resize.crop) ||
        !keras_flag_argument(call, SIZE_MAX, "pad_to_aspect_ratio", &resize.pad) ||
        !keras_flag_argument(call, SIZE_MAX, "align_corners", &resize.filter.corners) ||
        !keras_flag_argument(call, SIZE_MAX, "half_pixel_centers", &half) ||
        !keras_number_argument(call, SIZE_MAX, "fill_value", 0, &resize.fill) ||
        (!old && !word_argument(call, 2, "interpolation|method", &resize.filter.name)))
        return false;
    if (strcmp(resize.filter.name, "nearest") != 0 && !keras_filter_known(resize.filter.name))
        return keras_fail(call, "K-313 interpolation '%s' is not supported", resize.filter.name);
    if (keep) return keras_fail(call, "K-314 its 'preserve_aspect_ratio' is not supported");
    if (count != 2 || size[0] < 1 || size[1] < 1 || size[0] > FOVEA_DIM_MAX ||
        size[1] > FOVEA_DIM_MAX)
        return keras_fail(call, "K-315 its 'size' is out of range");
    resize.filter.legacy = old && !half && !resize.filter.corners;
    for (int i = 0; i < 2; i++) resize.target[i] = (uint32_t)size[i];
    return last_form(call, SIZE_MAX, &input, &first) && keras_resized(call, input, &resize) &&
           given_form(call, first);
}

/* A list of sizes without those of batch and channels that TensorFlow may state. */
static const struct json *inner_sizes(struct layer_call *call, const struct json *json,
                                      uint32_t spatial, bool first) {
    if (!json || json->type != JSON_ARRAY || json->count != spatial + 2u) return json;
    struct json *list = pool_get(call->keras->pool, 1, sizeof *list, call->keras->trouble);
    const struct json null = {.type = JSON_NULL};
    if (!list) return NULL;
    list->type = JSON_ARRAY;
    for (uint32_t i = 0; i < spatial; i++) {
        const struct json *item = json_item(json, i + 1u + first);
        if (!keras_json_add(call, list, NULL, item ? item : &null)) return NULL;
    }
    return list;
}

/* A pool without a layer: keras.ops' settings, or TensorFlow's. */
bool raw_pool(struct layer_call *call, const char *parameter) {
    static const char *const classes[2][3] = {
        {"AveragePooling1D", "AveragePooling2D", "AveragePooling3D"},
        {"MaxPooling1D", "MaxPooling2D", "MaxPooling3D"}};
    struct json config = {.type = JSON_OBJECT};
    const char *padding = "valid", *format = "channels_last";
    uint32_t input = GRAPH_NONE;
    if (!keras_tensor_argument(call, 0, PICTURE, &input) ||
        !word_argument(call, 3, "padding", &padding) ||
        !word_argument(call, 4, "data_format", &format))
        return false;
    const uint32_t rank = shape_rank(graph_shape(call->graph, input));
    if (rank < 2 || rank > 4) return keras_fail(call, "K-316 its input is not a picture");
    const uint32_t spatial = shape_first_to_end(rank, 0);
    const bool first = strncmp(format, "NC", 2) == 0 || strcmp(format, "channels_first") == 0;
    const bool same = strcmp(padding, "same") == 0 || strcmp(padding, "SAME") == 0;
    const struct json *sizes[2] = {keras_list_argument(call, 1, "pool_size|ksize"),
                                   keras_list_argument(call, 2, "strides")};
    const struct json text[2] = {
        {.type = JSON_STRING, .text = same ? "same" : "valid"},
        {.type = JSON_STRING, .text = first ? "channels_first" : "channels_last"}};
    if (!same && strcmp(padding, "valid") != 0 && strcmp(padding, "VALID") != 0)
        return keras_fail(call, "K-317 padding '%s' is not supported", padding);
    for (int i = 0; i < 2; i++) {
        if (!sizes[i]) continue;
        sizes[i] = inner_sizes(call, sizes[i], spatial, first);
        if (!sizes[i] || !keras_json_add(call, &config, i ? "strides" : "pool_size", sizes[i]))
            return false;
    }
    return keras_json_add(call, &config, "padding", &text[0]) &&
           keras_json_add(call, &config, "data_format", &text[1]) &&
           keras_applied(call, classes[*parameter == 'm'][spatial - 1], &config, input);
}

/* Two sizes: of a number, of two, or of TensorFlow's four. */
static bool read_two(struct layer_call *call, size_t position, const char *names, int64_t fallback,
                     uint32_t two[2]) {
    const struct json *json = keras_list_argument(call, position, names);
    int64_t numbers[FOVEA_RANK_MAX + 1] = {fallback};
    uint32_t count = 1;
    if (json && !keras_read_integers(call, json, 0, numbers, &count)) return false;
    for (int i = 0; i < 2; i++) {
        int64_t number = numbers[count == 4 ? i + 1 : count == 2 ? i : 0];
        if (count == 3 || number < 1 || number > FOVEA_STEP_MAX)
            return keras_fail(call, "K-318 its argument '%.*s' is out of range",
                              (int)strcspn(names, "|"), names);
        two[i] = (uint32_t)number;
    }
    return true;
}

/* Every window of a picture as one pixel: [y][x][ky][kx][channel]. */
bool raw_patches(struct layer_call *call, const char *parameter) {
    uint32_t input, size[2], stride[2], rate[2], out[2];
    const char *padding = "valid";
    bool first;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, PICTURE, &input) ||
        !read_two(call, 1, "size|sizes", 0, size) || !word_argument(call, 4, "padding", &padding) ||
        !read_two(call, 3, "dilation_rate|rates", 1, rate) ||
        !last_form(call, SIZE_MAX, &input, &first))
        return false;
    const struct json *given = keras_list_argument(call, 2, "strides");
    memcpy(stride, size, sizeof stride);
    if (given && !read_two(call, 2, "strides", 1, stride)) return false;
    const bool same = *padding == 's' || *padding == 'S';
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t have = shape_size(graph_shape(call->graph, input), i);
        const uint64_t reach = (uint64_t)(size[i] - 1) * rate[i] + 1;
        if (!same && reach > have)
            return keras_fail(call, "K-319 a patch is larger than its input");
        out[i] =
            same ? (have + stride[i] - 1) / stride[i] : (uint32_t)((have - reach) / stride[i] + 1);
        const uint64_t span = (uint64_t)(out[i] - 1) * stride[i] + reach;
        const uint64_t more = same && span > have ? span - have : 0;
        if (more > FOVEA_STEP_MAX) return keras_fail(call, "K-320 a patch reaches too far");
        if (!keras_padded(call, input, i, (uint32_t)(more / 2), (uint32_t)(more - more / 2),
                          KERAS_BORDER_ZERO))
            return false;
        input = call->output;
    }
    const struct fovea_shape *shape = graph_shape(call->graph, input);
    const uint32_t channels = shape_size(shape, 2);
    const int64_t row = (int64_t)shape_size(shape, 1) * channels;
    const uint64_t wide = (uint64_t)size[0] * size[1] * channels;
    const struct fovea_shape windows = SHAPE(out[0], out[1], size[0], size[1], channels);
    const struct fovea_shape pixels = SHAPE(out[0], out[1], wide);
    if (!shape_is_possible(&pixels)) return keras_fail(call, "K-321 a patch is too large");
    const int64_t steps[] = {stride[0] * row, (int64_t)stride[1] * channels, rate[0] * row,
                             (int64_t)rate[1] * channels, 1};
    return keras_rearranged(call, input, &windows, steps, 0) &&
           keras_shaped(call, call->output, &pixels, false) && given_form(call, first);
}

/* ---- indices ---- */

/* 0, 1, 2, ... along one dimension of `rank`. */
static bool count_up(struct layer_call *call, uint32_t rank, uint32_t axis, uint32_t count,
                     float offset) {
    float *numbers = keras_floats(call, count);
    struct fovea_shape shape = shape_ones(rank);
    if (!numbers) return false;
    for (uint32_t i = 0; i < count; i++) numbers[i] = (float)i + offset;
    shape_replace(&shape, axis, count);
    const struct source source = source_floats(numbers, count);
    return keras_constant(call, &source, &shape);
}

/* The first place of the largest number: the least index where it equals that. Indices less their count stand
 * where it does, else 0, so that the least is the first of them. */
bool raw_argmax(struct layer_call *call, const char *parameter) {
    uint32_t input, axis;
    bool keep;
    if (!keras_tensor_argument(call, 0, "x|input", &input) ||
        !keras_flag_argument(call, 2, "keepdims", &keep))
        return false;
    const uint32_t rank = shape_rank(graph_shape(call->graph, input));
    if (!keras_list_argument(call, 1, "axis|dimension"))
        return keras_fail(call, "K-322 it works along the batch");
    if (!keras_read_axis(call, 1, 0, rank, &axis)) return false;
    if (*parameter == '-') {
        if (!keras_scaled(call, input, -1, 0)) return false;
        input = call->output;
    }
    const uint32_t count = shape_size(graph_shape(call->graph, input), axis);
    if (!keras_reduced(call, FOVEA_OP_MAX_POOL, input, 1u << axis, true) ||
        !keras_combined(call, FOVEA_OP_EQUAL, input, call->output))
        return false;
    const uint32_t equal = call->output;
    return count_up(call, rank, axis, count, -(float)count) &&
           keras_combined(call, FOVEA_OP_MULTIPLY, equal, call->output) &&
           keras_scaled(call, call->output, -1, 0) &&
           keras_reduced(call, FOVEA_OP_MAX_POOL, call->output, 1u << axis, keep) &&
           keras_scaled(call, call->output, -1, (float)count);
}

bool raw_one_hot(struct layer_call *call, const char *parameter) {
    uint32_t input;
    double classes, axis;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, "x|indices", &input) ||
        !keras_number_argument(call, 1, "num_classes|depth", 0, &classes) ||
        !keras_number_argument(call, SIZE_MAX, "axis", -1, &axis))
        return false;
    struct fovea_shape shape = *graph_shape(call->graph, input);
    const uint32_t last = shape_rank(&shape);
    shape_append(&shape, 1);
    if (!(classes >= 1 && classes <= FOVEA_DIM_MAX) || !shape_is_possible(&shape))
        return keras_fail(call, "K-323 its number of classes is out of range");
    if (axis != -1 && axis != last + 1)
        return keras_fail(call, "K-324 an axis other than the last is not supported");
    if (!keras_shaped(call, input, &shape, false)) return false;
    input = call->output;
    return count_up(call, last + 1, last, (uint32_t)classes, 0) &&
           keras_combined(call, FOVEA_OP_EQUAL, input, call->output);
}
