/* Constant subgraphs: a node that reads constants only is run now, by the engine itself, and becomes a
 * constant. */
#include <string.h>

#include "convert/graph/emit.h"
#include "convert/graph/fold.h"
#include "convert/graph/shape.h"

#define CALL_STEPS 4096 /* of making a model of one node, planning and running it */

static bool is_constant(const struct graph *graph, uint32_t value) {
    return value >= graph->input_count &&
           graph->nodes[value - graph->input_count].op == FOVEA_OP_CONSTANT;
}

/* A graph of this node alone, its constants as inputs. */
static bool isolate(struct graph *graph, const struct node *node, struct graph *alone) {
    uint32_t inputs[8], arrays[FOVEA_ARRAYS_MAX];
    graph_start(alone, graph->pool, graph->trouble);
    for (uint32_t i = 0; i < node->input_count; i++) {
        inputs[i] = graph_input(alone, "constant", graph_shape(graph, node->inputs[i]));
        if (inputs[i] == GRAPH_NONE) return false;
        alone->inputs[i].recipe = (struct fovea_recipe){.scale = 1, .std = {1, 1, 1}};
    }
    for (uint32_t i = 0; i < node->array_count; i++) {
        arrays[i] = graph_array(alone, &graph->arrays[node->array[i]]);
        if (arrays[i] == GRAPH_NONE) return false;
    }
    uint32_t value = graph_node(alone, node->op, node->name, inputs, node->input_count, arrays,
                                node->array_count, node->attribute);
    return value != GRAPH_NONE && graph_output(alone, "constant", value);
}

/* Runs it; the `count` floats of its output, in the pool. */
static float *run_alone(struct graph *graph, const struct node *node, struct graph *alone,
                        uint64_t count) {
    struct fovea_model model;
    float *result = pool_get(graph->pool, count, sizeof *result, graph->trouble);
    fovea_session *session = result ? graph_plan(alone, &model) : NULL;
    if (!session) return NULL;
    for (uint32_t i = 0; i < node->input_count; i++) {
        const struct node *constant = &graph->nodes[node->inputs[i] - graph->input_count];
        const struct array *array = &graph->arrays[constant->array[0]];
        source_read(&array->source, 0, array->count, fovea_input(session, i));
    }
    fovea_run(session);
    memcpy(result, fovea_output(session, 0), (size_t)count * sizeof *result);
    return result;
}

bool graph_fold_constants(struct graph *graph, const struct fold_listener *listener) {
    for (uint32_t n = 0; n < graph->node_count; n++) {
        struct node *node = &graph->nodes[n];
        bool all = node->input_count > 0 && node->input_count <= 8;
        for (uint32_t i = 0; all && i < node->input_count; i++)
            all = is_constant(graph, node->inputs[i]);
        if (!all) continue;
        const struct fovea_shape *shape = graph_shape(graph, graph->input_count + n);
        struct graph alone;
        uint64_t count;
        fovea_shape_count(shape, &count);
        if (!pool_spend(graph->pool, CALL_STEPS + count / 16 + node->macs / 64, graph->trouble))
            return false;
        if (!isolate(graph, node, &alone)) return false;
        float *result = run_alone(graph, node, &alone, count);
        if (!result) return false;
        struct array array = {.layout = ARRAY_PLAIN, .source = source_floats(result, count)};
        array.taps = array.inputs = array.outputs = array.groups = 1;
        array.count = count;
        array.users = 1;
        uint32_t id = graph_array(graph, &array);
        if (id == GRAPH_NONE) return false;
        for (uint32_t i = 0; i < node->array_count; i++) graph->arrays[node->array[i]].users--;
        fold_tell(graph, listener, node, "is computed in advance", node);
        memset(node->attribute, 0, sizeof node->attribute);
        node->op = FOVEA_OP_CONSTANT;
        node->input_count = 0;
        node->array_count = 1;
        node->array[0] = id;
        node->macs = 0;
        node->attribute[FOVEA_SHAPE_RANK] = shape_rank(shape);
        for (uint32_t d = 0; d < shape_rank(shape); d++)
            node->attribute[FOVEA_SHAPE_DIMS + d] = shape_size(shape, d);
    }
    return true;
}
