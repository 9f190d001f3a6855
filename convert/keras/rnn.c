/* Recurrent layers. The product of all steps with the kernel is a dense layer; the rest is one operator. */
#include <string.h>

#include "convert/keras/rnn.h"

static const struct cell_row {
    const char *name; /* of the cell, and of the layer, which lacks the "Cell" */
    enum fovea_cell cell;
    uint32_t gates, states;
    const char *by_version[3]; /* settings whose defaults changed with versions */
} cell_rows[] = {
    {"CuDNNGRUCell", FOVEA_CELL_GRU, 3, 1, {NULL}},
    {"CuDNNLSTMCell", FOVEA_CELL_LSTM, 4, 2, {NULL}},
    {"GRUCell", FOVEA_CELL_GRU, 3, 1, {"recurrent_activation", "reset_after"}},
    {"LSTMCell", FOVEA_CELL_LSTM, 4, 2, {"recurrent_activation"}},
    {"SimpleRNNCell", FOVEA_CELL_SIMPLE, 1, 1, {NULL}},
};

static const struct cell_row *cell_of(const char *class_name) {
    size_t length = strlen(class_name);
    for (size_t i = 0; i < sizeof cell_rows / sizeof cell_rows[0]; i++) {
        const char *name = cell_rows[i].name;
        if (strcmp(name, class_name) == 0 ||
            (strncmp(name, class_name, length) == 0 && strcmp(name + length, "Cell") == 0))
            return &cell_rows[i];
    }
    return NULL;
}

/* Both biases of the layer, as far as it has them; a GRU that resets after the product has two. */
static bool read_biases(struct layer_call *call, uint32_t count, bool two, struct source *bias,
                        struct source *recurrent) {
    bool use;
    memset(bias, 0, sizeof *bias);
    memset(recurrent, 0, sizeof *recurrent);
    if (!keras_flag(call, "use_bias", true, &use)) return false;
    if (!use) return true;
    if (!two) return keras_weight(call, "bias", count, bias);
    struct source both;
    float *numbers = keras_floats(call, 2 * (uint64_t)count);
    if (!numbers || !keras_weight(call, "bias", 2 * (uint64_t)count, &both)) return false;
    source_read(&both, 0, 2 * (uint64_t)count, numbers);
    *bias = source_floats(numbers, count);
    *recurrent = source_floats(numbers + count, count);
    return true;
}

bool keras_read_recurrence(struct layer_call *call, struct recurrence *recurrence) {
    bool time_major, stateful;
    *recurrence = (struct recurrence){.mask = GRAPH_NONE};
    if (!keras_flag(call, "time_major", false, &time_major) ||
        !keras_flag(call, "stateful", false, &stateful))
        return false;
    if (time_major) return keras_fail(call, "K-216 'time_major' is not supported");
    if (stateful && !call->keras->stateful) call->keras->stateful = call->name;
    return keras_flag(call, "return_state", false, &recurrence->states) &&
           keras_flag(call, "go_backwards", false, &recurrence->backwards) &&
           keras_flag(call, "zero_output_for_mask", false, &recurrence->zero) &&
           keras_flag(call, "return_sequences", false, &recurrence->sequence);
}

bool keras_read_call(struct layer_call *call, struct recurrence *recurrence) {
    if (call->input_count < 1) return keras_fail(call, "K-473 it takes no input");
    if (!keras_call_mask(call, &recurrence->mask)) return false;
    for (uint32_t i = 1; i < call->input_count; i++) {
        if (recurrence->first_count == KERAS_STATES_MAX)
            return keras_fail(call, "K-474 it takes more than %d states", KERAS_STATES_MAX);
        recurrence->first[recurrence->first_count++] = call->inputs[i];
    }
    return true;
}

bool keras_give_states(struct layer_call *call, const struct recurrence *recurrence) {
    if (!recurrence->states) return true;
    call->output_count = 1 + recurrence->last_count;
    call->outputs = pool_get(call->keras->pool, call->output_count, sizeof *call->outputs,
                             call->keras->trouble);
    if (!call->outputs) return false;
    call->outputs[0] = call->output;
    memcpy(call->outputs + 1, recurrence->last, recurrence->last_count * sizeof(uint32_t));
    return true;
}

/* ---- one cell ---- */

