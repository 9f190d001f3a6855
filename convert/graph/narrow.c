#include "convert/graph/narrow.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "convert/graph/emit.h"
#include "kernels/half.h"

#define HALF_LEAST 0x1p-14f /* normal */
#define HALF_MOST  65520.0f /* the first that becomes infinite */

/* What halves would make of one array. */
struct half_survey {
    double largest, absolute, relative;
};

static bool survey(struct graph *graph, const struct array *array, struct half_survey *found) {
    float *row = pool_get(graph->pool, array->outputs, sizeof *row, graph->trouble);
    *found = (struct half_survey){0, 0, 0};
    for (size_t r = 0; row && r < array->taps * array->inputs; r++) {
        array_read_row(array, r, array->outputs, row);
        for (size_t o = 0; o < array->outputs; o++) {
            double weight = fabs((double)row[o]);
            double off = fabs((double)row[o] - (double)fovea_half_value(fovea_half_of(row[o])));
            if (!(weight <= found->largest)) found->largest = weight; /* what is no number shows */
            if (off > found->absolute) found->absolute = off;
            if (weight >= (double)HALF_LEAST && off / weight > found->relative)
                found->relative = off / weight;
        }
    }
    return row != NULL;
}

/* Every node that uses the array reads it, as its kernel, in this type. */
static bool takes(const struct graph *graph, uint32_t array, enum fovea_type type) {
    if (graph->arrays[array].source.exact) return false;
    for (uint32_t n = 0; n < graph->node_count; n++)
        for (uint32_t i = 0; i < graph->nodes[n].array_count; i++)
            if (graph->nodes[n].array[i] == array && !graph->nodes[n].dead &&
                (i > 0 || !fovea_op_reads(graph->nodes[n].op, 0, type)))
                return false;
    return true;
}

static bool takes_halves(const struct graph *graph, uint32_t array) {
    return takes(graph, array, FOVEA_F16) && graph->arrays[array].layout == ARRAY_CONV;
}

static bool halve_kernel(struct graph *graph, const struct node *node,
                         const struct fold_listener *listener, struct narrow_report *report) {
    struct array *array = &graph->arrays[node->array[0]];
    struct half_survey found;
    char line[300];
    if (!survey(graph, array, &found)) return false;
    if (found.largest == 0 ||
        (found.largest >= (double)HALF_LEAST && found.largest < (double)HALF_MOST)) {
        array->type = FOVEA_F16;
        report->narrow++;
        report->absolute = fmax(report->absolute, found.absolute);
        report->relative = fmax(report->relative, found.relative);
        return true;
    }
    report->floats++;
    snprintf(line, sizeof line,
             "layer '%.200s' stays float32: its largest weight, %.3g, is %s float16", node->name,
             found.largest, found.largest < 1 ? "too small for" : "beyond");
    if (listener) listener->tell(listener->context, line);
    return true;
}

bool graph_halve(struct graph *graph, const struct fold_listener *listener,
                 struct narrow_report *report) {
    bool *seen = pool_get(graph->pool, graph->array_count, sizeof *seen, graph->trouble);
    for (uint32_t n = 0; seen && n < graph->node_count; n++) {
        const struct node *node = &graph->nodes[n];
        if (node->dead || node->array_count < 1 || !fovea_op_reads(node->op, 0, FOVEA_F16) ||
            seen[node->array[0]] || !takes_halves(graph, node->array[0]))
            continue;
        seen[node->array[0]] = true;
        if (!halve_kernel(graph, node, listener, report)) return false;
    }
    return seen != NULL;
}

/* ---- bytes ---- */

#define BYTE_MOST 127

/* A kernel laid out for the blob, and what becomes of it. */
struct byte_kernel {
    const float *floats;
    int8_t *bytes;
    float *scales;
    uint64_t count, block; /* numbers; those of FOVEA_BLOCK outputs */
};

