/* Recurrent layers, one step after the other. What each step's input adds was computed for all steps at
 * once, by a dense layer; here is what the state adds, and the gates. Not split among tasks. */
#include "engine/bind.h"

struct fovea_rnn_step {
    struct fovea_rnn rnn;
    void (*kernel)(const struct fovea_conv_tile *);
    void (*add)(const struct fovea_pair *);
    void (*subtract)(const struct fovea_pair *);
    void (*multiply)(const struct fovea_pair *);
    struct fovea_tail_run state, gate; /* kernel NULL: nothing to apply */
    float *scratch;     /* the gates, the state, a second state or what is in between */
    const float *first; /* the state to start from, or NULL */
};
FOVEA_STATE(fovea_rnn_step, 116);

static const struct fovea_rnn_step *rnn_of(const struct fovea_step *step) {
    return (const struct fovea_rnn_step *)step->state;
}

static void rnn_apply(const struct fovea_tail_run *activation, float *data, size_t count) {
    if (activation->kernel) fovea_tail_apply(activation, data, count);
}

/* to[i] = a[i] op b[i] */
static void rnn_pair(const struct fovea_step *step, void (*op)(const struct fovea_pair *),
                     const float *a, const float *b, float *to) {
    struct fovea_pair pair = {a, b, to, rnn_of(step)->rnn.units, 1, 1};
    op(&pair);
}

/* to = recurrent bias + state times the recurrent kernel, of one gate. */
static void rnn_recur(const struct fovea_step *step, const float *state, size_t gate, float *to) {
    const struct fovea_rnn_step *s = rnn_of(step);
    size_t units = s->rnn.units, padded = fovea_round_up(units, FOVEA_BLOCK);
    struct fovea_conv_tile tile = {
        .input = &state,
        .output = &to,
        .weights = step->weights + gate * padded * units,
        .bias = step->bias + gate * padded,
        .pixels = 1,
        .channels = units,
        .rows = 1,
        .columns = 1,
        .length = units,
        .weight_block = units * FOVEA_BLOCK,
        .low = -FOVEA_INFINITY,
        .high = FOVEA_INFINITY,
    };
    s->kernel(&tile);
}

/* gate = activation(input + recurrence) */
static void rnn_gate(const struct fovea_step *step, const float *input, const float *state,
                     size_t gate, const struct fovea_tail_run *activation, float *to) {
    const struct fovea_rnn_step *s = rnn_of(step);
    rnn_recur(step, state, gate, to);
    rnn_pair(step, s->add, input + gate * s->rnn.units, to, to);
    rnn_apply(activation, to, s->rnn.units);
}

/* cell = forget * cell + input * new; state = output * activation(cell) */
static void rnn_lstm(const struct fovea_step *step, const float *input, float *gates, float *state,
                     float *cell) {
    const struct fovea_rnn_step *s = rnn_of(step);
    size_t units = s->rnn.units;
    float *in = gates, *forget = in + units, *fresh = forget + units, *out = fresh + units;
    rnn_gate(step, input, state, 0, &s->gate, in);
    rnn_gate(step, input, state, 1, &s->gate, forget);
    rnn_gate(step, input, state, 2, &s->state, fresh);
    rnn_gate(step, input, state, 3, &s->gate, out);
    rnn_pair(step, s->multiply, forget, cell, cell);
    rnn_pair(step, s->multiply, in, fresh, fresh);
    rnn_pair(step, s->add, cell, fresh, cell);
    fovea_copy(state, cell, units * sizeof(float));
    rnn_apply(&s->state, state, units);
    rnn_pair(step, s->multiply, out, state, state);
}

/* state = new + update * (state - new); the reset gate works on the state before its product with the
 * kernel, or on that product. */
