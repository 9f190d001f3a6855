/* What the kinds of attention share. Internal to convert/keras/. */
#ifndef FOVEA_CONVERT_KERAS_ATTENTION_H
#define FOVEA_CONVERT_KERAS_ATTENTION_H

#include "convert/keras/mask.h"

struct attention {
    uint32_t query, value, key, mask; /* masks of steps, and of scores; GRAPH_NONE: none */
    bool causal;                      /* a query looks at no key behind it */
    uint32_t window;                  /* nor at one this far away; 0: at all */
    bool scores;                      /* the weights of the values are a second output */
    bool clear;                       /* where a query may look at nothing its weights are 0 */
};

/* What the call and the settings say; its first `known` arguments are tensors. */
bool keras_read_attention(struct layer_call *call, size_t known, uint32_t query, uint32_t value,
                          uint32_t key, struct attention *attention);
/* call->output = softmax(scores), as far as masks allow, times the values; leading dimensions are a batch.
 * *weights: the softmax. */
bool keras_attend(struct layer_call *call, const struct attention *attention, uint32_t scores,
                  uint32_t value, uint32_t *weights);
/* The layer's outputs: call->output, and the weights where they are asked for. */
bool keras_give_scores(struct layer_call *call, const struct attention *attention,
                       uint32_t weights);

#endif
