/* What recurrent layers share. Internal to convert/keras/. */
#ifndef FOVEA_CONVERT_KERAS_RNN_H
#define FOVEA_CONVERT_KERAS_RNN_H

#include "convert/keras/mask.h"

#define KERAS_STATES_MAX 64 /* of a layer: of all its cells, of both ways */

/* What the layer around a cell, and its call, say. */
struct recurrence {
    bool backwards, sequence, flipped;
    bool states;                      /* it gives the last states as well */
    bool zero;                        /* steps that do not count give 0 */
    uint32_t mask;                    /* GRAPH_NONE: all steps count */
    uint32_t first[KERAS_STATES_MAX]; /* the states to start from; */
    uint32_t first_count;             /* 0: they are 0 */
    uint32_t last[KERAS_STATES_MAX];  /* found: the last states, h (and c) of each cell */
    uint32_t last_count;
};

/* The settings of the layer in call->config. */
bool keras_read_recurrence(struct layer_call *call, struct recurrence *recurrence);
/* The arguments of the call: mask and first states, which are its inputs behind the sequence. */
bool keras_read_call(struct layer_call *call, struct recurrence *recurrence);
/* call->output, and the last states, or these alone, as the layer's outputs. */
bool keras_give_states(struct layer_call *call, const struct recurrence *recurrence);

/* The layer of call->class_name and call->config over call->inputs[0]. */
bool keras_recur(struct layer_call *call, struct recurrence *recurrence);

#endif
