/* Which layers make masks, and what becomes of masks behind others. */
#include "convert/keras/mask.h"

#include <string.h>

#include "convert/keras/raw.h"

/* What a layer's output has. Of the layers that are not here: nothing. */
enum rule {
    MASK_KEPT,     /* the mask of its (first) input */
    MASK_SEQUENCE, /* the same where it gives a sequence */
    MASK_MERGED,   /* those of all inputs in one */
    MASK_JOINED,   /* those of its inputs, along the axis where it joins them */
    MASK_OWN       /* it has given it one */
};
static const struct {
    const char *class_name;
    enum rule rule;
    bool since_3; /* up to Keras 2: nothing */
} rows[] = {
    {"Activation", MASK_KEPT, false},
    {"ActivityRegularization", MASK_KEPT, false},
    {"Add", MASK_MERGED, false},
    {"AdditiveAttention", MASK_KEPT, false},
    {"AlphaDropout", MASK_KEPT, false},
    {"Attention", MASK_KEPT, false},
    {"Average", MASK_MERGED, false},
    {"BatchNormalization", MASK_KEPT, false},
    {"Bidirectional", MASK_SEQUENCE, false},
    {"Concatenate", MASK_JOINED, false},
    {"ConvLSTM1D", MASK_SEQUENCE, false},
    {"ConvLSTM2D", MASK_SEQUENCE, false},
    {"ConvLSTM3D", MASK_SEQUENCE, false},
    {"CuDNNGRU", MASK_SEQUENCE, false},
    {"CuDNNLSTM", MASK_SEQUENCE, false},
    {"Dense", MASK_KEPT, false},
    {"Dropout", MASK_KEPT, false},
    {"ELU", MASK_KEPT, false},
    {"Embedding", MASK_OWN, false},
    {"GRU", MASK_SEQUENCE, false},
    {"GaussianDropout", MASK_KEPT, false},
    {"GaussianNoise", MASK_KEPT, false},
    {"GroupNormalization", MASK_KEPT, false},
    {"GroupedQueryAttention", MASK_KEPT, false},
    {"Identity", MASK_KEPT, true},
    {"LSTM", MASK_SEQUENCE, false},
    {"LayerNormalization", MASK_KEPT, false},
    {"LeakyReLU", MASK_KEPT, false},
    {"Masking", MASK_OWN, false},
    {"Maximum", MASK_MERGED, false},
    {"Minimum", MASK_MERGED, false},
    {"MultiHeadAttention", MASK_KEPT, false},
    {"Multiply", MASK_MERGED, false},
    {"Normalization", MASK_KEPT, true},
    {"PReLU", MASK_KEPT, false},
    {"RNN", MASK_SEQUENCE, false},
    {"ReLU", MASK_KEPT, false},
    {"Rescaling", MASK_KEPT, true},
    {"SimpleRNN", MASK_SEQUENCE, false},
    {"Softmax", MASK_KEPT, false},
    {"SpatialDropout1D", MASK_KEPT, false},
    {"Subtract", MASK_MERGED, false},
    {"ThresholdedReLU", MASK_KEPT, false},
    {"TimeDistributed", MASK_KEPT, false},
    {"UnitNormalization", MASK_KEPT, false},
};

/* ---- tensors ---- */

bool keras_differs(struct layer_call *call, uint32_t value, float number) {
    float *numbers = keras_floats(call, 2);
    const struct fovea_shape one = SHAPE_SCALAR;
    if (!numbers) return false;
    numbers[0] = number;          /* numbers[1] = 0 */
    for (int i = 0; i < 2; i++) { /* whether it is equal; whether that is 0 */
        const struct source source = source_floats(numbers + i, 1);
        if (!keras_constant(call, &source, &one) ||
            !keras_combined(call, FOVEA_OP_EQUAL, value, call->output))
            return false;
        value = call->output;
    }
    return true;
}

