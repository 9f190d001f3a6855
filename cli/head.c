#include "cli/head.h"

#include <stdlib.h>

#include "weights/blob.h"
#include "weights/rules.h"

const char *const head_words[HEAD_KINDS] = {"values", "softmax", "sigmoid"};

enum head_kind head_kind(const struct fovea_model *model, size_t index) {
    uint32_t value = fovea_blob_output(model, (uint32_t)index);
    while (value >= model->inputs) {
        struct fovea_node_view view;
        if (!fovea_node_read(model, value - model->inputs, fovea_blob_shape, model, &view))
            return HEAD_VALUES;
        const uint32_t op = view.record.op, tail = fovea_op_tail(op);
        if (op == FOVEA_OP_SOFTMAX) return HEAD_SOFTMAX;
        if (op == FOVEA_OP_ACTIVATION)
            return view.query.attribute[0] == FOVEA_ACTIVATION_SIGMOID ? HEAD_SIGMOID : HEAD_VALUES;
        if (tail != FOVEA_NO_TAIL && view.query.attribute[tail] == FOVEA_ACTIVATION_SIGMOID)
            return HEAD_SIGMOID;
        if (op != FOVEA_OP_RESHAPE) return HEAD_VALUES;
        value = fovea_node_input(&view, 0); /* always of an earlier node */
    }
    return HEAD_VALUES;
}

/* The layer that makes a value, whatever shapes it is given on the way; HEAD_NONE: it is the model's input. */
static uint32_t maker_of(const struct fovea_model *model, uint32_t value) {
    struct fovea_node_view view;
    while (value >= model->inputs) {
        if (!fovea_node_read(model, value - model->inputs, fovea_blob_shape, model, &view))
            return HEAD_NONE;
        if (view.record.op != FOVEA_OP_RESHAPE) return value - model->inputs;
        value = fovea_node_input(&view, 0);
    }
    return HEAD_NONE;
}

static bool is_dense(const struct fovea_node_view *view) {
    const struct fovea_window *window = &view->query.as.conv.window;
    return view->record.op == FOVEA_OP_DENSE ||
           (view->record.op == FOVEA_OP_CONV && window->y.kernel == 1 && window->x.kernel == 1 &&
            view->query.as.conv.groups == 1);
}

struct head_layers head_layers(const struct fovea_model *model, size_t index) {
    struct head_layers steps = {HEAD_NONE, HEAD_NONE, HEAD_NONE};
    struct fovea_node_view view;
    uint32_t value = fovea_blob_output(model, (uint32_t)index);
    for (; value >= model->inputs; value = fovea_node_input(&view, 0)) {
        const uint32_t node = value - model->inputs;
        if (!fovea_node_read(model, node, fovea_blob_shape, model, &view)) return steps;
        if (view.record.op == FOVEA_OP_SOFTMAX)
            steps.logits = maker_of(model, fovea_node_input(&view, 0));
        if (is_dense(&view)) {
            steps.dense = node;
            steps.features = maker_of(model, fovea_node_input(&view, 0));
            return steps;
        }
        if (view.record.op != FOVEA_OP_SOFTMAX && view.record.op != FOVEA_OP_RESHAPE &&
            view.record.op != FOVEA_OP_ACTIVATION)
            return steps;
    }
    return steps;
}

bool head_is_threshold(const char *text) {
    char *end;
    const double threshold = strtod(text, &end);
    return end != text && *end == 0 && threshold >= 0 && threshold <= 1;
}

double head_threshold(const struct fovea_model *model) {
    const char *note = fovea_model_note(model, HEAD_THRESHOLD_NOTE);
    return note && head_is_threshold(note) ? strtod(note, NULL) : 0.5;
}
