/* The rules of the operators, asked directly: an example of each that is right, and what is refused of it by
 * which words. */
#include "weights/blob.h"
#include "weights/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    EXPLICIT = FOVEA_PADDING_EXPLICIT,
    ONE = 0x3f800000,
    MANY = FOVEA_DIM_MAX,
    STEP = FOVEA_STEP_MAX
};

#define LEAST (-128u) /* of the bytes */

struct given {
    uint32_t op, inputs, arrays;
    struct fovea_shape shapes[3];
    uint32_t words[FOVEA_ATTRIBUTES_MAX];
};

#define PICTURE                                                                                    \
    {                                                                                              \
        3, {                                                                                       \
            8, 9, 6                                                                                \
        }                                                                                          \
    }
#define ROW                                                                                        \
    {                                                                                              \
        1, {                                                                                       \
            6                                                                                      \
        }                                                                                          \
    }
#define TABLE                                                                                      \
    {                                                                                              \
        2, {                                                                                       \
            4, 6                                                                                   \
        }                                                                                          \
    }
static const struct given rights[] = {
    {FOVEA_OP_CONSTANT, 0, 1, {{0}}, {2, 3, 4}},
    {FOVEA_OP_RESHAPE, 1, 0, {TABLE}, {1, 24}},
    {FOVEA_OP_CONCAT, 2, 0, {TABLE, TABLE}, {1}},
    {FOVEA_OP_PAD, 1, 0, {PICTURE}, {1, 2, 3, 4}},
    {FOVEA_OP_REARRANGE, 1, 0, {TABLE}, {2, 6, 4, 0, 0, 0, 0, 2, 4, 6, 0, 0, 0, 0, 1, 6}},
    {FOVEA_OP_RESIZE, 1, 0, {PICTURE}, {4, 5, 0, 0}},
    {FOVEA_OP_CROP, 1, 0, {PICTURE}, {1, 1, 1, 1}},
    {FOVEA_OP_PERMUTE, 1, 0, {TABLE}, {2, 1, 0}},
    {FOVEA_OP_CONV, 2, 2, {PICTURE, {3, {6, 7, 4}}}, {3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 0, 2, 4}},
    {FOVEA_OP_DEPTHWISE, 1, 2, {PICTURE}, {3, 3, 1, 1, 1, 1, 1}},
    {FOVEA_OP_DENSE, 2, 2, {TABLE, {2, {4, 5}}}, {5}},
    {FOVEA_OP_CONV_TRANSPOSED, 1, 2, {PICTURE}, {3, 3, 2, 2, 1, 1, 0, 0, 0, 4}},
    {FOVEA_OP_MAX_POOL, 1, 0, {PICTURE}, {2, 2, 2, 2, 1, 1, 0, 0, 0, 0, 0, 1}},
    {FOVEA_OP_MEAN_POOL, 1, 0, {PICTURE}, {0, 0, 1, 1, 1, 1}},
    {FOVEA_OP_ACTIVATION, 1, 0, {TABLE}, {1}},
    {FOVEA_OP_AFFINE, 1, 2, {TABLE}, {0}},
    {FOVEA_OP_ADD, 2, 0, {TABLE, ROW}, {0}},
    {FOVEA_OP_MULTIPLY, 2, 0, {ROW, TABLE}, {0}},
    {FOVEA_OP_MATMUL, 2, 0, {{3, {2, 4, 6}}, {3, {2, 6, 5}}}, {0}},
    {FOVEA_OP_SOFTMAX, 1, 0, {TABLE}, {1}},
    {FOVEA_OP_NORMALIZE, 1, 2, {TABLE}, {1, 0, 0x3a83126f}},
    {FOVEA_OP_RNN, 1, 2, {{2, {3, 8}}}, {1, 2}},
    {FOVEA_OP_GATHER, 1, 1, {ROW}, {10, 4}},
    {FOVEA_OP_QUANTIZE, 1, 0, {TABLE}, {0}},
    {FOVEA_OP_DEQUANTIZE, 1, 0, {TABLE}, {0}},
    {FOVEA_OP_QCONV, 1, 3, {PICTURE}, {3, 3, 1, 1, 1, 1, 0, 0, 0, 0, 0, 2, 4, LEAST, 127}},
    {FOVEA_OP_QDEPTHWISE, 1, 3, {PICTURE}, {3, 3, 1, 1, 1, 1, 1, 0, 0, 0, 0, LEAST, 127}},
    {FOVEA_OP_QDENSE, 1, 3, {TABLE}, {5, LEAST, 127}},
    {FOVEA_OP_QADD, 2, 0, {TABLE, TABLE}, {32767, -32767u, 14, LEAST, 127}},
    {FOVEA_OP_QMULTIPLY, 2, 0, {TABLE, ROW}, {ONE, LEAST, 127}},
    {FOVEA_OP_QMEAN_POOL, 1, 0, {PICTURE}, {0, 0, 1, 1, 1, 1}},
    {FOVEA_OP_QTABLE, 1, 1, {TABLE}, {0}},
};
#define RIGHTS (sizeof rights / sizeof *rights)