/* The scale of output `lane` of a block, and its weights as bytes. False where there is none. */
static bool bytes_of_output(const struct byte_kernel *k, uint64_t at, size_t lane,
                            struct narrow_report *report) {
    double largest = 0, relative = 0;
    for (uint64_t i = at + lane; i < at + k->block; i += FOVEA_BLOCK)
        largest = fmax(largest, fabs((double)k->floats[i]));
    const float scale = largest > 0 ? (float)(largest / BYTE_MOST) : 1.0f;
    if (!(scale >= FLT_MIN)) return false;
    k->scales[at / k->block * FOVEA_BLOCK + lane] = scale;
    for (uint64_t i = at + lane; i < at + k->block; i += FOVEA_BLOCK) {
        const double weight = (double)k->floats[i], step = rint(weight / (double)scale);
        const double byte = fmin(fmax(step, -BYTE_MOST), BYTE_MOST);
        const double off = fabs(weight - (double)((float)byte * scale));
        k->bytes[i] = (int8_t)byte;
        relative = fmax(relative, off);
    }
    report->absolute = fmax(report->absolute, relative);
    if (largest > 0) report->relative = fmax(report->relative, relative / largest);
    return true;
}

/* Numbers that are as the blob keeps them. */
static uint32_t ready_array(struct graph *graph, const void *numbers, uint64_t count,
                            enum fovea_type type) {
    struct array array = {.layout = ARRAY_READY, .ready = numbers, .count = count, .type = type};
    return graph_array(graph, &array);
}

static bool bytes_of_kernel(struct graph *graph, uint32_t id, uint32_t made[2],
                            struct narrow_report *report, bool *fits) {
    const struct array *array = &graph->arrays[id];
    struct byte_kernel k = {.count = array->count};
    k.block = array->taps * (array->layout == ARRAY_CONV ? array->inputs : 1) * FOVEA_BLOCK;
    float *floats = array_packed(graph, array, fits);
    k.floats = floats;
    k.bytes = pool_get(graph->pool, k.count, 1, graph->trouble);
    k.scales =
        pool_get(graph->pool, k.count / k.block * FOVEA_BLOCK, sizeof(float), graph->trouble);
    if (!floats || !k.bytes || !k.scales) return false;
    for (uint64_t at = 0; *fits && at < k.count; at += k.block)
        for (size_t lane = 0; *fits && lane < FOVEA_BLOCK; lane++)
            *fits = bytes_of_output(&k, at, lane, report);
    if (!*fits) return true;
    made[0] = ready_array(graph, k.bytes, k.count, FOVEA_I8);
    made[1] = ready_array(graph, k.scales, k.count / k.block * FOVEA_BLOCK, FOVEA_F32);
    return made[0] != GRAPH_NONE && made[1] != GRAPH_NONE;
}

static void tell_byteless(const struct fold_listener *listener, const struct node *node) {
    char line[300];
    snprintf(line, sizeof line,
             "layer '%.200s' stays float32: its weights are too small, or not numbers", node->name);
    if (listener) listener->tell(listener->context, line);
}

bool graph_bytes(struct graph *graph, const struct fold_listener *listener,
                 struct narrow_report *report) {
    const uint32_t before = graph->array_count;
    uint32_t(*made)[2] = pool_get(graph->pool, before, sizeof *made, graph->trouble);
    if (!made) return false;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        struct node *node = &graph->nodes[n];
        const uint32_t id = node->array_count == 2 ? node->array[0] : GRAPH_NONE;
        bool fits = true;
        if (id == GRAPH_NONE || node->dead || !fovea_op_reads(node->op, 0, FOVEA_I8) ||
            !takes(graph, id, FOVEA_I8))
            continue;
        if (made[id][0] == 0) { /* array 0 is one of floats */
            if (!bytes_of_kernel(graph, id, made[id], report, &fits)) return false;
            report->narrow += fits;
            report->floats += !fits;
            if (!fits) tell_byteless(listener, node);
        }
        if (made[id][0] == 0) continue;
        node->array[0] = made[id][0];
        node->array[2] = made[id][1];
        node->array_count = 3;
        graph->arrays[made[id][0]].users++;
        graph->arrays[made[id][1]].users++;
    }
    return true;
}
