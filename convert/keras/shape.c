/* Layers that move numbers about. */
#include <string.h>

#include "convert/keras/keras.h"

bool keras_flatten(struct layer_call *call) {
    uint64_t count;
    if (!keras_one_input(call, 0) || !keras_channels_last(call)) return false;
    fovea_shape_count(keras_input_shape(call, 0), &count);
    struct fovea_shape flat = {1, {(uint32_t)count}};
    if (count > FOVEA_DIM_MAX) return keras_fail(call, "K-221 its input has too many elements");
    return keras_shaped(call, call->inputs[0], &flat, true);
}

bool keras_reshape(struct layer_call *call) {
    const struct json *target = json_member(call->config, "target_shape");
    struct fovea_shape shape = {0};
    uint64_t count, known = 1;
    int open = -1;
    if (!keras_one_input(call, 0)) return false;
    if (!target || target->type != JSON_ARRAY || target->count > FOVEA_RANK_MAX)
        return keras_fail(call, "K-222 its 'target_shape' is no list of at most %d numbers",
                          FOVEA_RANK_MAX);
    fovea_shape_count(keras_input_shape(call, 0), &count);
    for (const struct json *item = target->first; item; item = item->next, shape.rank++) {
        bool inferred = item->integral && item->integer == -1;
        if (!item->integral || (inferred && open >= 0) ||
            (!inferred && (item->integer < 1 || item->integer > FOVEA_DIM_MAX)))
            return keras_fail(call, "K-223 its 'target_shape' is out of range");
        if (inferred) open = (int)shape.rank;
        shape.dims[shape.rank] = inferred ? 1 : (uint32_t)item->integer;
        known = fovea_product(known, shape.dims[shape.rank]);
        if (known > FOVEA_ELEMENTS_MAX)
            return keras_fail(call, "K-224 its 'target_shape' is too large");
    }
    if (open >= 0) shape.dims[open] = (uint32_t)(count / known);
    if (open < 0 ? known != count : count % known != 0)
        return keras_fail(call, "K-225 its input of %llu elements does not fit its 'target_shape'",
                          (unsigned long long)count);
    if (fovea_shape_equal(keras_input_shape(call, 0), &shape))
        return keras_pinned(call, call->inputs[0]);
    return keras_shaped(call, call->inputs[0], &shape, true);
}

bool keras_permute(struct layer_call *call) {
    const struct json *dims = json_member(call->config, "dims");
    if (!keras_one_input(call, 0)) return false;
    const struct fovea_shape *from = keras_input_shape(call, 0);
    uint32_t order[FOVEA_RANK_MAX], seen = 0, at = 0;
    if (!dims || dims->type != JSON_ARRAY || dims->count != from->rank)
        return keras_fail(call, "K-226 its 'dims' is no list of %u numbers", from->rank);
    for (const struct json *item = dims->first; item; item = item->next) {
        if (!item->integral || item->integer < 1 || item->integer > from->rank ||
            seen & 1u << item->integer)
            return keras_fail(call, "K-227 its 'dims' is no permutation");
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
    struct fovea_shape to = {2, {(uint32_t)times, keras_input_shape(call, 0)->dims[0]}};
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

bool keras_zero_padding(struct layer_call *call) {
    struct edges e;
    uint32_t picture;
    if (!keras_picture(call, &picture) || !keras_channels_last(call) ||
        !read_edges(call, "padding", &e))
        return false;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {e.before[1], e.before[2], e.after[1], e.after[2]};
    if (keras_spatial(call) < 3)
        return keras_step(call, FOVEA_OP_PAD, picture, NULL, 0, words) && keras_unpicture(call);
    /* A volume: depth and height are the sides of a picture of lines, then each line grows. */
    const struct fovea_shape in = *keras_input_shape(call, 0);
    const uint32_t sides[FOVEA_ATTRIBUTES_MAX] = {e.before[0], e.before[1], e.after[0], e.after[1]};
    const uint32_t ends[FOVEA_ATTRIBUTES_MAX] = {0, e.before[2], 0, e.after[2]};
    uint64_t line = (uint64_t)in.dims[2] * in.dims[3];
    uint32_t depth = in.dims[0] + e.before[0] + e.after[0];
    uint32_t height = in.dims[1] + e.before[1] + e.after[1];
    uint64_t rows = (uint64_t)depth * height;
    if (line > FOVEA_DIM_MAX || rows > FOVEA_DIM_MAX)
        return keras_fail(call, "K-229 its input is too large");
    const struct fovea_shape lines = {3, {in.dims[0], in.dims[1], (uint32_t)line}};
    const struct fovea_shape tall = {3, {(uint32_t)rows, in.dims[2], in.dims[3]}};
    const struct fovea_shape out = {
        4, {depth, height, in.dims[2] + e.before[2] + e.after[2], in.dims[3]}};
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
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {e.before[1], e.before[2], e.after[1], e.after[2]};
    struct fovea_shape out = *keras_input_shape(call, 0);
    int64_t steps[FOVEA_RANK_MAX], base = 0;
    keras_steps(&out, steps);
    for (uint32_t i = 0; i < spatial; i++) {
        uint32_t before = e.before[3 - spatial + i], after = e.after[3 - spatial + i];
        if (before + after >= out.dims[i])
            return keras_fail(call, "K-230 its 'cropping' leaves nothing of %u", out.dims[i]);
        base += before * steps[i];
        out.dims[i] -= before + after;
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
    if (!keras_axis(call, stated, keras_input_shape(call, 0)->rank, &words[0])) return false;
    if (call->input_count == 1) {
        call->output = call->inputs[0];
        return true;
    }
    return keras_node(call, FOVEA_OP_CONCAT, call->inputs, call->input_count, NULL, 0, words);
}
