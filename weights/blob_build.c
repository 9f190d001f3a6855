#include "weights/blob_build.h"

#define draft_fail(draft, node, text) draft_refuse(draft, node, FOVEA_TEXT(text))
static bool draft_refuse(struct fovea_draft *draft, uint32_t node, fovea_problem problem) {
    draft->problem = problem;
    draft->problem_node = node;
    return false;
}

struct draft_source {
    const struct fovea_draft *draft;
    const struct fovea_draft_node *node;
};

static void draft_shape_of(const void *context, uint32_t input, struct fovea_shape *shape) {
    const struct draft_source *source = (const struct draft_source *)context;
    *shape = source->draft->values[source->node->inputs[input]].shape;
}

bool fovea_draft_shape(struct fovea_draft *draft, uint32_t node, struct fovea_rule_query *query) {
    const struct fovea_draft_node *record = &draft->nodes[node];
    struct draft_source source = {draft, record};
    uint32_t value = draft->input_count + node;
    for (uint32_t i = 0; i < record->input_count; i++)
        if (record->inputs[i] >= value)
            return draft_fail(draft, node, "C-017 it uses a value computed later");
    query->op = record->op;
    query->inputs = record->input_count;
    query->arrays = record->array_count;
    query->attributes = fovea_op_attributes(record->op);
    fovea_copy(query->attribute, record->attribute, sizeof query->attribute);
    query->shape_of = draft_shape_of;
    query->context = &source;
    if (!fovea_rule_apply(query)) return draft_refuse(draft, node, query->problem);
    for (uint32_t i = query->output.rank; i < FOVEA_RANK_MAX; i++) query->output.dims[i] = 0;
    draft->values[value].shape = query->output;
    return true;
}

/* The counts of everything, as a map of the blob. */
static bool draft_map(const struct fovea_draft *draft, struct fovea_model *map) {
    uint64_t words = 0, text = 1;
#define TEXT(t)                                                                                    \
    for (const char *c = (t); text++, *c; c++)                                                     \
        ;
    fovea_fill(map, 0, sizeof *map);
    map->format = FOVEA_BLOB_FORMAT;
    for (uint32_t i = 0; i < draft->input_count; i++) TEXT(draft->inputs[i].name)
    for (uint32_t i = 0; i < draft->node_count; i++) {
        const struct fovea_draft_node *node = &draft->nodes[i];
        words += (uint64_t)node->input_count + node->array_count + fovea_op_attributes(node->op);
        TEXT(node->name)
    }
    for (uint32_t i = 0; i < draft->input_count; i++)
        words += (uint64_t)FOVEA_STEP_WORDS * draft->inputs[i].recipe.steps;
    for (uint32_t i = 0; i < draft->output_count; i++) {
        words += draft->outputs[i].label_count;
        TEXT(draft->outputs[i].name)
        for (uint32_t l = 0; l < draft->outputs[i].label_count; l++)
            TEXT(draft->outputs[i].labels[l])
    }
    for (uint32_t i = 0; i < draft->note_count; i++) {
        TEXT(draft->notes[i].key)
        TEXT(draft->notes[i].value)
    }
#undef TEXT
    if (words > FOVEA_TABLE_MAX || text > FOVEA_TABLE_MAX) return false;
    map->inputs = draft->input_count;
    map->nodes = draft->node_count;
    map->outputs = draft->output_count;
    map->arrays = draft->array_count;
    map->notes = draft->note_count;
    map->words = (uint32_t)words;
    map->text = (uint32_t)text;
    return fovea_blob_lay(map);
}

static uint64_t align_up(uint64_t at) {
    return (at + FOVEA_ALIGN - 1) & ~(uint64_t)(FOVEA_ALIGN - 1);
}

static enum fovea_type type_of(const struct fovea_draft *draft, uint32_t array) {
    return draft->array_types ? (enum fovea_type)draft->array_types[array] : FOVEA_F32;
}

uint64_t fovea_draft_bytes(const struct fovea_draft *draft, uint32_t array) {
    return draft->array_counts[array] * fovea_type_bytes(type_of(draft, array));
}

/* The offset of array `array`, and behind the last one the end of the blob. */
static uint64_t array_offset(const struct fovea_draft *draft, const struct fovea_model *map,
                             uint32_t array) {
    uint64_t end = map->at_text + map->text;
    for (uint32_t i = 0; i < array; i++) end = align_up(end) + fovea_draft_bytes(draft, i);
    return array < draft->array_count ? align_up(end) : end;
}

