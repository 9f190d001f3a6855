/* Recurrent layers of convolutions, one step after the other. */
#include <string.h>

#include "convert/keras/rnn.h"

#define STEPS_MAX 1024

struct conv_lstm {
    struct layer_call input, recurrent;  /* the two convolutions, with their settings */
    struct json config, padding, kernel; /* of the recurrent one */
    struct source kernels[2], bias;
    uint32_t filters;
    struct fovea_tail state, gate;
    uint32_t h, c; /* GRAPH_NONE before the first step */
};

/* call->output = the convolution of a step or a state; all gates side by side. */
static bool convolve(struct layer_call *call, uint32_t value, const struct source *stored,
                     const struct source *bias, uint32_t outputs) {
    struct keras_window window;
    struct source own = *stored, *kernel = &own; /* a volume's is put into another order */
    uint32_t picture;
    call->inputs = &value;
    call->input_count = 1;
    if (!keras_picture(call, &picture) || !keras_read_window(call, "kernel_size", &window))
        return false;
    const uint32_t channels = shape_from_end(graph_shape(call->graph, value), 0);
    return (keras_spatial(call) == 3 ? keras_volume_conv(call, &window, kernel, bias, outputs, 1)
                                     : keras_add_conv(call, window.words, picture, kernel, bias,
                                                      channels, outputs, 1)) &&
           keras_unpicture(call);
}

static bool apply(struct layer_call *call, const struct fovea_tail *tail) {
    return tail->kind == FOVEA_ACTIVATION_NONE ||
           keras_tail(call, tail->kind, tail->low, tail->high, tail->alpha);
}

/* Gate `which` of the sums. */
static bool gate(struct layer_call *call, const struct conv_lstm *l, uint32_t sums, uint32_t which,
                 uint32_t *value) {
    const uint32_t last = shape_first_to_end(shape_rank(graph_shape(call->graph, sums)), 0);
    if (!keras_sliced(call, sums, last, which * l->filters, l->filters) ||
        !apply(call, which == 2 ? &l->state : &l->gate))
        return false;
    *value = call->output;
    return true;
}

/* Gates: input, forget, state, output. */
static bool advance(struct layer_call *call, struct conv_lstm *l, uint32_t step) {
    const struct source none = {.count = 0};
    uint32_t in, forget, fresh, out;
    if (!convolve(&l->input, step, &l->kernels[0], &l->bias, 4 * l->filters)) return false;
    uint32_t sums = l->input.output;
    if (l->h != GRAPH_NONE) {
        if (!convolve(&l->recurrent, l->h, &l->kernels[1], &none, 4 * l->filters) ||
            !keras_combined(call, FOVEA_OP_ADD, sums, l->recurrent.output))
            return false;
        sums = call->output;
    }
    if (!gate(call, l, sums, 0, &in) || !gate(call, l, sums, 1, &forget) ||
        !gate(call, l, sums, 2, &fresh) || !gate(call, l, sums, 3, &out) ||
        !keras_combined(call, FOVEA_OP_MULTIPLY, in, fresh))
        return false;
    fresh = call->output;
    if (l->c != GRAPH_NONE && (!keras_combined(call, FOVEA_OP_MULTIPLY, forget, l->c) ||
                               !keras_combined(call, FOVEA_OP_ADD, call->output, fresh)))
        return false;
    l->c = l->c == GRAPH_NONE ? fresh : call->output;
    call->output = l->c;
    if (!apply(call, &l->state) || !keras_combined(call, FOVEA_OP_MULTIPLY, out, call->output))
        return false;
    l->h = call->output;
    return true;
}

