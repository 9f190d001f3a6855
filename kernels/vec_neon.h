/* NEON as the bodies see it: four floats; 32 registers and fused multiply-add on AArch64, 16 and
 * unfused on ARMv7, where denormals count as zero. vec_end.h lists what each operation means.
 *
 * bench/ARM.md has what the inner loops reach in llvm-mca and what whole networks execute.
 *
 * v_greater and v_lesser are a comparison and a selection, not the maximum instruction, which takes
 * +0 over -0 and hands on a NaN. */
#include <arm_neon.h>

#include "kernels/half.h"

#define V_TARGET
#define V_WIDTH 4
#define V_DEAR_BOUNDS

#define vec                     float32x4_t
#define v_set(x)                vdupq_n_f32(x)
#define v_splat(p)              vld1q_dup_f32(p)
#define v_load(p)               vld1q_f32(p)
#define v_store(p, v)           vst1q_f32(p, v)
#define v_add(a, b)             vaddq_f32(a, b)
#define v_subtract(a, b)        vsubq_f32(a, b)
#define v_multiply(a, b)        vmulq_f32(a, b)
#define v_greater(a, b)         greater_neon(a, b)
#define v_lesser(a, b)          lesser_neon(a, b)
#define v_is_less(a, b)         vcltq_f32(a, b)
#define v_is_at_most(a, b)      vcleq_f32(a, b)
#define v_select(mask, yes, no) vbslq_f32(mask, yes, no)
#define v_or_sign(a, b)                                                                            \
    vreinterpretq_f32_u32(vorrq_u32(                                                               \
        vreinterpretq_u32_f32(a), vandq_u32(vreinterpretq_u32_f32(b), vdupq_n_u32(0x80000000u))))
#define v_abs(a) vabsq_f32(a)
#define v_add_power(v, t)                                                                          \
    vreinterpretq_f32_u32(                                                                         \
        vaddq_u32(vreinterpretq_u32_f32(v), vshlq_n_u32(vreinterpretq_u32_f32(t), 23)))
#define v_load_bytes(p)       load_bytes_neon(p)
#define v_load_part(p, n)     load_part_neon(p, n)
#define v_store_part(p, v, n) store_part_neon(p, v, n)

#if FOVEA_ARM64
#define V_POSITIONS             8 /* 8 x 2 sums, 8 inputs, 2 weights: 26 of 32 registers */
#define V_LANES                 4
#define V_EACH_LANE(DO)         DO(0) DO(1) DO(2) DO(3)
#define v_lanes                 float32x4_t
#define v_load_lanes(p)         vld1q_f32(p)
#define v_take(p)               take_neon(p)
#define V_FUSED                 true
#define v_load_half(p)          vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p)))
#define v_divide(a, b)          vdivq_f32(a, b)
#define v_root(v)               vsqrtq_f32(v)
#define v_madd(a, b, c)         vfmaq_f32(c, a, b)
#define v_madd_lane(a, b, i, c) madd_lane_##i##_neon(a, b, c)

/* gcc 12 moves the intrinsics about until sums change registers (0.86 of a Neoverse N1's peak). */
#if defined(__GNUC__) && !defined(__clang__)
#define LANE(i)                                                                                    \
    FOVEA_INLINE float32x4_t madd_lane_##i##_neon(float32x4_t a, float32x4_t b, float32x4_t c) {   \
        __asm__("fmla %0.4s, %1.4s, %2.s[" #i "]" : "+w"(c) : "w"(a), "w"(b));                     \
        return c;                                                                                  \
    }
#else
#define LANE(i)                                                                                    \
    FOVEA_INLINE float32x4_t madd_lane_##i##_neon(float32x4_t a, float32x4_t b, float32x4_t c) {   \
        return vfmaq_laneq_f32(c, a, b, i);                                                        \
    }
#endif
LANE(0)
LANE(1)
LANE(2)
LANE(3)
#undef LANE
#else
#define V_POSITIONS             4 /* 4 x 2 sums, 4 halves of inputs, 2 weights: 12 of 16 registers */
#define V_LANES                 2
#define V_EACH_LANE(DO)         DO(0) DO(1)
#define v_lanes                 float32x2_t
#define v_load_lanes(p)         vld1_f32(p)
#define v_take(p)               take_neon(p)
#define V_FUSED                 false
#define v_load_half(p)          load_half_neon(p)
#define v_divide(a, b)          divide_neon(a, b)
#define v_root(v)               root_neon(v)
#define v_madd(a, b, c)         vmlaq_f32(c, a, b)
#define v_madd_lane(a, b, i, c) vmlaq_lane_f32(c, a, b, i)

