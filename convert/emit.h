/* The graph as a blob. */
#ifndef FOVEA_CONVERT_EMIT_H
#define FOVEA_CONVERT_EMIT_H

#include "convert/graph.h"

struct emitted {
    uint8_t *blob; /* aligned to 64 bytes, in the graph's pool */
    uint64_t size;
};

/* Drops what no output needs, writes tables and packed weights, seals. Weights that are not finite
 * are refused by layer. */
bool graph_emit(struct graph *graph, struct emitted *emitted);

#endif
