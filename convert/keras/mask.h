/* Masks: which steps of a sequence count. Internal to convert/keras/.
 *
 * Masking and Embedding(mask_zero) give their output one; some layers hand it on to theirs, and recurrent layers,
 * means and attention heed it. A mask is a tensor of 1 and 0 with a number for each step. Keras 3 writes it into a
 * call's argument "mask" as well; that stands over what the input has. */
#ifndef FOVEA_CONVERT_KERAS_MASK_H
#define FOVEA_CONVERT_KERAS_MASK_H

#include "convert/keras/build.h"

/* The value's mask; GRAPH_NONE: all of it counts. */
uint32_t keras_mask_of(const struct keras *keras, uint32_t value);
bool keras_set_mask(struct keras *keras, uint32_t value, uint32_t mask);

/* *mask = what the call says of its first input, or what that input has. */
bool keras_call_mask(struct layer_call *call, uint32_t *mask);
/* Of all tensors of the call those that are no masks become its inputs. */
bool keras_set_masks_apart(struct layer_call *call);

/* Gives the layer's outputs the masks that Keras does. */
bool keras_hand_on_masks(struct layer_call *call);

/* call->output = 1 where `value` differs from `number`, else 0. */
bool keras_differs(struct layer_call *call, uint32_t value, float number);
/* The mask of `steps` numbers as a column that goes with the rows of a sequence. */
bool keras_mask_column(struct layer_call *call, uint32_t mask);

#endif
