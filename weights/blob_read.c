/* Reading a blob's tables: field by field, bounded even if the bytes change after they were checked. */
#include "kernels/kernels.h"
#include "weights/blob.h"

struct fovea_bytes fovea_blob_bytes(const struct fovea_model *model, uint64_t at) {
    struct fovea_bytes b = fovea_bytes_of(model->blob, (size_t)model->size);
    fovea_skip(&b, at);
    return b;
}

struct fovea_node_record fovea_blob_node(const struct fovea_model *model, uint32_t node) {
    struct fovea_bytes b =
        fovea_blob_bytes(model, model->at_nodes + (uint64_t)node * FOVEA_BLOB_NODE);
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
    struct fovea_bytes b = fovea_blob_bytes(model, model->at_words + (uint64_t)word * 4);
    return fovea_read32(&b);
}

const char *fovea_blob_text(const struct fovea_model *model, uint32_t at) {
    /* The last byte of the text part is NUL, and open refuses an offset outside it. */
    return (const char *)model->blob + model->at_text + (at < model->text ? at : 0);
}

void fovea_blob_value(const struct fovea_model *model, uint32_t value, struct fovea_shape *shape,
                      uint64_t *offset) {
    struct fovea_bytes b =
        model->resized
            ? fovea_bytes_of(model->resized + (size_t)value * FOVEA_BLOB_VALUE, FOVEA_BLOB_VALUE)
            : fovea_blob_bytes(model, model->at_values + (uint64_t)value * FOVEA_BLOB_VALUE);
    shape->rank = fovea_read32(&b);
    for (int i = 0; i < FOVEA_RANK_MAX; i++) shape->dims[i] = fovea_read32(&b);
    uint32_t striped = fovea_read32(&b);
    *offset = fovea_read64(&b);
    if (FOVEA_STRIPES && model->in_stripes)
        *offset = striped == FOVEA_BLOB_PASSED ? FOVEA_NO_PLACE : (uint64_t)striped * FOVEA_ALIGN;
}

bool fovea_blob_passed(const struct fovea_model *model, uint32_t value) {
    struct fovea_shape shape;
    uint64_t offset;
    if (!FOVEA_STRIPES || !model->in_stripes) return false;
    fovea_blob_value(model, value, &shape, &offset);
    return offset == FOVEA_NO_PLACE;
}

struct fovea_model fovea_blob_in_stripes(const struct fovea_model *model) {
    struct fovea_model striped = *model;
    striped.in_stripes = true;
    striped.arena = model->striped;
    return striped;
}

void fovea_blob_shape(const void *model, uint32_t value, struct fovea_shape *shape) {
    uint64_t offset;
    fovea_blob_value((const struct fovea_model *)model, value, shape, &offset);
    if (shape->rank > FOVEA_RANK_MAX)
        shape->rank = 0; /* open refuses it; the bytes changed since */
}

uint32_t fovea_blob_output(const struct fovea_model *model, uint32_t index) {
    struct fovea_bytes b =
        fovea_blob_bytes(model, model->at_outputs + (uint64_t)index * FOVEA_BLOB_OUTPUT);
    fovea_skip(&b, 4);
    return fovea_read32(&b);
}

void fovea_blob_array(const struct fovea_model *model, uint32_t array,
                      struct fovea_blob_array *found) {
    struct fovea_bytes b =
        fovea_blob_bytes(model, model->at_arrays + (uint64_t)array * FOVEA_BLOB_ARRAY);
    uint64_t offset = fovea_read64(&b), count = fovea_read32(&b);
    uint32_t kind = fovea_read32(&b);
    found->floats = NULL;
    found->halves = NULL;
    found->count = 0;
    const bool halves = FOVEA_HALVES_BUILT && kind == FOVEA_HALVES;
    const uint64_t size = count * sizeof(float) >> halves; /* of 32 bits: cannot overflow */
    if (b.failed || array >= model->arrays || offset % FOVEA_ALIGN != 0 || kind > halves ||
        !fovea_in_range(offset, size, model->size))
        return;
    const void *at = model->blob + offset;
    found->count = count;
    if (halves)
        found->halves = (const uint16_t *)at;
    else
        found->floats = (const float *)at;
}

