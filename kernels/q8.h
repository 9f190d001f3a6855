/* Arithmetic of 8 bits: what convolutions and dense layers of bytes are made of.
 *
 * A real value is (q - zero) * scale, q of -128 .. 127. In memory q is the byte q ^ FOVEA_FLIP: as two's
 * complement, or, on x86 and in WebAssembly, where bytes without a sign take fewer instructions, q + 128. Nobody
 * outside the engine sees it.
 *
 * Sums are of 32 bits, mod 2^32, so in any order; what they become is one conversion, one multiplication and one
 * rounding, never a multiplication and an addition that a compiler could make one of: every machine has the same
 * bits.
 *     v = (float)sum * scale[o]                    each rounded to nearest even
 *     v = v > low ? v : low; v = v < high ? v : high
 *     q = v rounded to nearest even + zero          low, high: -128 - zero .. 127 - zero at most
 */
#ifndef FOVEA_KERNELS_Q8_H
#define FOVEA_KERNELS_Q8_H

#include "kernels/layout.h"

#if FOVEA_X86 || FOVEA_WASM
#define FOVEA_FLIP 128
#else
#define FOVEA_FLIP 0
#endif

/* The number that a byte in memory stands for, and back. */
FOVEA_INLINE int32_t fovea_q8_of(uint8_t byte) {
    return (int32_t)(byte ^ FOVEA_FLIP ^ 128) - 128;
}
FOVEA_INLINE uint8_t fovea_q8_byte(int32_t q) {
    return (uint8_t)(q ^ FOVEA_FLIP);
}

/* The nearest whole number of one whose size is below 2^22, of two the even one. */
FOVEA_INLINE int32_t fovea_q8_round(float v) {
    const float magic = 12582912.0f; /* 1.5 * 2^23 */
    const float sum = v + magic;
    return (int32_t)(sum - magic);
}

/* A value already multiplied by its scale, as the number it becomes. What is no number becomes the least one. */
FOVEA_INLINE int32_t fovea_q8_clamp(float v, float low, float high, int32_t zero) {
    v = v > low ? v : low;
    v = v < high ? v : high;
    return fovea_q8_round(v) + zero;
}

/* A stretch of neighbouring outputs of a layer, `channels` numbers each. For position p and output o of block b,
 * byte(...) the byte as a number without a sign (FOVEA_FLIP) or with one, w without a sign for neither:
 *   conv       sum = bias[16 b + o] + sum over r < runs, k < 4 quads of
 *                    byte(rows[r][p * step + k]) * w[((b * runs + r) * quads + k / 4) * 32 + 4 o + k % 4]
 *   depthwise  sum = bias[16 b + o] + sum over r < runs of
 *                    byte(rows[r][p * step + 8 b + o]) * w[(b * runs + r) * 8 + o]
 * bias is the one for such bytes; up to 3 bytes behind a run are read, and those weights are 0. Then, with `floats`
 * ((float *)output)[p * output_step + 8 b + o] = (float)sum * scale[8 b + o], else the byte of q, as above. */
struct fovea_run_q8 {
    const uint8_t *const *rows; /* [runs] */
    const int8_t *weights;
    const int32_t *bias;
    const float *scale;
    void *output;
    size_t positions, channels, runs, quads, step, output_step;
    float low, high;
    int32_t zero;
    bool floats;
};

/* Numbers of two tensors, each by its own: with numbers as fovea_q8_of has them,
 *   add        sum = (a - a_zero) * a_factor + (b - b_zero) * b_factor + (1 << (shift - 1))
 *              q = (sum >> shift) + zero, but at least low and at most high
 *   multiply   v = (float)((a - a_zero) * (b - b_zero)) * scale, then q as above, with low - zero and high - zero
 * Factors have 16 bits, shift is 1 .. 14, zeros and bounds are -128 .. 127. The output may be one of the inputs. */
struct fovea_pair_q8 {
    const uint8_t *a, *b;
    uint8_t *output;
    size_t count;
    int32_t a_zero, b_zero, zero, low, high;
    int32_t a_factor, b_factor;
    uint32_t shift;
    float scale;
};

/* output[i] becomes table[q + 128] for q = from[i]; the table has numbers of two's complement. */
struct fovea_table_q8 {
    const uint8_t *from, *table;
    uint8_t *output;
    size_t count;
};

#endif
