/* Who reads a value: found when a blob is written, and stated in it from format 3 on; found anew in a blob of
 * an older format. */
#include "weights/blob_build.h"

#define NODES_MOST 2048 /* an older model of more nodes: looking takes time by the square of them */

void fovea_draft_readers(struct fovea_draft *draft) {
    const uint32_t values = draft->input_count + draft->node_count;
    const uint32_t unread = FOVEA_NO_READER - 1;
    for (uint32_t v = 0; v < values; v++) draft->values[v].reader = unread;
    for (uint32_t n = 0; n < draft->node_count; n++)
        for (uint32_t i = 0; i < draft->nodes[n].input_count; i++) {
            uint32_t *reader = &draft->values[draft->nodes[n].inputs[i]].reader;
            *reader = *reader == unread && i == 0 ? n : FOVEA_NO_READER;
        }
    for (uint32_t v = 0; v < values; v++)
        if (draft->values[v].reader == unread) draft->values[v].reader = FOVEA_NO_READER;
    for (uint32_t o = 0; o < draft->output_count; o++)
        draft->values[draft->outputs[o].value].reader = FOVEA_NO_READER;
}

/* The same in a blob, by looking at all nodes. */
static uint32_t reader_found(const struct fovea_model *model, uint32_t value) {
    uint32_t reader = FOVEA_NO_READER, reads = 0;
    if (model->nodes > NODES_MOST) return FOVEA_NO_READER;
    for (uint32_t o = 0; o < model->outputs; o++)
        if (fovea_blob_output(model, o) == value) return FOVEA_NO_READER;
    for (uint32_t n = value < model->inputs ? 0 : value - model->inputs + 1; n < model->nodes;
         n++) {
        struct fovea_node_record record = fovea_blob_node(model, n);
        if (!fovea_in_range(record.first, record.inputs, model->words)) return FOVEA_NO_READER;
        for (uint32_t i = 0; i < record.inputs; i++)
            if (fovea_blob_word(model, record.first + i) == value)
                reads += i == 0 ? 1 : 2, reader = n;
    }
    return reads == 1 ? reader : FOVEA_NO_READER;
}

uint32_t fovea_blob_reader(const struct fovea_model *model, uint32_t value) {
    struct fovea_value record;
    if (FOVEA_SMALL) return FOVEA_NO_READER; /* and nobody asks */
    if (model->format != FOVEA_BLOB_FORMAT && !model->resized) return reader_found(model, value);
    fovea_blob_value(model, value, &record);
    return record.reader;
}

static uint32_t reader_named(const struct fovea_model *model, uint32_t value) {
    struct fovea_value record;
    fovea_blob_value(model, value, &record);
    return record.reader;
}

bool fovea_blob_readers_right(const struct fovea_model *model) {
    uint32_t firsts = 0, named = 0;
    bool good = true;
    if (FOVEA_SMALL || model->format != FOVEA_BLOB_FORMAT)
        return true; /* nobody asks, or none says it */
    for (uint32_t o = 0; o < model->outputs; o++)
        good &= reader_named(model, fovea_blob_output(model, o)) == FOVEA_NO_READER;
    for (uint32_t n = 0; n < model->nodes; n++) {
        struct fovea_node_record node = fovea_blob_node(model, n);
        for (uint32_t i = 0; i < node.inputs; i++) {
            uint32_t reader = reader_named(model, fovea_blob_word(model, node.first + i));
            good &= reader == FOVEA_NO_READER || (i == 0 && reader == n);
            firsts += i == 0 && reader == n;
        }
    }
    for (uint32_t v = 0; v < model->values; v++) named += reader_named(model, v) != FOVEA_NO_READER;
    return good && firsts == named;
}
