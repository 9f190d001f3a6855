/* A model with inputs of another size: the same nodes and weights, the table of values written anew into
 * the caller's memory, in the blob's own form. */
#include "weights/blob_build.h"
#include "weights/check.h"

/* The memory, in this order: the table, then what the placing thinks in. */
struct resize_memory {
    uint64_t table, values, nodes, outputs, words, size;
};

static struct resize_memory resize_layout(const struct fovea_model *model) {
    struct resize_memory m;
    m.table = 0;
    m.values = fovea_round_up((size_t)model->values * FOVEA_BLOB_VALUE, FOVEA_ALIGN);
    m.nodes =
        m.values + fovea_round_up(model->values * sizeof(struct fovea_draft_value), FOVEA_ALIGN);
    m.outputs =
        m.nodes + fovea_round_up(model->nodes * sizeof(struct fovea_draft_node), FOVEA_ALIGN);
    m.words =
        m.outputs + fovea_round_up(model->outputs * sizeof(struct fovea_draft_output), FOVEA_ALIGN);
    m.size = m.words + fovea_round_up(((size_t)model->words + 1) * sizeof(uint32_t), FOVEA_ALIGN);
    return m;
}

size_t fovea_model_resize_bytes(const struct fovea_model *model) {
    return model && model->blob ? (size_t)resize_layout(model).size : 0;
}

bool fovea_model_resized(const struct fovea_model *model) {
    return model && model->resized;
}

#define resize_fail(error, status, text, where) fovea_report(error, status, FOVEA_TEXT(text), where)

static void draft_value_shape(const void *context, uint32_t value, struct fovea_shape *shape) {
    *shape = ((const struct fovea_draft *)context)->values[value].shape;
}

/* The draft's nodes, with the ids of their inputs copied out of the blob. */
static void copy_nodes(const struct fovea_model *model, struct fovea_draft_node *nodes,
                       uint32_t *words) {
    for (uint32_t n = 0; n < model->nodes; n++) {
        struct fovea_node_record record = fovea_blob_node(model, n);
        nodes[n].op = record.op;
        nodes[n].inputs = words;
        nodes[n].input_count = record.inputs;
        for (uint32_t i = 0; i < record.inputs; i++) {
            uint32_t value = fovea_blob_word(model, record.first + i);
            *words++ = value < model->inputs + n ? value : 0; /* the bytes may change under us */
        }
    }
}

/* The shapes of all values, from the new inputs on. */
static enum fovea_status infer_shapes(const struct fovea_model *model, struct fovea_draft *draft,
                                      struct fovea_draft_output *outputs,
                                      const struct fovea_shape *shapes, struct fovea_error *error) {
    for (uint32_t v = 0; v < model->values; v++) {
        struct fovea_node_view view;
        const struct fovea_shape *shape = &view.query.output;
        uint32_t node = v - model->inputs;
        uint64_t count;
        if (v < model->inputs)
            shape = &shapes[v];
        else if (!fovea_node_read(model, node, draft_value_shape, draft, &view))
            return fovea_report(error, FOVEA_SHAPE, view.query.problem, node);
        if (!fovea_shape_count(shape, &count))
            return resize_fail(error, FOVEA_SHAPE, "S-008 an input of no elements or too many", v);
        draft->values[v].shape = *shape;
        struct fovea_value kept;
        fovea_blob_value(model, v, &kept);
        const bool bytes = FOVEA_Q8_BUILT && kept.type == FOVEA_I8;
        draft->values[v].type = bytes ? FOVEA_I8 : FOVEA_F32;
        draft->values[v].quantization =
            bytes ? kept.quantization : (struct fovea_quantization){0, 0, 0};
        for (uint32_t d = shape->rank; d < FOVEA_RANK_MAX; d++) draft->values[v].shape.dims[d] = 0;
    }
    for (uint32_t o = 0; o < model->outputs; o++) {
        struct fovea_io io;
        uint32_t value = fovea_blob_output(model, o);
        outputs[o].value = value < model->values ? value : 0;
        const struct fovea_shape *shape = &draft->values[outputs[o].value].shape;
        fovea_model_output(model, o, &io);
        if (!fovea_labels_fit(shape, io.labels))
            return resize_fail(error, FOVEA_SHAPE, "S-009 the labels do not fit the new output", 0);
    }
    return FOVEA_OK;
}

enum fovea_status fovea_model_resize(const struct fovea_model *model,
                                     const struct fovea_shape *shapes, void *memory, size_t bytes,
                                     struct fovea_model *resized, struct fovea_error *error) {
    if (!model || !model->blob || !shapes || !memory || !resized)
        return resize_fail(error, FOVEA_ARGUMENT, "S-010 an argument of resize is NULL", 0);
    struct resize_memory layout = resize_layout(model);
    if ((uintptr_t)memory % FOVEA_ALIGN != 0)
        return resize_fail(error, FOVEA_ALIGNMENT,
                           "S-011 the memory must start at a multiple of 64 bytes", 0);
    if (bytes < layout.size)
        return resize_fail(error, FOVEA_MEMORY, "S-012 the memory is too small for the tables", 0);
    uint8_t *base = (uint8_t *)memory;
    struct fovea_draft_node *nodes = (struct fovea_draft_node *)(void *)(base + layout.nodes);
    struct fovea_draft_output *outputs =
        (struct fovea_draft_output *)(void *)(base + layout.outputs);
    struct fovea_draft draft = {
        .nodes = nodes,
        .outputs = outputs,
        .input_count = model->inputs,
        .node_count = model->nodes,
        .output_count = model->outputs,
        .values = (struct fovea_draft_value *)(void *)(base + layout.values),
    };
    copy_nodes(model, nodes, (uint32_t *)(void *)(base + layout.words));
    enum fovea_status status = infer_shapes(model, &draft, outputs, shapes, error);
    if (status != FOVEA_OK) return status;
    fovea_draft_readers(&draft);
    if (!fovea_draft_place(&draft))
        return resize_fail(error, FOVEA_LIMIT, "S-013 too many tensors alive at once to place", 0);
    for (uint32_t v = 0; v < model->values; v++)
        fovea_draft_value_write(&draft, v, base + layout.table + (size_t)v * FOVEA_BLOB_VALUE);
    *resized = *model;
    resized->resized = base + layout.table;
    resized->arena = draft.arena;
    resized->striped = 0; /* stripes are for the size they were chosen for */
    resized->golden = 0;
    return fovea_report(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
}

#undef resize_fail
