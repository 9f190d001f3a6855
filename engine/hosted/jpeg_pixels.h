/* The arithmetic of JPEG: inverse transforms, upsampling, colours, each as a plain C function that defines
 * it (jpeg_pixels.c) and, where the machine has vectors, a second one equal to it bit for bit
 * (jpeg_vector.c). The definitions are those of libjpeg's jidctint, jidctfst, jidctred, jdsample and
 * jdcolor, in the numbers that libjpeg-turbo's vector code keeps between the steps (16 bits, which wrap
 * where coefficients are sums, and saturate after a pass): every intact file gives its pixels. */
#ifndef FOVEA_ENGINE_HOSTED_JPEG_PIXELS_H
#define FOVEA_ENGINE_HOSTED_JPEG_PIXELS_H

#include "kernels/base.h"

/* An inverse transform: `block` holds 8 x 8 dequantized coefficients, row by row; as many pixels as the
 * name says go to rows of `out` that are `pitch` bytes apart. */
typedef void fovea_jpeg_inverse(const int16_t block[64], uint8_t *out, size_t pitch);

struct fovea_jpeg_kernels {
    fovea_jpeg_inverse *accurate;                 /* 8 x 8, jidctint */
    fovea_jpeg_inverse *fast;                     /* 8 x 8, jidctfst; multipliers of its own */
    fovea_jpeg_inverse *quarter, *pair, *average; /* 4 x 4, 2 x 2, 1 x 1, jidctred */

    /* sums[i] = 3 near[i] + far[i]; or near[i]. */
    void (*mix)(const uint8_t *near, const uint8_t *far, int16_t *sums, size_t count);
    void (*widen)(const uint8_t *near, int16_t *sums, size_t count);

    /* Twice as many pixels across: from sums s and its neighbours, which are also read at -1 and `count`,
     *   out[2 i] = (3 s[i] + s[i - 1] + 2^(shift - 1) - low) >> shift,
     *   out[2 i + 1] = (3 s[i] + s[i + 1] + 2^(shift - 1) - high) >> shift,
     * of shift 2 (pixels) with low = 1, high = 0, of shift 4 (mixed sums) with low = 0, high = 1. */
    void (*spread)(const int16_t *sums, uint8_t *out, size_t count, unsigned shift);

    /* out[i] = (3 near[i] + far[i] + bias) >> 2 */
    void (*between)(const uint8_t *near, const uint8_t *far, unsigned bias, uint8_t *out,
                    size_t count);

    /* Y, Cb, Cr to R, G, B, interleaved. */
    void (*colour)(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *rgb,
                   size_t count);
};

/* The definitions; and the same with what this build has vectors for put in their place. */
FOVEA_LOCAL const struct fovea_jpeg_kernels *fovea_jpeg_plain(void);
FOVEA_LOCAL struct fovea_jpeg_kernels fovea_jpeg_fastest(void);

/* Constants of the transforms, in 13 fractional bits (8 for the fast one). */
enum {
    JPEG_C0_211 = 1730,
    JPEG_C0_298 = 2446,
    JPEG_C0_390 = 3196,
    JPEG_C0_509 = 4176,
    JPEG_C0_541 = 4433,
    JPEG_C0_601 = 4926,
    JPEG_C0_720 = 5906,
    JPEG_C0_765 = 6270,
    JPEG_C0_850 = 6967,
    JPEG_C0_899 = 7373,
    JPEG_C1_061 = 8697,
    JPEG_C1_175 = 9633,
    JPEG_C1_272 = 10426,
    JPEG_C1_451 = 11893,
    JPEG_C1_501 = 12299,
    JPEG_C1_847 = 15137,
    JPEG_C1_961 = 16069,
    JPEG_C2_053 = 16819,
    JPEG_C2_172 = 17799,
    JPEG_C2_562 = 20995,
    JPEG_C3_072 = 25172,
    JPEG_C3_624 = 29692,
    JPEG_F1_082 = 277,
    JPEG_F1_414 = 362,
    JPEG_F1_847 = 473,
    JPEG_F2_613 = 669,
    JPEG_RED = 91881, /* of Cr in R, in 16 fractional bits; of Cb in G, of Cr in G, of Cb in B */
    JPEG_GREEN_CB = -22554,
    JPEG_GREEN_CR = -46802,
    JPEG_BLUE = 116130,
};

#endif
