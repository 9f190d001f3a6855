/* Weights in half precision: which kernels can be kept so, and what that costs. */
#ifndef FOVEA_CONVERT_GRAPH_HALF_H
#define FOVEA_CONVERT_GRAPH_HALF_H

#include "convert/graph/fold.h"
#include "convert/graph/graph.h"

struct half_report {
    uint32_t halves, floats; /* kernels in half precision; kernels that had to stay floats */
    double absolute;         /* the largest error of a weight */
    double relative;         /* the same as a part of the weight, of those from 2^-14 on: below that
                              * halves have fixed steps, and the error is at most 2^-25 */
    double golden; /* of the self-test's outputs, as it counts; below 0: there is no self-test */
};

/* Marks the kernels that will be halves: all that an operator reads as halves, but those whose largest
 * weight is not a normal half (below 2^-14, where every weight would lose digits, or from 65520 on, where
 * it would be infinite). These stay floats, and the listener is told so by layer. */
bool graph_halve(struct graph *graph, const struct fold_listener *listener,
                 struct half_report *report);

#endif
