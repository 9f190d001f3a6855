/* Opening a blob: every offset, count, text, shape and rule is checked here, once. */
#include "kernels/kernels.h"
#include "weights/blob.h"
#include "weights/check.h"
#include "weights/text.h"

#define view_fail(error, status, text, where)                                                      \
    view_refuse(error, status, FOVEA_TEXT(text), (size_t)(where))
static FOVEA_NOINLINE bool view_refuse(struct fovea_error *error, enum fovea_status status,
                                       fovea_problem text, size_t where) {
    fovea_report(error, status, text, where);
    return false;
}

/* Lays one part of `count` records of `size` bytes at the next multiple of 8. */
static uint32_t lay(uint32_t *at, uint32_t count, uint32_t size) {
    uint32_t start = (*at + 7) & ~7u;
    *at = start + count * size; /* counts are limited: all parts together take less than 2^31 */
    return start;
}
_Static_assert((uint64_t)(FOVEA_NODES_MAX + FOVEA_IO_MAX) * FOVEA_BLOB_VALUE +
                       (uint64_t)FOVEA_NODES_MAX * FOVEA_BLOB_NODE +
                       (uint64_t)FOVEA_IO_MAX * (FOVEA_BLOB_INPUT + FOVEA_BLOB_OUTPUT) +
                       (uint64_t)FOVEA_TABLE_MAX * (FOVEA_BLOB_ARRAY + 4 + FOVEA_BLOB_NOTE + 1) <
                   (uint64_t)1 << 31,
               "the tables of a blob have 32-bit offsets");

bool fovea_blob_lay(struct fovea_model *map) {
    if (map->inputs > FOVEA_IO_MAX || map->outputs > FOVEA_IO_MAX || map->nodes > FOVEA_NODES_MAX ||
        map->arrays > FOVEA_TABLE_MAX || map->words > FOVEA_TABLE_MAX ||
        map->text > FOVEA_TABLE_MAX || map->notes > FOVEA_TABLE_MAX)
        return false;
    uint32_t at = FOVEA_BLOB_HEADER;
    map->values = map->inputs + map->nodes;
    map->at_values =
        lay(&at, map->values,
            map->format == FOVEA_BLOB_FORMAT ? FOVEA_BLOB_VALUE : FOVEA_BLOB_VALUE_OLD);
    map->at_nodes = lay(&at, map->nodes, FOVEA_BLOB_NODE);
    map->at_inputs = lay(&at, map->inputs, FOVEA_BLOB_INPUT);
    map->at_outputs = lay(&at, map->outputs, FOVEA_BLOB_OUTPUT);
    map->at_arrays = lay(&at, map->arrays, FOVEA_BLOB_ARRAY);
    map->at_words = lay(&at, map->words, 4);
    map->at_notes = lay(&at, map->notes, FOVEA_BLOB_NOTE);
    map->at_text = lay(&at, map->text, 1);
    return true;
}

