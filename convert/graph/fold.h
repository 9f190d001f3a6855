/* Simplifications that keep every result: what was done and what was not is told line by line. */
#ifndef FOVEA_CONVERT_GRAPH_FOLD_H
#define FOVEA_CONVERT_GRAPH_FOLD_H

#include "convert/graph/graph.h"

/* Told of each fold: node `what` was merged into `where`, or why not. NULL: nobody listens. */
struct fold_listener {
    void (*tell)(void *context, const char *line);
    void *context;
};

/* Merges scale-and-shift (BatchNormalization) into the convolution or dense layer before it,
 * activations into what they follow, zero padding into the convolution behind it. */
bool graph_fold(struct graph *graph, const struct fold_listener *listener);

/* Part of graph_fold: nodes that read constants only become constants. */
bool graph_fold_constants(struct graph *graph, const struct fold_listener *listener);

/* Tells the listener "<op> '<name of what>' <text> '<name of where>'". */
void fold_tell(struct graph *graph, const struct fold_listener *listener, const struct node *what,
               const char *text, const struct node *where);

#endif