/* What is changed in an example. */
enum place { END, INPUTS, ARRAYS, COUNT, WORD, RANK, DIM }; /* DIM: 10 * input + dimension */
static const struct flaw {
    uint32_t op;
    const char *problem; /* NULL: still right */
    struct change {
        enum place place;
        uint32_t at, value;
    } changes[8];
} flaws[] = {
    {FOVEA_OP_CONSTANT, "wrong number of inputs", {{INPUTS, 0, 1}}},
    {FOVEA_OP_CONSTANT, "needs its values", {{ARRAYS, 0, 0}}},
    {FOVEA_OP_CONSTANT, "too many arrays", {{ARRAYS, 0, 2}}},
    {FOVEA_OP_CONSTANT, "wrong number of attributes", {{COUNT, 0, 6}}},
    {FOVEA_OP_CONSTANT, "beyond the rank", {{WORD, 3, 5}}},
    {FOVEA_OP_CONSTANT, "out of range", {{WORD, 0, 7}}},
    {FOVEA_OP_CONSTANT, "out of range", {{WORD, 1, 0}}},
    {FOVEA_OP_CONSTANT, "out of range", {{WORD, 1, MANY + 1}}},
    {FOVEA_OP_CONSTANT, "out of range", {{WORD, 1, MANY}, {WORD, 2, 33}}},
    {FOVEA_OP_RESHAPE, "one input", {{INPUTS, 0, 2}}},
    {FOVEA_OP_RESHAPE, "wrong number of inputs", {{INPUTS, 0, 0}}},
    {FOVEA_OP_RESHAPE, "different number", {{WORD, 1, 23}}},
    {FOVEA_OP_RESHAPE, "different number", {{RANK, 0, 7}}},
    {FOVEA_OP_RESHAPE, "out of range", {{WORD, 1, 0}}},
    {FOVEA_OP_RESHAPE, NULL, {{WORD, 7, 2}, {WORD, 8, 4}, {WORD, 9, 6}}},
    {FOVEA_OP_RESHAPE, "a different size", {{WORD, 7, 2}, {WORD, 8, 6}, {WORD, 9, 4}}},
    {FOVEA_OP_RESHAPE, "a different size", {{WORD, 7, 1}, {WORD, 8, 24}}},
    {FOVEA_OP_RESHAPE, "beyond the rank", {{WORD, 7, 1}, {WORD, 9, 24}}},
    {FOVEA_OP_CONCAT, "does not exist", {{WORD, 0, 2}}},
    {FOVEA_OP_CONCAT, "side by side", {{DIM, 10, 5}}},
    {FOVEA_OP_CONCAT, "side by side", {{DIM, 1, MANY}}},
    {FOVEA_OP_CONCAT, "side by side", {{RANK, 1, 1}}},
    {FOVEA_OP_PAD, "picture", {{INPUTS, 0, 2}}},
    {FOVEA_OP_PAD, "picture", {{RANK, 0, 2}}},
    {FOVEA_OP_PAD, "outside its range", {{WORD, 3, STEP + 1}}},
    {FOVEA_OP_PAD, "no elements or too many", {{DIM, 2, MANY}}},
    {FOVEA_OP_REARRANGE, "one input", {{INPUTS, 0, 2}}},
    {FOVEA_OP_REARRANGE, "a different size", {{DIM, 0, 5}}},
    {FOVEA_OP_REARRANGE, "out of range", {{WORD, 0, 7}}},
    {FOVEA_OP_REARRANGE, "out of range", {{DIM, 0, 0}, {WORD, 8, 0}}},
    {FOVEA_OP_REARRANGE, "beyond the rank", {{WORD, 16, 1}}},
    {FOVEA_OP_REARRANGE, "outside its input", {{WORD, 20, 1}}},
    {FOVEA_OP_REARRANGE, "outside its input", {{WORD, 14, 0xffffffff}}},
    {FOVEA_OP_RESIZE, "picture", {{INPUTS, 0, 2}}},
    {FOVEA_OP_RESIZE, "picture", {{RANK, 0, 2}}},
    {FOVEA_OP_RESIZE, "does not know", {{WORD, 2, FOVEA_FILTER_COUNT}}},
    {FOVEA_OP_RESIZE, "does not know", {{WORD, 3, 2}}},
    {FOVEA_OP_RESIZE, "too large", {{WORD, 0, MANY + 1}}},
    {FOVEA_OP_RESIZE, "too large", {{WORD, 0, MANY}, {WORD, 3, 1}}},
    {FOVEA_OP_RESIZE, "no elements", {{WORD, 0, 0}}},
    {FOVEA_OP_CROP, "picture", {{INPUTS, 0, 2}}},
    {FOVEA_OP_CROP, "picture", {{RANK, 0, 4}}},
    {FOVEA_OP_CROP, "leaves nothing", {{WORD, 2, 7}}},
    {FOVEA_OP_PERMUTE, "wrong number", {{INPUTS, 0, 2}}},
    {FOVEA_OP_PERMUTE, "wrong number", {{WORD, 0, 3}}},
    {FOVEA_OP_PERMUTE, "not a permutation", {{WORD, 1, 0}}},
    {FOVEA_OP_PERMUTE, "not a permutation", {{WORD, 1, 2}}},
    {FOVEA_OP_PERMUTE, "not a permutation", {{WORD, 3, 1}}},
    {FOVEA_OP_CONV, "one or two inputs", {{INPUTS, 0, 3}}},
    {FOVEA_OP_CONV, "one or two inputs", {{ARRAYS, 0, 1}}},
    {FOVEA_OP_CONV, "picture", {{RANK, 0, 2}}},
    {FOVEA_OP_CONV, "another shape", {{DIM, 10, 5}}},
    {FOVEA_OP_CONV, "needs a kernel size", {{WORD, 0, 0}, {WORD, 1, 0}}},
    {FOVEA_OP_CONV, "outside 1..32767", {{WORD, 0, 0}}},
    {FOVEA_OP_CONV, "outside 1..32767", {{WORD, 2, STEP + 1}}},
    {FOVEA_OP_CONV, "unknown padding", {{WORD, 6, 3}}},
    {FOVEA_OP_CONV, "padding outside", {{WORD, 7, 1}}},
    {FOVEA_OP_CONV, "padding outside", {{WORD, 6, EXPLICIT}, {WORD, 7, STEP + 1}}},
    {FOVEA_OP_CONV, "another shape", {{WORD, 6, EXPLICIT}, {WORD, 7, 1}}},
    {FOVEA_OP_CONV, "larger than its input", {{WORD, 0, 9}}},
    {FOVEA_OP_CONV, "larger than its input", {{WORD, 1, 10}}},
    {FOVEA_OP_CONV, "the groups", {{WORD, 11, 0}}},
    {FOVEA_OP_CONV, "the groups", {{WORD, 11, 4}}},
    {FOVEA_OP_CONV, "the groups", {{WORD, 12, 0}}},
    {FOVEA_OP_CONV, "the groups", {{WORD, 12, 5}}},
    {FOVEA_OP_CONV, "the groups", {{WORD, 12, MANY + 2}}},
    {FOVEA_OP_CONV, "does not know", {{WORD, 13, FOVEA_ACTIVATION_COUNT}}},
    {FOVEA_OP_CONV, "impossible bounds", {{WORD, 13, FOVEA_ACTIVATION_CLAMP}, {WORD, 14, ONE}}},
    {FOVEA_OP_CONV,
     "impossible bounds",
     {{WORD, 13, FOVEA_ACTIVATION_LEAKY}, {WORD, 15, 0x7fc00000}}},
    {FOVEA_OP_CONV,
     "too many elements",
     {{INPUTS, 0, 1},
      {WORD, 0, STEP},
      {WORD, 1, STEP},
      {DIM, 0, STEP},
      {DIM, 1, STEP},
      {DIM, 2, MANY},
      {WORD, 12, MANY}}},
    {FOVEA_OP_CONV,
     "no elements or too many",
     {{INPUTS, 0, 1}, {DIM, 0, MANY}, {DIM, 1, MANY}, {WORD, 12, MANY}}},
    {FOVEA_OP_CONV,
     "too many elements",
     {{INPUTS, 0, 1}, {WORD, 11, 1}, {WORD, 12, MANY}, {DIM, 0, 3}, {DIM, 1, 3}}},
    {FOVEA_OP_DEPTHWISE, "one input", {{INPUTS, 0, 2}}},
    {FOVEA_OP_DEPTHWISE, "one input", {{ARRAYS, 0, 1}}},
    {FOVEA_OP_DEPTHWISE, "larger than its input", {{WORD, 0, 30}, {WORD, 6, 0}}},
    {FOVEA_OP_DEPTHWISE, "needs a kernel size", {{WORD, 0, 0}, {WORD, 1, 0}}},
    {FOVEA_OP_DEPTHWISE, "does not know", {{WORD, 11, FOVEA_ACTIVATION_COUNT}}},
    {FOVEA_OP_DEPTHWISE,
     "no elements or too many",
     {{WORD, 0, STEP}, {WORD, 1, STEP}, {DIM, 0, MANY}, {DIM, 1, MANY}, {DIM, 2, MANY}}},
    {FOVEA_OP_DENSE, "one or two inputs", {{INPUTS, 0, 3}}},
    {FOVEA_OP_DENSE, "one or two inputs", {{ARRAYS, 0, 0}}},
    {FOVEA_OP_DENSE, "single number", {{RANK, 0, 0}}},
    {FOVEA_OP_DENSE, "no outputs or too many", {{WORD, 0, 0}}},
    {FOVEA_OP_DENSE, "no outputs or too many", {{WORD, 0, MANY + 1}}},
    {FOVEA_OP_DENSE, "does not know", {{WORD, 1, FOVEA_ACTIVATION_COUNT}}},
    {FOVEA_OP_DENSE, "out of range", {{DIM, 0, 0}}},
    {FOVEA_OP_DENSE, "another shape", {{DIM, 11, 6}}},
    {FOVEA_OP_CONV_TRANSPOSED, "needs a picture", {{INPUTS, 0, 2}}},
    {FOVEA_OP_CONV_TRANSPOSED, "needs a picture", {{ARRAYS, 0, 1}}},
    {FOVEA_OP_CONV_TRANSPOSED, "needs a picture", {{RANK, 0, 2}}},
    {FOVEA_OP_CONV_TRANSPOSED, "unknown padding", {{WORD, 6, EXPLICIT}}},
    {FOVEA_OP_CONV_TRANSPOSED, "axis out of range", {{WORD, 0, 0}}},
    {FOVEA_OP_CONV_TRANSPOSED, "axis out of range", {{WORD, 3, STEP + 1}}},
    {FOVEA_OP_CONV_TRANSPOSED, "axis out of range", {{WORD, 4, 2}}},
    {FOVEA_OP_CONV_TRANSPOSED, "axis out of range", {{DIM, 0, MANY}}},
    {FOVEA_OP_CONV_TRANSPOSED, "axis out of range", {{WORD, 7, STEP + 1}}},
    {FOVEA_OP_CONV_TRANSPOSED, NULL, {{WORD, 6, 1}, {WORD, 7, 2}, {WORD, 8, 2}}},
    {FOVEA_OP_CONV_TRANSPOSED,
     "axis out of range",
     {{WORD, 6, 1}, {WORD, 7, 1}, {WORD, 0, 2}, {DIM, 0, 1}}},
    {FOVEA_OP_CONV_TRANSPOSED, "no outputs or too many", {{WORD, 9, 0}}},
    {FOVEA_OP_CONV_TRANSPOSED, "no outputs or too many", {{WORD, 9, MANY + 1}}},
    {FOVEA_OP_CONV_TRANSPOSED, "does not know", {{WORD, 10, FOVEA_ACTIVATION_COUNT}}},
    {FOVEA_OP_CONV_TRANSPOSED,
     "no elements or too many",
     {{WORD, 0, STEP}, {WORD, 1, STEP}, {DIM, 2, MANY}, {WORD, 9, MANY}}},
    {FOVEA_OP_CONV_TRANSPOSED,
     "no elements or too many",
     {{WORD, 2, 1},
      {WORD, 3, 1},
      {DIM, 0, MANY / 2},
      {DIM, 1, MANY / 2},
      {DIM, 2, 64},
      {WORD, 9, MANY}}},
    {FOVEA_OP_MAX_POOL, "one input", {{INPUTS, 0, 2}}},
    {FOVEA_OP_MAX_POOL, "explicit padding", {{WORD, 6, EXPLICIT}}},
    {FOVEA_OP_MAX_POOL, "explicit padding", {{WORD, 4, 2}}},
    {FOVEA_OP_MAX_POOL, "drop dimensions", {{WORD, 11, 0}}},
    {FOVEA_OP_MEAN_POOL, "with padding", {{WORD, 6, 1}}},
    {FOVEA_OP_MEAN_POOL, "drop dimensions", {{WORD, 11, 2}}},
    {FOVEA_OP_ACTIVATION, "one input", {{INPUTS, 0, 2}}},
    {FOVEA_OP_AFFINE, "one input, scale", {{INPUTS, 0, 2}}},
    {FOVEA_OP_AFFINE, "one input, scale", {{ARRAYS, 0, 1}}},
    {FOVEA_OP_AFFINE, "one input, scale", {{RANK, 0, 0}}},
    {FOVEA_OP_ADD, "two inputs", {{INPUTS, 0, 1}}},
    {FOVEA_OP_ADD, "do not fit together", {{DIM, 10, 5}}},
    {FOVEA_OP_ADD, NULL, {{DIM, 1, 1}}},
    {FOVEA_OP_ADD, NULL, {{DIM, 10, 1}}},
    {FOVEA_OP_MATMUL, "two inputs", {{INPUTS, 0, 1}}},
    {FOVEA_OP_MATMUL, "not matrices", {{RANK, 0, 1}}},
    {FOVEA_OP_MATMUL, "not matrices", {{RANK, 1, 1}}},
    {FOVEA_OP_MATMUL, "not matrices", {{RANK, 1, 4}}},
    {FOVEA_OP_MATMUL, "unknown kind", {{WORD, 0, 2}}},
    {FOVEA_OP_MATMUL, "equal numbers", {{DIM, 10, 3}}},
    {FOVEA_OP_MATMUL, "fit together", {{DIM, 11, 7}}},
    {FOVEA_OP_MATMUL, "fit together", {{WORD, 0, 1}}},
    {FOVEA_OP_MATMUL, NULL, {{RANK, 1, 2}, {DIM, 10, 6}, {DIM, 11, 4}}},
    {FOVEA_OP_MATMUL,
     "no elements or too many",
     {{DIM, 1, MANY}, {DIM, 2, MANY}, {DIM, 11, MANY}, {DIM, 12, MANY}}},
    {FOVEA_OP_SOFTMAX, "one input", {{INPUTS, 0, 2}}},
    {FOVEA_OP_SOFTMAX, "row dimensions", {{WORD, 0, 3}}},
    {FOVEA_OP_SOFTMAX, "row dimensions", {{WORD, 0, 0}}},
    {FOVEA_OP_NORMALIZE, "one input", {{INPUTS, 0, 2}}},
    {FOVEA_OP_NORMALIZE, "does not know", {{WORD, 1, FOVEA_NORM_COUNT}}},
    {FOVEA_OP_NORMALIZE, "below 0", {{WORD, 2, 0xbf800000}}},
    {FOVEA_OP_NORMALIZE, "below 0", {{WORD, 2, 0x7fc00000}}},
    {FOVEA_OP_NORMALIZE, "without a shift", {{ARRAYS, 0, 1}}},
    {FOVEA_OP_NORMALIZE, NULL, {{ARRAYS, 0, 0}}},
    {FOVEA_OP_RNN, "one sequence", {{INPUTS, 0, 4}}},
    {FOVEA_OP_RNN, "does not fit its layer", {{INPUTS, 0, 2}}},
    {FOVEA_OP_RNN, "does not fit its layer", {{INPUTS, 0, 3}}},
    {FOVEA_OP_RNN, NULL, {{WORD, 3, 3}}},
    {FOVEA_OP_RNN, "one sequence", {{ARRAYS, 0, 1}}},
    {FOVEA_OP_RNN, "one sequence", {{RANK, 0, 1}}},
    {FOVEA_OP_RNN, "does not know", {{WORD, 0, FOVEA_CELL_COUNT}}},
    {FOVEA_OP_RNN, "unknown flag", {{WORD, 3, 4}}},
    {FOVEA_OP_RNN, "unknown flag", {{WORD, 0, 0}, {WORD, 1, 8}, {WORD, 3, 2}}},
    {FOVEA_OP_RNN, "units", {{WORD, 1, 0}}},
    {FOVEA_OP_RNN, "units", {{WORD, 1, MANY + 1}}},
    {FOVEA_OP_RNN, "units", {{WORD, 1, 3}}},
    {FOVEA_OP_RNN, "does not know", {{WORD, 5, FOVEA_ACTIVATION_COUNT}}},
    {FOVEA_OP_RNN, "does not know", {{WORD, 9, FOVEA_ACTIVATION_COUNT}}},
    {FOVEA_OP_RNN, NULL, {{WORD, 3, 1}}},
    {FOVEA_OP_RNN, "too many elements", {{DIM, 0, MANY}, {WORD, 1, MANY}, {DIM, 1, 4 * MANY}}},
    {FOVEA_OP_RNN, "too many elements", {{WORD, 1, 1 << 14}, {DIM, 1, 4 << 14}}},
    {FOVEA_OP_GATHER, "indices", {{INPUTS, 0, 2}}},
    {FOVEA_OP_GATHER, "indices", {{ARRAYS, 0, 0}}},
    {FOVEA_OP_GATHER, "out of range", {{WORD, 0, 0}}},
    {FOVEA_OP_GATHER, "out of range", {{WORD, 0, MANY + 1}}},
    {FOVEA_OP_GATHER, "out of range", {{WORD, 1, 0}}},
    {FOVEA_OP_GATHER, "out of range", {{WORD, 1, MANY + 1}}},
    {FOVEA_OP_GATHER, "out of range", {{RANK, 0, 6}}},
    {FOVEA_OP_RNN, "wrong number of inputs", {{INPUTS, 0, 0}}},
    {FOVEA_OP_RNN, NULL, {{INPUTS, 0, 2}, {RANK, 1, 1}, {DIM, 10, 3}}},
    {FOVEA_OP_RNN, "does not fit its layer", {{INPUTS, 0, 2}, {RANK, 1, 1}, {DIM, 10, 4}}},
    {FOVEA_OP_QUANTIZE, "wrong inputs or arrays", {{INPUTS, 0, 2}}},
    {FOVEA_OP_DEQUANTIZE, "too many arrays", {{ARRAYS, 0, 1}}},
    {FOVEA_OP_QCONV, "wrong inputs or arrays", {{INPUTS, 0, 2}}},
    {FOVEA_OP_QCONV, "wrong inputs or arrays", {{ARRAYS, 0, 2}}},
    {FOVEA_OP_QCONV, "outside 1..32767", {{WORD, 2, 0}}},
    {FOVEA_OP_QCONV, "without a kernel", {{WORD, 0, 0}, {WORD, 1, 0}}},
    {FOVEA_OP_QCONV, "into the groups", {{WORD, 11, 0}}},
    {FOVEA_OP_QCONV, "into the groups", {{WORD, 11, 4}}},
    {FOVEA_OP_QCONV, "into the groups", {{WORD, 12, 0}}},
    {FOVEA_OP_QCONV, "into the groups", {{WORD, 12, 5}}},
    {FOVEA_OP_QCONV, "into the groups", {{WORD, 12, MANY + 2}}},
    {FOVEA_OP_QCONV, NULL, {{WORD, 13, 5}, {WORD, 14, 5}}},
    {FOVEA_OP_QCONV, "range of 8 bits", {{WORD, 13, 6}, {WORD, 14, 5}}},
    {FOVEA_OP_QCONV, "range of 8 bits", {{WORD, 13, LEAST - 1u}}},
    {FOVEA_OP_QCONV, "range of 8 bits", {{WORD, 14, 128}}},
    {FOVEA_OP_QDEPTHWISE, "wrong inputs or arrays", {{ARRAYS, 0, 2}}},
    {FOVEA_OP_QDEPTHWISE, "larger than its input", {{WORD, 0, 30}, {WORD, 6, 0}}},
    {FOVEA_OP_QDEPTHWISE, "without a kernel", {{WORD, 0, 0}, {WORD, 1, 0}}},
    {FOVEA_OP_QDEPTHWISE, "range of 8 bits", {{WORD, 12, 128}}},
    {FOVEA_OP_QDENSE, "wrong inputs or arrays", {{ARRAYS, 0, 2}}},
    {FOVEA_OP_QDENSE, "no outputs or too many", {{RANK, 0, 0}}},
    {FOVEA_OP_QDENSE, "no outputs or too many", {{DIM, 0, 0}}},
    {FOVEA_OP_QDENSE, "no outputs or too many", {{WORD, 0, 0}}},
    {FOVEA_OP_QDENSE, "no outputs or too many", {{WORD, 0, MANY + 1}}},
    {FOVEA_OP_QDENSE, "range of 8 bits", {{WORD, 2, 128}}},
    {FOVEA_OP_QADD, "wrong inputs or arrays", {{INPUTS, 0, 1}}},
    {FOVEA_OP_QADD, "factors out of range", {{DIM, 11, 5}}},
    {FOVEA_OP_QADD, "factors out of range", {{WORD, 0, 32768}}},
    {FOVEA_OP_QADD, "factors out of range", {{WORD, 0, -32768u}}},
    {FOVEA_OP_QADD, "factors out of range", {{WORD, 1, 32768}}},
    {FOVEA_OP_QADD, "factors out of range", {{WORD, 1, -32768u}}},
    {FOVEA_OP_QADD, "factors out of range", {{WORD, 2, 0}}},
    {FOVEA_OP_QADD, "factors out of range", {{WORD, 2, 15}}},
    {FOVEA_OP_QADD, "range of 8 bits", {{WORD, 4, 128}}},
    {FOVEA_OP_QMULTIPLY, "wrong inputs or arrays", {{INPUTS, 0, 1}}},
    {FOVEA_OP_QMULTIPLY, NULL, {{RANK, 1, 2}, {DIM, 10, 4}, {DIM, 11, 6}}},
    {FOVEA_OP_QMULTIPLY, NULL, {{RANK, 1, 2}, {DIM, 10, 1}, {DIM, 11, 6}}},
    {FOVEA_OP_QMULTIPLY, NULL, {{RANK, 0, 0}, {RANK, 1, 0}}},
    {FOVEA_OP_QMULTIPLY, "different shapes", {{RANK, 0, 0}}},
    {FOVEA_OP_QMULTIPLY, "different shapes", {{RANK, 1, 0}}},
    {FOVEA_OP_QMULTIPLY, "different shapes", {{RANK, 1, 0}, {DIM, 1, 1}}},
    {FOVEA_OP_QMULTIPLY, "different shapes", {{DIM, 10, 0}}},
    {FOVEA_OP_QMULTIPLY, "different shapes", {{DIM, 10, 5}}},
    {FOVEA_OP_QMULTIPLY, "different shapes", {{RANK, 1, 2}, {DIM, 11, 1}}},
    {FOVEA_OP_QMULTIPLY, "without a scale", {{WORD, 0, 0}}},
    {FOVEA_OP_QMULTIPLY, "without a scale", {{WORD, 0, 0xbf800000}}},
    {FOVEA_OP_QMULTIPLY, "without a scale", {{WORD, 0, 0x5d800000}}}, /* 2^60 */
    {FOVEA_OP_QMULTIPLY, "without a scale", {{WORD, 0, 0x7fc00000}}},
    {FOVEA_OP_QMULTIPLY, "range of 8 bits", {{WORD, 2, 128}}},
    {FOVEA_OP_QMEAN_POOL, "with padding", {{WORD, 6, 1}}},
    {FOVEA_OP_QTABLE, "wrong inputs or arrays", {{ARRAYS, 0, 0}}},
};

