#include "convert/graph/half.h"

#include <math.h>
#include <stdio.h>

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

/* Every node that uses the array reads it as halves. */
static bool takes_halves(const struct graph *graph, uint32_t array) {
    for (uint32_t n = 0; n < graph->node_count; n++)
        for (uint32_t i = 0; i < graph->nodes[n].array_count; i++)
            if (graph->nodes[n].array[i] == array && !graph->nodes[n].dead &&
                !fovea_op_reads(graph->nodes[n].op, i, FOVEA_F16))
                return false;
    return graph->arrays[array].layout == ARRAY_CONV;
}

static bool halve_kernel(struct graph *graph, const struct node *node,
                         const struct fold_listener *listener, struct half_report *report) {
    struct array *array = &graph->arrays[node->array[0]];
    struct half_survey found;
    char line[300];
    if (!survey(graph, array, &found)) return false;
    if (found.largest == 0 ||
        (found.largest >= (double)HALF_LEAST && found.largest < (double)HALF_MOST)) {
        array->type = FOVEA_F16;
        report->halves++;
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
                 struct half_report *report) {
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