bool fovea_draft_measure(struct fovea_draft *draft, uint64_t *size) {
    for (uint32_t i = 0; i < draft->input_count; i++) {
        uint64_t count;
        draft->values[i].shape = draft->inputs[i].shape;
        for (uint32_t d = draft->inputs[i].shape.rank; d < FOVEA_RANK_MAX; d++)
            draft->values[i].shape.dims[d] = 0;
        if (!fovea_shape_count(&draft->inputs[i].shape, &count))
            return draft_fail(draft, 0, "C-018 an input of no elements or too many");
    }
    for (uint32_t n = 0; n < draft->node_count; n++) {
        struct fovea_rule_query query;
        if (!fovea_draft_shape(draft, n, &query)) return false;
        for (uint32_t i = 0; i < query.arrays; i++)
            if (draft->array_counts[draft->nodes[n].arrays[i]] != query.array_count[i])
                return draft_fail(draft, n, "C-019 its weights have the wrong size");
    }
    struct fovea_model map;
    if (!draft_map(draft, &map))
        return draft_fail(draft, 0, "C-020 more nodes or texts than a blob holds");
    fovea_draft_readers(draft);
    if (!fovea_draft_place(draft))
        return draft_fail(draft, 0, "C-021 too many tensors alive at once to place");
    fovea_draft_stripes(draft);
    *size = array_offset(draft, &map, draft->array_count);
    return true;
}

/* ---- writing ---- */

struct blob_writer {
    uint8_t *blob;
    uint64_t at;
    const struct fovea_model *map;
    uint32_t word, text; /* next free in their tables */
};

static void put(struct blob_writer *w, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++) w->blob[w->at++] = (uint8_t)(value >> (8 * i));
}
static void put32(struct blob_writer *w, uint32_t value) {
    put(w, value, 4);
}
static void put_float(struct blob_writer *w, float value) {
    put32(w, fovea_bits_of_float(value));
}

static void put_word(struct blob_writer *w, uint32_t value) {
    uint64_t back = w->at;
    w->at = w->map->at_words + (uint64_t)w->word++ * 4;
    put32(w, value);
    w->at = back;
}
/* Writes the text into its table; its offset. The empty text is shared. */
static uint32_t put_text(struct blob_writer *w, const char *text) {
    uint32_t start = w->text;
    uint8_t *to = w->blob + w->map->at_text;
    do to[w->text++] = (uint8_t)*text;
    while (*text++);
    return start;
}

static void write_header(struct blob_writer *w, const struct fovea_draft *draft, uint64_t size) {
    const struct fovea_model *map = w->map;
    static const char magic[] = FOVEA_BLOB_MAGIC;
    w->at = 0;
    for (int i = 0; i < 8; i++) put(w, (uint8_t)magic[i], 1);
    put32(w, FOVEA_BLOB_FORMAT);
    put32(w, 0); /* checksum: fovea_draft_seal */
    put(w, size, 8);
    put32(w, 0x01020304u);
    put_float(w, -1.5f);
    put32(w, FOVEA_BLOCK);
    const uint32_t counts[] = {map->values, map->nodes, map->inputs, map->outputs, map->arrays,
                               map->words,  map->text,  map->notes,  draft->golden};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) put32(w, counts[i]);
    put(w, draft->arena, 8);
    put(w, draft->striped, 8);
}

void fovea_draft_value_write(const struct fovea_draft *draft, uint32_t value, uint8_t *to) {
    struct blob_writer w = {.blob = to};
    const struct fovea_draft_value *v = &draft->values[value];
    bool passed = draft->striped && v->striped == FOVEA_NO_PLACE;
    put32(&w, v->shape.rank);
    for (int i = 0; i < FOVEA_RANK_MAX; i++) put32(&w, v->shape.dims[i]);
    put32(&w, passed           ? FOVEA_BLOB_PASSED
              : draft->striped ? (uint32_t)(v->striped / FOVEA_ALIGN)
                               : 0);
    put(&w, v->offset, 8);
    put32(&w, (uint32_t)v->type);
    put_float(&w, v->quantization.scale);
    put32(&w, (uint32_t)v->quantization.zero);
    put32(&w, v->quantization.channels);
    put32(&w, v->reader);
    put32(&w, 0);
}

static void write_nodes(struct blob_writer *w, const struct fovea_draft *draft) {
    w->at = w->map->at_nodes;
    for (uint32_t n = 0; n < draft->node_count; n++) {
        const struct fovea_draft_node *node = &draft->nodes[n];
        uint32_t attributes = fovea_op_attributes(node->op);
        put32(w, node->op);
        put32(w, put_text(w, node->name));
        put32(w, w->word);
        put32(w, node->input_count);
        put32(w, node->array_count);
        put32(w, attributes);
        for (uint32_t i = 0; i < node->input_count; i++) put_word(w, node->inputs[i]);
        for (uint32_t i = 0; i < node->array_count; i++) put_word(w, node->arrays[i]);
        for (uint32_t i = 0; i < attributes; i++) put_word(w, node->attribute[i]);
    }
}

