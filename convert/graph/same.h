/* Whether two graphs are one, but for the sizes of tensors. */
#ifndef FOVEA_CONVERT_GRAPH_SAME_H
#define FOVEA_CONVERT_GRAPH_SAME_H

#include "convert/graph/graph.h"

/* *same: whether both have the same nodes, with the same settings and the same numbers of weights, so that either does
 * what the other does, on inputs of its sizes. Before folding. False on trouble, which is a's. */
bool graph_same(struct graph *a, const struct graph *b, bool *same);

#endif
