/* The attribute words of the operators' records, by name: where the converter puts what the rules (rule_*.c) read.
 * Their numbers are the blob's format and never change; what they mean is said in rules.h, by the record of that
 * operator. Of a pair for both axes the name is that of y; x is the word behind it. */
#ifndef FOVEA_WEIGHTS_WORDS_H
#define FOVEA_WEIGHTS_WORDS_H

#include "weights/model.h"

/* A fused activation, or one by itself. */
enum { FOVEA_TAIL_KIND, FOVEA_TAIL_LOW, FOVEA_TAIL_HIGH, FOVEA_TAIL_ALPHA, FOVEA_TAIL_WORDS };

/* Convolutions and pools begin with their window. */
enum {
    FOVEA_WINDOW_KERNEL = 0,
    FOVEA_WINDOW_STRIDE = 2,
    FOVEA_WINDOW_DILATION = 4,
    FOVEA_WINDOW_PADDING = 6,
    FOVEA_WINDOW_TOP, /* explicit padding */
    FOVEA_WINDOW_LEFT,
    FOVEA_WINDOW_BOTTOM,
    FOVEA_WINDOW_RIGHT,
    FOVEA_WINDOW_WORDS
};
enum { FOVEA_CONV_GROUPS = FOVEA_WINDOW_WORDS, FOVEA_CONV_OUTPUTS, FOVEA_CONV_TAIL };
enum { FOVEA_DEPTHWISE_TAIL = FOVEA_WINDOW_WORDS };
enum { FOVEA_POOL_KEEP = FOVEA_WINDOW_WORDS };
/* Transposed ones have a window up to its padding, and then: */
enum { FOVEA_TRANSPOSED_EXTRA = 7, FOVEA_TRANSPOSED_OUTPUTS = 9, FOVEA_TRANSPOSED_TAIL };

enum { FOVEA_DENSE_OUTPUTS, FOVEA_DENSE_TAIL };
enum { FOVEA_MATMUL_TRANSPOSED, FOVEA_MATMUL_TAIL };
enum { FOVEA_GATHER_ROWS, FOVEA_GATHER_WIDTH };
enum {
    FOVEA_RNN_CELL,
    FOVEA_RNN_UNITS,
    FOVEA_RNN_BACKWARDS,
    FOVEA_RNN_SEQUENCE,
    FOVEA_RNN_FLIPPED,
    FOVEA_RNN_STATE,
    FOVEA_RNN_GATE = FOVEA_RNN_STATE + FOVEA_TAIL_WORDS
};
enum { FOVEA_ROWS_DIMENSIONS, FOVEA_NORMALIZE_KIND, FOVEA_NORMALIZE_EPSILON };

/* Of bytes: a convolution's words up to its outputs, then bounds; a window, bounds; outputs, bounds; ... */
enum { FOVEA_QCONV_LOW = FOVEA_CONV_TAIL, FOVEA_QCONV_HIGH };
enum { FOVEA_QDEPTHWISE_LOW = FOVEA_DEPTHWISE_TAIL, FOVEA_QDEPTHWISE_HIGH };
enum { FOVEA_QDENSE_LOW = FOVEA_DENSE_TAIL, FOVEA_QDENSE_HIGH };
enum { FOVEA_QADD_A, FOVEA_QADD_B, FOVEA_QADD_SHIFT, FOVEA_QADD_LOW, FOVEA_QADD_HIGH };
enum { FOVEA_QMULTIPLY_SCALE, FOVEA_QMULTIPLY_LOW, FOVEA_QMULTIPLY_HIGH };

/* A shape is its rank and all dimensions. A constant has one; a reshape and a rearrangement have that of the output
 * and then that of the input; a permutation has a rank and the dimensions' numbers. */
enum { FOVEA_SHAPE_RANK, FOVEA_SHAPE_DIMS, FOVEA_SHAPE_WORDS = FOVEA_SHAPE_DIMS + FOVEA_RANK_MAX };
enum {
    FOVEA_RESHAPE_INPUT = FOVEA_SHAPE_WORDS,
    FOVEA_REARRANGE_STEPS = 2 * FOVEA_SHAPE_WORDS,
    FOVEA_REARRANGE_BASE = FOVEA_REARRANGE_STEPS + FOVEA_RANK_MAX
};
enum { FOVEA_CONCAT_AXIS };
enum { FOVEA_EDGE_TOP, FOVEA_EDGE_LEFT, FOVEA_EDGE_BOTTOM, FOVEA_EDGE_RIGHT }; /* pad, crop */
enum {
    FOVEA_RESIZING_HEIGHT,
    FOVEA_RESIZING_WIDTH,
    FOVEA_RESIZING_FILTER,
    FOVEA_RESIZING_RELATIVE
};

#endif
