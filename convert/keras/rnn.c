/* Recurrent layers. The product of all steps with the kernel is a dense layer; the rest is one operator. */
#include <string.h>

#include "convert/keras/build.h"

/* What the layer around a cell says. */
struct recurrence {
    bool backwards, sequence, flipped;
};

static const struct cell_row {
    const char *name; /* of the cell, and of the layer, which lacks the "Cell" */
    enum fovea_cell cell;
    uint32_t gates;
    const char *by_version[3]; /* settings whose defaults changed with versions */
} cell_rows[] = {
    {"GRUCell", FOVEA_CELL_GRU, 3, {"recurrent_activation", "reset_after"}},
    {"LSTMCell", FOVEA_CELL_LSTM, 4, {"recurrent_activation"}},
    {"SimpleRNNCell", FOVEA_CELL_SIMPLE, 1, {NULL}},
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

static bool read_recurrence(struct layer_call *call, struct recurrence *recurrence) {
    static const char *const refused[] = {"stateful", "return_state", "time_major"};
    bool flag;
    recurrence->flipped = false;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (!keras_flag(call, refused[i], false, &flag)) return false;
        if (flag) return keras_fail(call, "K-216 '%s' is not supported", refused[i]);
    }
    return keras_flag(call, "go_backwards", false, &recurrence->backwards) &&
           keras_flag(call, "return_sequences", false, &recurrence->sequence);
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

/* The cell of call->config over call->inputs[0]. */
static bool recur(struct layer_call *call, const struct recurrence *recurrence) {
    const struct cell_row *row = cell_of(call->class_name);
    struct fovea_tail state, gate;
    struct source kernel, bias, recurrent_kernel, recurrent_bias;
    int64_t units;
    bool reset_after;
    if (!row) return keras_fail(call, "K-218 the cell %s is not supported", call->class_name);
    for (const char *const *key = row->by_version; *key; key++)
        if (!keras_setting(call, *key))
            return keras_fail(call,
                              "K-217 its config lacks '%s', whose default depends on which "
                              "TensorFlow wrote the file",
                              *key);
    if (!keras_one_input(call, 2) || !keras_integer(call, "units", 1, FOVEA_DIM_MAX / 4, &units) ||
        !keras_flag(call, "reset_after", false, &reset_after) ||
        !keras_find_tail(call, "activation", &state) ||
        !keras_find_tail(call, "recurrent_activation", &gate))
        return false;
    enum fovea_cell cell = row->cell;
    if (cell == FOVEA_CELL_GRU && !reset_after) cell = FOVEA_CELL_GRU_RESET_BEFORE;
    uint32_t size = (uint32_t)units, all = size * row->gates;
    uint64_t inputs = shape_size(keras_input_shape(call, 0), 1);
    if (!keras_weight(call, "kernel", inputs * all, &kernel) ||
        !keras_weight(call, "recurrent_kernel", (uint64_t)size * all, &recurrent_kernel) ||
        !read_biases(call, all, cell == FOVEA_CELL_GRU, &bias, &recurrent_bias) ||
        !keras_linear(call, call->inputs[0], &kernel, &bias, all))
        return false;
    uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_RNN_CELL] = (uint32_t)cell,
                                            [FOVEA_RNN_UNITS] = size,
                                            [FOVEA_RNN_BACKWARDS] = recurrence->backwards,
                                            [FOVEA_RNN_SEQUENCE] = recurrence->sequence,
                                            [FOVEA_RNN_FLIPPED] = recurrence->flipped};
    keras_put_tail(words + FOVEA_RNN_STATE, &state);
    keras_put_tail(words + FOVEA_RNN_GATE, &gate);
    uint32_t arrays[2] = {keras_conv_array(call, &recurrent_kernel, 1, size, all, row->gates),
                          keras_bias_array(call, &recurrent_bias, all, row->gates)};
    return keras_step(call, FOVEA_OP_RNN, call->output, arrays, 2, words);
}

/* A layer of one of the classes, or an RNN with a cell in its config. */
static bool convert_recurrent(struct layer_call *call, const struct recurrence *recurrence) {
    struct layer_call inner;
    if (strcmp(call->class_name, "RNN") != 0) return recur(call, recurrence);
    if (!keras_inner(call, "cell", "cell", &inner) || !recur(&inner, recurrence)) return false;
    call->output = inner.output;
    return true;
}

bool keras_recurrent(struct layer_call *call) {
    struct recurrence recurrence;
    return read_recurrence(call, &recurrence) && convert_recurrent(call, &recurrence);
}

/* ---- both ways ---- */

static bool merge_ways(struct layer_call *call, const char *mode, uint32_t forward,
                       uint32_t backward) {
    const uint32_t pair[2] = {forward, backward};
    const uint32_t rank = shape_rank(graph_shape(call->graph, forward));
    const uint32_t words[FOVEA_ATTRIBUTES_MAX] = {[FOVEA_CONCAT_AXIS] =
                                                      shape_first_to_end(rank, 0)};
    if (strcmp(mode, "concat") == 0)
        return keras_node(call, FOVEA_OP_CONCAT, pair, 2, NULL, 0, words);
    if (strcmp(mode, "mul") == 0) return keras_combined(call, FOVEA_OP_MULTIPLY, forward, backward);
    if (strcmp(mode, "sum") != 0 && strcmp(mode, "ave") != 0)
        return keras_fail(call, "K-219 merge_mode '%s' is not supported", mode);
    return keras_combined(call, FOVEA_OP_ADD, forward, backward) &&
           (mode[0] == 's' || keras_scaled(call, call->output, 0.5f, 0));
}

/* The second way runs from the end, and its sequence is turned round to go with the first's. */
bool keras_bidirectional(struct layer_call *call) {
    const struct json *mode = json_member(call->config, "merge_mode");
    const struct json *own = json_member(call->config, "backward_layer");
    bool has_own = own && own->type != JSON_NULL;
    struct layer_call ways[2];
    struct recurrence recurrence;
    if (!keras_one_input(call, 2)) return false;
    for (int i = 0; i < 2; i++) {
        if (!keras_inner(call, i && has_own ? "backward_layer" : "layer",
                         i ? "backward_layer" : "forward_layer", &ways[i]) ||
            !read_recurrence(&ways[i], &recurrence))
            return false;
        if (i && !has_own) recurrence.backwards = !recurrence.backwards;
        recurrence.flipped = i == 1;
        if (!convert_recurrent(&ways[i], &recurrence)) return false;
    }
    if (mode && mode->type == JSON_NULL) {
        call->outputs = pool_get(call->keras->pool, 2, sizeof(uint32_t), call->keras->trouble);
        if (!call->outputs) return false;
        for (int i = 0; i < 2; i++) call->outputs[i] = ways[i].output;
        call->output_count = 2;
        return true;
    }
    if (mode && mode->type != JSON_STRING)
        return keras_fail(call, "K-220 its 'merge_mode' is not text");
    return merge_ways(call, mode ? mode->text : "concat", ways[0].output, ways[1].output);
}