bool keras_mask_column(struct layer_call *call, uint32_t mask) {
    struct fovea_shape column = *graph_shape(call->graph, mask);
    shape_append(&column, 1);
    return keras_shaped(call, mask, &column, false);
}

bool keras_masking(struct layer_call *call) {
    double number;
    if (!keras_one_input(call, 0) || !keras_number(call, "mask_value", 0, &number)) return false;
    const uint32_t value = call->inputs[0];
    const struct fovea_shape *shape = graph_shape(call->graph, value);
    if (shape_rank(shape) != 2)
        return keras_fail(call, "K-471 its input does not have the dimensions steps and features");
    if (!keras_differs(call, value, (float)number) ||
        !keras_reduced(call, FOVEA_OP_MAX_POOL, call->output, 2, false))
        return false;
    const uint32_t mask = call->output;
    return keras_mask_column(call, mask) &&
           keras_combined(call, FOVEA_OP_KEEP, value, call->output) &&
           keras_set_mask(call->keras, call->output, mask);
}

/* ---- what a call says ---- */

static bool is_within(const struct json *argument, const struct json *at) {
    if (argument == at) return true;
    const struct json *item = argument && argument->type == JSON_ARRAY ? argument->first : NULL;
    while (item && item != at) item = item->next;
    return item != NULL;
}

bool keras_set_masks_apart(struct layer_call *call) {
    static const char *const names[] = {"mask", "attention_mask", "query_mask", "value_mask",
                                        "key_mask"};
    uint32_t count = 0;
    call->ref_values = call->inputs;
    if (!call->refs || call->input_count < 2 || keras_is_raw(call->keras, call->layer)) return true;
    uint32_t *inputs =
        pool_get(call->keras->pool, call->input_count, sizeof *inputs, call->keras->trouble);
    if (!inputs) return false;
    for (uint32_t i = 0; i < call->input_count; i++) {
        bool mask = false;
        for (size_t n = 0; !mask && n < sizeof names / sizeof *names; n++)
            mask = is_within(keras_argument(call, SIZE_MAX, names[n]).json, call->refs[i].at);
        if (!mask) inputs[count++] = call->inputs[i];
    }
    call->inputs = inputs;
    call->input_count = count;
    return true;
}

bool keras_call_mask(struct layer_call *call, uint32_t *mask) {
    *mask = keras_argument(call, SIZE_MAX, "mask").value;
    if (*mask == GRAPH_NONE) *mask = keras_mask_of(call->keras, call->inputs[0]);
    if (*mask == GRAPH_NONE) return true;
    const struct fovea_shape *shape = graph_shape(call->graph, *mask);
    return (shape_rank(shape) == 1 &&
            shape_size(shape, 0) == shape_size(keras_input_shape(call, 0), 0)) ||
           keras_fail(call, "K-472 its mask does not have one number for each step of its input");
}

/* ---- handing on ---- */

/* Keras 3: counts where one of the inputs counts, where all have a mask; before: where all that have one do. */
static bool merge_masks(struct layer_call *call, uint32_t *mask) {
    const bool modern = call->keras->generation >= 3;
    for (uint32_t i = 0; i < call->input_count; i++) {
        const uint32_t own = keras_mask_of(call->keras, call->inputs[i]);
        if (own == GRAPH_NONE && modern) {
            *mask = GRAPH_NONE;
            return true;
        }
        if (own == GRAPH_NONE || own == *mask) continue;
        if (*mask != GRAPH_NONE &&
            !keras_combined(call, modern ? FOVEA_OP_MAXIMUM : FOVEA_OP_MINIMUM, *mask, own))
            return false;
        *mask = *mask == GRAPH_NONE ? own : call->output;
    }
    return true;
}

static bool ones(struct layer_call *call, uint32_t count) {
    float *numbers = keras_floats(call, count);
    const struct fovea_shape shape = SHAPE(count);
    if (!numbers) return false;
    for (uint32_t i = 0; i < count; i++) numbers[i] = 1;
    const struct source source = source_floats(numbers, count);
    return keras_constant(call, &source, &shape);
}

