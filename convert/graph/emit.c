#include "convert/graph/emit.h"

#include <string.h>

#include "kernels/half.h"
#include "weights/check.h"
#include "weights/pack.h"
#include "weights/text.h"

/* What the outputs need, renumbered without gaps. */
struct live {
    uint32_t *value;                    /* old value -> new, GRAPH_NONE where dropped */
    uint32_t *array;                    /* old array -> new */
    uint32_t *node;                     /* new node -> old */
    uint32_t *kept;                     /* new array -> old */
    struct fovea_draft_output *outputs; /* with the new values */
    uint32_t nodes, arrays;
};

static void keep_array(struct live *live, uint32_t array) {
    if (live->array[array] != GRAPH_NONE) return;
    live->kept[live->arrays] = array;
    live->array[array] = live->arrays++;
}

static bool find_live(struct graph *graph, struct live *live) {
    uint32_t values = graph->input_count + graph->node_count;
    live->value = pool_get(graph->pool, values, sizeof(uint32_t), graph->trouble);
    live->array = pool_get(graph->pool, graph->array_count, sizeof(uint32_t), graph->trouble);
    live->node = pool_get(graph->pool, graph->node_count, sizeof(uint32_t), graph->trouble);
    live->kept = pool_get(graph->pool, graph->array_count, sizeof(uint32_t), graph->trouble);
    if (!live->value || !live->array || !live->node || !live->kept) return false;
    for (uint32_t o = 0; o < graph->output_count; o++) live->value[graph->outputs[o].value] = 1;
    for (uint32_t n = graph->node_count; n-- > 0;) /* readers come after what they read */
        if (live->value[graph->input_count + n])
            for (uint32_t i = 0; i < graph->nodes[n].input_count; i++)
                live->value[graph->nodes[n].inputs[i]] = 1;
    for (uint32_t a = 0; a < graph->array_count; a++) live->array[a] = GRAPH_NONE;
    for (uint32_t v = 0; v < graph->input_count; v++) live->value[v] = v;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        uint32_t value = graph->input_count + n;
        if (!live->value[value]) {
            live->value[value] = GRAPH_NONE;
            continue;
        }
        for (uint32_t i = 0; i < graph->nodes[n].array_count; i++)
            keep_array(live, graph->nodes[n].array[i]);
        live->node[live->nodes] = n;
        live->value[value] = graph->input_count + live->nodes++;
    }
    for (uint32_t i = 0; graph->golden && i < graph->input_count + graph->output_count; i++)
        keep_array(live, graph->golden[i]); /* no node uses them: they come last */
    live->outputs =
        pool_get(graph->pool, graph->output_count, sizeof *live->outputs, graph->trouble);
    for (uint32_t o = 0; live->outputs && o < graph->output_count; o++) {
        live->outputs[o] = graph->outputs[o];
        live->outputs[o].value = live->value[graph->outputs[o].value];
    }
    return live->outputs != NULL;
}