const float *fovea_blob_golden(const struct fovea_model *model, uint32_t index, uint64_t *count) {
    uint32_t stored = model->inputs + model->outputs;
    struct fovea_blob_array array;
    *count = 0;
    if (!model->golden || index >= stored || model->arrays < stored) return NULL;
    fovea_blob_array(model, model->arrays - stored + index, &array);
    *count = array.count;
    return array.floats;
}

void fovea_blob_floats(float *to, const float *from, uint64_t count) {
#if FOVEA_BIG_ENDIAN
    const uint8_t *bytes = (const uint8_t *)from;
    for (size_t i = 0; i < count; i++, bytes += 4)
        to[i] = fovea_float_of_bits((uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 |
                                    (uint32_t)bytes[1] << 8 | bytes[0]);
#else
    fovea_copy(to, from, (size_t)count * sizeof(float));
#endif
}

void fovea_blob_halves(uint16_t *to, const uint16_t *from, uint64_t count) {
    const uint8_t *bytes = (const uint8_t *)from;
    for (size_t i = 0; i < count; i++, bytes += 2)
        to[i] = (uint16_t)(bytes[0] | (uint32_t)bytes[1] << 8);
}

uint32_t fovea_node_input(const struct fovea_node_view *view, uint32_t input) {
    uint32_t value = fovea_blob_word(view->model, view->record.first + input);
    return value < view->model->values ? value : 0;
}

static void node_shape(const void *context, uint32_t input, struct fovea_shape *shape) {
    const struct fovea_node_view *view = (const struct fovea_node_view *)context;
    view->source(view->context, fovea_node_input(view, input), shape);
}

static bool node_inputs_below(const struct fovea_model *model,
                              const struct fovea_node_record *record, uint32_t value) {
    for (uint32_t i = 0; i < record->inputs; i++)
        if (fovea_blob_word(model, record->first + i) >= value) return false;
    return true;
}

bool fovea_node_read(const struct fovea_model *model, uint32_t node, fovea_shape_source *source,
                     const void *context, struct fovea_node_view *view) {
    struct fovea_rule_query *query = &view->query;
    view->model = model;
    view->source = source;
    view->context = context;
    view->record = fovea_blob_node(model, node);
    const struct fovea_node_record *record = &view->record;
    uint64_t words = (uint64_t)record->inputs + record->arrays + record->attributes;
    if (!fovea_in_range(record->first, words, model->words))
        return fovea_rule_fail(query, "B-035 a node whose words lie outside their table");
    if (record->attributes > FOVEA_ATTRIBUTES_MAX || record->arrays > FOVEA_ARRAYS_MAX)
        return fovea_rule_fail(query, "B-036 a node with too many attributes or arrays");
    query->op = record->op;
    query->inputs = record->inputs;
    query->arrays = record->arrays;
    query->attributes = record->attributes;
    query->shape_of = node_shape;
    query->context = view;
    if (!node_inputs_below(model, record, model->inputs + node))
        return fovea_rule_fail(query, "B-037 a node that uses a value not yet computed");
    uint32_t word = record->first + record->inputs;
    for (uint32_t i = 0; i < query->arrays; i++) {
        struct fovea_blob_array *array = &view->array[i];
        fovea_blob_array(model, fovea_blob_word(model, word++), array);
        if (!array->floats && !array->halves)
            return fovea_rule_fail(query, "B-038 a node whose weights are missing");
        if (FOVEA_HALVES_BUILT && array->halves && (i > 0 || !fovea_op_halves(record->op)))
            return fovea_rule_fail(query, "B-044 weights of half precision where none are read");
    }
    for (uint32_t i = 0; i < query->attributes; i++)
        query->attribute[i] = fovea_blob_word(model, word++);
    if (!fovea_rule_apply(query)) return false;
    for (uint32_t i = 0; i < query->arrays; i++)
        if (view->array[i].count != query->array_count[i])
            return fovea_rule_fail(query, "B-039 an array of weights of the wrong size");
    return true;
}