struct cell {
    const struct cell_row *row;
    enum fovea_cell cell;
    uint32_t units, all; /* all: of all gates */
    struct fovea_tail state, gate;
    struct source kernel, bias, recurrent_kernel, recurrent_bias;
};

/* Layers of cuDNN keep the matrix of each gate turned, its numbers in the order of the turned one, and a bias for
 * the input and one for the state, of which an LSTM needs the sum. */
static bool read_cudnn(struct layer_call *call, uint64_t inputs, struct cell *c) {
    struct source sources[3];
    float *numbers[3];
    const uint64_t units = c->units, all = c->all;
    const uint64_t counts[] = {inputs * all, units * all, 2 * all};
    static const char *const roles[] = {"kernel", "recurrent_kernel", "bias"};
    for (int i = 0; i < 3; i++) {
        numbers[i] = keras_floats(call, counts[i]);
        if (!numbers[i] || !keras_weight(call, roles[i], counts[i], &sources[i])) return false;
    }
    for (int i = 0; i < 2; i++) {
        const uint64_t rows = i ? units : inputs;
        float *stored = keras_floats(call, counts[i]);
        if (!stored) return false;
        source_read(&sources[i], 0, counts[i], stored);
        for (uint64_t n = 0; n < counts[i]; n++) {
            const uint64_t gate = n % all / units, unit = n % units, row = n / all;
            const uint64_t place = row + rows * unit; /* within the gate */
            numbers[i][n] = stored[place / units * all + gate * units + place % units];
        }
    }
    source_read(&sources[2], 0, counts[2], numbers[2]);
    const bool two = c->cell == FOVEA_CELL_GRU;
    for (uint64_t n = 0; !two && n < all; n++) numbers[2][n] += numbers[2][all + n];
    c->kernel = source_floats(numbers[0], counts[0]);
    c->recurrent_kernel = source_floats(numbers[1], counts[1]);
    c->bias = source_floats(numbers[2], all);
    if (two) c->recurrent_bias = source_floats(numbers[2] + all, all);
    c->state = (struct fovea_tail){FOVEA_ACTIVATION_TANH, 0, 0, 0};
    c->gate = (struct fovea_tail){FOVEA_ACTIVATION_SIGMOID, 0, 0, 0};
    return true;
}

static bool read_cell(struct layer_call *call, uint32_t input, struct cell *c) {
    const struct cell_row *row = cell_of(call->class_name);
    int64_t units;
    bool reset_after;
    *c = (struct cell){.row = row};
    if (!row) return keras_fail(call, "K-218 the cell %s is not supported", call->class_name);
    for (const char *const *key = row->by_version; *key; key++)
        if (!keras_setting(call, *key))
            return keras_fail(call,
                              "K-217 its config lacks '%s', whose default depends on which "
                              "TensorFlow wrote the file",
                              *key);
    if (!keras_integer(call, "units", 1, FOVEA_DIM_MAX / 4, &units) ||
        !keras_flag(call, "reset_after", false, &reset_after))
        return false;
    const uint64_t inputs = shape_size(graph_shape(call->graph, input), 1);
    c->units = (uint32_t)units;
    c->all = c->units * row->gates;
    c->cell = row->cell;
    if (strncmp(row->name, "CuDNN", 5) == 0) return read_cudnn(call, inputs, c);
    if (c->cell == FOVEA_CELL_GRU && !reset_after) c->cell = FOVEA_CELL_GRU_RESET_BEFORE;
    return keras_find_tail(call, "activation", &c->state) &&
           keras_find_tail(call, "recurrent_activation", &c->gate) &&
           keras_weight(call, "kernel", inputs * c->all, &c->kernel) &&
           keras_weight(call, "recurrent_kernel", (uint64_t)c->units * c->all,
                        &c->recurrent_kernel) &&
           read_biases(call, c->all, c->cell == FOVEA_CELL_GRU, &c->bias, &c->recurrent_bias);
}

/* The operator's inputs behind the first: a mask, where there is one or a state comes behind it, and the state. */
static bool gather_inputs(struct layer_call *call, const struct recurrence *r, uint32_t steps,
                          const uint32_t *first, uint32_t states, uint32_t inputs[3],
                          uint32_t *count) {
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_CONCAT_AXIS] = 0};
    *count = 1;
    if (r->mask == GRAPH_NONE && !first) return true;
    inputs[(*count)++] = r->mask;
    if (r->mask == GRAPH_NONE) {
        float *ones = keras_floats(call, steps);
        const struct fovea_shape line = SHAPE(steps);
        if (!ones) return false;
        for (uint32_t i = 0; i < steps; i++) ones[i] = 1;
        const struct source source = source_floats(ones, steps);
        if (!keras_constant(call, &source, &line)) return false;
        inputs[1] = call->output;
    }
    if (!first) return true;
    call->output = first[0];
    if (states > 1 && !keras_node(call, FOVEA_OP_CONCAT, first, states, NULL, 0, words))
        return false;
    inputs[(*count)++] = call->output;
    return true;
}