static bool make_draft(struct graph *graph, const struct live *live, struct fovea_draft *draft) {
    struct fovea_draft_node *nodes =
        pool_get(graph->pool, live->nodes, sizeof *nodes, graph->trouble);
    uint64_t *counts = pool_get(graph->pool, live->arrays, sizeof *counts, graph->trouble);
    uint8_t *types = pool_get(graph->pool, live->arrays, sizeof *types, graph->trouble);
    struct fovea_draft_value *values = pool_get(
        graph->pool, (uint64_t)graph->input_count + live->nodes, sizeof *values, graph->trouble);
    if (!nodes || !counts || !types || !values) return false;
    for (uint32_t n = 0; n < live->nodes; n++) {
        struct node *from = &graph->nodes[live->node[n]];
        struct fovea_draft_node *to = &nodes[n];
        uint32_t *arrays = pool_get(graph->pool, from->array_count, sizeof *arrays, graph->trouble);
        uint32_t *inputs = pool_get(graph->pool, from->input_count, sizeof *inputs, graph->trouble);
        if (!arrays || !inputs) return false;
        for (uint32_t i = 0; i < from->input_count; i++) inputs[i] = live->value[from->inputs[i]];
        for (uint32_t i = 0; i < from->array_count; i++) arrays[i] = live->array[from->array[i]];
        to->op = from->op;
        to->name = from->name;
        to->inputs = inputs;
        to->input_count = from->input_count;
        to->arrays = arrays;
        to->array_count = from->array_count;
        memcpy(to->attribute, from->attribute, sizeof to->attribute);
    }
    for (uint32_t v = 0; v < graph->input_count + graph->node_count; v++) {
        if (live->value[v] == GRAPH_NONE) continue;
        values[live->value[v]].type = graph->forms[v].type;
        values[live->value[v]].quantization = graph->forms[v].quantization;
    }
    for (uint32_t a = 0; a < live->arrays; a++) {
        counts[a] = graph->arrays[live->kept[a]].count;
        types[a] = (uint8_t)graph->arrays[live->kept[a]].type;
    }
    uint64_t fuel = graph->pool->fuel ? graph->pool->fuel - graph->pool->spent : UINT64_MAX;
    if (fuel > FOVEA_PLACE_FUEL) fuel = FOVEA_PLACE_FUEL;
    *draft = (struct fovea_draft){
        .inputs = graph->inputs,
        .nodes = nodes,
        .outputs = live->outputs,
        .notes = graph->notes,
        .input_count = graph->input_count,
        .node_count = live->nodes,
        .output_count = graph->output_count,
        .note_count = graph->note_count,
        .array_count = live->arrays,
        .array_counts = counts,
        .array_types = types,
        .values = values,
        .golden = graph->golden != NULL,
        .fuel = (uint32_t)fuel,
    };
    return true;
}

static bool check_text(struct graph *graph, const char *what, const char *text) {
    size_t length = strlen(text);
    return fovea_text_clean((const uint8_t *)text, length) == length ||
           fail(graph->trouble, "C-011 %s '%s' holds control characters, or is not UTF-8", what,
                text);
}

/* The texts of a blob are clean: refuses those of the file, or of the user, that are not. */
static bool check_texts(struct graph *graph, const struct fovea_draft *draft) {
    for (uint32_t n = 0; n < draft->node_count; n++)
        if (!check_text(graph, "the layer's name", draft->nodes[n].name)) return false;
    for (uint32_t i = 0; i < draft->input_count; i++)
        if (!check_text(graph, "the input's name", draft->inputs[i].name)) return false;
    for (uint32_t o = 0; o < draft->output_count; o++) {
        const struct fovea_draft_output *output = &draft->outputs[o];
        if (!check_text(graph, "the output's name", output->name)) return false;
        for (uint32_t l = 0; l < output->label_count; l++)
            if (!check_text(graph, "label", output->labels[l])) return false;
    }
    for (uint32_t i = 0; i < draft->note_count; i++)
        if (!check_text(graph, draft->notes[i].key, draft->notes[i].value)) return false;
    return true;
}

static bool read_finite(const struct array *array, uint64_t row, size_t count, float *out) {
    bool finite = true;
    array_read_row(array, row, count, out);
    for (size_t i = 0; i < count; i++) finite &= out[i] - out[i] == 0.0f;
    return finite;
}

static bool pack_array(const struct array *array, float *to, float *row) {
    struct fovea_pack pack = {array->taps, array->inputs, array->outputs, array->groups};
    bool finite = true;
    switch (array->layout) {
    case ARRAY_PLAIN:
        if (array->source.count) finite = read_finite(array, 0, (size_t)array->count, to);
        break;
    case ARRAY_BIAS:
        if (array->source.count) finite = read_finite(array, 0, array->outputs, row);
        fovea_pack_bias(&pack, to, array->source.count ? row : NULL);
        break;
    case ARRAY_CONV:
        for (size_t r = 0; r < array->taps * array->inputs; r++) {
            finite &= read_finite(array, r, array->outputs, row);
            fovea_pack_row(&pack, to, r, row);
        }
        break;
    case ARRAY_DEPTHWISE:
        for (size_t tap = 0; tap < array->taps; tap++) {
            finite &= read_finite(array, tap, array->outputs, row);
            fovea_pack_depthwise(array->taps, array->outputs, to, tap, row);
        }
        break;
    case ARRAY_READY: break; /* there is nothing to lay out */
    }
    return finite;
}

