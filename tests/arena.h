/* How tightly a model's tensors are placed, found from the graph alone: the most bytes that are needed at the
 * same time, whatever lies where. Part of conformance.c. */
#include "weights/blob.h"

/* Bytes of a value, as places are given: whole lines of 64. */
static uint64_t arena_bytes(const struct fovea_model *model, uint32_t value) {
    struct fovea_value record;
    fovea_blob_value(model, value, &record);
    return (fovea_value_bytes(&record) + 63) / 64 * 64;
}

/* The value whose memory `value` has: its own, or that of what it is another shape of. */
static uint32_t arena_owner(const struct fovea_model *model, uint32_t value) {
    while (value >= model->inputs) {
        struct fovea_node_record node = fovea_blob_node(model, value - model->inputs);
        if (fovea_op_place(node.op) != FOVEA_PLACE_ALIAS) break;
        value = fovea_blob_word(model, node.first);
    }
    return value;
}

/* Node `n` may write over its first input, which nothing reads later. */
static bool arena_over(const struct fovea_model *model, uint32_t n, const uint32_t *last) {
    struct fovea_node_record node = fovea_blob_node(model, n);
    uint32_t input = arena_owner(model, fovea_blob_word(model, node.first));
    bool constant =
        input >= model->inputs &&
        fovea_op_place(fovea_blob_node(model, input - model->inputs).op) == FOVEA_PLACE_CONSTANT;
    return fovea_op_place(node.op) == FOVEA_PLACE_OVER && last[input] == n && !constant &&
           arena_bytes(model, input) == arena_bytes(model, model->inputs + n);
}

/* The most bytes of tensors alive at one time. Inputs are written before the first node, outputs read after
 * the last. */
static uint64_t arena_least(const struct fovea_model *model) {
    uint32_t values = model->values, nodes = model->nodes;
    uint32_t *last = calloc(values, sizeof *last); /* the last node that needs it */
    uint64_t alive = 0, most;
    for (uint32_t v = 0; v < values; v++) last[v] = v < model->inputs ? 0 : v - model->inputs;
    for (uint32_t n = 0; n < nodes; n++) {
        struct fovea_node_record node = fovea_blob_node(model, n);
        for (uint32_t i = 0; i < node.inputs; i++)
            last[arena_owner(model, fovea_blob_word(model, node.first + i))] = n;
    }
    for (uint32_t o = 0; o < model->outputs; o++)
        last[arena_owner(model, fovea_blob_output(model, o))] = nodes;
    for (uint32_t v = 0; v < model->inputs; v++) alive += arena_bytes(model, v);
    most = alive;
    for (uint32_t n = 0; n < nodes; n++) {
        enum fovea_place place = fovea_op_place(fovea_blob_node(model, n).op);
        bool own = place == FOVEA_PLACE_OWN || place == FOVEA_PLACE_OVER;
        if (own && !arena_over(model, n, last)) alive += arena_bytes(model, model->inputs + n);
        most = alive > most ? alive : most;
        for (uint32_t v = 0; v <= model->inputs + n; v++) {
            enum fovea_place of =
                v < model->inputs ? FOVEA_PLACE_OWN
                                  : fovea_op_place(fovea_blob_node(model, v - model->inputs).op);
            bool kept = of == FOVEA_PLACE_OWN || of == FOVEA_PLACE_OVER;
            bool taken =
                own && v != model->inputs + n && arena_over(model, n, last) &&
                v == arena_owner(model, fovea_blob_word(model, fovea_blob_node(model, n).first));
            if (kept && last[v] == n && !taken) alive -= arena_bytes(model, v);
        }
    }
    free(last);
    return most;
}
