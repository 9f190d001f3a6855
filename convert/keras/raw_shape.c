/* Raw operations that move numbers. Shapes and axes are counted with the batch, which stays what it is. */
#include "convert/keras/raw.h"

#include <string.h>

#define FIRST "x|input|tensor|value|a"

bool raw_reshape(struct layer_call *call, const char *parameter) {
    int64_t numbers[FOVEA_RANK_MAX + 1] = {-1, -1};
    uint32_t input, count = 2, open = 0;
    uint64_t elements, known = 1;
    struct fovea_shape shape = SHAPE_SCALAR;
    (void)parameter;
    const struct json *target = keras_list_argument(call, 1, "newshape|shape");
    if (!keras_tensor_argument(call, 0, FIRST, &input)) return false;
    if (strcmp(call->class_name, "Ravel") == 0 || (target && target->type == JSON_NUMBER))
        return keras_fail(call, "K-163 it joins the pictures of a batch");
    if (!keras_read_integers(call, target, -1, numbers, &count)) return false;
    elements = shape_elements(graph_shape(call->graph, input));
    bool batch = numbers[0] == -1 || numbers[0] == 1; /* another one needs all sizes behind it */
    for (uint32_t i = 1; i < count; i++) {
        if (!batch && numbers[i] == -1) return keras_fail(call, "K-164 it moves the batch");
        if (numbers[i] != -1 && (numbers[i] < 1 || numbers[i] > FOVEA_DIM_MAX))
            return keras_fail(call, "K-165 its shape is out of range");
        if (numbers[i] == -1)
            open = i;
        else
            known = fovea_product(known, (uint64_t)numbers[i]);
        if (known > FOVEA_ELEMENTS_MAX) return keras_fail(call, "K-166 its shape is too large");
    }
    for (uint32_t i = 1; i < count; i++) {
        if (numbers[i] == -1 && i != open)
            return keras_fail(call, "K-167 its shape has several open sizes");
        shape_append(&shape, numbers[i] == -1 ? elements / known : (uint64_t)numbers[i]);
    }
    if (open ? elements % known != 0 : elements != known)
        return keras_fail(
            call, "K-168 its input's %llu elements do not fit its shape, or it moves the batch",
            (unsigned long long)elements);
    if (fovea_shape_equal(graph_shape(call->graph, input), &shape))
        return keras_pinned(call, input);
    return keras_shaped(call, input, &shape, false);
}

bool raw_expand(struct layer_call *call, const char *parameter) {
    uint32_t input, axis;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, FIRST, &input)) return false;
    struct fovea_shape wider = *graph_shape(call->graph, input);
    if (!keras_read_axis(call, 1, -1, shape_rank(&wider) + 1, &axis)) return false;
    shape_insert(&wider, axis, 1);
    if (!shape_is_possible(&wider))
        return keras_fail(call, "K-169 its output has too many dimensions");
    return keras_shaped(call, input, &wider, false);
}

bool raw_squeeze(struct layer_call *call, const char *parameter) {
    uint32_t input, mask = 0;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, FIRST, &input)) return false;
    const struct fovea_shape shape = *graph_shape(call->graph, input);
    const struct json *axes = keras_list_argument(call, 1, "axis|squeeze_dims");
    struct fovea_shape narrow = SHAPE_SCALAR;
    if (!axes)
        for (uint32_t d = 0; d < shape_rank(&shape); d++)
            mask |= (uint32_t)(shape_size(&shape, d) == 1) << d;
    else if (!keras_axes(call, axes, shape_rank(&shape), &mask))
        return false;
    for (uint32_t d = 0; d < shape_rank(&shape); d++) {
        const uint32_t size = shape_size(&shape, d);
        if (!(mask >> d & 1)) shape_append(&narrow, size);
        if (mask >> d & 1 && size != 1)
            return keras_fail(call, "K-170 it removes a dimension of size %u", size);
    }
    return keras_shaped(call, input, &narrow, false);
}

bool raw_transpose(struct layer_call *call, const char *parameter) {
    int64_t axes[FOVEA_RANK_MAX + 1];
    uint32_t input, count, order[FOVEA_RANK_MAX], seen = 0;
    const struct json *json = keras_list_argument(call, 1, "axes|perm|pattern");
    (void)parameter;
    if (!keras_tensor_argument(call, 0, FIRST, &input)) return false;
    uint32_t rank = shape_rank(graph_shape(call->graph, input));
    if (!json) return keras_fail(call, "K-171 it moves the batch");
    if (!keras_read_integers(call, json, 0, axes, &count)) return false;
    if (count != rank + 1 || axes[0] != 0) return keras_fail(call, "K-172 it moves the batch");
    for (uint32_t d = 0; d < rank; d++) {
        if (axes[d + 1] == 0 || !keras_axis(call, axes[d + 1], rank, &order[d]))
            return keras_fail(call, "K-173 its axes do not match its input");
        seen |= 1u << order[d];
    }
    if (seen + 1 != 1u << rank) return keras_fail(call, "K-174 its axes do not match its input");
    return keras_permuted(call, input, order);
}

