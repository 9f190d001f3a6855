/* What layers on grids share: sizes of the config, pictures of one row, numbers in another order. */
#include <string.h>

#include "convert/keras/keras.h"

uint32_t keras_spatial(const struct layer_call *call) {
    const char *digit = strpbrk(call->class_name, "123");
    return digit ? (uint32_t)(*digit - '0') : 2;
}

bool keras_sizes(struct layer_call *call, const char *key, int64_t low, uint32_t sizes[3]) {
    const struct json *json = keras_setting(call, key);
    uint32_t spatial = keras_spatial(call);
    bool single = json && json->type == JSON_NUMBER;
    if (!single && (!json || json->type != JSON_ARRAY || json->count != spatial))
        return keras_fail(call, "K-245 its '%s' is neither a number nor a list of %u", key,
                          spatial);
    for (uint32_t i = 0; i < 3; i++) sizes[i] = 1;
    for (uint32_t i = 0; i < spatial; i++) {
        const struct json *item = single ? json : json_item(json, i);
        if (!item || item->type != JSON_NUMBER || !item->integral || item->integer < low ||
            item->integer > FOVEA_STEP_MAX)
            return keras_fail(call, "K-246 its '%s' is out of range", key);
        sizes[3 - spatial + i] = (uint32_t)item->integer;
    }
    return true;
}

/* What a config lacks is 1, as in Keras; null is no size. */
static bool read_steps(struct layer_call *call, const char *key, uint32_t steps[3]) {
    for (int i = 0; i < 3; i++) steps[i] = 1;
    return !json_member(call->config, key) || keras_sizes(call, key, 1, steps);
}

bool keras_has(const struct layer_call *call, const char *key) {
    const struct json *json = json_member(call->config, key);
    return json && json->type != JSON_NULL;
}

/* Whether the backend puts its windows where TensorFlow does, which pads by what the last window lacks, the
 * smaller half of it before. Theano: by half a window before a convolution; by a formula of their own
 * before pools. CNTK: the first window's middle, rounded down, is that of the inputs beside the middles. */
static bool backend_agrees(const struct layer_call *call, const struct keras_window *window,
                           bool pool) {
    const uint32_t spatial = keras_spatial(call);
    const bool transposed = strstr(call->class_name, "Transpose") != NULL;
    for (uint32_t i = 0; i < spatial; i++) {
        const int64_t input = shape_size(keras_input_shape(call, 0), i);
        const uint32_t at = 3 - spatial + i;
        const int64_t kernel = window->kernel[at], stride = window->stride[at];
        const int64_t reach = (kernel - 1) * window->dilation[at] + 1;
        const int64_t large = transposed ? input * stride : input;
        const int64_t small = transposed ? input : (input + stride - 1) / stride;
        const int64_t beside = large - (small - 1) * stride - 1;
        const int64_t usual = reach - 1 > beside ? (reach - 1 - beside) / 2 : 0;
        const int64_t cntk = (reach - 1) / 2 - beside / 2;
        const int64_t pooled = kernel > 2 && kernel % 2 ? kernel - 2 : kernel - 1;
        const int64_t theano = pool ? pooled : reach / 2;
        if (usual != (call->keras->backend == KERAS_CNTK ? cntk : theano)) return false;
    }
    return true;
}

bool keras_read_window(struct layer_call *call, const char *kernel_key,
                       struct keras_window *window) {
    if (!keras_channels_last(call) || !keras_sizes(call, kernel_key, 1, window->kernel))
        return false;
    /* A pool's strides are its size where they are left open. */
    bool pool = strcmp(kernel_key, "pool_size") == 0;
    if (pool && !keras_has(call, "strides") ? !keras_sizes(call, kernel_key, 1, window->stride)
                                            : !read_steps(call, "strides", window->stride))
        return false;
    if (!read_steps(call, "dilation_rate", window->dilation)) return false;
    const char *padding;
    if (!keras_text(call, "padding", "valid", &padding)) return false;
    memset(window->words, 0, sizeof window->words);
    for (int i = 0; i < 2; i++) {
        window->words[FOVEA_WINDOW_KERNEL + i] = window->kernel[1 + i];
        window->words[FOVEA_WINDOW_STRIDE + i] = window->stride[1 + i];
        window->words[FOVEA_WINDOW_DILATION + i] = window->dilation[1 + i];
    }
    if (strcmp(padding, "same") == 0) {
        window->words[FOVEA_WINDOW_PADDING] = FOVEA_PADDING_SAME;
        if (call->keras->backend != KERAS_TENSORFLOW && !backend_agrees(call, window, pool))
            return keras_fail(call,
                              "K-259 it was trained with %s, which pads differently from "
                              "TensorFlow here; replace padding 'same' by a ZeroPadding layer",
                              call->keras->backend == KERAS_CNTK ? "CNTK" : "Theano");
    } else if (strcmp(padding, "causal") == 0 && keras_spatial(call) == 1) {
        uint64_t before = (uint64_t)(window->kernel[2] - 1) * window->dilation[2];
        if (before > FOVEA_STEP_MAX) return keras_fail(call, "K-247 its kernel reaches too far");
        window->words[FOVEA_WINDOW_PADDING] = FOVEA_PADDING_EXPLICIT;
        window->words[FOVEA_WINDOW_LEFT] = (uint32_t)before;
    } else if (strcmp(padding, "valid") != 0) {
        return keras_fail(call, "K-248 padding '%s' is not supported", padding);
    }
    return true;
}

/* ---- shapes ---- */

