/* Comparisons and what is done with their answers. True is 1, false is 0. */
#include <string.h>

#include "convert/keras/build.h"
#include "convert/keras/raw.h"

static const struct {
    const char *name;
    uint32_t op;
    bool turned, negated; /* b op a; 1 - (a op b) */
} compare_rows[] = {
    {"equal", FOVEA_OP_EQUAL, false, false},
    {"greater", FOVEA_OP_GREATER, false, false},
    {"greater_equal", FOVEA_OP_GREATER_EQUAL, false, false},
    {"less", FOVEA_OP_GREATER, true, false},
    {"less_equal", FOVEA_OP_GREATER_EQUAL, true, false},
    {"not_equal", FOVEA_OP_EQUAL, false, true},
};

/* 1 where the value is 0, which is what false looks like, else 0. */
static bool negate(struct layer_call *call, uint32_t value) {
    const struct json zero = {.type = JSON_NUMBER};
    return keras_constant_argument(call, &zero, 0) &&
           keras_combined(call, FOVEA_OP_EQUAL, value, call->output);
}

bool raw_compare(struct layer_call *call, const char *parameter) {
    const struct keras_argument argument[2] = {keras_argument(call, 0, "x1|x"),
                                               keras_argument(call, 1, "x2|y")};
    uint32_t values[2];
    size_t row = 0;
    while (strcmp(compare_rows[row].name, parameter) != 0) row++;
    if (argument[0].value == GRAPH_NONE && argument[1].value == GRAPH_NONE)
        return keras_fail(call, "K-161 neither of its arguments is a tensor");
    if (!keras_tensor_pair(call, argument, values)) return false;
    bool turned = compare_rows[row].turned;
    if (!keras_combined(call, compare_rows[row].op, values[turned], values[!turned])) return false;
    return !compare_rows[row].negated || negate(call, call->output);
}

/* Any number as true or false, 0 alone is false; what a comparison made is that already. */
static bool make_truth(struct layer_call *call, uint32_t *value) {
    const struct graph *graph = call->graph;
    const uint32_t op = *value < graph->input_count ? FOVEA_OP_RESHAPE
                                                    : graph->nodes[*value - graph->input_count].op;
    if (op == FOVEA_OP_EQUAL || op == FOVEA_OP_GREATER || op == FOVEA_OP_GREATER_EQUAL) return true;
    if (!negate(call, *value) || !negate(call, call->output)) return false;
    *value = call->output;
    return true;
}

bool raw_logical(struct layer_call *call, const char *parameter) {
    struct keras_argument argument[2] = {keras_argument(call, 0, "x1|x"),
                                         keras_argument(call, 1, "x2|y")};
    const bool given[2] = {argument[0].value != GRAPH_NONE, argument[1].value != GRAPH_NONE};
    uint32_t values[2];
    if (!given[0] && !given[1])
        return keras_fail(call, "K-701 neither of its arguments is a tensor");
    for (int i = 0; i < 2; i++)
        if (given[i] && !make_truth(call, &argument[i].value)) return false;
    if (!keras_tensor_pair(call, argument, values)) return false;
    for (int i = 0; i < 2; i++)
        if (!given[i] && !make_truth(call, &values[i])) return false;
    return keras_combined(call,
                          strcmp(parameter, "and") == 0 ? FOVEA_OP_MULTIPLY : FOVEA_OP_MAXIMUM,
                          values[0], values[1]);
}

bool raw_not(struct layer_call *call, const char *parameter) {
    uint32_t value;
    (void)parameter;
    return keras_tensor_argument(call, 0, "x", &value) && negate(call, value);
}

/* The answer `condition` as a tensor beside one of the values, that value where it is 1, else 0. */
static bool keep_where(struct layer_call *call, struct keras_argument value, uint32_t condition) {
    const struct keras_argument both[2] = {value, {.value = condition}};
    uint32_t values[2];
    return keras_tensor_pair(call, both, values) &&
           keras_combined(call, FOVEA_OP_KEEP, values[0], values[1]);
}

/* A value that is not taken may be anything, a NaN too: it is replaced, not multiplied, by 0. */
bool raw_where(struct layer_call *call, const char *parameter) {
    const struct keras_argument first = keras_argument(call, 1, "x1|x");
    const struct keras_argument second = keras_argument(call, 2, "x2|y");
    uint32_t condition, kept;
    (void)parameter;
    if (!keras_tensor_argument(call, 0, "condition", &condition)) return false;
    if ((first.value == GRAPH_NONE && !first.json) || (second.value == GRAPH_NONE && !second.json))
        return keras_fail(call, "K-162 it needs two values to choose from");
    if (!keep_where(call, first, condition)) return false;
    kept = call->output;
    if (!negate(call, condition) || !keep_where(call, second, call->output)) return false;
    return keras_combined(call, FOVEA_OP_ADD, kept, call->output);
}