static bool view_header(struct fovea_model *model, struct fovea_error *error) {
    struct fovea_bytes b = fovea_bytes_of(model->blob, (size_t)model->size);
    static const char magic[] = FOVEA_BLOB_MAGIC;
    const uint8_t *start = fovea_take(&b, 8);
    for (unsigned i = 0; start && i < 8; i++)
        if (start[i] != (uint8_t)magic[i])
            return view_fail(error, FOVEA_FORMAT,
                             "B-002 not a fovea blob (or changed by a text-mode copy)", i);
    if (!start || fovea_left(&b) < FOVEA_BLOB_HEADER - 8)
        return view_fail(error, FOVEA_TRUNCATED, "B-001 shorter than a blob's header", model->size);
    uint32_t word[(FOVEA_BLOB_HEADER - 8) / 4], zero = 0;
    for (size_t i = 0; i < sizeof word / sizeof word[0]; i++) word[i] = fovea_read32(&b);
    for (size_t i = 22; i < sizeof word / sizeof word[0]; i++) zero |= word[i];
    uint64_t size = word[2] | (uint64_t)word[3] << 32;
    model->nodes = word[8];
    model->inputs = word[9];
    model->outputs = word[10];
    model->arrays = word[11];
    model->words = word[12];
    model->text = word[13];
    model->notes = word[14];
    model->golden = word[15];
    model->arena = word[16] | (uint64_t)word[17] << 32;
    model->striped = word[18] | (uint64_t)word[19] << 32;
    model->extra = word[20] | (uint64_t)word[21] << 32;
    model->format = word[0];
    if (word[0] < 1 || word[0] > FOVEA_BLOB_FORMAT)
        return view_fail(error, FOVEA_VERSION, "B-004 a blob format this version does not read", 8);
    if (size != model->size)
        return view_fail(error, FOVEA_TRUNCATED, "B-005 the blob's length contradicts its header",
                         16);
    if (word[1] != fovea_checksum(model->blob, model->size))
        return view_fail(error, FOVEA_CHECKSUM, "B-006 the blob was changed after it was written",
                         12);
    if (word[4] != 0x01020304u || !(fovea_float_of_bits(word[5]) == -1.5f) || zero != 0)
        return view_fail(error, FOVEA_FORMAT, "B-007 the header's known numbers are wrong", 24);
    if (word[6] != FOVEA_BLOCK)
        return view_fail(error, FOVEA_VERSION, "B-008 a block size this version does not read", 32);
    if (!fovea_blob_lay(model))
        return view_fail(error, FOVEA_LIMIT, "B-009 counts over the limits", 36);
    if (word[7] != model->values || model->outputs < 1 || model->inputs < 1 || model->golden > 1 ||
        (model->golden && model->arrays < model->inputs + model->outputs))
        return view_fail(error, FOVEA_FORMAT, "B-010 counts that contradict each other", 36);
    if (!fovea_in_range(model->at_text, model->text, model->size))
        return view_fail(error, FOVEA_TRUNCATED, "B-011 the tables do not fit into the blob", 36);
    if (model->arena % FOVEA_ALIGN != 0 || model->arena > (uint64_t)1 << 48)
        return view_fail(error, FOVEA_RANGE, "B-012 an arena size out of range", 72);
    if (model->striped % FOVEA_ALIGN != 0 || model->striped > model->arena)
        return view_fail(error, FOVEA_RANGE, "B-045 an arena size of stripes out of range", 80);
    return true;
}

/* Array `i`, which follows where the one before it ended. */
static bool view_array(const struct fovea_model *model, uint32_t i, size_t *end, uint32_t *format,
                       struct fovea_error *error) {
    uint64_t at = model->at_arrays + (uint64_t)i * FOVEA_BLOB_ARRAY;
    struct fovea_numbers array;
    (void)fovea_blob_array(model, i, &array);
    if (!fovea_type_built((uint32_t)array.type))
        return view_fail(error, FOVEA_VERSION, "B-048 a numeric type this build does not read", at);
    *end = (*end + FOVEA_ALIGN - 1) & ~(size_t)(FOVEA_ALIGN - 1);
    if (!array.at || (size_t)((const uint8_t *)array.at - model->blob) != *end || array.count < 1 ||
        array.count > FOVEA_ELEMENTS_MAX)
        return view_fail(error, FOVEA_RANGE, "B-013 an array of weights is out of place", at);
    if (array.type != FOVEA_F32)
        *format = array.type == FOVEA_F16 ? FOVEA_BLOB_FORMAT_F16 : FOVEA_BLOB_FORMAT;
    *end += (size_t)array.count * fovea_type_bytes(array.type);
    return true;
}