static void shape_of(const void *context, uint32_t input, struct fovea_shape *shape) {
    *shape = ((const struct given *)context)->shapes[input];
}

static struct fovea_rule_query query_of(const struct given *given) {
    struct fovea_rule_query query = {.op = given->op,
                                     .inputs = given->inputs,
                                     .arrays = given->arrays,
                                     .attributes = fovea_op_attributes(given->op),
                                     .shape_of = shape_of,
                                     .context = given};
    memcpy(query.attribute, given->words, sizeof query.attribute);
    return query;
}

static const struct given *right_of(uint32_t op) {
    for (size_t i = 0; i < RIGHTS; i++)
        if (rights[i].op == op) return &rights[i];
    return NULL;
}

static void examples_are_right(void **state) {
    (void)state;
    for (size_t i = 0; i < RIGHTS; i++) {
        struct fovea_rule_query query = query_of(&rights[i]);
        uint64_t elements;
        if (!fovea_rule_apply(&query)) fail_msg("%s: %s", fovea_op_name(query.op), query.problem);
        assert_true(fovea_shape_count(&query.output, &elements));
        assert_int_equal(elements, query.elements);
    }
}

static void flaws_are_named(void **state) {
    (void)state;
    size_t wrong = 0;
    for (size_t f = 0; f < sizeof flaws / sizeof *flaws; f++) {
        const struct flaw *flaw = &flaws[f];
        struct given given = *right_of(flaw->op);
        uint32_t count = fovea_op_attributes(flaw->op);
        for (const struct change *c = flaw->changes; c->place != END; c++) {
            if (c->place == INPUTS) given.inputs = c->value;
            if (c->place == ARRAYS) given.arrays = c->value;
            if (c->place == COUNT) count = c->value;
            if (c->place == WORD) given.words[c->at] = c->value;
            if (c->place == RANK) given.shapes[c->at].rank = c->value;
            if (c->place == DIM) given.shapes[c->at / 10].dims[c->at % 10] = c->value;
        }
        struct fovea_rule_query query = query_of(&given);
        query.attributes = count;
        const bool good = fovea_rule_apply(&query);
        if (good != !flaw->problem || (!good && !strstr(query.problem, flaw->problem)))
            print_error("%s, flaw %zu, not \"%s\": \"%s\"\n", fovea_op_name(flaw->op), f,
                        flaw->problem ? flaw->problem : "right", good ? "accepted" : query.problem),
                wrong++;
    }
    assert_int_equal(wrong, 0);
}

