/* The constants behind gelu, erf, logarithms and tanh_shrink, used by ref.c and body_map.h in the same
 * steps. All were fitted like those of exponential.h: minimax for the relative error of the result,
 * each rounded to float before the next.
 *
 * The normal distribution, which is gelu's weight, for t >= 0:
 *
 *     Phi(-t) = exp(-t t / 2) R(s),   s = 1 / (1 + t NORMAL_STEP),   R = C0 + s (C1 + ... + s C8)
 *
 * within 6e-8; Phi(t) = 1 - Phi(-t). The exponential turns the rounding of t t / 2 into a relative
 * error of Phi(-t) that grows to 40 units of the last place where Phi(-t) falls below FLT_MIN.
 *
 *     log(1 + f) = f - f f / 2 + f f f (C0 + f (C1 + ... + f C7)),  1 + f in sqrt(1/2) .. sqrt(2)   6e-9
 *     erf(v)     = v (C0 + v v (C1 + ... + v v C5)),                |v| < 1                         5e-8
 *     v - tanh v = v v v (C0 + v v (C1 + ... + v v C7)),            |v| < 1                         3e-8 */
#ifndef FOVEA_KERNELS_CURVES_H
#define FOVEA_KERNELS_CURVES_H

#define FOVEA_NORMAL_STEP 0x1.333334p-2f
#define FOVEA_NORMAL_C0   0x1.c0bd7cp-18f
#define FOVEA_NORMAL_C1   0x1.e97482p-4f
#define FOVEA_NORMAL_C2   0x1.f325aep-4f
#define FOVEA_NORMAL_C3   0x1.84c0fp-4f
#define FOVEA_NORMAL_C4   0x1.22d2d4p-3f
#define FOVEA_NORMAL_C5   -0x1.3638fep-4f
#define FOVEA_NORMAL_C6   0x1.d2ec06p-3f
#define FOVEA_NORMAL_C7   -0x1.59c9c2p-3f
#define FOVEA_NORMAL_C8   0x1.39d966p-5f
#define FOVEA_ROOT_OF_2   0x1.6a09e6p+0f

/* gelu_tanh: 2 sqrt(2 / pi), and that times 0.044715. */
#define FOVEA_GELU_LINE 0x1.988454p+0f
#define FOVEA_GELU_CUBE 0x1.2444f2p-4f

#define FOVEA_LOG_C0        0x1.555554p-2f
#define FOVEA_LOG_C1        -0x1.000232p-2f
#define FOVEA_LOG_C2        0x1.99a056p-3f
#define FOVEA_LOG_C3        -0x1.546f36p-3f
#define FOVEA_LOG_C4        0x1.22d006p-3f
#define FOVEA_LOG_C5        -0x1.0d9a7cp-3f
#define FOVEA_LOG_C6        0x1.05b34ap-3f
#define FOVEA_LOG_C7        -0x1.3924cap-4f
#define FOVEA_LOG_ROOT_HALF 0x3f3504f3u /* the bits of sqrt(1/2) */

#define FOVEA_ERF_C0 0x1.20dd74p+0f
#define FOVEA_ERF_C1 -0x1.812642p-2f
#define FOVEA_ERF_C2 0x1.ce039ep-4f
#define FOVEA_ERF_C3 -0x1.b56978p-6f
#define FOVEA_ERF_C4 0x1.414f0ap-8f
#define FOVEA_ERF_C5 -0x1.244e0ep-11f

#define FOVEA_SHRINK_C0 0x1.555556p-2f
#define FOVEA_SHRINK_C1 -0x1.11117ap-3f
#define FOVEA_SHRINK_C2 0x1.ba3082p-5f
#define FOVEA_SHRINK_C3 -0x1.6704eep-6f
#define FOVEA_SHRINK_C4 0x1.246d84p-7f
#define FOVEA_SHRINK_C5 -0x1.ce246ap-9f
#define FOVEA_SHRINK_C6 0x1.2cf996p-10f
#define FOVEA_SHRINK_C7 -0x1.ae72aep-13f

#endif
