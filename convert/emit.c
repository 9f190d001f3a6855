#include "convert/emit.h"

#include <string.h>

#include "weights/pack.h"

/* What the outputs need, renumbered without gaps. */
struct live {
    uint32_t *value; /* old value -> new, GRAPH_NONE where dropped */
    uint32_t *array; /* old array -> new */
    uint32_t *node;  /* new node -> old */
    uint32_t *kept;  /* new array -> old */
    uint32_t nodes, arrays;
};

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
        for (uint32_t i = 0; i < graph->nodes[n].array_count; i++) {
            uint32_t array = graph->nodes[n].array[i];
            if (live->array[array] != GRAPH_NONE) continue;
            live->kept[live->arrays] = array;
            live->array[array] = live->arrays++;
        }
        live->node[live->nodes] = n;
        live->value[value] = graph->input_count + live->nodes++;
    }
    return true;
}

static bool make_draft(struct graph *graph, const struct live *live, struct fovea_draft *draft) {
    struct fovea_draft_node *nodes =
        pool_get(graph->pool, live->nodes, sizeof *nodes, graph->trouble);
    uint64_t *counts = pool_get(graph->pool, live->arrays, sizeof *counts, graph->trouble);
    struct fovea_draft_value *values =
        pool_get(graph->pool, (uint64_t)graph->input_count + live->nodes, sizeof *values,
                 graph->trouble);
    if (!nodes || !counts || !values) return false;
    for (uint32_t n = 0; n < live->nodes; n++) {
        struct node *from = &graph->nodes[live->node[n]];
        struct fovea_draft_node *to = &nodes[n];
        uint32_t *arrays =
            pool_get(graph->pool, from->array_count, sizeof *arrays, graph->trouble);
        if (!arrays) return false;
        for (uint32_t i = 0; i < from->input_count; i++)
            from->inputs[i] = live->value[from->inputs[i]];
        for (uint32_t i = 0; i < from->array_count; i++) arrays[i] = live->array[from->array[i]];
        to->op = from->op;
        to->name = from->name;
        to->inputs = from->inputs;
        to->input_count = from->input_count;
        to->arrays = arrays;
        to->array_count = from->array_count;
        memcpy(to->attribute, from->attribute, sizeof to->attribute);
    }
    for (uint32_t a = 0; a < live->arrays; a++) counts[a] = graph->arrays[live->kept[a]].count;
    for (uint32_t o = 0; o < graph->output_count; o++)
        graph->outputs[o].value = live->value[graph->outputs[o].value];
    *draft = (struct fovea_draft){
        .inputs = graph->inputs,
        .nodes = nodes,
        .outputs = graph->outputs,
        .notes = graph->notes,
        .input_count = graph->input_count,
        .node_count = live->nodes,
        .output_count = graph->output_count,
        .note_count = graph->note_count,
        .array_count = live->arrays,
        .array_counts = counts,
        .values = values,
    };
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
    }
    return finite;
}

/* The layer that uses array `array`, for messages. */
static const char *user_of(const struct graph *graph, uint32_t array) {
    for (uint32_t n = 0; n < graph->node_count; n++)
        for (uint32_t i = 0; i < graph->nodes[n].array_count; i++)
            if (graph->nodes[n].array[i] == array && !graph->nodes[n].dead)
                return graph->nodes[n].name;
    return "?";
}

bool graph_emit(struct graph *graph, struct emitted *emitted) {
    struct live live = {0};
    struct fovea_draft draft;
    if (!find_live(graph, &live) || !make_draft(graph, &live, &draft)) return false;
    if (!fovea_draft_measure(&draft, &emitted->size))
        return fail(graph->trouble, "layer '%s': %s",
                    draft.node_count ? draft.nodes[draft.problem_node].name : "?", draft.problem);
    uint8_t *memory = pool_get(graph->pool, emitted->size + FOVEA_ALIGN, 1, graph->trouble);
    if (!memory) return false;
    emitted->blob = memory + (FOVEA_ALIGN - (uintptr_t)memory % FOVEA_ALIGN) % FOVEA_ALIGN;
    fovea_draft_write(&draft, emitted->blob, emitted->size);
    size_t widest = 1;
    for (uint32_t a = 0; a < live.arrays; a++)
        if (graph->arrays[live.kept[a]].outputs > widest)
            widest = graph->arrays[live.kept[a]].outputs;
    float *row = pool_get(graph->pool, widest, sizeof *row, graph->trouble);
    if (!row) return false;
    for (uint32_t a = 0; a < live.arrays; a++) {
        const struct array *array = &graph->arrays[live.kept[a]];
        if (!pack_array(array, fovea_draft_array(&draft, emitted->blob, a), row))
            return fail(graph->trouble, "layer '%s': a weight is not a finite number",
                        user_of(graph, live.kept[a]));
    }
    fovea_draft_seal(emitted->blob, emitted->size);
    return true;
}
