/* What a model's user may ask of it: inputs, outputs, labels, notes. */
#include "weights/blob.h"

static enum fovea_status describe(const struct fovea_model *model, uint32_t value, uint32_t name,
                                  struct fovea_io *io) {
    struct fovea_value record;
    uint64_t count;
    fovea_blob_value(model, value, &record);
    io->shape = record.shape;
    if (!fovea_shape_count(&io->shape, &count)) return FOVEA_FORMAT;
    io->count = (size_t)count;
    io->name = fovea_blob_text(model, name);
    return FOVEA_OK;
}

bool fovea_picture_of(const struct fovea_shape *shape, struct fovea_picture *picture) {
    const uint32_t *dims = shape->dims;
    bool last = shape->rank == 3 && (dims[2] == 1 || dims[2] == 3);
    bool first = shape->rank == 3 && !last && (dims[0] == 1 || dims[0] == 3);
    *picture = (struct fovea_picture){dims[0], dims[1], last ? dims[2] : 1, first};
    if (first) *picture = (struct fovea_picture){dims[1], dims[2], dims[0], true};
    return last || first || shape->rank == 2;
}

size_t fovea_model_inputs(const struct fovea_model *model) {
    return model ? model->inputs : 0;
}

size_t fovea_model_outputs(const struct fovea_model *model) {
    return model ? model->outputs : 0;
}

enum fovea_status fovea_model_input(const struct fovea_model *model, size_t index,
                                    struct fovea_io *io) {
    if (!model || !io || index >= model->inputs) return FOVEA_ARGUMENT;
    fovea_fill(io, 0, sizeof *io);
    struct fovea_bytes b = fovea_blob_bytes(model, model->at_inputs + index * FOVEA_BLOB_INPUT);
    uint32_t name = fovea_read32(&b);
    struct fovea_recipe *recipe = &io->recipe;
    recipe->resize = (enum fovea_resize)fovea_read32(&b);
    const uint32_t fit = fovea_read32(&b);
    recipe->fit = (enum fovea_fit)(fit & 255);
    recipe->symmetries = (enum fovea_symmetries)(fit >> 8);
    const uint32_t colour = fovea_read32(&b);
    recipe->colour = (enum fovea_colour)(colour & 255);
    uint32_t state = fovea_read32(&b);
    recipe->assumed = (state & 255) == FOVEA_RECIPE_ASSUMED;
    recipe->open = (state & 255) == FOVEA_RECIPE_OPEN;
    recipe->transform = (enum fovea_transform)(state >> 8 & 255);
    recipe->shrink = (enum fovea_shrink)(state >> 16 & 255);
    recipe->orientation = (enum fovea_orientation)(state >> 24);
    recipe->scale = fovea_read_float(&b);
    for (int c = 0; c < 3; c++) recipe->mean[c] = fovea_read_float(&b);
    for (int c = 0; c < 3; c++) recipe->std[c] = fovea_read_float(&b);
    if (FOVEA_STEPS_BUILT && colour >> 8) fovea_recipe_read_steps(model, (uint32_t)index, recipe);
    return describe(model, (uint32_t)index, name, io);
}

/* The fields of output `index`: name, value, labels, first word. */
static void output_record(const struct fovea_model *model, size_t index, uint32_t field[4]) {
    struct fovea_bytes b = fovea_blob_bytes(model, model->at_outputs + index * FOVEA_BLOB_OUTPUT);
    for (int i = 0; i < 4; i++) field[i] = fovea_read32(&b);
}

enum fovea_status fovea_model_output(const struct fovea_model *model, size_t index,
                                     struct fovea_io *io) {
    if (!model || !io || index >= model->outputs) return FOVEA_ARGUMENT;
    uint32_t field[4];
    fovea_fill(io, 0, sizeof *io);
    output_record(model, index, field);
    io->labels = field[2];
    return describe(model, field[1] < model->values ? field[1] : 0, field[0], io);
}

const char *fovea_model_label(const struct fovea_model *model, size_t output, size_t label) {
    uint32_t field[4];
    if (!model || output >= model->outputs) return NULL;
    output_record(model, output, field);
    if (label >= field[2]) return NULL;
    return fovea_blob_text(model, fovea_blob_word(model, field[3] + (uint32_t)label));
}

const char *fovea_model_note(const struct fovea_model *model, const char *key) {
    if (!model || !key) return NULL;
    for (uint32_t i = 0; i < model->notes; i++) {
        struct fovea_bytes b =
            fovea_blob_bytes(model, model->at_notes + (size_t)i * FOVEA_BLOB_NOTE);
        const char *have = fovea_blob_text(model, fovea_read32(&b)), *want = key;
        while (*want && *have == *want) have++, want++;
        if (*have == *want) return fovea_blob_text(model, fovea_read32(&b));
    }
    return NULL;
}

bool fovea_model_layer(const struct fovea_model *model, size_t layer, struct fovea_shape *shape,
                       const char **name) {
    if (!model || !model->blob || layer >= model->nodes) return false;
    if (shape) fovea_blob_shape(model, model->inputs + (uint32_t)layer, shape);
    if (name) *name = fovea_blob_text(model, fovea_blob_node(model, (uint32_t)layer).name);
    return true;
}

const void *fovea_model_extra(const struct fovea_model *model, size_t *bytes) {
    const uint64_t at = model && model->blob ? model->extra : 0;
    if (bytes) *bytes = at ? (size_t)(model->size - at) : 0;
    return at ? model->blob + at : NULL;
}