float *array_packed(struct graph *graph, const struct array *array, bool *finite) {
    float *row = pool_get(graph->pool, array->outputs + 1, sizeof *row, graph->trouble);
    float *packed = pool_get(graph->pool, array->count, sizeof *packed, graph->trouble);
    if (row && packed) *finite = pack_array(array, packed, row);
    return row ? packed : NULL;
}

/* The layer that uses array `array`, for messages. */
static const char *user_of(const struct graph *graph, uint32_t array) {
    for (uint32_t n = 0; n < graph->node_count; n++)
        for (uint32_t i = 0; i < graph->nodes[n].array_count; i++)
            if (graph->nodes[n].array[i] == array && !graph->nodes[n].dead)
                return graph->nodes[n].name;
    return "?";
}

/* One blob on its way. */
struct emission {
    struct graph *graph;
    const struct emit_sink *sink;
    const struct live *live;
    const struct fovea_draft *draft;
    struct fovea_checksum sum;
    uint64_t done, size;
};

static bool put_bytes(struct emission *e, const uint8_t *bytes, uint64_t size) {
    fovea_checksum_add(&e->sum, bytes, (size_t)size);
    e->done += size;
    if (!e->sink->write(e->sink->context, bytes, (size_t)size))
        return fail(e->graph->trouble, "the model cannot be written");
    if (e->sink->progress) e->sink->progress(e->sink->context, e->done, e->size);
    return true;
}

static bool put_structure(struct emission *e) {
    uint64_t size = fovea_draft_structure(e->draft);
    uint8_t *bytes = pool_get(e->graph->pool, size, 1, e->graph->trouble);
    if (!bytes) return false;
    fovea_draft_write(e->draft, bytes, size, e->size);
    return put_bytes(e, bytes, size);
}

/* Memory for any of the arrays. */
struct packing {
    float *packed, *row;
    uint16_t *halves;
};

/* Array `index`, padded to the place of the next one. */
static bool put_array(struct emission *e, uint32_t index, const struct packing *memory) {
    float *packed = memory->packed;
    uint32_t id = e->live->kept[index];
    const struct array *array = &e->graph->arrays[id];
    uint64_t bytes = fovea_draft_bytes(e->draft, index);
    uint64_t padded = fovea_round_up((size_t)bytes, FOVEA_ALIGN);
    memset(packed, 0, (size_t)array->count * sizeof *packed + FOVEA_ALIGN);
    if (array->layout == ARRAY_READY) memcpy(packed, array->ready, (size_t)bytes);
    if (!pack_array(array, packed, memory->row))
        return fail(e->graph->trouble, "C-013 layer '%s': a weight is NaN or infinite",
                    user_of(e->graph, id));
    const uint8_t *from = (const uint8_t *)packed;
    if (array->type == FOVEA_F16) {
        uint16_t *halves = memory->halves;
        size_t room = (size_t)padded / sizeof *halves;
        for (size_t i = 0; i < room; i++)
            halves[i] = i < array->count ? fovea_half_of(packed[i]) : 0;
        from = (const uint8_t *)halves;
    }
    fovea_numbers_copy((void *)(uintptr_t)from, from, array->count, array->type);
    bool last = index + 1 == e->live->arrays;
    return put_bytes(e, from, last ? bytes : padded);
}

