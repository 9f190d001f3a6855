/* The laws of data, stated once.
 *
 * Activations: float32, tight NHWC, one picture at a time (N = 1); no padding inside a tensor, so
 * flattening is free and element (y, x, c) of an H x W x C tensor is at (y * W + x) * C + c.
 *
 * Weights: outputs in blocks of FOVEA_BLOCK, zero-filled at the end, no instruction set inside:
 *     convolution   [groups][outputs per group / 8][kernel y][kernel x][inputs per group][8]
 *     dense         [outputs / 8][inputs][8]
 *     depthwise     [channels / 8][kernel y][kernel x][8]
 *     bias          [groups][outputs per group / 8][8]
 * Each array starts at a multiple of FOVEA_ALIGN bytes.
 *
 * Loop letters mean the same everywhere: y x position, ky kx tap, c input channel, o output
 * channel, k reduction index, n count.
 */
#ifndef FOVEA_KERNELS_LAYOUT_H
#define FOVEA_KERNELS_LAYOUT_H

#include "kernels/base.h"

#define FOVEA_BLOCK 8  /* outputs per block of weights, floats */
#define FOVEA_ALIGN 64 /* bytes: start of every array and tensor */

/* The least multiple of `step` that is not below `value`; the caller has excluded overflow. */
FOVEA_INLINE size_t fovea_round_up(size_t value, size_t step) {
    return (value + step - 1) / step * step;
}

#endif