static void put_step(struct blob_writer *w, const struct fovea_recipe_step *step) {
    put_word(w, (uint32_t)step->step);
    put_word(w, fovea_bits_of_float(step->number[0]));
    put_word(w, fovea_bits_of_float(step->number[1]));
}

static void write_io(struct blob_writer *w, const struct fovea_draft *draft) {
    w->at = w->map->at_inputs;
    for (uint32_t i = 0; i < draft->input_count; i++) {
        const struct fovea_recipe *recipe = &draft->inputs[i].recipe;
        put32(w, put_text(w, draft->inputs[i].name));
        put32(w, (uint32_t)recipe->resize);
        put32(w, (uint32_t)recipe->fit | (uint32_t)recipe->symmetries << 8);
        put32(w, (uint32_t)recipe->colour | recipe->steps << 8);
        const uint32_t state = recipe->open      ? FOVEA_RECIPE_OPEN
                               : recipe->assumed ? FOVEA_RECIPE_ASSUMED
                                                 : FOVEA_RECIPE_STATED;
        put32(w, state | (uint32_t)recipe->transform << 8 | (uint32_t)recipe->shrink << 16 |
                     (uint32_t)recipe->orientation << 24);
        put_float(w, recipe->scale);
        for (int c = 0; c < 3; c++) put_float(w, recipe->mean[c]);
        for (int c = 0; c < 3; c++) put_float(w, recipe->std[c]);
    }
    w->at = w->map->at_outputs;
    for (uint32_t i = 0; i < draft->output_count; i++) {
        const struct fovea_draft_output *output = &draft->outputs[i];
        put32(w, put_text(w, output->name));
        put32(w, output->value);
        put32(w, output->label_count);
        put32(w, w->word);
        for (uint32_t l = 0; l < output->label_count; l++)
            put_word(w, put_text(w, output->labels[l]));
    }
    for (uint32_t i = 0; i < draft->input_count; i++)
        for (uint32_t s = 0; s < draft->inputs[i].recipe.steps; s++)
            put_step(w, &draft->inputs[i].recipe.step[s]);
    w->at = w->map->at_notes;
    for (uint32_t i = 0; i < draft->note_count; i++) {
        put32(w, put_text(w, draft->notes[i].key));
        put32(w, put_text(w, draft->notes[i].value));
    }
}

uint64_t fovea_draft_structure(const struct fovea_draft *draft) {
    struct fovea_model map;
    return draft_map(draft, &map) ? array_offset(draft, &map, 0) : 0;
}

void fovea_draft_write(const struct fovea_draft *draft, uint8_t *blob, uint64_t room,
                       uint64_t size) {
    struct fovea_model map;
    struct blob_writer writer = {blob, 0, &map, 0, 1};
    if (!draft_map(draft, &map)) return; /* measured before: cannot happen */
    fovea_fill(blob, 0, (size_t)room);
    write_header(&writer, draft, size);
    for (uint32_t v = 0; v < map.values; v++)
        fovea_draft_value_write(draft, v, blob + map.at_values + (uint64_t)v * FOVEA_BLOB_VALUE);
    write_nodes(&writer, draft);
    write_io(&writer, draft);
    writer.at = map.at_arrays;
    uint64_t end = map.at_text + map.text;
    for (uint32_t i = 0; i < draft->array_count; i++) {
        put(&writer, align_up(end), 8);
        put32(&writer, (uint32_t)draft->array_counts[i]);
        put32(&writer, (uint32_t)type_of(draft, i));
        end = align_up(end) + fovea_draft_bytes(draft, i);
    }
}

void *fovea_draft_array(const struct fovea_draft *draft, uint8_t *blob, uint32_t array) {
    struct fovea_model map;
    if (!draft_map(draft, &map)) return NULL;
    struct fovea_bytes all =
        fovea_bytes_of(blob, (size_t)(map.at_arrays + (uint64_t)map.arrays * FOVEA_BLOB_ARRAY));
    struct fovea_bytes record =
        fovea_part(&all, map.at_arrays + (uint64_t)array * FOVEA_BLOB_ARRAY, FOVEA_BLOB_ARRAY);
    return blob + fovea_read64(&record);
}

void fovea_draft_seal(uint8_t *blob, uint64_t size) {
    uint32_t sum = fovea_checksum(blob, size);
    for (unsigned i = 0; i < 4; i++) blob[FOVEA_CHECKSUM_AT + i] = (uint8_t)(sum >> (8 * i));
}
