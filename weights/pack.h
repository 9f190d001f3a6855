/* Keras' weights into the blocks of kernels/layout.h, one row at a time, so that a converter needs no
 * second copy of a layer. */
#ifndef FOVEA_WEIGHTS_PACK_H
#define FOVEA_WEIGHTS_PACK_H

#include "kernels/layout.h"

/* A kernel of a convolution or a dense layer (1 tap, 1 group): Keras keeps it as rows
 * [ky][kx][input of the group] of `outputs` floats. */
struct fovea_pack {
    size_t taps, inputs, outputs, groups; /* inputs of a group, outputs in all */
};

/* Puts row `row` (tap * inputs + input) into `array`, which starts zeroed. */
FOVEA_LOCAL void fovea_pack_row(const struct fovea_pack *pack, float *array, size_t row,
                                const float *values);

/* The bias: `outputs` floats, or NULL for zeros. */
FOVEA_LOCAL void fovea_pack_bias(const struct fovea_pack *pack, float *array, const float *values);

/* A depthwise kernel: row `tap` of `channels` floats. */
FOVEA_LOCAL void fovea_pack_depthwise(size_t taps, size_t channels, float *array, size_t tap,
                                      const float *values);

#endif