/* An input without a mask counts as a whole, where another has one. */
static bool join_masks(struct layer_call *call, uint32_t *mask) {
    const struct json *stated = json_member(call->config, "axis");
    const uint32_t rank = shape_rank(keras_input_shape(call, 0));
    const bool steps = rank == 2 && stated && (stated->integer == 1 || stated->integer == -2);
    const bool modern = call->keras->generation >= 3;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_CONCAT_AXIS] = 0};
    uint32_t *own =
        pool_get(call->keras->pool, call->input_count, sizeof *own, call->keras->trouble);
    bool any = false;
    if (!own) return false;
    for (uint32_t i = 0; i < call->input_count; i++)
        any |= keras_mask_of(call->keras, call->inputs[i]) != GRAPH_NONE;
    if (!any) return true;
    for (uint32_t i = 0; i < call->input_count; i++) {
        own[i] = keras_mask_of(call->keras, call->inputs[i]);
        if (own[i] != GRAPH_NONE) continue;
        if (!ones(call, shape_size(keras_input_shape(call, i), 0))) return false;
        own[i] = call->output;
    }
    *mask = own[0];
    if (steps && call->input_count > 1) {
        if (!keras_node(call, FOVEA_OP_CONCAT, own, call->input_count, NULL, 0, words))
            return false;
        *mask = call->output;
    }
    for (uint32_t i = 1; !steps && i < call->input_count; i++) {
        if (own[i] == *mask) continue;
        if (!keras_combined(call, modern ? FOVEA_OP_MAXIMUM : FOVEA_OP_MINIMUM, *mask, own[i]))
            return false;
        *mask = call->output;
    }
    return true;
}

static bool gives_sequence(struct layer_call *call, bool *sequence) {
    struct layer_call inner = *call;
    const struct json *layer = json_member(call->config, "layer");
    if (layer) inner.config = json_member(layer, "config");
    return keras_flag(&inner, "return_sequences", false, sequence);
}

/* The mask of the layer's first output. */
static bool find_mask(struct layer_call *call, enum rule rule, uint32_t *mask) {
    bool sequence = true;
    *mask = GRAPH_NONE;
    switch (rule) {
    case MASK_MERGED: return merge_masks(call, mask);
    case MASK_JOINED: return join_masks(call, mask);
    case MASK_SEQUENCE:
        if (!gives_sequence(call, &sequence)) return false;
        if (sequence && !keras_call_mask(call, mask)) return false;
        return true;
    case MASK_KEPT:
    case MASK_OWN: break;
    }
    if (call->input_count > 0) *mask = keras_mask_of(call->keras, call->inputs[0]);
    return true;
}

/* The value itself, or one of the same numbers where it has another mask: what a layer leaves as it is. */
static bool mark(struct layer_call *call, uint32_t *value, uint32_t mask) {
    if (keras_mask_of(call->keras, *value) == mask) return true;
    if (keras_mask_of(call->keras, *value) != GRAPH_NONE) {
        if (!keras_pinned(call, *value)) return false;
        *value = call->output;
    }
    return keras_set_mask(call->keras, *value, mask);
}

bool keras_hand_on_masks(struct layer_call *call) {
    const bool modern = call->keras->generation >= 3;
    uint32_t mask = GRAPH_NONE, output = call->output;
    if (!call->keras->masked) return true;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].class_name, call->class_name) != 0) continue;
        if (rows[i].rule == MASK_OWN) return true;
        if ((modern || !rows[i].since_3) && !find_mask(call, rows[i].rule, &mask)) return false;
    }
    call->output = output;
    if (call->output_count == 0) {
        if (!mark(call, &output, mask)) return false;
        call->output = output;
    }
    const bool both_ways = strcmp(call->class_name, "Bidirectional") == 0;
    for (uint32_t o = 0; o < call->output_count; o++)
        if (!mark(call, &call->outputs[o], o == 0 || both_ways ? mask : GRAPH_NONE)) return false;
    return true;
}
