/* What the processor and its operating system allow. */
#ifndef FOVEA_KERNELS_CPU_H
#define FOVEA_KERNELS_CPU_H

#include "kernels/base.h"

/* Feature bits; the public header repeats them for fovea_options.cpu_mask. */
#define FOVEA_CPU_SSE2    0x1u
#define FOVEA_CPU_AVX2    0x2u /* AVX2, FMA and F16C, and the OS saves the wide registers */
#define FOVEA_CPU_NEON    0x4u
#define FOVEA_CPU_SCALAR  0x8u  /* no vectors, but fused multiply-add */
#define FOVEA_CPU_HELIUM  0x10u /* with floats */
#define FOVEA_CPU_WASM    0x20u /* SIMD */
#define FOVEA_CPU_AVXVNNI 0x80u /* beside AVX2 */
#define FOVEA_CPU_AVX512VNNI                                                                       \
    0x100u /* with F, VL, DQ and BW, beside AVX2, and the OS saves masks and registers */

/* Asks the processor and the OS (xgetbv; auxiliary vector); nothing is cached. Any thread. */
FOVEA_LOCAL uint32_t fovea_cpu_detect(void);

#endif
