/* Raw operations that take parts of a tensor, repeat it or put zeros around it. Indices and axes are counted
 * with the batch, which stays what it is. */
#include "convert/keras/raw.h"

#include <string.h>

#define FIRST "x|input|tensor|value|a"

static bool slice_number(const struct json *slice, const char *key, int64_t fallback,
                         int64_t *number) {
    const struct json *json = json_member(slice, key);
    *number = json && json->type != JSON_NULL ? json->integer : fallback;
    return !json || json->type == JSON_NULL || json->integral;
}

/* A Python slice of `size` places: the first, how far apart, how many. */
static bool read_slice(const struct json *slice, uint32_t size, int64_t *first, int64_t *step,
                       int64_t *count) {
    int64_t stop, most = size;
    if (!slice_number(slice, "step", 1, step) || *step == 0) return false;
    if (*step > most || *step < -most) *step = *step > 0 ? most : -most; /* the whole at most */
    bool back = *step < 0;
    if (!slice_number(slice, "start", back ? most - 1 : 0, first) ||
        !slice_number(slice, "stop", back ? -most - 1 : most, &stop))
        return false;
    *first = *first < 0 ? *first + most : *first;
    stop = stop < 0 ? stop + most : stop;
    int64_t low = back ? -1 : 0, high = back ? most - 1 : most;
    *first = *first < low ? low : *first > high ? high : *first;
    stop = stop < low ? low : stop > high ? high : stop;
    int64_t span = back ? *first - stop : stop - *first, stride = back ? -*step : *step;
    *count = span <= 0 ? 0 : (span + stride - 1) / stride;
    return true;
}

/* What a list of indices makes of a tensor. */
struct selection {
    struct fovea_shape from, to;
    int64_t steps[FOVEA_RANK_MAX], kept[FOVEA_RANK_MAX], base;
    uint32_t at; /* dimensions of `from` done */
};

/* A dimension of the output; false where it has as many as can be. */
static bool add_kept(struct selection *s, uint64_t size, int64_t step) {
    const uint32_t at = shape_rank(&s->to);
    shape_append(&s->to, size);
    if (!shape_is_possible(&s->to)) return false;
    s->kept[at] = step;
    return true;
}

static bool select_one(struct layer_call *call, struct selection *s, const struct json *item) {
    int64_t first, step, count;
    if (item->type == JSON_NULL) { /* a new axis */
        if (!add_kept(s, 1, 0)) return keras_fail(call, "K-184 its output has too many dimensions");
        return true;
    }
    if (s->at == shape_rank(&s->from))
        return keras_fail(call, "K-185 it has more indices than its input dimensions");
    uint32_t size = shape_size(&s->from, s->at);
    if (item->type == JSON_NUMBER && item->integral) { /* a dimension less */
        int64_t index = item->integer < 0 ? item->integer + size : item->integer;
        if (index < 0 || index >= size)
            return keras_fail(call, "K-186 an index of it is out of range");
        s->base += index * s->steps[s->at++];
        return true;
    }
    const struct json *config = json_member(item, "config");
    const struct json *slice = config ? config : item, *name = json_member(item, "class_name");
    if (item->type != JSON_OBJECT || (name && !json_is(name, "__slice__")) ||
        !read_slice(slice, size, &first, &step, &count))
        return keras_fail(call, "K-187 an index of it is not understood");
    if (count < 1) return keras_fail(call, "K-188 it selects nothing");
    if (!add_kept(s, (uint64_t)count, step * s->steps[s->at]))
        return keras_fail(call, "K-189 its output has too many dimensions");
    s->base += first * s->steps[s->at++];
    return true;
}

static bool is_ellipsis(const struct json *item) {
    return json_is(json_member(item, "class_name"), "__ellipsis__");
}