static void unknown_operators_are_refused(void **state) {
    (void)state;
    struct fovea_rule_query query = {.op = 9999};
    assert_false(fovea_rule_apply(&query));
    assert_non_null(strstr(query.problem, "does not know"));
    assert_null(fovea_op_name(9999));
    assert_int_equal(fovea_op_attributes(9999), 0);
    assert_int_equal(fovea_op_place(9999), FOVEA_PLACE_OWN);
    assert_int_equal(fovea_op_tail(9999), FOVEA_NO_TAIL);
    assert_false(fovea_op_reads(9999, 0, FOVEA_F32));
    assert_true(fovea_op_reads(FOVEA_OP_CONV, 0, FOVEA_F32));
    assert_false(fovea_op_reads(FOVEA_OP_CONV, FOVEA_ARRAYS_MAX, FOVEA_F32));
    assert_int_equal(fovea_op_form(9999), FOVEA_FORM_FLOATS);
    assert_false(fovea_op_has(9999, 0));
    assert_true(fovea_op_has(FOVEA_OP_QCONV, 2));
    assert_false(fovea_op_has(FOVEA_OP_GATHER, 2));
    assert_false(fovea_op_has(FOVEA_OP_CONV, FOVEA_ARRAYS_MAX));
}

/* Which tensors of bytes (1) and of floats (0) an operator of each form may stand between. */
static void forms_know_their_tensors(void **state) {
    (void)state;
    static const struct {
        enum fovea_form form;
        int floats_floats, floats_bytes, bytes_floats, bytes_bytes;
    } forms[] = {
        {FOVEA_FORM_FLOATS, 1, 0, 0, 0}, {FOVEA_FORM_ALIKE, 1, 0, 0, 1},
        {FOVEA_FORM_ENTER, 0, 1, 0, 0},  {FOVEA_FORM_LEAVE, 0, 0, 1, 0},
        {FOVEA_FORM_BYTES, 0, 0, 0, 1},  {FOVEA_FORM_SUMS, 0, 0, 1, 1},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const enum fovea_form form = forms[i].form;
        assert_int_equal(fovea_form_allows(form, FOVEA_F32, FOVEA_F32), forms[i].floats_floats);
        assert_int_equal(fovea_form_allows(form, FOVEA_F32, FOVEA_I8), forms[i].floats_bytes);
        assert_int_equal(fovea_form_allows(form, FOVEA_I8, FOVEA_F32), forms[i].bytes_floats);
        assert_int_equal(fovea_form_allows(form, FOVEA_I8, FOVEA_I8), forms[i].bytes_bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_are_right),
        cmocka_unit_test(flaws_are_named),
        cmocka_unit_test(unknown_operators_are_refused),
        cmocka_unit_test(forms_know_their_tensors),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