static bool view_arrays(const struct fovea_model *model, struct fovea_error *error) {
    size_t end = model->at_text + model->text;
    uint32_t format = FOVEA_BLOB_FORMAT_F32; /* the older one that has such arrays */
    for (uint32_t i = 0; i < model->arrays; i++)
        if (!view_array(model, i, &end, &format, error)) return false;
    if (FOVEA_NARROW_BUILT && model->format != FOVEA_BLOB_FORMAT && model->format != format)
        return view_fail(error, FOVEA_FORMAT, "B-046 a blob format that does not match its arrays",
                         8);
    if (model->extra) end += -end % FOVEA_ALIGN;
    if (end != (model->extra ? model->extra : model->size) || model->extra >= model->size)
        return view_fail(error, FOVEA_TRUNCATED, "B-014 the blob does not end with its last array",
                         end);
    return true;
}

/* Text: ended by NUL, and clean. */
static bool view_text(const struct fovea_model *model, struct fovea_error *error) {
    const uint8_t *text = model->blob + model->at_text;
    if (model->text < 1 || text[0] != 0 || text[model->text - 1] != 0)
        return view_fail(error, FOVEA_FORMAT, "B-015 the text table does not end with NUL",
                         model->at_text);
    size_t clean = fovea_text_clean(text, model->text);
    if (clean != model->text)
        return view_fail(error, FOVEA_FORMAT,
                         "B-016 text that is not UTF-8 or holds control characters",
                         model->at_text + clean);
    return true;
}

static bool text_ok(const struct fovea_model *model, uint32_t at) {
    struct fovea_bytes before = fovea_blob_bytes(model, model->at_text + at - 1);
    return at < model->text && (at == 0 || fovea_read8(&before) == 0);
}

/* Where the record of a value stands. */
static uint64_t value_at(const struct fovea_model *model, uint32_t value) {
    bool old = model->format != FOVEA_BLOB_FORMAT;
    return model->at_values + (uint64_t)value * (old ? FOVEA_BLOB_VALUE_OLD : FOVEA_BLOB_VALUE);
}

static bool view_values(const struct fovea_model *model, struct fovea_error *error) {
    for (uint32_t v = 0; v < model->values; v++) {
        uint64_t at = value_at(model, v), count;
        struct fovea_value value;
        const struct fovea_quantization *q = &value.quantization;
        fovea_blob_value(model, v, &value);
        if (!fovea_shape_count(&value.shape, &count))
            return view_fail(error, FOVEA_SHAPE, "B-017 a tensor of no elements or too many", at);
        for (uint32_t i = value.shape.rank; i < FOVEA_RANK_MAX; i++)
            if (value.shape.dims[i] != 0)
                return view_fail(error, FOVEA_FORMAT, "B-018 a dimension beyond the rank", at);
        if (value.type != FOVEA_F32 && !(FOVEA_Q8_BUILT && value.type == FOVEA_I8))
            return view_fail(error, FOVEA_VERSION, "B-050 a tensor type this build does not know",
                             at);
        if (FOVEA_Q8_BUILT && value.type == FOVEA_I8 && fovea_quantization_good(q)) continue;
        if (FOVEA_Q8_BUILT && value.type == FOVEA_I8)
            return view_fail(error, FOVEA_RANGE,
                             "B-541 an 8-bit tensor with a scale or zero point out of range", at);
        if (fovea_bits_of_float(q->scale) != 0 || q->zero != 0 || q->channels != 0)
            return view_fail(error, FOVEA_FORMAT, "B-051 a float tensor with a scale or zero point",
                             at);
    }
    return true;
}

static bool view_readers(const struct fovea_model *model, struct fovea_error *error) {
    if (fovea_blob_readers_right(model)) return true;
    return view_fail(error, FOVEA_FORMAT, "B-052 a tensor names a reader that is not its only one",
                     model->at_values);
}