/* `count` numbers of the last dimension from `first` on; of one row alone where `row` is below `rows`. */
static bool take_state(struct layer_call *call, uint32_t value, uint32_t row, uint32_t first,
                       uint32_t count, uint32_t *state) {
    const uint32_t rank = shape_rank(graph_shape(call->graph, value));
    const struct fovea_shape line = SHAPE(count);
    call->output = value;
    if (rank == 2 && !keras_sliced(call, call->output, 0, row, 1)) return false;
    if (!keras_sliced(call, call->output, shape_first_to_end(rank, 0), first, count) ||
        !keras_shaped(call, call->output, &line, false))
        return false;
    *state = call->output;
    return true;
}

/* What the operator gave as the layer's output, and its last states. */
static bool take_outputs(struct layer_call *call, struct recurrence *r, const struct cell *c,
                         uint32_t steps) {
    const uint32_t value = call->output, last = r->flipped ? 0 : steps - 1;
    const uint32_t rank = shape_rank(graph_shape(call->graph, value));
    const bool wide = r->states && c->row->states > 1;
    for (uint32_t i = 0; r->states && i < c->row->states; i++) {
        if (r->last_count == KERAS_STATES_MAX)
            return keras_fail(call, "K-475 it has more than %d states", KERAS_STATES_MAX);
        if (!take_state(call, value, last, i * c->units, c->units, &r->last[r->last_count++]))
            return false;
    }
    call->output = value;
    return !wide || keras_sliced(call, value, shape_first_to_end(rank, 0), 0, c->units);
}

/* From the last step to the first. */
static bool turn_mask(struct layer_call *call, uint32_t *mask) {
    const uint32_t steps = shape_size(graph_shape(call->graph, *mask), 0);
    const struct fovea_shape line = SHAPE(steps);
    const int64_t back = -1;
    if (!keras_rearranged(call, *mask, &line, &back, (int64_t)steps - 1)) return false;
    *mask = call->output;
    return true;
}

/* Steps that do not count give 0, in the order of the output. */
static bool clear_masked(struct layer_call *call, const struct recurrence *r) {
    const uint32_t value = call->output;
    uint32_t mask = r->mask;
    if (!r->zero || r->mask == GRAPH_NONE) return true;
    if (!r->sequence)
        return keras_fail(call, "K-476 'zero_output_for_mask' without 'return_sequences' is not "
                                "supported");
    if (r->backwards != r->flipped && !turn_mask(call, &mask)) return false;
    return keras_mask_column(call, mask) &&
           keras_combined(call, FOVEA_OP_KEEP, value, call->output);
}

/* The cell of call->config over a sequence; its first states, or NULL. */
static bool run_cell(struct layer_call *call, struct recurrence *r, uint32_t input,
                     const uint32_t *first, uint32_t first_count) {
    struct cell c;
    uint32_t inputs[3], count;
    const struct fovea_shape *shape = graph_shape(call->graph, input);
    const uint32_t steps = shape_size(shape, 0);
    if (shape_rank(shape) != 2)
        return keras_fail(call, "K-477 its input has %u dimensions instead of 2",
                          shape_rank(shape));
    if (!read_cell(call, input, &c)) return false;
    if (first && first_count != c.row->states)
        return keras_fail(call, "K-478 it is given %u initial states instead of %u", first_count,
                          c.row->states);
    if (!gather_inputs(call, r, steps, first, c.row->states, inputs, &count) ||
        !keras_linear(call, input, &c.kernel, &c.bias, c.all))
        return false;
    inputs[0] = call->output;
    const uint32_t cells = r->states && c.row->states > 1 ? 2 : 0;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_RNN_CELL] = (uint32_t)c.cell,
                                            [FOVEA_RNN_UNITS] = c.units,
                                            [FOVEA_RNN_BACKWARDS] = r->backwards,
                                            [FOVEA_RNN_SEQUENCE] = r->sequence | cells,
                                            [FOVEA_RNN_FLIPPED] = r->flipped};
    keras_put_tail(words + FOVEA_RNN_STATE, &c.state);
    keras_put_tail(words + FOVEA_RNN_GATE, &c.gate);
    const uint32_t arrays[2] = {
        keras_conv_array(call, &c.recurrent_kernel, 1, c.units, c.all, c.row->gates),
        keras_bias_array(call, &c.recurrent_bias, c.all, c.row->gates)};
    return keras_node(call, FOVEA_OP_RNN, inputs, count, arrays, 2, words) &&
           take_outputs(call, r, &c, steps) && clear_masked(call, r);
}

