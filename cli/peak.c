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

/* Twelve sums hide a latency of four with two units, and of six nearly so. */
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)

#if FOVEA_X86

static FOVEA_TARGET("avx2,fma") float peak_avx2(void) {
    const __m256 x = _mm256_set1_ps(0.5f);
    float out[8];
#define START(i) __m256 s##i = x;
#define STEP(i)                                                                                    \
    s##i = _mm256_fmadd_ps(s##i, x, x);                                                            \
    __asm__ volatile("" : "+x"(s##i));
    EACH(START)
    for (int n = 0; n < ROUNDS; n++) {
        EACH(STEP)
    }
#undef STEP
#define STEP(i) s0 = _mm256_add_ps(s0, s##i);
    EACH(STEP)
    _mm256_storeu_ps(out, s0);
    return out[0];
#undef START
#undef STEP
}

#if FOVEA_AVX512
static FOVEA_TARGET("avx512f") float peak_avx512(void) {
    const __m512 x = _mm512_set1_ps(0.5f);
    float out[16];
#define START(i) __m512 s##i = x;
#define STEP(i)                                                                                    \
    s##i = _mm512_fmadd_ps(s##i, x, x);                                                            \
    __asm__ volatile("" : "+v"(s##i));
    EACH(START)
    for (int n = 0; n < ROUNDS; n++) {
        EACH(STEP)
    }
#undef STEP
#define STEP(i) s0 = _mm512_add_ps(s0, s##i);
    EACH(STEP)
    _mm512_storeu_ps(out, s0);
    return out[0];
#undef START
#undef STEP
}
#endif

static FOVEA_TARGET("sse2") float peak_sse2(void) {
    __m128 x = _mm_set1_ps(0.5f), y;
    float out[4];
#define START(i) __m128 s##i = x;
#define STEP(i)                                                                                    \
    y = _mm_mul_ps(x, x);                                                                          \
    __asm__ volatile("" : "+x"(y));                                                                \
    s##i = _mm_add_ps(s##i, y);                                                                    \
    __asm__ volatile("" : "+x"(s##i));
    EACH(START)
    for (int n = 0; n < ROUNDS; n++) {
        EACH(STEP)
    }
#undef STEP
#define STEP(i) s0 = _mm_add_ps(s0, s##i);
    EACH(STEP)
    _mm_storeu_ps(out, s0);
    return out[0];
#undef START
#undef STEP
}

#elif FOVEA_ARM64 || FOVEA_ARM32_NEON

static float peak_neon(void) {
    const float32x4_t x = vdupq_n_f32(0.5f);
#define START(i) float32x4_t s##i = x;
#if FOVEA_ARM64
#define STEP(i)                                                                                    \
    s##i = vfmaq_f32(x, s##i, x);                                                                  \
    __asm__ volatile("" : "+w"(s##i));
#else
#define STEP(i)                                                                                    \
    s##i = vmlaq_f32(s##i, x, x);                                                                  \
    __asm__ volatile("" : "+w"(s##i));
#endif
    EACH(START)
    for (int n = 0; n < ROUNDS; n++) {
        EACH(STEP)
    }
#undef STEP
#define STEP(i) s0 = vaddq_f32(s0, s##i);
    EACH(STEP)
    return vgetq_lane_f32(s0, 0);
#undef START
#undef STEP
}

#endif

static float peak_scalar(void) {
    const float x = 0.5f;
    volatile float keep[1];
#define START(i) float s##i = x;
#define STEP(i)  s##i = s##i * x + x;
    EACH(START)
    for (int n = 0; n < ROUNDS; n++) {
        EACH(STEP)
    }
#undef STEP
#define STEP(i) keep[0] = s##i;
    EACH(STEP)
    return keep[0];
#undef START
#undef STEP
}

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