/* The batch, where it has an index of its own, has to be taken whole. */
static bool is_whole(const struct json *item) {
    const struct json *config = json_member(item, "config"), *slice = config ? config : item;
    int64_t start, stop, step;
    return item && item->type == JSON_OBJECT && slice_number(slice, "start", 0, &start) &&
           slice_number(slice, "stop", INT64_MAX, &stop) && slice_number(slice, "step", 1, &step) &&
           start == 0 && stop == INT64_MAX && step == 1;
}

bool raw_slice(struct layer_call *call, const char *parameter) {
    const struct json *list = keras_list_argument(call, 1, "key|slice_spec"), *item = list;
    struct selection s = {.base = 0};
    uint32_t input;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, FIRST, &input)) return false;
    s.from = *graph_shape(call->graph, input);
    shape_steps(&s.from, s.steps);
    uint32_t indices = 0; /* that take a dimension, the batch's included */
    bool several = list && list->type == JSON_ARRAY;
    if (several) item = list->first;
    for (const struct json *i = item; i; i = several ? i->next : NULL)
        indices += i->type != JSON_NULL && !is_ellipsis(i);
    if (!item) return keras_fail(call, "K-190 it lacks its indices");
    if (is_ellipsis(item))
        indices++; /* for the batch, which is among what the ellipsis stands for */
    else if (is_whole(item))
        item = several ? item->next : NULL;
    else
        return keras_fail(call, "K-191 it selects from the batch");
    if (indices > shape_rank(&s.from) + 1)
        return keras_fail(call, "K-192 it has more indices than its input dimensions");
    for (; item; item = several ? item->next : NULL) {
        static const struct json all = {.type = JSON_OBJECT};
        uint32_t left = is_ellipsis(item) ? shape_rank(&s.from) + 1 - indices : 1;
        for (uint32_t i = 0; i < left; i++)
            if (!select_one(call, &s, is_ellipsis(item) ? &all : item)) return false;
    }
    static const struct json rest = {.type = JSON_OBJECT};
    while (s.at < shape_rank(&s.from))
        if (!select_one(call, &s, &rest)) return false;
    return keras_rearranged(call, input, &s.to, s.kept, s.base);
}

bool raw_flip(struct layer_call *call, const char *parameter) {
    uint32_t input, mask;
    int64_t steps[FOVEA_RANK_MAX], base = 0;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, FIRST, &input)) return false;
    const struct fovea_shape shape = *graph_shape(call->graph, input);
    if (!keras_axes(call, keras_list_argument(call, 1, "axis|axes"), shape_rank(&shape), &mask))
        return false;
    shape_steps(&shape, steps);
    for (uint32_t d = 0; d < shape_rank(&shape); d++)
        if (mask >> d & 1) {
            base += ((int64_t)shape_size(&shape, d) - 1) * steps[d];
            steps[d] = -steps[d];
        }
    return keras_rearranged(call, input, &shape, steps, base);
}

/* Dimension `axis` repeated: each number by itself, or the whole. */
static bool repeat(struct layer_call *call, uint32_t input, uint32_t axis, int64_t times,
                   bool each) {
    struct fovea_shape shape = *graph_shape(call->graph, input), wider = shape;
    int64_t steps[FOVEA_RANK_MAX], moved[FOVEA_RANK_MAX];
    uint32_t fresh = each ? axis + 1 : axis;
    if (times < 1 || times > FOVEA_DIM_MAX)
        return keras_fail(call, "K-193 it repeats out of range");
    shape_insert(&wider, fresh, (uint64_t)times);
    if (!shape_is_possible(&wider))
        return keras_fail(call, "K-194 its input has too many dimensions");
    uint64_t size = (uint64_t)shape_size(&shape, axis) * (uint64_t)times;
    if (size > FOVEA_DIM_MAX) return keras_fail(call, "K-195 its output is too large");
    shape_steps(&shape, steps);
    for (uint32_t d = 0; d < shape_rank(&wider); d++)
        moved[d] = d == fresh ? 0 : steps[d > fresh ? d - 1 : d];
    shape_replace(&shape, axis, size);
    return keras_rearranged(call, input, &wider, moved, 0) &&
           keras_shaped(call, call->output, &shape, false);
}

