#include "convert/quantize/quantize.h"

#include <string.h>

/* Words of an activation that is a node of its own. */
static void tail_words(const struct node *node, uint32_t tail, uint32_t *words) {
    memset(words, 0, FOVEA_ATTRIBUTES_MAX * sizeof *words);
    memcpy(words, node->attribute + tail, FOVEA_TAIL_WORDS * sizeof *words);
}

/* Marks what the outputs need. */
static bool *live_values(const struct graph *graph) {
    bool *live = pool_get(graph->pool, (uint64_t)graph->input_count + graph->node_count,
                          sizeof *live, graph->trouble);
    if (!live) return NULL;
    for (uint32_t o = 0; o < graph->output_count; o++) live[graph->outputs[o].value] = true;
    for (uint32_t n = graph->node_count; n-- > 0;)
        for (uint32_t i = 0; live[graph->input_count + n] && i < graph->nodes[n].input_count; i++)
            live[graph->nodes[n].inputs[i]] = true;
    return live;
}

/* The node without what is fused to it, and that behind it. The value of the whole. */
static uint32_t spread_node(const struct graph *graph, struct graph *spread,
                            const struct node *node, const uint32_t *map) {
    uint32_t inputs[2], words[FOVEA_ATTRIBUTES_MAX], tail_word = fovea_op_tail(node->op),
                                                     none[4] = {0};
    memcpy(words, node->attribute, sizeof words);
    uint32_t *all = pool_get(graph->pool, node->input_count, sizeof *all, graph->trouble);
    if (!all && node->input_count) return GRAPH_NONE;
    for (uint32_t i = 0; i < node->input_count; i++) all[i] = map[node->inputs[i]];
    const bool weights = node->op == FOVEA_OP_CONV || node->op == FOVEA_OP_DENSE;
    const bool added = weights && node->input_count == 2;
    const bool tail =
        tail_word != FOVEA_NO_TAIL && words[tail_word + FOVEA_TAIL_KIND] != FOVEA_ACTIVATION_NONE;
    const bool clamp = tail && words[tail_word + FOVEA_TAIL_KIND] == FOVEA_ACTIVATION_CLAMP;
    const bool split = tail && (added || !clamp);
    if (split) memset(words + tail_word, 0, FOVEA_TAIL_WORDS * sizeof *words);
    uint32_t value = graph_node(spread, node->op, node->name, all, added ? 1 : node->input_count,
                                node->array, node->array_count, words);
    if (added && value != GRAPH_NONE) {
        inputs[0] = value;
        inputs[1] = all[1];
        memset(words, 0, sizeof words);
        if (clamp) memcpy(words, node->attribute + tail_word, FOVEA_TAIL_WORDS * sizeof *words);
        value = graph_node(spread, FOVEA_OP_ADD, node->name, inputs, 2, none, 0, words);
        if (clamp) return value;
    }
    if (!split || value == GRAPH_NONE) return value;
    tail_words(node, tail_word, words);
    return graph_node(spread, FOVEA_OP_ACTIVATION, node->name, &value, 1, none, 0, words);
}

bool quantize_spread(const struct graph *graph, struct graph *spread) {
    const uint32_t values = graph->input_count + graph->node_count;
    uint32_t *map = pool_get(graph->pool, values, sizeof *map, graph->trouble);
    bool *live = live_values(graph);
    if (!map || !live) return false;
    graph_start(spread, graph->pool, graph->trouble);
    graph_share_arrays(graph, spread);
    for (uint32_t i = 0; i < graph->input_count; i++) {
        map[i] = graph_input(spread, graph->inputs[i].name, &graph->inputs[i].shape);
        if (map[i] == GRAPH_NONE) return false;
        spread->inputs[i] = graph->inputs[i];
    }
    for (uint32_t n = 0; n < graph->node_count; n++) {
        if (!live[graph->input_count + n]) continue;
        const uint32_t value = spread_node(graph, spread, &graph->nodes[n], map);
        if (value == GRAPH_NONE) return false;
        map[graph->input_count + n] = value;
    }
    for (uint32_t o = 0; o < graph->output_count; o++) {
        if (!graph_output(spread, graph->outputs[o].name, map[graph->outputs[o].value]))
            return false;
        spread->outputs[o].labels = graph->outputs[o].labels;
        spread->outputs[o].label_count = graph->outputs[o].label_count;
    }
    for (uint32_t i = 0; i < graph->note_count; i++)
        if (!graph_note(spread, graph->notes[i].key, graph->notes[i].value)) return false;
    return true;
}