/* ARMv7 NEON has estimates only; the scalar unit divides truly. */
FOVEA_INLINE float32x4_t divide_neon(float32x4_t a, float32x4_t b) {
    float x[4], y[4];
    vst1q_f32(x, a);
    vst1q_f32(y, b);
    for (int i = 0; i < 4; i++) x[i] = x[i] / y[i];
    return vld1q_f32(x);
}

FOVEA_INLINE float32x4_t root_neon(float32x4_t v) {
    float x[4];
    vst1q_f32(x, v);
    for (int i = 0; i < 4; i++) __asm__("vsqrt.f32 %0, %0" : "+t"(x[i]));
    return vld1q_f32(x);
}

/* As fovea_half_value, four at a time: not all ARMv7 cores convert. */
FOVEA_INLINE float32x4_t load_half_neon(const uint16_t *p) {
    const uint32x4_t half = vmovl_u16(vld1_u16(p)), size = vandq_u32(half, vdupq_n_u32(0x7fff));
    const uint32x4_t bias = vdupq_n_u32(FOVEA_HALF_BIAS);
    const uint32x4_t infinite = vcgeq_u32(size, vdupq_n_u32(FOVEA_HALF_INFINITE));
    const uint32x4_t normal = vcgeq_u32(size, vdupq_n_u32(FOVEA_HALF_NORMAL));
    const uint32x4_t sign = vshlq_n_u32(veorq_u32(half, size), 16);
    const uint32x4_t bits = vaddq_u32(vaddq_u32(vshlq_n_u32(size, FOVEA_HALF_FRACTION), bias),
                                      vandq_u32(infinite, bias));
    const float32x4_t small = vmulq_n_f32(vcvtq_f32_u32(size), 0x1p-24f);
    return vreinterpretq_f32_u32(
        vorrq_u32(vbslq_u32(normal, bits, vreinterpretq_u32_f32(small)), sign));
}
#endif

/* On ARMv7 a load has no offset, but can move its pointer on. */
FOVEA_INLINE float32x4_t take_neon(const float **p) {
    const float32x4_t v = vld1q_f32(*p);
    *p += 4;
    if (!FOVEA_ARM64) FOVEA_OPAQUE(*p);
    return v;
}

#if FOVEA_ARM32_NEON && !defined(__clang__)
/* gcc 12 takes the intrinsics apart into scalar comparisons here, because vectors flush denormals; and
 * comparisons by themselves it would all do before the first selection, for which it lacks registers. */
FOVEA_INLINE float32x4_t greater_neon(float32x4_t a, float32x4_t b) {
    uint32x4_t mask;
    __asm__("vcgt.f32 %q1, %q2, %q0\n\tvbit %q0, %q2, %q1" : "+w"(b), "=&w"(mask) : "w"(a));
    return b;
}

FOVEA_INLINE float32x4_t lesser_neon(float32x4_t a, float32x4_t b) {
    uint32x4_t mask;
    __asm__("vcgt.f32 %q1, %q0, %q2\n\tvbit %q0, %q2, %q1" : "+w"(b), "=&w"(mask) : "w"(a));
    return b;
}
#else
FOVEA_INLINE float32x4_t greater_neon(float32x4_t a, float32x4_t b) {
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}

FOVEA_INLINE float32x4_t lesser_neon(float32x4_t a, float32x4_t b) {
    return vbslq_f32(vcltq_f32(a, b), a, b);
}
#endif

FOVEA_INLINE float32x4_t load_bytes_neon(const int8_t *p) {
    uint32_t four;
    fovea_copy(&four, p, sizeof four);
    const int8x8_t bytes = vreinterpret_s8_u32(vdup_n_u32(four));
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(bytes))));
}

FOVEA_INLINE float32x4_t load_part_neon(const float *p, size_t n) {
    float32x4_t v = vld1q_lane_f32(p, vdupq_n_f32(0.0f), 0);
    if (n > 1) v = vld1q_lane_f32(p + 1, v, 1);
    if (n > 2) v = vld1q_lane_f32(p + 2, v, 2);
    return v;
}

FOVEA_INLINE void store_part_neon(float *p, float32x4_t v, size_t n) {
    vst1q_lane_f32(p, v, 0);
    if (n > 1) vst1q_lane_f32(p + 1, v, 1);
    if (n > 2) vst1q_lane_f32(p + 2, v, 2);
}
