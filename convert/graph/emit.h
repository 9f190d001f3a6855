/* The graph as a blob, written from front to back. */
#ifndef FOVEA_CONVERT_GRAPH_EMIT_H
#define FOVEA_CONVERT_GRAPH_EMIT_H

#include "convert/graph/graph.h"

/* Where a blob goes. Each function returns false, with the cause in a trouble of its own, to end the
 * job. Packed weights exist one array at a time. */
struct emit_sink {
    bool (*start)(void *context, uint64_t size);                     /* bytes in all, first */
    bool (*write)(void *context, const uint8_t *bytes, size_t size); /* the next bytes */
    bool (*patch)(void *context, uint64_t at, const uint8_t *bytes, size_t size); /* of before */
    void (*progress)(void *context, uint64_t done, uint64_t size); /* NULL: nobody asks */
    void *context;
};

/* Drops what no output needs, writes tables and packed weights, seals. Weights that are not finite
 * are refused by layer. */
bool graph_emit_to(struct graph *graph, const struct emit_sink *sink);

/* The numbers of an array of floats, laid out as the blob has them, in the pool; *finite: whether all are. */
float *array_packed(struct graph *graph, const struct array *array, bool *finite);

/* A whole blob in the graph's pool. */
struct emitted {
    uint8_t *blob; /* aligned to 64 bytes */
    uint64_t size;
};
bool graph_emit(struct graph *graph, struct emitted *emitted);

/* The graph as it stands, emitted and planned in its pool, ready to run; NULL on trouble. */
fovea_session *graph_plan(struct graph *graph, struct fovea_model *model);

#endif