/* ---- layers of one cell or several ---- */

/* How many items of the list before `item` have its class: Keras numbers their groups of weights. */
static uint32_t before_of(const struct json *list, const struct json *item,
                          const char *class_name) {
    uint32_t count = 0;
    for (const struct json *i = list->first; i && i != item; i = i->next)
        count += json_is(json_member(i, "class_name"), class_name);
    return count;
}

/* Cells over one another: each runs over all of what the one below it gave. */
static bool run_stack(struct layer_call *call, struct recurrence *r) {
    const struct json *list = json_member(call->config, "cells");
    const char slash = call->keras->separator ? call->keras->separator : '/';
    uint32_t value = call->inputs[0], taken = 0;
    if (!list || list->type != JSON_ARRAY || !list->first)
        return keras_fail(call, "K-479 its 'cells' are not a list");
    for (const struct json *item = list->first; item; item = item->next) {
        const struct json *class_name = json_member(item, "class_name");
        struct recurrence one = *r;
        struct layer_call inner = *call;
        inner.config = json_member(item, "config");
        if (!class_name || class_name->type != JSON_STRING || !inner.config)
            return keras_fail(call, "K-480 a cell of it is not understood");
        inner.class_name = class_name->text;
        const struct cell_row *row = cell_of(inner.class_name);
        const char *snake = keras_snake_case(call->keras, inner.class_name);
        const uint32_t number = before_of(list, item, inner.class_name);
        if (!snake || !row)
            return keras_fail(call, "K-481 the cell %s is not supported", inner.class_name);
        inner.part = number
                         ? pool_print(call->keras->pool, call->keras->trouble, "%s%ccells%c%s_%u",
                                      call->part, slash, slash, snake, number)
                         : pool_print(call->keras->pool, call->keras->trouble, "%s%ccells%c%s",
                                      call->part, slash, slash, snake);
        if (!inner.part) return false;
        if (value != call->inputs[0]) { /* the first one has turned it round */
            if (one.backwards && one.mask != GRAPH_NONE && !turn_mask(call, &one.mask))
                return false;
            one.backwards = false;
        }
        if (item->next) {
            one.sequence = true;
            one.zero = one.flipped = false;
        }
        if (r->first_count && taken + row->states > r->first_count)
            return keras_fail(call, "K-482 it is given %u initial states, which are too few",
                              r->first_count);
        if (!run_cell(&inner, &one, value, r->first_count ? r->first + taken : NULL, row->states))
            return false;
        taken += row->states;
        memcpy(r->last, one.last, sizeof r->last);
        r->last_count = one.last_count;
        value = inner.output;
    }
    call->output = value;
    return true;
}

/* A layer of one of the classes, or an RNN with a cell in its config. */
bool keras_recur(struct layer_call *call, struct recurrence *r) {
    struct layer_call inner;
    if (strcmp(call->class_name, "RNN") != 0)
        return run_cell(call, r, call->inputs[0], r->first_count ? r->first : NULL, r->first_count);
    if (!keras_inner(call, "cell", "cell", &inner)) return false;
    const bool stacked = strcmp(inner.class_name, "StackedRNNCells") == 0;
    if (stacked ? !run_stack(&inner, r)
                : !run_cell(&inner, r, call->inputs[0], r->first_count ? r->first : NULL,
                            r->first_count))
        return false;
    call->output = inner.output;
    return true;
}

bool keras_recurrent(struct layer_call *call) {
    struct recurrence recurrence;
    return keras_read_recurrence(call, &recurrence) && keras_read_call(call, &recurrence) &&
           keras_recur(call, &recurrence) && keras_give_states(call, &recurrence);
}
