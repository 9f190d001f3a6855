/* Layers that move numbers about. */
#include <string.h>

#include "convert/keras/keras.h"

bool keras_flatten(struct layer_call *call) {
    if (!keras_one_input(call, 0) || !keras_channels_last(call)) return false;
    const struct fovea_shape flat = SHAPE(shape_elements(keras_input_shape(call, 0)));
    if (!shape_is_possible(&flat)) return keras_fail(call, "K-221 its input has too many elements");
    return keras_shaped(call, call->inputs[0], &flat, true);
}

bool keras_reshape(struct layer_call *call) {
    const struct json *target = json_member(call->config, "target_shape");
    struct fovea_shape shape = SHAPE_SCALAR;
    uint64_t known = 1;
    uint32_t open = FOVEA_RANK_MAX; /* which dimension is to be found out; this: none */
    if (!keras_one_input(call, 0)) return false;
    if (!target || target->type != JSON_ARRAY || target->count > FOVEA_RANK_MAX)
        return keras_fail(call, "K-222 its 'target_shape' is not a list of at most %d numbers",
                          FOVEA_RANK_MAX);
    const uint64_t count = shape_elements(keras_input_shape(call, 0));
    for (const struct json *item = target->first; item; item = item->next) {
        bool inferred = item->integral && item->integer == -1;
        if (!item->integral || (inferred && open < FOVEA_RANK_MAX) ||
            (!inferred && (item->integer < 1 || item->integer > FOVEA_DIM_MAX)))
            return keras_fail(call, "K-223 its 'target_shape' is out of range");
        if (inferred) open = shape_rank(&shape);
        shape_append(&shape, inferred ? 1 : (uint64_t)item->integer);
        known = shape_elements(&shape);
        if (known > FOVEA_ELEMENTS_MAX)
            return keras_fail(call, "K-224 its 'target_shape' is too large");
    }
    const bool whole = open == FOVEA_RANK_MAX;
    if (whole ? known != count : count % known != 0)
        return keras_fail(call, "K-225 its input of %llu elements does not fit its 'target_shape'",
                          (unsigned long long)count);
    if (!whole) shape_replace(&shape, open, count / known);
    if (fovea_shape_equal(keras_input_shape(call, 0), &shape))
        return keras_pinned(call, call->inputs[0]);
    return keras_shaped(call, call->inputs[0], &shape, true);
}

bool keras_permute(struct layer_call *call) {
    const struct json *dims = json_member(call->config, "dims");
    if (!keras_one_input(call, 0)) return false;
    const struct fovea_shape *from = keras_input_shape(call, 0);
    uint32_t order[FOVEA_RANK_MAX], seen = 0, at = 0;
    if (!dims || dims->type != JSON_ARRAY || dims->count != shape_rank(from))
        return keras_fail(call, "K-226 its 'dims' is not a list of %u numbers", shape_rank(from));
    for (const struct json *item = dims->first; item; item = item->next) {
        if (!item->integral || item->integer < 1 || item->integer > shape_rank(from) ||
            seen & 1u << item->integer)
            return keras_fail(call, "K-227 its 'dims' is not a permutation");
        seen |= 1u << item->integer;
        order[at++] = (uint32_t)item->integer - 1;
    }
    return keras_permuted(call, call->inputs[0], order);
}

bool keras_repeat_vector(struct layer_call *call) {
    int64_t times;
    const int64_t steps[] = {0, 1};
    if (!keras_one_input(call, 1) || !keras_integer(call, "n", 1, FOVEA_DIM_MAX, &times))
        return false;
    const struct fovea_shape to = SHAPE((uint64_t)times, shape_size(keras_input_shape(call, 0), 0));
    return keras_rearranged(call, call->inputs[0], &to, steps, 0);
}

/* ---- edges ---- */

/* What a config says of the edges: n, a number for each dimension, or a pair [before, after] for each;
 * in one dimension the pair may stand alone. */
struct edges {
    uint32_t before[3], after[3]; /* depth, height, width */
};

static bool read_edges(struct layer_call *call, const char *key, struct edges *edges) {
    const struct json *json = keras_setting(call, key);
    uint32_t spatial = keras_spatial(call);
    bool line = spatial == 1 && json && json->type == JSON_ARRAY && json->count == 2;
    memset(edges, 0, sizeof *edges);
    for (uint32_t i = 0; i < 2 * spatial; i++) {
        const struct json *item = json;
        if (item && item->type == JSON_ARRAY && !line)
            item = item->count == spatial ? json_item(item, i / 2) : NULL;
        if (item && item->type == JSON_ARRAY)
            item = item->count == 2 ? json_item(item, i % 2) : NULL;
        if (!item || !item->integral || item->integer < 0 || item->integer > FOVEA_STEP_MAX)
            return keras_fail(call, "K-228 its '%s' is not understood", key);
        (i % 2 ? edges->after : edges->before)[3 - spatial + i / 2] = (uint32_t)item->integer;
    }
    return true;
}

