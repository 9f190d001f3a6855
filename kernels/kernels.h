/* The kernels: arithmetic on raw pointers. One argument structure a family, with its contract.
 *
 * Common to all: pointers need the alignment of float only (weights and bias: FOVEA_ALIGN); counts
 * are at least 1; strides and distances are in floats; nothing is read or written outside what the
 * contract names; inputs and outputs do not overlap unless said.
 *
 * Order. Kernels vectorise across outputs, never across a reduction, and every output is
 * accumulated in the order the contract states. On a machine with fused multiply-add each step is
 * one fma, elsewhere a multiplication and an addition, so a SIMD kernel equals ref.c bit for bit,
 * fused or unfused as its table says. No reciprocal estimates. One NaN is as good as another: whose
 * payload survives is the compiler's choice. ARMv7 NEON flushes denormals to zeros. All this holds
 * for builds with -ffp-contract=off; without it gcc may fuse what the unfused kernels keep apart.
 *
 * Comparisons. clamp: v = v < low ? low : v; v = v > high ? high : v (a NaN stays a NaN).
 * maximum: m = m > v ? m : v.
 */
#ifndef FOVEA_KERNELS_KERNELS_H
#define FOVEA_KERNELS_KERNELS_H

#include "kernels/layout.h"

#if defined(FOVEA_OPS_FILE) && (defined(__GNUC__) || defined(__clang__))
#pragma GCC diagnostic ignored "-Wunused-function" /* kernels that the file leaves out */
#endif

/* A few outputs of a convolution or a dense layer: `pixels` positions x `channels` outputs.
 * For position p and output o of block b:
 *     sum = bias[8 b + o]
 *     for ky < rows, kx < columns, k < length:
 *         sum += input[p][ky * input_row + kx * input_column + k]
 *              * weights[b * weight_block + ky * weight_row + kx * weight_column + 8 k + o]
 *     output[p][8 b + o] = clamp(sum)
 * Taps outside the picture are not in the range: rows, columns and the pointers are cut to what lies
 * inside, the same for all positions of a tile, which may lie anywhere: taking them in one sequence
 * across the ends of lines keeps tiles full. Only the `channels` outputs are written. */
struct fovea_conv_tile {
    const float *const *input; /* [pixels]: first tap of each position */
    float *const *output;      /* [pixels]: first output of each position */
    const float *weights, *bias;
    size_t pixels; /* 1 .. tile_pixels of the table */
    size_t channels;
    size_t rows, columns, length;
    size_t input_row, input_column;
    size_t weight_row, weight_column, weight_block;
    float low, high;
};

/* A run of neighbouring outputs of one row, all with the same taps, all taps inside the picture.
 * Output i, channel c (weights: block c / 8, lane c % 8):
 *   depthwise  sum = bias[c]; for ky, kx:
 *                  sum += input[i * input_step + ky * input_row + kx * input_column + c]
 *                       * weights[c / 8 * weight_block + ky * weight_row + kx * 8 + c % 8]
 *              output[i * output_step + c] = clamp(sum)
 *   max_pool   maximum over the taps, from the first tap on, in order ky, kx
 *   mean_pool  sum = 0; for ky: { part = 0; for kx: part += tap; sum += part }   (never fused)
 *              output = sum / (float)(rows * columns) */
struct fovea_window_run {
    const float *input;
    float *output;
    const float *weights, *bias; /* depthwise only */
    size_t outputs, channels;
    size_t rows, columns;
    size_t input_row, input_column, input_step, output_step;
    size_t weight_row, weight_block;
    float low, high; /* depthwise only */
};

/* output[i] = f(input[i]); output == input allowed.
 *   clamp     clamp to low .. high
 *   leaky     v < low ? (v - low) * alpha : v > high ? high : v     (never fused)
 *   elu       v > 0 ? v : alpha * (exp(v) - 1)
 *   sigmoid   1 / (1 + exp(-v))
 *   tanh      tanh(v)
 *   silu      v * sigmoid(v)
 *   exp       exp(v)
 * Accuracy against the exact value, over all finite inputs, fused or not: exp 1 ulp, sigmoid and
 * tanh 2.5 ulp, silu 3.3 ulp, elu 1.2 ulp for alpha 1. Results of exp and sigmoid below FLT_MIN
 * are 0, and silu is -0 where its sigmoid is 0. No NaN or infinity from a finite input, exp
 * excepted; sigmoid(-inf) is 0, silu(-inf) by its formula a NaN. */
struct fovea_map {
    const float *input;
    float *output;
    size_t count;
    float alpha, low, high;
};

/* output[i] = a[i] op b[i * b_step], b_step 0 or 1; output may be a or b (b only if b_step is 1). */
struct fovea_pair {
    const float *a, *b;
    float *output;
    size_t count, b_step;
};

/* output[i * channels + c] = input[i * channels + c] * scale[c] + shift[c]   (fused where ref is);
 * output == input allowed. */
struct fovea_affine {
    const float *input, *scale, *shift;
    float *output;
    size_t count, channels; /* count positions of `channels` floats */
};

/* Softmax over each of `rows` rows of `count` floats; output == input allowed.
 *     m = maximum of the row; e[i] = exp(v[i] - m), the exp of fovea_map
 *     s[j] = sum of e[i] for i = j, j + 8, j + 16, ... in this order, j < 8 (0 where there are none)
 *     sum = ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)); output[i] = e[i] / sum */
struct fovea_softmax {
    const float *input;
    float *output;
    size_t rows, count;
};

/* Four neighbours to one, x to the right and y down, both 0 .. 1 (each line fused where ref is):
 *     top = input[0][i] + (input[1][i] - input[0][i]) * x; bottom, of input[2] and [3], likewise
 *     output[i] = top + (bottom - top) * y */
struct fovea_blend {
    const float *input[4]; /* top left, top right, bottom left, bottom right */
    float *output;
    size_t count;
    float x, y;
};

/* The table of one instruction set; select.c makes the complete one. */
struct fovea_kernels {
#define KERNEL(name, arguments) void (*name)(const struct arguments *);
#include "kernels/kernels.def"
#undef KERNEL
    const char *isa;    /* "ref", "sse2", "avx2", "neon" */
    size_t tile_pixels; /* positions a conv tile takes at most, at most FOVEA_TILE_PIXELS */
    bool fused;         /* multiply-add is one rounding */
};

#define FOVEA_TILE_PIXELS 8

/* Fills `table` from the reference, then lays over it what the features in `cpu` (FOVEA_CPU_...)
 * allow, in rising order. Only what kernels/built.def leaves out stays empty. No state, any thread. */
FOVEA_LOCAL void fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu);

/* Names of the kernels, in the order of kernels.def. */
FOVEA_LOCAL const char *fovea_kernel_name(const struct fovea_kernels *table, size_t index);

#endif
