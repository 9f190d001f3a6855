/* Weights narrower than floats: which kernels can be kept so, and what that costs. */
#ifndef FOVEA_CONVERT_GRAPH_NARROW_H
#define FOVEA_CONVERT_GRAPH_NARROW_H

#include "convert/graph/fold.h"
#include "convert/graph/graph.h"

struct narrow_report {
    uint32_t narrow, floats; /* kernels that are narrow; kernels that had to stay floats */
    double absolute;         /* the largest error of a weight */
    double
        relative; /* the same as a part: of halves, of the weight, of those from 2^-14 on, below which
                              * they have fixed steps, and the error is at most 2^-25; of bytes, of the largest
                              * weight of the output */
    double golden; /* of the self-test's outputs, as it counts; below 0: there is no self-test */
};

/* Marks the kernels that will be halves: all that an operator reads as halves, but those whose largest
 * weight is not a normal half (below 2^-14, where every weight would lose digits, or from 65520 on, where
 * it would be infinite). These stay floats, and the listener is told so by layer. */
bool graph_halve(struct graph *graph, const struct fold_listener *listener,
                 struct narrow_report *report);

/* Makes kernels bytes, all that an operator reads so: for each output a scale, its largest weight / 127, and of each
 * weight the nearest multiple of it; an output of zeros has scale 1. A kernel whose largest weight is not a finite
 * number, or so small that scales would not be normal floats, stays as it is, and the listener is told. */
bool graph_bytes(struct graph *graph, const struct fold_listener *listener,
                 struct narrow_report *report);

#endif