/* The places of values in the arena; a reshape's output lies where its input does. */
static bool view_arena(const struct fovea_model *model, struct fovea_error *error) {
    for (uint32_t v = 0; v < model->values; v++) {
        uint64_t first = 0;
        struct fovea_value value;
        struct fovea_node_record node = {0};
        enum fovea_place place = FOVEA_PLACE_OWN;
        if (v >= model->inputs) {
            if (fovea_blob_passed(model, v)) continue; /* see view_passed */
            node = fovea_blob_node(model, v - model->inputs);
            place = fovea_op_place(node.op);
        }
        if (place == FOVEA_PLACE_ALIAS) {
            fovea_blob_value(model, fovea_blob_word(model, node.first), &value);
            first = value.offset;
        }
        fovea_blob_value(model, v, &value);
        if (value.offset % FOVEA_ALIGN != 0)
            return view_fail(error, FOVEA_ALIGNMENT, "B-019 a misaligned tensor",
                             (size_t)value_at(model, v));
        if (place == FOVEA_PLACE_CONSTANT || place == FOVEA_PLACE_ALIAS
                ? value.offset != first
                : !fovea_in_range(value.offset, fovea_value_bytes(&value), model->arena))
            return view_fail(error, FOVEA_RANGE, "B-020 a tensor in the wrong place",
                             (size_t)value_at(model, v));
    }
    return true;
}

static bool view_node(const struct fovea_model *model, uint32_t n, uint32_t *words,
                      struct fovea_error *error) {
    size_t at = model->at_nodes + (size_t)n * FOVEA_BLOB_NODE;
    struct fovea_node_view view;
    struct fovea_shape shape;
    if (!fovea_node_read(model, n, fovea_blob_shape, model, &view))
        return view_refuse(error, fovea_op_name(view.record.op) ? FOVEA_SHAPE : FOVEA_UNSUPPORTED,
                           view.query.problem, at);
    const fovea_problem problem = FOVEA_Q8_BUILT ? fovea_node_forms(&view) : FOVEA_NO_PROBLEM;
    if (problem) return view_refuse(error, FOVEA_FORMAT, problem, at);
    if (!text_ok(model, view.record.name))
        return view_fail(error, FOVEA_RANGE, "B-021 a node's name outside the texts", at);
    if (view.record.first != *words)
        return view_fail(error, FOVEA_RANGE, "B-022 a node's words are out of place", at);
    *words += view.record.inputs + view.record.arrays + view.record.attributes;
    fovea_blob_shape(model, model->inputs + n, &shape);
    if (!fovea_shape_equal(&shape, &view.query.output))
        return view_fail(error, FOVEA_SHAPE, "B-023 a tensor's shape is not what its node makes",
                         at);
    return true;
}

static bool view_nodes(const struct fovea_model *model, uint32_t *words,
                       struct fovea_error *error) {
    bool good = true;
    for (uint32_t n = 0; good && n < model->nodes; n++) good = view_node(model, n, words, error);
    return good;
}

static bool view_inputs(const struct fovea_model *model, struct fovea_error *error) {
    for (uint32_t i = 0; i < model->inputs; i++) {
        size_t at = model->at_inputs + (size_t)i * FOVEA_BLOB_INPUT;
        struct fovea_bytes b = fovea_blob_bytes(model, at);
        uint32_t field
            [5]; /* in a loop: unrolled by hand, GCC 12 sees a read outside of it at -O2 on ARM */
        for (int f = 0; f < 5; f++) field[f] = fovea_read32(&b);
        const uint32_t name = field[0], resize = field[1], fit = field[2], colour = field[3],
                       state = field[4];
        if (!text_ok(model, name) || resize >= FOVEA_RESIZE_COUNT ||
            (fit & 255) >= FOVEA_FIT_COUNT || fit >> 8 >= FOVEA_SYMMETRIES_COUNT ||
            (FOVEA_STEPS_BUILT ? colour & 255 : colour) >= FOVEA_COLOUR_COUNT ||
            (state & 255) > FOVEA_RECIPE_OPEN || (state >> 8 & 255) >= FOVEA_TRANSFORM_COUNT ||
            (state >> 16 & 255) >= FOVEA_SHRINK_COUNT || state >> 24 >= FOVEA_ORIENTATION_COUNT)
            return view_fail(error, FOVEA_FORMAT, "B-025 an input's recipe is unknown", at);
        for (int f = 0; f < 7; f++) {
            float value = fovea_read_float(&b);
            if (!(value - value == 0) || (f >= 4 && value == 0))
                return view_fail(error, FOVEA_FORMAT,
                                 "B-026 an input's scale, mean or std is not a number", at);
        }
    }
    return true;
}

