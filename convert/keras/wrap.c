/* Layers around layers, and tables of numbers. */
#include <string.h>

#include "convert/keras/mask.h"

#define STEPS_MAX 4096

/* Where the inner layer works on the last dimension or number by number, all steps are done at once. */
static bool is_stepless(keras_layer *convert) {
    return convert == keras_dense || convert == keras_vanish;
}

static bool convert_inner(struct layer_call *inner, keras_layer *convert, uint32_t input) {
    inner->inputs = inner->ref_values = &input;
    inner->input_count = inner->ref_count = 1;
    inner->output_count = 0;
    if (!convert(inner)) return false;
    return inner->output_count == 0 ||
           keras_fail(inner, "K-484 it has several outputs, which is not supported for each step");
}

/* One step after the other, each a slice of the input, and all results side by side. */
static bool convert_steps(struct layer_call *call, struct layer_call *inner, keras_layer *convert) {
    const struct fovea_shape shape = *keras_input_shape(call, 0);
    struct fovea_shape one = shape;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_CONCAT_AXIS] = 0};
    const uint32_t steps = shape_size(&shape, 0);
    shape_remove(&one, 0);
    if (steps > STEPS_MAX) return keras_fail(call, "K-250 it has more than %d steps", STEPS_MAX);
    uint32_t *results = pool_get(call->keras->pool, steps, sizeof *results, call->keras->trouble);
    if (!results) return false;
    for (uint32_t t = 0; t < steps; t++) {
        if (!keras_sliced(call, call->inputs[0], 0, t, 1) ||
            !keras_shaped(call, call->output, &one, false) ||
            !convert_inner(inner, convert, call->output))
            return false;
        struct fovea_shape row = *graph_shape(call->graph, inner->output);
        shape_insert(&row, 0, 1);
        if (!shape_is_possible(&row))
            return keras_fail(call, "K-252 its output has too many dimensions");
        if (!keras_shaped(call, inner->output, &row, false)) return false;
        results[t] = call->output;
    }
    call->output = results[0];
    return steps == 1 || keras_node(call, FOVEA_OP_CONCAT, results, steps, NULL, 0, words);
}

/* ---- a model for each step ---- */

static bool take_step(struct layer_call *call, struct keras_steps *steps) {
    struct fovea_shape one = *graph_shape(call->graph, steps->source);
    shape_remove(&one, 0);
    if (!keras_sliced(call, steps->source, 0, steps->done, 1) ||
        !keras_shaped(call, call->output, &one, false))
        return false;
    steps->input = call->output;
    return true;
}

struct keras_steps *keras_steps_begin(struct layer_call *call) {
    struct keras_steps *steps = pool_get(call->keras->pool, 1, sizeof *steps, call->keras->trouble);
    if (!steps || !keras_one_input(call, 0)) return NULL;
    steps->source = keras_ordered(call->keras, call->inputs[0], false, call->name);
    if (steps->source == GRAPH_NONE) return NULL;
    const struct fovea_shape *shape = graph_shape(call->graph, steps->source);
    if (shape_rank(shape) < 1 || shape_size(shape, 0) > STEPS_MAX) {
        keras_fail(call, "K-326 its input has no steps, or more than %d", STEPS_MAX);
        return NULL;
    }
    steps->count = shape_size(shape, 0);
    steps->results =
        pool_get(call->keras->pool, steps->count, sizeof *steps->results, call->keras->trouble);
    return steps->results && take_step(call, steps) ? steps : NULL;
}

bool keras_steps_next(struct layer_call *call, struct keras_steps *steps, uint32_t result,
                      bool *more) {
    struct fovea_shape row = *graph_shape(call->graph, result);
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {0};
    shape_insert(&row, 0, 1);
    if (!shape_is_possible(&row))
        return keras_fail(call, "K-327 its output has too many dimensions");
    if (!keras_shaped(call, result, &row, false)) return false;
    steps->results[steps->done++] = call->output;
    *more = steps->done < steps->count;
    if (*more) return take_step(call, steps);
    return steps->count == 1 ||
           keras_node(call, FOVEA_OP_CONCAT, steps->results, steps->count, NULL, 0, words);
}

bool keras_time_distributed(struct layer_call *call) {
    struct layer_call inner;
    if (!keras_one_input(call, 0) || !keras_inner(call, "layer", "layer", &inner)) return false;
    keras_layer *convert = keras_layer_of(inner.class_name);
    if (shape_rank(keras_input_shape(call, 0)) < 1)
        return keras_fail(call, "K-253 its input has no steps");
    if (!convert || convert == keras_time_distributed || keras_is_model(inner.class_name))
        return keras_fail(call, "K-254 a %s for each step is not supported", inner.class_name);
    if (keras_layer_order(inner.class_name) == KERAS_PICTURE && !keras_channels_last(&inner))
        return false;
    if (!is_stepless(convert)) return convert_steps(call, &inner, convert);
    if (!convert_inner(&inner, convert, call->inputs[0])) return false;
    call->output = inner.output;
    return true;
}

/* A row of a table for each number, which is its index. */
bool keras_embedding(struct layer_call *call) {
    int64_t rows, width;
    bool mask;
    struct source table;
    if (!keras_one_input(call, 0) || !keras_integer(call, "input_dim", 1, FOVEA_DIM_MAX, &rows) ||
        !keras_integer(call, "output_dim", 1, FOVEA_DIM_MAX, &width) ||
        !keras_flag(call, "mask_zero", false, &mask))
        return false;
    if (!keras_weight(call, "embeddings", (uint64_t)rows * (uint64_t)width, &table)) return false;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {
        [FOVEA_GATHER_ROWS] = (uint32_t)rows, [FOVEA_GATHER_WIDTH] = (uint32_t)width};
    uint32_t array = keras_plain_array(call, &table);
    uint32_t output;
    if (!keras_step(call, FOVEA_OP_GATHER, call->inputs[0], &array, 1, words)) return false;
    if (!mask) return true;
    output = call->output;
    if (!keras_differs(call, call->inputs[0], 0) ||
        !keras_set_mask(call->keras, output, call->output))
        return false;
    call->output = output;
    return true;
}
