#include "convert/graph/graph.h"

#include <string.h>

#include "weights/check.h"

void graph_start(struct graph *graph, struct pool *pool, struct trouble *trouble) {
    memset(graph, 0, sizeof *graph);
    graph->pool = pool;
    graph->trouble = trouble;
}

void graph_share_arrays(const struct graph *from, struct graph *to) {
    to->arrays = from->arrays;
    to->array_count = from->array_count;
    to->array_room = from->array_room;
    to->array_slots = from->array_slots;
    to->slot_count = from->slot_count;
}

/* Room for one more element in a list that grows by doubling; NULL on trouble. */
static void *grow(struct graph *graph, void *list, uint32_t count, uint32_t *room, size_t size) {
    if (count < *room) return list;
    uint32_t wanted = *room ? *room * 2 : 16;
    if (count >= limit_of(graph->pool, FOVEA_TABLE_MAX)) {
        fail(graph->trouble, "C-005 the model has more parts than a blob holds");
        return NULL;
    }
    void *larger = pool_get(graph->pool, wanted, size, graph->trouble);
    if (!larger) return NULL;
    if (count) memcpy(larger, list, count * size);
    *room = wanted;
    return larger;
}
#define GROW(list, count)                                                                          \
    ((list##s) = grow(graph, (list##s), (count), &(list##_room), sizeof *(list##s)))

static bool add_shape(struct graph *graph, const struct fovea_shape *shape) {
    uint32_t value = graph->input_count + graph->node_count;
    if (!GROW(graph->shape, value) || !GROW(graph->form, value)) return false;
    graph->forms[value] = (struct graph_form){FOVEA_F32, {0, 0, 0}};
    graph->shapes[value] = *shape;
    for (uint32_t i = shape->rank; i < FOVEA_RANK_MAX; i++) graph->shapes[value].dims[i] = 0;
    return true;
}

uint32_t graph_input(struct graph *graph, const char *name, const struct fovea_shape *shape) {
    uint64_t count;
    if (!fovea_shape_count(shape, &count)) {
        fail(graph->trouble, "C-006 input '%s' has no elements or too many", name);
        return GRAPH_NONE;
    }
    if (graph->input_count >= FOVEA_IO_MAX) {
        fail(graph->trouble, "C-007 the model has more than %u inputs", FOVEA_IO_MAX);
        return GRAPH_NONE;
    }
    if (!GROW(graph->input, graph->input_count) || !add_shape(graph, shape)) return GRAPH_NONE;
    struct fovea_draft_input *input = &graph->inputs[graph->input_count];
    input->name = name;
    input->shape = *shape;
    return graph->input_count++;
}

static bool same_array(const struct array *a, const struct array *b) {
    return a->layout == b->layout && a->source.floats == b->source.floats &&
           a->source.count == b->source.count && a->source.value.data == b->source.value.data &&
           a->taps == b->taps && a->inputs == b->inputs && a->outputs == b->outputs &&
           a->groups == b->groups && a->scale == b->scale && a->input_scale == b->input_scale;
}

/* Where to look first for an array. */
static uint32_t slot_of(const struct graph *graph, const struct array *array) {
    uint64_t hash = (uintptr_t)array->source.floats ^ (uintptr_t)array->source.value.data;
    hash = (hash ^ (uintptr_t)array->scale ^ array->outputs) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash >> 32) & (graph->slot_count - 1);
}

/* The array that is the same, or GRAPH_NONE and *slot, which is free; *slot is `slot_count` on trouble. */
static uint32_t find_array(struct graph *graph, const struct array *array, uint32_t *slot) {
    for (*slot = slot_of(graph, array);; *slot = (*slot + 1) & (graph->slot_count - 1)) {
        uint32_t id = graph->array_slots[*slot];
        if (id == 0) return GRAPH_NONE;
        if (same_array(&graph->arrays[id - 1], array)) return id - 1;
        if (!pool_spend(graph->pool, 8, graph->trouble)) break; /* the file chose the addresses */
    }
    *slot = graph->slot_count;
    return GRAPH_NONE;
}

/* At least half of the slots stay free. */
static bool more_slots(struct graph *graph) {
    uint32_t count = graph->slot_count ? 2 * graph->slot_count : 64, slot;
    if (2 * graph->array_count < graph->slot_count) return true;
    graph->array_slots = pool_get(graph->pool, count, sizeof *graph->array_slots, graph->trouble);
    if (!graph->array_slots) return false;
    graph->slot_count = count;
    for (uint32_t i = 0; i < graph->array_count; i++) {
        uint32_t same = find_array(graph, &graph->arrays[i], &slot);
        if (slot == count) return false;
        if (same == GRAPH_NONE) graph->array_slots[slot] = i + 1;
    }
    return true;
}

uint32_t graph_array(struct graph *graph, const struct array *array) {
    uint32_t slot;
    if (!more_slots(graph)) return GRAPH_NONE;
    uint32_t same = find_array(graph, array, &slot); /* shared layers meet their arrays again */
    if (slot == graph->slot_count) return GRAPH_NONE;
    if (same != GRAPH_NONE && array->source.count) return same;
    if (!GROW(graph->array, graph->array_count)) return GRAPH_NONE;
    graph->arrays[graph->array_count] = *array;
    if (same == GRAPH_NONE) graph->array_slots[slot] = graph->array_count + 1;
    return graph->array_count++;
}

struct rule_inputs {
    const struct graph *graph;
    const uint32_t *inputs;
};

static void input_shape(const void *context, uint32_t input, struct fovea_shape *shape) {
    const struct rule_inputs *rule = context;
    *shape = rule->graph->shapes[rule->inputs[input]];
}

uint32_t graph_node(struct graph *graph, uint32_t op, const char *layer, const uint32_t *inputs,
                    uint32_t input_count, const uint32_t *arrays, uint32_t array_count,
                    const uint32_t *attributes) {
    struct rule_inputs context = {graph, inputs};
    struct fovea_rule_query query = {
        .op = op,
        .inputs = input_count,
        .arrays = array_count,
        .attributes = fovea_op_attributes(op),
        .shape_of = input_shape,
        .context = &context,
    };
    if (query.attributes) memcpy(query.attribute, attributes, query.attributes * sizeof(uint32_t));
    if (!fovea_rule_apply(&query)) {
        fail_check(graph->trouble, query.problem, "layer '%s': %s", layer,
                   fovea_check_text(query.problem));
        return GRAPH_NONE;
    }
    for (uint32_t i = 0; i < array_count; i++)
        if (graph->arrays[arrays[i]].count != query.array_count[i]) {
            fail(graph->trouble,
                 "C-008 layer '%s': its weights do not have the size its settings imply", layer);
            return GRAPH_NONE;
        }
    if (graph->node_count >= FOVEA_NODES_MAX) {
        fail(graph->trouble, "C-009 the model has more than %u operations", FOVEA_NODES_MAX);
        return GRAPH_NONE;
    }
    if (!GROW(graph->node, graph->node_count) || !add_shape(graph, &query.output))
        return GRAPH_NONE;
    struct node *node = &graph->nodes[graph->node_count];
    memset(node, 0, sizeof *node);
    node->op = op;
    node->name = layer;
    node->input_count = input_count;
    node->inputs = pool_get(graph->pool, input_count, sizeof *inputs, graph->trouble);
    if (!node->inputs) return GRAPH_NONE;
    for (uint32_t i = 0; i < input_count; i++) node->inputs[i] = inputs[i];
    node->array_count = array_count;
    for (uint32_t i = 0; i < array_count; i++) {
        node->array[i] = arrays[i];
        graph->arrays[arrays[i]].users++;
    }
    memcpy(node->attribute, query.attribute, sizeof node->attribute);
    node->macs = query.macs;
    return graph->input_count + graph->node_count++;
}

bool graph_output(struct graph *graph, const char *name, uint32_t value) {
    if (graph->output_count >= FOVEA_IO_MAX)
        return fail(graph->trouble, "C-010 the model has more than %u outputs", FOVEA_IO_MAX);
    if (!GROW(graph->output, graph->output_count)) return false;
    struct fovea_draft_output *output = &graph->outputs[graph->output_count++];
    memset(output, 0, sizeof *output);
    output->name = name;
    output->value = value;
    return true;
}

bool graph_note(struct graph *graph, const char *key, const char *value) {
    if (!GROW(graph->note, graph->note_count)) return false;
    graph->notes[graph->note_count].key = key;
    graph->notes[graph->note_count++].value = value;
    return true;
}

bool graph_note_moments(struct graph *graph, const struct graph_moments *moments) {
    struct graph_moments *noted = pool_get(graph->pool, 1, sizeof *noted, graph->trouble);
    if (!noted) return false;
    *noted = *moments;
    noted->next = graph->moments;
    graph->moments = noted;
    return true;
}

const struct fovea_shape *graph_shape(const struct graph *graph, uint32_t value) {
    static const struct fovea_shape none = {.rank =
                                                FOVEA_RANK_MAX + 1}; /* impossible: see shape.h */
    return value < graph->input_count + graph->node_count ? &graph->shapes[value] : &none;
}

void source_read(const struct source *source, uint64_t first, uint64_t count, float *out) {
    if (source->floats)
        memcpy(out, source->floats + first, (size_t)count * sizeof *out);
    else
        hdf5_floats(&source->value, first, count, out);
}

void array_read_row(const struct array *array, uint64_t row, size_t count, float *out) {
    source_read(&array->source, row * count, count, out);
    double input = array->input_scale ? array->input_scale[row % array->inputs] : 1;
    if (!array->scale && input == 1) return;
    for (size_t i = 0; i < count; i++)
        out[i] = (float)((double)out[i] * input * (array->scale ? array->scale[i] : 1));
}

struct source source_floats(const float *floats, uint64_t count) {
    struct source source = {.floats = floats, .count = count};
    return source;
}

struct source source_value(const struct hdf5_value *value) {
    struct source source = {.value = *value, .count = value->count};
    return source;
}

const char *shape_text(struct graph *graph, const struct fovea_shape *shape) {
    char *text = pool_get(graph->pool, FOVEA_RANK_MAX * 12 + 2, 1, graph->trouble);
    if (!text) return "?";
    char *end = text;
    for (uint32_t i = 0; i < shape->rank; i++) {
        char digits[12];
        int count = 0;
        for (uint32_t d = shape->dims[i]; d || !count; d /= 10)
            digits[count++] = (char)('0' + d % 10);
        if (i) *end++ = 'x';
        while (count) *end++ = digits[--count];
    }
    if (!shape->rank) *end++ = '1';
    return text;
}