/* Two axes change places, or one goes to another's place and the others close up. */
bool raw_move(struct layer_call *call, const char *parameter) {
    bool swap = strcmp(parameter, "swap") == 0;
    int64_t from[FOVEA_RANK_MAX + 1], to[FOVEA_RANK_MAX + 1];
    uint32_t input, count[2], order[FOVEA_RANK_MAX], a, b, at = 0;
    if (!keras_tensor_argument(call, 0, FIRST, &input)) return false;
    uint32_t rank = shape_rank(graph_shape(call->graph, input));
    if (!keras_read_integers(call, keras_list_argument(call, 1, swap ? "axis1" : "source"), 0, from,
                             &count[0]) ||
        !keras_read_integers(call, keras_list_argument(call, 2, swap ? "axis2" : "destination"), 0,
                             to, &count[1]))
        return false;
    if (count[0] != 1 || count[1] != 1) return keras_fail(call, "K-175 it moves several axes");
    if (from[0] == 0 || to[0] == 0) return keras_fail(call, "K-176 it moves the batch");
    if (!keras_axis(call, from[0], rank, &a) || !keras_axis(call, to[0], rank, &b)) return false;
    for (uint32_t d = 0; d < rank; d++) {
        if (swap)
            order[d] = d == a ? b : d == b ? a : d;
        else if (d == b)
            order[d] = a;
        else {
            at += at == a;
            order[d] = at++;
        }
    }
    return keras_permuted(call, input, order);
}

/* ---- several tensors ---- */

bool raw_concatenate(struct layer_call *call, const char *parameter) {
    uint32_t *values, count, words[FOVEA_ATTRIBUTES_MAX] = {0};
    (void)parameter;
    if (!keras_tensors_argument(call, "xs|values", &values, &count) ||
        !keras_read_axis(call, 1, -1, shape_rank(graph_shape(call->graph, values[0])),
                         &words[FOVEA_CONCAT_AXIS]))
        return false;
    return keras_node(call, FOVEA_OP_CONCAT, values, count, NULL, 0, words);
}

bool raw_stack(struct layer_call *call, const char *parameter) {
    uint32_t *values, count, words[FOVEA_ATTRIBUTES_MAX] = {0};
    (void)parameter;
    if (!keras_tensors_argument(call, "x|values", &values, &count)) return false;
    const struct fovea_shape shape = *graph_shape(call->graph, values[0]);
    struct fovea_shape wider = shape;
    if (!keras_read_axis(call, 1, 0, shape_rank(&shape) + 1, &words[FOVEA_CONCAT_AXIS]))
        return false;
    shape_insert(&wider, words[FOVEA_CONCAT_AXIS], 1);
    if (!shape_is_possible(&wider))
        return keras_fail(call, "K-177 its output has too many dimensions");
    for (uint32_t i = 0; i < count; i++) {
        if (!fovea_shape_equal(graph_shape(call->graph, values[i]), &shape))
            return keras_fail(call, "K-178 its tensors have different shapes");
        if (!keras_shaped(call, values[i], &wider, false)) return false;
        values[i] = call->output;
    }
    return keras_node(call, FOVEA_OP_CONCAT, values, count, NULL, 0, words);
}

#define SPLITS_MAX 256

/* Into so many equal parts or, a list: Keras' says where to cut, TensorFlow's how large the parts are. */
bool raw_split(struct layer_call *call, const char *parameter) {
    const struct json *json =
        keras_list_argument(call, 1, "indices_or_sections|num_or_size_splits");
    bool list = json && json->type == JSON_ARRAY, cuts = call->keras->generation >= 3;
    uint32_t input, axis, parts = 0, from = 0;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, FIRST, &input)) return false;
    const struct fovea_shape shape = *graph_shape(call->graph, input);
    if (!keras_read_axis(call, 2, 0, shape_rank(&shape), &axis)) return false;
    int64_t size = shape_size(&shape, axis);
    if (!json || (!list && (!json->integral || json->integer < 1 || size % json->integer != 0)))
        return keras_fail(call, "K-179 its parts are not understood");
    uint64_t most = list ? json->count + (uint64_t)cuts : (uint64_t)json->integer;
    if (most < 1 || most > SPLITS_MAX)
        return keras_fail(call, "K-180 it splits into more than %d parts", SPLITS_MAX);
    call->outputs = pool_get(call->keras->pool, most, sizeof(uint32_t), call->keras->trouble);
    if (!call->outputs) return false;
    const struct json *item = list ? json->first : NULL;
    for (; parts < most; parts++, item = item ? item->next : NULL) {
        if (item && !item->integral) return keras_fail(call, "K-181 its parts are not understood");
        int64_t end = !list                          ? from + size / json->integer
                      : !item                        ? size
                      : cuts || item->integer > size ? item->integer
                                                     : from + item->integer;
        if (end <= from || end > size)
            return keras_fail(call, "K-182 its parts are not understood");
        if (!keras_sliced(call, input, axis, from, (uint32_t)end - from)) return false;
        call->outputs[parts] = call->output;
        from = (uint32_t)end;
    }
    call->output_count = parts;
    return from == size || keras_fail(call, "K-183 its parts are not all of its input");
}

/* A tensor of the same shape, all of it the parameter: a value is replaced by 0, whatever it is. */
bool raw_fill(struct layer_call *call, const char *parameter) {
    const struct fovea_shape scalar = SHAPE_SCALAR;
    const float *zero = keras_floats(call, 1);
    const struct source source = source_floats(zero, 1);
    uint32_t value;
    if (!zero || !keras_tensor_argument(call, 0, "x", &value) ||
        !keras_constant(call, &source, &scalar))
        return false;
    const uint32_t number = call->output;
    return keras_combined(call, FOVEA_OP_KEEP, value, number) &&
           (parameter[0] == '0' || keras_combined(call, FOVEA_OP_EQUAL, call->output, number));
}
