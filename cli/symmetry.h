/* Test-time augmentation: a model's mean answer to a picture and its mirror images. */
#ifndef FOVEA_CLI_SYMMETRY_H
#define FOVEA_CLI_SYMMETRY_H

#include "weights/model.h"

/* Which symmetries; the values are how many. */
enum symmetries {
    SYMMETRY_NONE = 1,
    SYMMETRY_MIRROR = 2,
    SYMMETRY_OBLONG = 4,
    SYMMETRY_SQUARE = 8
};

/* How many of those asked for an input has: 8 need a square, else there are 4; 1: it is no picture. */
unsigned symmetry_count(const struct fovea_shape *input, unsigned asked);

/* Writes turn `number` (0: as it is; bit 0 mirrors left and right, bit 1 top and bottom, bit 2 swaps rows and
 * columns) of the picture `from`, height x width x channels or, with 1 or 3 channels in front, channels x height x
 * width, to `to`, which is another place. */
void symmetry_turn(const struct fovea_shape *shape, unsigned number, const float *from, float *to);

#endif