static bool view_outputs(const struct fovea_model *model, uint32_t *words,
                         struct fovea_error *error) {
    for (uint32_t i = 0; i < model->outputs; i++) {
        size_t at = model->at_outputs + (size_t)i * FOVEA_BLOB_OUTPUT;
        struct fovea_bytes b = fovea_blob_bytes(model, at);
        uint32_t name = fovea_read32(&b), value = fovea_read32(&b), labels = fovea_read32(&b);
        uint32_t first = fovea_read32(&b);
        struct fovea_shape shape;
        if (!text_ok(model, name) || value >= model->values)
            return view_fail(error, FOVEA_RANGE, "B-027 an output that does not exist", at);
        fovea_blob_shape(model, value, &shape);
        if (first != *words || !fovea_in_range(first, labels, model->words) ||
            !fovea_labels_fit(&shape, labels))
            return view_fail(error, FOVEA_SHAPE, "B-028 not one label for each output", at);
        for (uint32_t l = 0; l < labels; l++)
            if (!text_ok(model, fovea_blob_word(model, first + l)))
                return view_fail(error, FOVEA_RANGE, "B-029 a label outside the texts", at);
        *words += labels;
    }
    fovea_problem flaw = FOVEA_STEPS_BUILT ? fovea_recipes_flaw(model, words) : FOVEA_NO_PROBLEM;
    if (flaw)
        return view_refuse(error, FOVEA_FORMAT, flaw, (size_t)(model->at_words + 4ull * *words));
    if (*words != model->words)
        return view_fail(error, FOVEA_FORMAT, "B-030 words that no record uses", model->at_words);
    return true;
}

static bool view_places(const struct fovea_model *model, struct fovea_error *error) {
    fovea_problem problem;
    uint32_t culprit;
    if (fovea_blob_places(model, FOVEA_PLACES_FUEL, &problem, &culprit)) return true;
    return view_refuse(error, FOVEA_FORMAT, problem, (size_t)value_at(model, culprit));
}

/* The inputs of a node that come by rows. */
static uint32_t passed_inputs(const struct fovea_node_view *view) {
    uint32_t passed = 0;
    for (uint32_t i = 0; i < view->record.inputs; i++)
        passed += fovea_blob_passed(view->model, fovea_node_input(view, i));
    return passed;
}

/* Whether node `n` is a layer of a stripe, behind `*length` others, or of none; `stray`: something is wrong
 * already. */
static bool passed_well(const struct fovea_model *model, uint32_t n, bool stray, uint32_t *length) {
    struct fovea_node_view view;
    const uint32_t value = model->inputs + n, from = *length > 0;
    const bool to = fovea_blob_passed(model, value);
    stray |= !fovea_node_read(model, n, fovea_blob_shape, model, &view); /* again */
    struct fovea_value made;
    fovea_blob_value(model, value, &made);
    stray |= FOVEA_Q8_BUILT && (*length > 0 || to) && made.type != FOVEA_F32;
    stray |= passed_inputs(&view) != from || (from && fovea_node_input(&view, 0) + 1 != value);
    *length += from || to;
    if (stray || *length > FOVEA_STRIPE_MOST ||
        (*length > 0 && !fovea_stripe_window(&view.query)) ||
        (to && (view.record.inputs != 1 || n + 1 == model->nodes)))
        return false;
    if (!to) *length = 0;
    return true;
}

/* What goes from node to node by rows: from one that makes rows to the next one, which takes rows, reads it
 * first and once, and is its only reader. */
