/* Which numbers an input expects where a picture's pixels are meant, as far as the graph tells. */
#ifndef FOVEA_CONVERT_GRAPH_RANGE_H
#define FOVEA_CONVERT_GRAPH_RANGE_H

#include "convert/graph/graph.h"

enum graph_range {
    RANGE_OPEN,  /* nothing in the graph tells, or it tells two things */
    RANGE_BYTES, /* 0 .. 255 */
    RANGE_UNIT,  /* 0 .. 1 */
    RANGE_SIGNED /* -1 .. 1 */
};

/* Looks at what first works on the numbers of the input: a scaling that brings one of the ranges to what
 * networks work on, or what the graph notes (graph_moments). *name: the layer that tells. For graphs before
 * folding. False on trouble. */
bool graph_range(struct graph *graph, uint32_t input, enum graph_range *range, const char **name);

#endif
