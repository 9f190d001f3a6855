/* The constants behind exp, sigmoid, tanh, silu and elu, used by ref.c and body_map.h in the same
 * steps, so that every instruction set gives the same bits.
 *
 *     n = round(v / ln 2), r = v - n ln 2, |r| <= 0.3475
 *     exp(r) - 1 = p = r + r r (C2 + r (C3 + r (C4 + r (C5 + r C6))))
 *     exp(v) = 2^n (1 + p),   exp(v) - 1 = 2^n p + (2^n - 1)
 *
 * The coefficients are those near the minimax polynomial of exp(r) that had the least greatest
 * error of exp itself in a search over roundings, fused and not: 0.999 and 0.973 units of the last
 * place, 1.013 and 0.989 with the minimax ones. One degree less would cost two units.
 *
 * Rounding: adding 1.5 * 2^23 leaves n in the low bits of the sum. ln 2 is split so that n * HIGH
 * is exact (14 + 8 bits). Results of exp below FLT_MIN are 0: denormals are slow on many cores and
 * absent from ARMv7 NEON. Within EXP_LOWEST .. EXP_HIGHEST the exponent field of 1 + p takes n
 * without a carry out of it (checked over all floats). */
#ifndef FOVEA_KERNELS_EXPONENTIAL_H
#define FOVEA_KERNELS_EXPONENTIAL_H

#define FOVEA_EXP_LOG2E    0x1.715476p+0f
#define FOVEA_EXP_ROUND    0x1.8p+23f
#define FOVEA_EXP_LN2_HIGH 0x1.62e4p-1f
#define FOVEA_EXP_LN2_LOW  0x1.7f7d1cp-20f
#define FOVEA_EXP_C2       0x1.000002p-1f
#define FOVEA_EXP_C3       0x1.55548p-3f
#define FOVEA_EXP_C4       0x1.5556c4p-5f
#define FOVEA_EXP_C5       0x1.124e56p-7f
#define FOVEA_EXP_C6       0x1.6ae88ep-10f

#define FOVEA_EXP_LOWEST   -0x1.5d589ep+6f /* -87.336540: the least float with exp(v) >= FLT_MIN */
#define FOVEA_EXP_HIGHEST  0x1.62e42ep+6f  /* 88.722832: the greatest with exp(v) <= FLT_MAX */
#define FOVEA_EXPM1_LOWEST -25.0f          /* exp(v) - 1 is -1 from about -17 down */
#define FOVEA_EXP_INFINITY __builtin_inff()
#define FOVEA_EXP_MANTISSA 23          /* bits below the exponent field */
#define FOVEA_EXP_ONE      0x3f800000u /* the bits of 1.0f */
#define FOVEA_EXP_SIGN     0x80000000u

#endif
