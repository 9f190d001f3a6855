/* Models whose tensors have their channels first.
 *
 * Everything here lies channels-last. A value may be the channels-last form of a tensor that Keras
 * holds channels-first: that is noted for each value, and the walk hands every layer its inputs in the
 * order it wants (layers.def). Only where Keras' order becomes visible numbers are moved. */
#include <string.h>

#include "convert/keras/mask.h"

/* The note on a value. */
static struct value_order *order_of(struct keras *keras, uint32_t value) {
    if (value >= keras->order_count) {
        uint32_t count = value < 512 ? 1024 : value * 2;
        struct value_order *orders = pool_get(keras->pool, count, sizeof *orders, keras->trouble);
        if (!orders) return NULL;
        if (keras->order_count) memcpy(orders, keras->orders, keras->order_count * sizeof *orders);
        for (uint32_t i = keras->order_count; i < count; i++)
            orders[i] = (struct value_order){false, GRAPH_NONE, GRAPH_NONE};
        keras->orders = orders;
        keras->order_count = count;
    }
    return &keras->orders[value];
}

uint32_t keras_mask_of(const struct keras *keras, uint32_t value) {
    return value < keras->order_count ? keras->orders[value].mask : GRAPH_NONE;
}

bool keras_set_mask(struct keras *keras, uint32_t value, uint32_t mask) {
    if (mask == keras_mask_of(keras, value)) return true;
    struct value_order *order = order_of(keras, value);
    if (!order) return false;
    order->mask = mask;
    keras->masked = true;
    return true;
}

static bool is_first(const struct keras *keras, uint32_t value) {
    return value < keras->order_count && keras->orders[value].first;
}

bool keras_mark_first(struct keras *keras, uint32_t value, bool first) {
    first &= shape_rank(graph_shape(keras->graph, value)) > 1;
    if (first == is_first(keras, value)) return true;
    struct value_order *order = order_of(keras, value);
    if (!order) return false;
    order->first = first;
    return true;
}

/* The tensor with its last dimension moved to the front, or the other way about. */
static uint32_t turn(struct keras *keras, uint32_t value, bool to_front, const char *layer) {
    uint32_t rank = shape_rank(graph_shape(keras->graph, value)), from[FOVEA_RANK_MAX] = {0};
    struct layer_call call = {.keras = keras,
                              .graph = keras->graph,
                              .name = layer,
                              .class_name = "channels_first",
                              .inputs = &value,
                              .input_count = 1};
    for (uint32_t d = 0; d < rank; d++)
        from[d] = to_front ? shape_first_to_end(rank, d) : shape_last_to_front(rank, d);
    return keras_permuted(&call, value, from) ? call.output : GRAPH_NONE;
}

uint32_t keras_ordered(struct keras *keras, uint32_t value, bool first, const char *layer) {
    if (shape_rank(graph_shape(keras->graph, value)) < 2 || is_first(keras, value) == first)
        return value;
    struct value_order *order = order_of(keras, value);
    if (!order) return GRAPH_NONE;
    if (order->other == GRAPH_NONE) {
        uint32_t other = turn(keras, value, !first, layer);
        /* Where nothing had to move and no shape changed the value is both; a copy keeps them apart. */
        if (other == GRAPH_NONE) return GRAPH_NONE;
        struct value_order *made = order_of(keras, other);
        if (!made) return GRAPH_NONE;
        if (other == value) return value;
        made->first = first;
        made->other = value;
        keras->orders[value].other = other;
    }
    return keras->orders[value].other;
}

bool keras_wants_first(struct layer_call *call, enum keras_order_kind kind, bool *first) {
    *first = false;
    if (kind == KERAS_PICTURE) {
        const char *format;
        if (!keras_text(call, "data_format", "channels_last", &format)) return false;
        *first = strcmp(format, "channels_first") == 0;
        return true;
    }
    if (kind == KERAS_PLAIN) return true;
    for (uint32_t i = 0; i < call->input_count; i++) {
        if (shape_rank(keras_input_shape(call, i)) != shape_rank(keras_input_shape(call, 0))) {
            *first = false;
            return true;
        }
        *first |= is_first(call->keras, call->inputs[i]);
    }
    return true;
}

bool keras_plain_output(struct layer_call *call) {
    if (!call->first) return true;
    if (!keras_mark_first(call->keras, call->output, true)) return false;
    call->output = keras_ordered(call->keras, call->output, false, call->name);
    call->first = false;
    return call->output != GRAPH_NONE;
}
