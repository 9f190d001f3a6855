/* Reading a blob's tables: field by field, bounded even if the bytes change after they were checked. */
#include "kernels/kernels.h"
#include "weights/blob.h"

struct fovea_bytes fovea_blob_bytes(const struct fovea_model *model, size_t at) {
    struct fovea_bytes b = fovea_bytes_of(model->blob, (size_t)model->size);
    fovea_skip(&b, at);
    return b;
}

struct fovea_node_record fovea_blob_node(const struct fovea_model *model, uint32_t node) {
    struct fovea_bytes b =
        fovea_blob_bytes(model, model->at_nodes + (size_t)node * FOVEA_BLOB_NODE);
    struct fovea_node_record record;
    record.op = fovea_read32(&b);
    record.name = fovea_read32(&b);
    record.first = fovea_read32(&b);
    record.inputs = fovea_read32(&b);
    record.arrays = fovea_read32(&b);
    record.attributes = fovea_read32(&b);
    return record;
}

uint32_t fovea_blob_word(const struct fovea_model *model, uint32_t word) {
    if (word >= model->words) return 0;
    struct fovea_bytes b = fovea_blob_bytes(model, model->at_words + (size_t)word * 4);
    return fovea_read32(&b);
}

const char *fovea_blob_text(const struct fovea_model *model, uint32_t at) {
    /* The last byte of the text part is NUL, and open refuses an offset outside it. */
    return (const char *)model->blob + model->at_text + (at < model->text ? at : 0);
}

/* The record of a value; *old where it is of a format that says less. */
static FOVEA_NOINLINE struct fovea_bytes value_record(const struct fovea_model *model,
                                                      uint32_t value, bool *old) {
    *old = !model->resized && model->format != FOVEA_BLOB_FORMAT;
    if (model->resized) /* written by fovea_model_resize, in memory of its own */
        return fovea_bytes_of(model->resized + (size_t)value * FOVEA_BLOB_VALUE, FOVEA_BLOB_VALUE);
    size_t size = *old ? FOVEA_BLOB_VALUE_OLD : FOVEA_BLOB_VALUE;
    return fovea_blob_bytes(model, model->at_values + (size_t)value * size);
}

static void value_shape(struct fovea_bytes *b, struct fovea_shape *shape) {
    shape->rank = fovea_read32(b);
    for (int i = 0; i < FOVEA_RANK_MAX; i++) shape->dims[i] = fovea_read32(b);
}

void fovea_blob_value(const struct fovea_model *model, uint32_t value, struct fovea_value *found) {
    bool old;
    struct fovea_bytes b = value_record(model, value, &old);
    fovea_fill(found, 0, sizeof *found);
    value_shape(&b, &found->shape);
    uint32_t striped = fovea_read32(&b);
    found->offset = fovea_read64(&b);
    found->reader = FOVEA_NO_READER;
    if (FOVEA_STRIPES && model->in_stripes)
        found->offset =
            striped == FOVEA_BLOB_PASSED ? FOVEA_NO_PLACE : (uint64_t)striped * FOVEA_ALIGN;
    if (old) return;
    found->type = fovea_read32(&b);
    found->quantization.scale = fovea_read_float(&b);
    found->quantization.zero = (int32_t)fovea_read32(&b);
    found->quantization.channels = fovea_read32(&b);
    found->reader = fovea_read32(&b);
}

uint64_t fovea_value_bytes(const struct fovea_value *value) {
    uint64_t count;
    if (!fovea_type_built(value->type) || !fovea_shape_count(&value->shape, &count)) return 0;
    return fovea_tensor_bytes(count, (enum fovea_type)value->type);
}

bool fovea_blob_passed(const struct fovea_model *model, uint32_t value) {
    struct fovea_value record;
    if (!FOVEA_STRIPES || !model->in_stripes) return false;
    fovea_blob_value(model, value, &record);
    return record.offset == FOVEA_NO_PLACE;
}

struct fovea_model fovea_blob_in_stripes(const struct fovea_model *model) {
    struct fovea_model striped = *model;
    striped.in_stripes = true;
    striped.arena = model->striped;
    return striped;
}

void fovea_blob_shape(const void *model, uint32_t value, struct fovea_shape *shape) {
    uint64_t count;
    bool old;
    struct fovea_bytes b = value_record((const struct fovea_model *)model, value, &old);
    value_shape(&b, shape);
    if (!fovea_shape_count(shape, &count))
        shape->rank = 0; /* open refuses it; the bytes changed since */
}

uint32_t fovea_blob_output(const struct fovea_model *model, uint32_t index) {
    struct fovea_bytes b =
        fovea_blob_bytes(model, model->at_outputs + (size_t)index * FOVEA_BLOB_OUTPUT);
    fovea_skip(&b, 4);
    return fovea_read32(&b);
}

bool fovea_blob_array(const struct fovea_model *model, uint32_t array,
                      struct fovea_numbers *found) {
    struct fovea_bytes b =
        fovea_blob_bytes(model, model->at_arrays + (size_t)array * FOVEA_BLOB_ARRAY);
    const uint64_t offset = fovea_read64(&b), count = fovea_read32(&b);
    const uint32_t type = fovea_read32(&b);
    found->at = NULL;
    found->count = count;
    found->type = FOVEA_TYPE_COUNT;
    if (!fovea_type_built(type)) return false;
    found->type = (enum fovea_type)type;
    if (b.failed || array >= model->arrays || offset % FOVEA_ALIGN != 0) return false;
    const uint64_t size = count * fovea_type_bytes((enum fovea_type)type); /* of 32 bits and 4 */
    if (!fovea_in_range(offset, size, model->size)) return false;
    found->at = model->blob + offset;
    return true;
}

