/* A graph of floats becomes one that computes with bytes, by what its layers do on given inputs.
 *
 *   spread     activations become nodes of their own, so that what lies before them is seen (spread.c)
 *   calibrate  the float model runs on the inputs: range of each tensor, mean of each channel (calibrate.c)
 *   plan       which layers compute with bytes, and the scale of each tensor (forms.c)
 *   rewrite    the graph of bytes; boundaries where a layer of floats meets one of bytes (rewrite.c, kernel.c)
 *   guard      both models run on the inputs and are compared (guard.c)
 */
#ifndef FOVEA_CONVERT_QUANTIZE_H
#define FOVEA_CONVERT_QUANTIZE_H

#include "convert/graph/emit.h"
#include "convert/quantize/options.h"

/* *made becomes the graph of bytes, in the graph's pool. False with trouble set: nothing to calibrate by, numbers that are
 * not finite, less agreement than is asked for (the layers to keep in float are named). */
bool graph_quantize(struct graph *graph, const struct quantize_options *options, struct graph *made,
                    struct quantize_report *report);

/* ---- between its files ---- */

/* What is known of a value of the spread graph. */
struct value_facts {
    double least, most; /* over all inputs, and 0 */
    double *sums;       /* [channels] of each channel, its last dimension */
    uint32_t channels;
    uint64_t rows;      /* that were added */
    bool bytes, wanted; /* it is made as bytes; some layer of bytes reads it */
    bool constant;
    uint32_t same_as; /* value whose scale it has: itself, or a lower one */
    struct fovea_quantization form;
    uint32_t as_floats, as_bytes; /* values of the graph that is made, or GRAPH_NONE */
};

struct quantize_job {
    struct graph *graph; /* the spread one */
    struct graph *made;
    const struct quantize_options *options;
    struct value_facts *facts; /* of its values */
    bool *byte_node;           /* nodes that compute with bytes */
    struct quantize_report *report;
};

bool quantize_spread(const struct graph *graph, struct graph *spread);
bool quantize_calibrate(struct quantize_job *job);
bool quantize_plan(struct quantize_job *job);
bool quantize_rewrite(struct quantize_job *job);
bool quantize_guard(struct quantize_job *job);

/* A layer's kernel as bytes: arrays[0 .. 2] are made. False: on trouble; *fits is false where sums could leave 32
 * bits, or a weight is not finite. `output`: NULL where the sums become floats. */
bool quantize_kernel(struct quantize_job *job, const struct node *node, uint32_t input,
                     const struct fovea_quantization *output, uint32_t arrays[3], bool *fits);

/* The session of a graph, with a watcher or without. */
fovea_session *quantize_session(struct graph *graph, struct fovea_model *model,
                                void (*watcher)(void *, const struct fovea_step_info *),
                                void *context);
/* The node whose step is `*node` or behind it: of operators that are steps. */
uint32_t quantize_step_node(const struct graph *graph, uint32_t node);

#endif