bool raw_repeat(struct layer_call *call, const char *parameter) {
    int64_t times[FOVEA_RANK_MAX + 1];
    uint32_t input, axis, count;
    if (!keras_tensor_argument(call, 0, FIRST, &input) ||
        !keras_read_integers(call, keras_list_argument(call, 1, "repeats|multiples|rep|n"), 1,
                             times, &count))
        return false;
    uint32_t rank = shape_rank(graph_shape(call->graph, input));
    if (strcmp(parameter, "repeat") == 0) {
        if (count != 1) return keras_fail(call, "K-196 it repeats each number differently");
        if (!keras_list_argument(call, 2, "axis"))
            return keras_fail(call, "K-197 it works along the batch");
        return keras_read_axis(call, 2, 0, rank, &axis) &&
               repeat(call, input, axis, times[0], true);
    }
    if (count != rank + 1 || times[0] != 1)
        return keras_fail(call, "K-198 it repeats the batch, or not all of its input's dimensions");
    call->output = input;
    for (uint32_t d = 0; d < rank; d++)
        if (times[d + 1] != 1 && !repeat(call, call->output, d, times[d + 1], false)) return false;
    return true;
}

bool raw_broadcast(struct layer_call *call, const char *parameter) {
    int64_t sizes[FOVEA_RANK_MAX + 1], steps[FOVEA_RANK_MAX];
    uint32_t input, count;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, FIRST, &input) ||
        !keras_read_integers(call, keras_list_argument(call, 1, "shape"), -1, sizes, &count))
        return false;
    struct fovea_shape shape = *graph_shape(call->graph, input);
    if (count != shape_rank(&shape) + 1)
        return keras_fail(call, "K-199 it adds dimensions before the batch");
    shape_steps(&shape, steps);
    for (uint32_t d = 0; d < shape_rank(&shape); d++) {
        const int64_t have = shape_size(&shape, d), size = sizes[d + 1] == -1 ? have : sizes[d + 1];
        if (size < 1 || size > FOVEA_DIM_MAX || (have != 1 && have != size))
            return keras_fail(call, "K-200 its shape does not fit its input");
        if (have == 1) steps[d] = 0;
        shape_replace(&shape, d, (uint64_t)size);
    }
    return keras_rearranged(call, input, &shape, steps, 0);
}

static bool read_border(struct layer_call *call, const struct json *mode,
                        enum keras_border *border) {
    static const struct {
        const char *names[2];
        enum keras_border border;
    } rows[] = {
        {{"constant", "CONSTANT"}, KERAS_BORDER_ZERO},
        {{"reflect", "REFLECT"}, KERAS_BORDER_REFLECT},
        {{"symmetric", "SYMMETRIC"}, KERAS_BORDER_SYMMETRIC},
        {{"edge", "EDGE"}, KERAS_BORDER_EDGE},
    };
    *border = KERAS_BORDER_ZERO;
    if (!mode || mode->type == JSON_NULL) return true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int n = 0; n < 2; n++)
            if (json_is(mode, rows[i].names[n])) {
                *border = rows[i].border;
                return true;
            }
    return keras_fail(call, "K-202 its padding mode is not supported");
}