const float *fovea_blob_golden(const struct fovea_model *model, uint32_t index, uint64_t *count) {
    uint32_t stored = model->inputs + model->outputs;
    struct fovea_numbers array;
    *count = 0;
    if (!model->golden || index >= stored || model->arrays < stored) return NULL;
    fovea_blob_array(model, model->arrays - stored + index, &array);
    *count = array.count;
    return fovea_numbers_are(&array, FOVEA_F32) ? (const float *)array.at : NULL;
}

/* A value below that of the node, whatever the word says: open has refused others. */
static uint32_t node_word(const struct fovea_node_view *view, uint32_t input) {
    uint32_t value = fovea_blob_word(view->model, view->record.first + input);
    return value < view->model->inputs + view->node ? value : 0;
}

uint32_t fovea_node_input(const struct fovea_node_view *view, uint32_t input) {
    if (input < FOVEA_INPUTS_NEAR) return view->input[input];
    return view->inputs ? view->inputs[input] : node_word(view, input);
}

static void node_shape(const void *context, uint32_t input, struct fovea_shape *shape) {
    const struct fovea_node_view *view = (const struct fovea_node_view *)context;
    view->source(view->context, fovea_node_input(view, input), shape);
}

static bool node_inputs(struct fovea_node_view *view) {
    const struct fovea_node_record *record = &view->record;
    for (uint32_t i = 0; i < record->inputs; i++) {
        uint32_t value = fovea_blob_word(view->model, record->first + i);
        if (value >= view->model->inputs + view->node)
            return fovea_rule_fail(&view->query, "B-037 a node uses a value not yet computed");
        if (i < FOVEA_INPUTS_NEAR) view->input[i] = value;
        if (view->inputs) view->inputs[i] = value;
    }
    return true;
}

static bool node_arrays(struct fovea_node_view *view) {
    const struct fovea_node_record *record = &view->record;
    uint32_t word = record->first + record->inputs;
    for (uint32_t i = 0; i < record->arrays; i++) {
        struct fovea_numbers *array = &view->array[i];
        if (!fovea_blob_array(view->model, fovea_blob_word(view->model, word++), array))
            return fovea_rule_fail(&view->query, "B-038 a node's weights are missing");
        if (FOVEA_NARROW_BUILT && fovea_op_has(record->op, i) &&
            !fovea_op_reads(record->op, i, array->type))
            return fovea_rule_fail(&view->query,
                                   "B-044 weights of a type their operator does not read");
    }
    if (FOVEA_BYTES_BUILT && fovea_op_reads(record->op, 2, FOVEA_F32) && record->arrays > 0 &&
        (view->array[0].type == FOVEA_I8) != (record->arrays == 3))
        return fovea_rule_fail(
            &view->query, "B-540 8-bit weights without scales, or scales without 8-bit weights");
    return true;
}

bool fovea_node_begin(const struct fovea_model *model, uint32_t node,
                      struct fovea_node_view *view) {
    struct fovea_rule_query *query = &view->query;
    view->model = model;
    view->node = node;
    view->inputs = NULL;
    view->input[0] = view->input[1] = 0;
    view->record = fovea_blob_node(model, node);
    const struct fovea_node_record *record = &view->record;
    uint64_t words = (uint64_t)record->inputs + record->arrays + record->attributes;
    if (!fovea_in_range(record->first, words, model->words))
        return fovea_rule_fail(query, "B-035 a node's words lie outside their table");
    if (record->attributes > FOVEA_ATTRIBUTES_MAX || record->arrays > FOVEA_ARRAYS_MAX)
        return fovea_rule_fail(query, "B-036 a node with too many attributes or arrays");
    return true;
}

bool fovea_node_finish(fovea_shape_source *source, const void *context,
                       struct fovea_node_view *view) {
    struct fovea_rule_query *query = &view->query;
    const struct fovea_node_record *record = &view->record;
    view->source = source;
    view->context = context;
    query->op = record->op;
    query->inputs = record->inputs;
    query->arrays = record->arrays;
    query->attributes = record->attributes;
    query->shape_of = node_shape;
    query->context = view;
    if (!node_inputs(view) || !node_arrays(view)) return false;
    uint32_t word = record->first + record->inputs + record->arrays;
    for (uint32_t i = 0; i < query->attributes; i++)
        query->attribute[i] = fovea_blob_word(view->model, word++);
    if (!fovea_rule_apply(query)) return false;
    for (uint32_t i = 0; i < query->arrays; i++)
        if (view->array[i].count != query->array_count[i])
            return fovea_rule_fail(query, "B-039 an array of weights of the wrong size");
    return true;
}

bool fovea_node_read(const struct fovea_model *model, uint32_t node, fovea_shape_source *source,
                     const void *context, struct fovea_node_view *view) {
    return fovea_node_begin(model, node, view) && fovea_node_finish(source, context, view);
}