bool keras_put_shape(struct layer_call *call, uint32_t *words, const struct fovea_shape *shape) {
    if (!shape_is_possible(shape))
        return keras_fail(call, "K-267 it makes a tensor of too many dimensions, or too large");
    words[FOVEA_SHAPE_RANK] = shape_rank(shape);
    for (uint32_t d = 0; d < shape_rank(shape); d++)
        words[FOVEA_SHAPE_DIMS + d] = shape_size(shape, d);
    return true;
}

bool keras_shaped(struct layer_call *call, uint32_t input, const struct fovea_shape *shape,
                  bool any_input) {
    const struct fovea_shape *from = graph_shape(call->graph, input);
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    call->output = input;
    if (fovea_shape_equal(from, shape)) return true;
    if (!keras_put_shape(call, words, shape) ||
        (!any_input && !keras_put_shape(call, words + FOVEA_RESHAPE_INPUT, from)))
        return false;
    return keras_step(call, FOVEA_OP_RESHAPE, input, NULL, 0, words);
}

bool keras_pinned(struct layer_call *call, uint32_t input) {
    const struct fovea_shape *shape = graph_shape(call->graph, input);
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    return keras_put_shape(call, words, shape) &&
           keras_put_shape(call, words + FOVEA_RESHAPE_INPUT, shape) &&
           keras_step(call, FOVEA_OP_RESHAPE, input, NULL, 0, words);
}

bool keras_picture(struct layer_call *call, uint32_t *picture) {
    if (!keras_one_input(call, keras_spatial(call) + 1)) return false;
    const struct fovea_shape *shape = keras_input_shape(call, 0);
    const struct fovea_shape row = SHAPE(1, shape_size(shape, 0), shape_size(shape, 1));
    if (keras_spatial(call) != 1)
        call->output = call->inputs[0];
    else if (!keras_shaped(call, call->inputs[0], &row, false))
        return false;
    *picture = call->output;
    return true;
}

bool keras_unpicture(struct layer_call *call) {
    const struct fovea_shape *shape = graph_shape(call->graph, call->output);
    const struct fovea_shape line = SHAPE(shape_size(shape, 1), shape_size(shape, 2));
    return keras_spatial(call) != 1 || keras_shaped(call, call->output, &line, false);
}

bool keras_rearranged(struct layer_call *call, uint32_t input, const struct fovea_shape *shape,
                      const int64_t *steps, int64_t base) {
    const struct fovea_shape *from = graph_shape(call->graph, input);
    uint64_t count;
    int64_t plain[FOVEA_RANK_MAX];
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    if (!keras_put_shape(call, words, shape) ||
        !keras_put_shape(call, words + FOVEA_RESHAPE_INPUT, from))
        return false;
    if (!fovea_shape_count(shape, &count))
        return keras_fail(call, "K-249 its output has no elements or too many");
    shape_steps(shape, plain);
    bool same = shape_elements(from) == count && base == 0;
    for (uint32_t d = 0; d < shape_rank(shape); d++) {
        words[FOVEA_REARRANGE_STEPS + d] = (uint32_t)(int32_t)steps[d]; /* below 2^29 */
        same &= shape_size(shape, d) == 1 || steps[d] == plain[d];
    }
    words[FOVEA_REARRANGE_BASE] = (uint32_t)base;
    if (same && fovea_shape_equal(from, shape)) return keras_pinned(call, input);
    if (same) return keras_shaped(call, input, shape, false);
    return keras_step(call, FOVEA_OP_REARRANGE, input, NULL, 0, words);
}

bool keras_permuted(struct layer_call *call, uint32_t input, const uint32_t *from) {
    const struct fovea_shape shape = *graph_shape(call->graph, input);
    struct fovea_shape to = SHAPE_SCALAR;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_SHAPE_RANK] = shape_rank(&shape)}, last = 0;
    bool moved = false, changed = false; /* dimensions of size 1 may go anywhere */
    for (uint32_t d = 0; d < shape_rank(&shape); d++) {
        const uint32_t size = shape_size(&shape, from[d]);
        words[FOVEA_SHAPE_DIMS + d] = from[d];
        shape_append(&to, size);
        changed |= from[d] != d;
        if (size == 1) continue;
        moved |= from[d] < last;
        last = from[d];
    }
    if (!moved && changed && fovea_shape_equal(&shape, &to)) return keras_pinned(call, input);
    if (!moved) return keras_shaped(call, input, &to, false);
    return keras_step(call, FOVEA_OP_PERMUTE, input, NULL, 0, words);
}

/* ---- kernels in another order ---- */

bool keras_reordered(struct layer_call *call, struct source *source, uint32_t rank,
                     const struct keras_order *orders) {
    const void *data = source->floats ? (const void *)source->floats : source->value.data;
    struct keras_reorder *known = call->keras->reorders;
    while (known && (known->data != data || known->config != call->config)) known = known->next;
    if (known) {
        *source = known->source;
        return true;
    }
    float *from = keras_floats(call, source->count), *to = keras_floats(call, source->count);
    known = pool_get(call->keras->pool, 1, sizeof *known, call->keras->trouble);
    if (!from || !to || !known) return false;
    source_read(source, 0, source->count, from);
    uint32_t at[FOVEA_RANK_MAX] = {0};
    for (uint64_t i = 0; i < source->count; i++) {
        uint64_t place = 0;
        for (uint32_t d = 0; d < rank; d++) {
            uint32_t index = orders[d].index ? orders[d].index[at[d]] : at[d];
            place += index * orders[d].step;
        }
        to[i] = from[place];
        for (uint32_t d = rank; d-- > 0 && ++at[d] == orders[d].count;) at[d] = 0;
    }
    *known = (struct keras_reorder){data, call->config, source_floats(to, source->count),
                                    call->keras->reorders};
    call->keras->reorders = known;
    *source = known->source;
    return true;
}