static bool view_passed(const struct fovea_model *model, struct fovea_error *error) {
    uint32_t length = 0; /* nodes of the stripe before node n */
    bool stray = false;  /* read by others than the next node */
    for (uint32_t o = 0; o < model->outputs; o++)
        stray |= fovea_blob_passed(model, fovea_blob_output(model, o));
    for (uint32_t n = 0; n < model->nodes; n++)
        if (!passed_well(model, n, stray, &length))
            return view_fail(error, FOVEA_FORMAT, "B-047 layers that cannot be done by rows",
                             model->at_nodes + (uint64_t)n * FOVEA_BLOB_NODE);
    return true;
}

/* The tensors' places, and then those where stripes are done, if there are any. */
static bool view_both(const struct fovea_model *model, struct fovea_error *error) {
    struct fovea_model view = *model;
    for (;;) {
        if (!view_arena(&view, error) || (view.in_stripes && !view_passed(&view, error)) ||
            !view_places(&view, error))
            return false;
        if (!FOVEA_STRIPES || view.in_stripes || !model->striped) return true;
        view = fovea_blob_in_stripes(model);
    }
}

static bool view_notes(const struct fovea_model *model, struct fovea_error *error) {
    for (uint32_t i = 0; i < model->notes; i++) {
        size_t at = model->at_notes + (size_t)i * FOVEA_BLOB_NOTE;
        struct fovea_bytes b = fovea_blob_bytes(model, at);
        uint32_t key = fovea_read32(&b), value = fovea_read32(&b);
        if (!text_ok(model, key) || !text_ok(model, value))
            return view_fail(error, FOVEA_RANGE, "B-031 a note outside the texts", at);
    }
    return true;
}

static bool view_ends(const struct fovea_model *model, struct fovea_error *error) {
    if (!FOVEA_Q8_BUILT || fovea_blob_ends_in_floats(model)) return true;
    return view_fail(error, FOVEA_FORMAT, "B-544 an input or output that is not float32",
                     model->at_inputs);
}

/* The tensors of the self-test have the sizes of the inputs and outputs. */
static bool view_golden(const struct fovea_model *model, struct fovea_error *error) {
    for (uint32_t i = 0; model->golden && i < model->inputs + model->outputs; i++) {
        uint32_t value = i < model->inputs ? i : fovea_blob_output(model, i - model->inputs);
        struct fovea_shape shape;
        uint64_t count, stored;
        fovea_blob_shape(model, value, &shape);
        fovea_shape_count(&shape, &count);
        if (!fovea_blob_golden(model, i, &stored) || stored != count)
            return view_fail(error, FOVEA_SHAPE, "B-032 a self-test that does not fit the model",
                             model->at_arrays);
    }
    return true;
}

enum fovea_status fovea_model_open(struct fovea_model *model, const void *blob, size_t size,
                                   struct fovea_error *error) {
    struct fovea_error ignored;
    if (!error) error = &ignored;
    view_refuse(error, FOVEA_OK, FOVEA_NO_PROBLEM, 0);
    if (model) fovea_fill(model, 0, sizeof *model);
    if (!model || !blob)
        return fovea_report(error, FOVEA_ARGUMENT,
                            FOVEA_TEXT("B-033 model and blob must not be NULL"), 0);
    uint32_t words = 0; /* of the words table accounted for so far */
    struct fovea_model view = {0};
    view.blob = (const uint8_t *)blob;
    view.size = size;
    if ((uintptr_t)blob % FOVEA_ALIGN != 0)
        view_fail(error, FOVEA_ALIGNMENT, "B-034 the blob must start at a multiple of 64 bytes", 0);
    else if (view_header(&view, error) && view_arrays(&view, error) && view_text(&view, error) &&
             view_values(&view, error) && view_nodes(&view, &words, error) &&
             view_inputs(&view, error) && view_outputs(&view, &words, error) &&
             view_readers(&view, error) && view_ends(&view, error) && view_both(&view, error) &&
             view_notes(&view, error) && view_golden(&view, error))
        *model = view;
    return error->status;
}

#undef view_fail