static bool put_arrays(struct emission *e) {
    uint64_t largest = 1, halves = 1;
    size_t widest = 1;
    for (uint32_t a = 0; a < e->live->arrays; a++) {
        const struct array *array = &e->graph->arrays[e->live->kept[a]];
        if (array->count > largest) largest = array->count;
        if (array->type == FOVEA_F16 && array->count > halves) halves = array->count;
        if (array->outputs > widest) widest = array->outputs;
    }
    struct packing m = {pool_get(e->graph->pool, largest + 16, sizeof *m.packed, e->graph->trouble),
                        pool_get(e->graph->pool, widest, sizeof *m.row, e->graph->trouble),
                        pool_get(e->graph->pool, halves + 32, sizeof *m.halves, e->graph->trouble)};
    bool done = m.packed && m.row && m.halves;
    for (uint32_t a = 0; done && a < e->live->arrays; a++) done = put_array(e, a, &m);
    return done;
}

bool graph_emit_to(struct graph *graph, const struct emit_sink *sink) {
    struct live live = {0};
    struct fovea_draft draft;
    struct emission e = {.graph = graph, .sink = sink, .live = &live, .draft = &draft};
    if (!find_live(graph, &live) || !make_draft(graph, &live, &draft) ||
        !check_texts(graph, &draft))
        return false;
    if (!fovea_draft_measure(&draft, &e.size))
        return fail_check(graph->trouble, draft.problem, "layer '%s': %s",
                          draft.node_count ? draft.nodes[draft.problem_node].name : "?",
                          fovea_check_text(draft.problem));
    fovea_checksum_start(&e.sum);
    if (!sink->start(sink->context, e.size))
        return fail(graph->trouble, "the model cannot be written");
    if (!put_structure(&e) || !put_arrays(&e)) return false;
    uint32_t sum = fovea_checksum_end(&e.sum);
    uint8_t bytes[4];
    for (unsigned i = 0; i < 4; i++) bytes[i] = (uint8_t)(sum >> (8 * i));
    return sink->patch(sink->context, FOVEA_CHECKSUM_AT, bytes, sizeof bytes) ||
           fail(graph->trouble, "the model cannot be written");
}

/* ---- into memory ---- */

struct memory_sink {
    struct graph *graph;
    struct emitted *emitted;
    uint64_t at;
};

static bool memory_start(void *context, uint64_t size) {
    struct memory_sink *sink = context;
    uint8_t *memory = pool_get(sink->graph->pool, size + FOVEA_ALIGN, 1, sink->graph->trouble);
    if (!memory) return false;
    sink->emitted->blob = memory + (FOVEA_ALIGN - (uintptr_t)memory % FOVEA_ALIGN) % FOVEA_ALIGN;
    sink->emitted->size = size;
    return true;
}
static bool memory_write(void *context, const uint8_t *bytes, size_t size) {
    struct memory_sink *sink = context;
    memcpy(sink->emitted->blob + sink->at, bytes, size);
    sink->at += size;
    return true;
}
static bool memory_patch(void *context, uint64_t at, const uint8_t *bytes, size_t size) {
    memcpy(((struct memory_sink *)context)->emitted->blob + at, bytes, size);
    return true;
}

bool graph_emit(struct graph *graph, struct emitted *emitted) {
    struct memory_sink memory = {graph, emitted, 0};
    const struct emit_sink sink = {memory_start, memory_write, memory_patch, NULL, &memory};
    return graph_emit_to(graph, &sink);
}

fovea_session *graph_plan(struct graph *graph, struct fovea_model *model) {
    struct emitted emitted;
    fovea_session *session = NULL;
    uint8_t *memory = NULL;
    size_t bytes;
    if (!graph_emit(graph, &emitted)) return NULL;
    if (fovea_model_open(model, emitted.blob, (size_t)emitted.size, NULL) == FOVEA_OK &&
        fovea_measure(model, NULL, &bytes, NULL) == FOVEA_OK)
        memory = pool_get(graph->pool, (uint64_t)bytes + FOVEA_ALIGN, 1, graph->trouble);
    if (memory) {
        memory += (FOVEA_ALIGN - (uintptr_t)memory % FOVEA_ALIGN) % FOVEA_ALIGN;
        fovea_plan(model, NULL, memory, bytes, &session, NULL);
    }
    if (!session) fail(graph->trouble, "the converted model cannot be planned: please report this");
    return session;
}