static void rnn_gru(const struct fovea_step *step, const float *input, float *gates, float *state,
                    float *between) {
    const struct fovea_rnn_step *s = rnn_of(step);
    size_t units = s->rnn.units;
    float *update = gates, *reset = update + units, *fresh = reset + units;
    rnn_gate(step, input, state, 0, &s->gate, update);
    rnn_gate(step, input, state, 1, &s->gate, reset);
    if (s->rnn.cell == FOVEA_CELL_GRU) {
        rnn_recur(step, state, 2, fresh);
        rnn_pair(step, s->multiply, reset, fresh, fresh);
    } else {
        rnn_pair(step, s->multiply, reset, state, between);
        rnn_recur(step, between, 2, fresh);
    }
    rnn_pair(step, s->add, input + 2 * units, fresh, fresh);
    rnn_apply(&s->state, fresh, units);
    rnn_pair(step, s->subtract, state, fresh, state);
    rnn_pair(step, s->multiply, update, state, state);
    rnn_pair(step, s->add, fresh, state, state);
}

/* The state after one more step. `other`: an LSTM's cell; else free to use. */
static void rnn_advance(const struct fovea_step *step, const float *input, float *gates,
                        float *state, float *other) {
    const struct fovea_rnn_step *s = rnn_of(step);
    if (s->rnn.cell == FOVEA_CELL_SIMPLE) {
        rnn_gate(step, input, state, 0, &s->state, other);
        fovea_copy(state, other, s->rnn.units * sizeof(float));
    } else if (s->rnn.cell == FOVEA_CELL_LSTM) {
        rnn_lstm(step, input, gates, state, other);
    } else {
        rnn_gru(step, input, gates, state, other);
    }
}

static void rnn_run(const struct fovea_step *step, uint32_t task) {
    const struct fovea_rnn_step *s = rnn_of(step);
    const struct fovea_rnn *rnn = &s->rnn;
    const bool lstm = rnn->cell == FOVEA_CELL_LSTM;
    size_t units = rnn->units, width = rnn->cells ? 2 * units : units;
    float *gates = s->scratch, *state = gates + rnn->gates * units, *other = state + units;
    (void)task;
    fovea_fill(state, 0, 2 * units * sizeof(float));
    if (s->first) fovea_copy(state, s->first, (lstm ? 2 : 1) * units * sizeof(float));
    for (uint32_t t = 0; t < rnn->steps; t++) {
        size_t from = rnn->backwards ? rnn->steps - 1 - t : t;
        size_t to = rnn->flipped ? rnn->steps - 1 - t : t;
        if (rnn->inputs < 2 || step->second[from] != 0)
            rnn_advance(step, step->input + from * rnn->gates * units, gates, state, other);
        if (rnn->sequence) fovea_copy(step->output + to * width, state, width * sizeof(float));
    }
    if (!rnn->sequence) fovea_copy(step->output, state, width * sizeof(float));
}

bool fovea_bind_rnn(struct fovea_binding *binding) {
    struct fovea_step *step = binding->step;
    struct fovea_rnn_step *s = fovea_bind_state(binding, fovea_rnn_step);
    enum fovea_kernel_index unused;
    s->rnn = binding->view->query.as.rnn;
    s->kernel = fovea_bind_kernel(binding, conv_f32);
    s->add = fovea_bind_kernel(binding, add_f32);
    if (s->rnn.cell != FOVEA_CELL_SIMPLE) s->multiply = fovea_bind_kernel(binding, multiply_f32);
    if (s->rnn.cell == FOVEA_CELL_GRU || s->rnn.cell == FOVEA_CELL_GRU_RESET_BEFORE)
        s->subtract = fovea_bind_kernel(binding, subtract_f32);
    s->state = fovea_bind_map(binding, &s->rnn.state, &unused);
    s->gate = fovea_bind_map(binding, &s->rnn.gate, &unused);
    s->scratch = fovea_bind_floats(binding, ((uint64_t)s->rnn.gates + 2) * s->rnn.units);
    if (s->rnn.inputs > 2) s->first = fovea_bind_tensor(binding, 2);
    step->weights = fovea_bind_weights(binding, 0);
    step->bias = fovea_bind_weights(binding, 1);
    step->run = rnn_run;
    step->kernel = FOVEA_KERNEL_conv_f32;
    return true;
}
