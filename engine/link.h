/* What steps can only be told when all of them are bound and every address is known. */
#ifndef FOVEA_ENGINE_LINK_H
#define FOVEA_ENGINE_LINK_H

#include "engine/op.h"

/* In this order, because each looks at what the one before has left:
 *
 *   scratch      every step gets the shared scratch memory
 *   look-ahead   a convolution gets the first weights of a later one, to ask memory for them meanwhile: those
 *                that the file has, so it comes before
 *   factors      a convolution gets the weights that the step before makes in scratch memory */
FOVEA_LOCAL void fovea_link(struct fovea_step *steps, uint32_t count, float *scratch);

#if !FOVEA_SMALL
/* The weights that a step of the way FACTORS makes, when it knows its scratch memory. */
FOVEA_LOCAL const float *fovea_scale_weights(const struct fovea_step *step);
#endif

#endif
