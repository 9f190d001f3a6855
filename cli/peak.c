/* Loops of independent multiply-adds that touch no memory. An empty assembly statement makes each
 * sum opaque, so that the compiler neither folds nor hoists. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 199309L
#endif
#include <time.h>

#include "cli/peak.h"
#include "kernels/cpu.h"

#if FOVEA_X86
#include <immintrin.h>
#elif FOVEA_ARM64 || FOVEA_ARM32_NEON
#include <arm_neon.h>
#endif

enum { ROUNDS = 2000, SUMS = 12 };

double fovea_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define OPAQUE(register_kind, value) __asm__ volatile("" : register_kind(value))

/* Twelve sums hide a latency of four with two units, and of six nearly so. */
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)

#if FOVEA_X86

#define PEAK_LOOP       peak_sse2
#define PEAK_TARGET     FOVEA_TARGET("sse2")
#define PEAK_VECTOR     __m128
#define PEAK_SET(value) _mm_set1_ps(value)
#define PEAK_FIRST(v)   _mm_cvtss_f32(v)
#define PEAK_ADD(a, b)  _mm_add_ps(a, b)
#define PEAK_STEP(s)                                                                               \
    {                                                                                              \
        __m128 product = _mm_mul_ps(x, x);                                                         \
        OPAQUE("+x", product);                                                                     \
        s = _mm_add_ps(s, product);                                                                \
        OPAQUE("+x", s);                                                                           \
    }
#include "cli/peak_loop.h"

#define PEAK_LOOP       peak_avx2
#define PEAK_TARGET     FOVEA_TARGET("avx2,fma")
#define PEAK_VECTOR     __m256
#define PEAK_SET(value) _mm256_set1_ps(value)
#define PEAK_FIRST(v)   _mm_cvtss_f32(_mm256_castps256_ps128(v))
#define PEAK_ADD(a, b)  _mm256_add_ps(a, b)
#define PEAK_STEP(s)                                                                               \
    s = _mm256_fmadd_ps(s, x, x);                                                                  \
    OPAQUE("+x", s);
#include "cli/peak_loop.h"

#if FOVEA_AVX512
#define PEAK_LOOP       peak_avx512
#define PEAK_TARGET     FOVEA_TARGET("avx512f")
#define PEAK_VECTOR     __m512
#define PEAK_SET(value) _mm512_set1_ps(value)
#define PEAK_FIRST(v)   _mm_cvtss_f32(_mm512_castps512_ps128(v))
#define PEAK_ADD(a, b)  _mm512_add_ps(a, b)
#define PEAK_STEP(s)                                                                               \
    s = _mm512_fmadd_ps(s, x, x);                                                                  \
    OPAQUE("+v", s);
#include "cli/peak_loop.h"
#endif

#elif FOVEA_ARM64 || FOVEA_ARM32_NEON

#define PEAK_LOOP peak_neon
#define PEAK_TARGET
#define PEAK_VECTOR     float32x4_t
#define PEAK_SET(value) vdupq_n_f32(value)
#define PEAK_FIRST(v)   vgetq_lane_f32(v, 0)
#define PEAK_ADD(a, b)  vaddq_f32(a, b)
#if FOVEA_ARM64
#define PEAK_STEP(s)                                                                               \
    s = vfmaq_f32(x, s, x);                                                                        \
    OPAQUE("+w", s);
#else
#define PEAK_STEP(s)                                                                               \
    s = vmlaq_f32(s, x, x);                                                                        \
    OPAQUE("+w", s);
#endif
#include "cli/peak_loop.h"

#endif

#define PEAK_LOOP peak_scalar
#define PEAK_TARGET
#define PEAK_VECTOR     float
#define PEAK_SET(value) (value)
#define PEAK_FIRST(v)   (v)
#define PEAK_ADD(a, b)  ((a) + (b))
#define PEAK_STEP(s)    s = s * x + x;
#include "cli/peak_loop.h"

double fovea_peak_gflops(uint32_t cpu) {
    float (*loop)(void) = peak_scalar;
    double floats = 1, best = 0;
    volatile float keep;
#if FOVEA_X86
    if (cpu & FOVEA_CPU_SSE2) loop = peak_sse2, floats = 4;
    if (cpu & FOVEA_CPU_AVX2) loop = peak_avx2, floats = 8;
#if FOVEA_AVX512
    if (cpu & FOVEA_CPU_AVX512) loop = peak_avx512, floats = 16;
#endif
#elif FOVEA_ARM64 || FOVEA_ARM32_NEON
    if (cpu & FOVEA_CPU_NEON) loop = peak_neon, floats = 4;
#endif
    (void)cpu;
    const double end = fovea_seconds() + 2e-3;
    for (double now = 0; now < end;) {
        const double start = fovea_seconds();
        for (int i = 0; i < 16; i++)
            keep = loop(); /* about 0.1 ms: the clock's steps do not matter */
        now = fovea_seconds();
        const double rate = 16.0 * 2.0 * SUMS * ROUNDS * floats / (now - start) * 1e-9;
        if (rate > best) best = rate;
    }
    (void)keep;
    return best;
}
