#include "convert/graph/same.h"

#include <string.h>

#define BLOCK 512

static bool same_numbers(const struct source *a, const struct source *b) {
    float block[2][BLOCK];
    if (a->count != b->count) return false;
    for (uint64_t at = 0; at < a->count; at += BLOCK) {
        const uint64_t count = a->count - at < BLOCK ? a->count - at : BLOCK;
        source_read(a, at, count, block[0]);
        source_read(b, at, count, block[1]);
        if (memcmp(block[0], block[1], (size_t)count * sizeof(float)) != 0) return false;
    }
    return true;
}

static bool same_array(const struct array *a, const struct array *b) {
    return a->layout == b->layout && a->count == b->count && a->taps == b->taps &&
           a->inputs == b->inputs && a->outputs == b->outputs && a->groups == b->groups &&
           same_numbers(&a->source, &b->source);
}

static bool same_node(const struct node *a, const struct node *b) {
    return a->op == b->op && a->input_count == b->input_count && a->array_count == b->array_count &&
           memcmp(a->inputs, b->inputs, a->input_count * sizeof *a->inputs) == 0 &&
           memcmp(a->array, b->array, a->array_count * sizeof *a->array) == 0 &&
           memcmp(a->attribute, b->attribute, sizeof a->attribute) == 0;
}

bool graph_same(struct graph *a, const struct graph *b, bool *same) {
    *same = a->input_count == b->input_count && a->output_count == b->output_count &&
            a->node_count == b->node_count && a->array_count == b->array_count;
    for (uint32_t n = 0; *same && n < a->node_count; n++) {
        if (!pool_spend(a->pool, 16 + (uint64_t)a->nodes[n].input_count, a->trouble)) return false;
        *same = same_node(&a->nodes[n], &b->nodes[n]);
    }
    for (uint32_t i = 0; *same && i < a->array_count; i++) {
        if (!pool_spend(a->pool, 16 + a->arrays[i].source.count / 4, a->trouble)) return false;
        *same = same_array(&a->arrays[i], &b->arrays[i]);
    }
    for (uint32_t o = 0; *same && o < a->output_count; o++)
        *same = a->outputs[o].value == b->outputs[o].value;
    return true;
}