bool raw_pad(struct layer_call *call, const char *parameter) {
    const struct json *pairs = keras_list_argument(call, 1, "pad_width|paddings");
    const struct json *mode = keras_argument(call, 2, "mode").json;
    uint32_t widths[FOVEA_RANK_MAX + 1][2];
    double value;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, FIRST, &call->output) ||
        !keras_number_argument(call, 3, "constant_values", 0, &value))
        return false;
    uint32_t rank = shape_rank(graph_shape(call->graph, call->output));
    enum keras_border border;
    if (!read_border(call, mode, &border)) return false;
    const float as_stored = (float)value;
    if (!(as_stored - as_stored == 0))
        return keras_fail(call, "K-203 it pads with a number that is not finite");
    if (!pairs || pairs->type != JSON_ARRAY || pairs->count != rank + 1)
        return keras_fail(call, "K-204 its widths do not fit its input");
    for (uint32_t d = 0; d <= rank; d++) {
        int64_t pair[FOVEA_RANK_MAX + 1];
        uint32_t count;
        if (!keras_read_integers(call, json_item(pairs, d), 0, pair, &count)) return false;
        for (uint32_t i = 0; i < 2; i++) {
            int64_t width = pair[count == 2 ? i : 0];
            if (count > 2 || width < 0 || width > FOVEA_STEP_MAX)
                return keras_fail(call, "K-205 its widths are out of range");
            widths[d][i] = (uint32_t)width;
        }
    }
    if (widths[0][0] || widths[0][1]) return keras_fail(call, "K-206 it pads the batch");
    const bool other = border == KERAS_BORDER_ZERO && value != 0;
    if (other && !keras_scaled(call, call->output, 1, (float)-value)) return false;
    if (rank == 3 && border == KERAS_BORDER_ZERO && !widths[3][0] &&
        !widths[3][1]) { /* a picture: what a convolution can do itself */
        const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_EDGE_TOP] = widths[1][0],
                                                      [FOVEA_EDGE_LEFT] = widths[2][0],
                                                      [FOVEA_EDGE_BOTTOM] = widths[1][1],
                                                      [FOVEA_EDGE_RIGHT] = widths[2][1]};
        if (!keras_step(call, FOVEA_OP_PAD, call->output, NULL, 0, words)) return false;
    } else {
        for (uint32_t d = 0; d < rank; d++)
            if (!keras_padded(call, call->output, d, widths[d + 1][0], widths[d + 1][1], border))
                return false;
    }
    return !other || keras_scaled(call, call->output, 1, (float)value);
}

/* Blocks of y x neighbours to channels, or back: [h][y][w][x][c] to [h][w][y][x][c], or back. */
bool raw_blocks(struct layer_call *call, const char *parameter) {
    bool to_depth = strcmp(parameter, "space") == 0;
    const struct json *format = keras_argument(call, 2, "data_format").json;
    uint32_t input;
    double stated;
    if (!keras_tensor_argument(call, 0, FIRST, &input) ||
        !keras_number_argument(call, 1, "block_size", 0, &stated))
        return false;
    const struct fovea_shape *s = graph_shape(call->graph, input);
    if (shape_rank(s) != 3) return keras_fail(call, "K-207 its input is not a picture");
    if (format && format->type != JSON_NULL && !json_is(format, "channels_last") &&
        !json_is(format, "NHWC"))
        return keras_fail(call, "K-208 its data_format is not supported");
    if (!(stated >= 1 && stated <= 1024))
        return keras_fail(call, "K-209 its 'block_size' is out of range");
    const uint64_t block = (uint64_t)stated, all = block * block;
    const uint64_t h = shape_size(s, 0), w = shape_size(s, 1), c = shape_size(s, 2);
    if (to_depth ? h % block || w % block : c % all)
        return keras_fail(call, "K-210 its input is not a multiple of the block size");
    const struct fovea_shape split = to_depth ? SHAPE(h / block, block, w / block, block, c)
                                              : SHAPE(h, w, block, block, c / all);
    const struct fovea_shape result =
        to_depth ? SHAPE(h / block, w / block, c * all) : SHAPE(h * block, w * block, c / all);
    const uint32_t order[5] = {0, 2, 1, 3, 4};
    return keras_shaped(call, input, &split, false) && keras_permuted(call, call->output, order) &&
           keras_shaped(call, call->output, &result, false);
}