/* The edges of two of the dimensions as those of a picture; of one that there is not (3): none. */
static void put_edges(uint32_t words[FOVEA_ATTRIBUTES_MAX], const struct edges *edges, uint32_t y,
                      uint32_t x) {
    memset(words, 0, FOVEA_ATTRIBUTES_MAX * sizeof *words);
    words[FOVEA_EDGE_TOP] = y < 3 ? edges->before[y] : 0;
    words[FOVEA_EDGE_LEFT] = edges->before[x];
    words[FOVEA_EDGE_BOTTOM] = y < 3 ? edges->after[y] : 0;
    words[FOVEA_EDGE_RIGHT] = edges->after[x];
}

bool keras_zero_padding(struct layer_call *call) {
    struct edges e;
    uint32_t picture;
    if (!keras_picture(call, &picture) || !keras_channels_last(call) ||
        !read_edges(call, "padding", &e))
        return false;
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    put_edges(words, &e, 1, 2);
    if (keras_spatial(call) < 3)
        return keras_step(call, FOVEA_OP_PAD, picture, NULL, 0, words) && keras_unpicture(call);
    /* A volume: depth and height are the sides of a picture of lines, then each line grows. */
    const struct fovea_shape in = *keras_input_shape(call, 0);
    uint32_t sides[FOVEA_ATTRIBUTES_MAX], ends[FOVEA_ATTRIBUTES_MAX];
    put_edges(sides, &e, 0, 1);
    put_edges(ends, &e, 3, 2);
    uint64_t size[3];
    for (uint32_t d = 0; d < 3; d++)
        size[d] = (uint64_t)shape_size(&in, d) + e.before[d] + e.after[d];
    const uint64_t width = shape_size(&in, 2), channels = shape_size(&in, 3);
    const struct fovea_shape lines =
        SHAPE(shape_size(&in, 0), shape_size(&in, 1), width * channels);
    const struct fovea_shape tall = SHAPE(size[0] * size[1], width, channels);
    const struct fovea_shape out = SHAPE(size[0], size[1], size[2], channels);
    if (!shape_is_possible(&lines) || !shape_is_possible(&tall))
        return keras_fail(call, "K-229 its input is too large");
    return keras_shaped(call, picture, &lines, false) &&
           keras_step(call, FOVEA_OP_PAD, call->output, NULL, 0, sides) &&
           keras_shaped(call, call->output, &tall, false) &&
           keras_step(call, FOVEA_OP_PAD, call->output, NULL, 0, ends) &&
           keras_shaped(call, call->output, &out, false);
}

bool keras_cropping(struct layer_call *call) {
    struct edges e;
    uint32_t picture, spatial = keras_spatial(call);
    if (!keras_picture(call, &picture) || !keras_channels_last(call) ||
        !read_edges(call, "cropping", &e))
        return false;
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
    put_edges(words, &e, 1, 2);
    struct fovea_shape out = *keras_input_shape(call, 0);
    int64_t steps[FOVEA_RANK_MAX], base = 0;
    shape_steps(&out, steps);
    for (uint32_t i = 0; i < spatial; i++) {
        uint32_t before = e.before[3 - spatial + i], after = e.after[3 - spatial + i];
        const uint32_t size = shape_size(&out, i);
        if (before + after >= size)
            return keras_fail(call, "K-230 its 'cropping' removes all of a dimension of %u", size);
        base += before * steps[i];
        shape_replace(&out, i, size - before - after);
    }
    if (spatial == 3) return keras_rearranged(call, picture, &out, steps, base);
    return keras_step(call, FOVEA_OP_CROP, picture, NULL, 0, words) && keras_unpicture(call);
}

bool keras_concatenate(struct layer_call *call) {
    int64_t stated = -1;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    const struct json *axis = json_member(call->config, "axis");
    if (call->input_count < 1) return keras_fail(call, "K-231 it has no inputs");
    if (axis && axis->type != JSON_NULL && !keras_integer(call, "axis", -8, 8, &stated))
        return false;
    if (stated == 0) return keras_fail(call, "K-232 it joins along the batch");
    if (!keras_axis(call, stated, shape_rank(keras_input_shape(call, 0)),
                    &words[FOVEA_CONCAT_AXIS]))
        return false;
    if (call->input_count == 1) {
        call->output = call->inputs[0];
        return true;
    }
    return keras_node(call, FOVEA_OP_CONCAT, call->inputs, call->input_count, NULL, 0, words);
}