static bool read_layer(struct layer_call *call, uint32_t channels, struct conv_lstm *l) {
    int64_t filters;
    uint32_t sizes[3];
    bool use_bias;
    const struct json *size = json_member(call->config, "kernel_size");
    memset(l, 0, sizeof *l);
    l->h = l->c = GRAPH_NONE;
    if (!keras_integer(call, "filters", 1, FOVEA_DIM_MAX / 4, &filters) ||
        !keras_sizes(call, "kernel_size", 1, sizes) ||
        !keras_find_tail(call, "activation", &l->state) ||
        !keras_find_tail(call, "recurrent_activation", &l->gate) ||
        !keras_flag(call, "use_bias", true, &use_bias))
        return false;
    l->filters = (uint32_t)filters;
    const uint64_t inputs[2] = {channels, (uint64_t)filters};
    static const char *const roles[] = {"kernel", "recurrent_kernel"};
    for (int i = 0; i < 2; i++) {
        uint64_t count = fovea_product(4 * inputs[i], (uint64_t)filters);
        for (int d = 0; d < 3; d++) count = fovea_product(count, sizes[d]);
        if (count == FOVEA_TOO_LARGE) return keras_fail(call, "K-489 its kernel is too large");
        if (!keras_weight(call, roles[i], count, &l->kernels[i])) return false;
    }
    if (use_bias && !keras_weight(call, "bias", 4 * (uint64_t)filters, &l->bias)) return false;
    l->input = l->recurrent = *call;
    l->kernel = *size; /* keras_sizes has seen it */
    l->kernel.key = "kernel_size";
    l->padding = (struct json){.type = JSON_STRING, .key = "padding", .text = "same", .length = 4};
    l->kernel.next = NULL;
    l->padding.next = &l->kernel;
    l->config = (struct json){.type = JSON_OBJECT, .count = 2, .first = &l->padding};
    l->recurrent.config = &l->config;
    l->recurrent.first = false; /* its settings do not state an order */
    return true;
}

/* Dimensions in Keras' order to channels last (or back), of a tensor with or without steps. */
static bool turn(struct layer_call *call, uint32_t value, bool back, uint32_t *turned) {
    const uint32_t rank = shape_rank(graph_shape(call->graph, value));
    const uint32_t own = keras_spatial(call) + 1, steps = rank > own;
    uint32_t from[FOVEA_RANK_MAX] = {0};
    for (uint32_t d = 0; d < own; d++)
        from[steps + d] = steps + (back ? shape_first_to_end(own, d) : shape_last_to_front(own, d));
    *turned = value;
    if (call->first && !keras_permuted(call, value, from)) return false;
    if (call->first) *turned = call->output;
    return true;
}

static bool run(struct layer_call *call, const struct recurrence *r, struct conv_lstm *l,
                uint32_t sequence) {
    const struct fovea_shape shape = *graph_shape(call->graph, sequence);
    const uint32_t steps = shape_size(&shape, 0);
    struct fovea_shape one = shape, row;
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_CONCAT_AXIS] = 0};
    uint32_t *results = pool_get(call->keras->pool, steps, sizeof *results, call->keras->trouble);
    if (!results) return false;
    shape_remove(&one, 0);
    if (steps > STEPS_MAX) return keras_fail(call, "K-490 it has more than %d steps", STEPS_MAX);
    for (uint32_t t = 0; t < steps; t++) {
        if (!keras_sliced(call, sequence, 0, r->backwards ? steps - 1 - t : t, 1) ||
            !keras_shaped(call, call->output, &one, false) || !advance(call, l, call->output))
            return false;
        row = *graph_shape(call->graph, l->h);
        shape_insert(&row, 0, 1);
        if (r->sequence && !keras_shaped(call, l->h, &row, false)) return false;
        results[t] = call->output;
    }
    call->output = r->sequence ? results[0] : l->h;
    return !r->sequence || steps == 1 ||
           keras_node(call, FOVEA_OP_CONCAT, results, steps, NULL, 0, words);
}

bool keras_conv_lstm(struct layer_call *call) {
    struct recurrence r;
    struct conv_lstm *l = pool_get(call->keras->pool, 1, sizeof *l, call->keras->trouble);
    const char *format;
    uint32_t sequence, output;
    if (!l || !keras_one_input(call, keras_spatial(call) + 2) || !keras_read_recurrence(call, &r) ||
        !keras_read_call(call, &r) || !keras_text(call, "data_format", "channels_last", &format))
        return false;
    if (r.mask != GRAPH_NONE) return keras_fail(call, "K-491 its mask is not supported");
    call->first = strcmp(format, "channels_first") == 0;
    if (!turn(call, call->inputs[0], true, &sequence)) return false;
    const uint32_t channels = shape_from_end(graph_shape(call->graph, sequence), 0);
    if (!read_layer(call, channels, l) || !run(call, &r, l, sequence)) return false;
    output = call->output;
    if (!turn(call, output, false, &output) || !turn(call, l->h, false, &r.last[0]) ||
        !turn(call, l->c, false, &r.last[1]))
        return false;
    r.last_count = 2;
    call->output = output;
    call->first = false;
    return keras_give_states(call, &r);
}
