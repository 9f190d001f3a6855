/* Helium (MVE with floats, Cortex-M55 and M85) as the bodies see it: four floats, eight registers, fused
 * multiply-add, and a factor from a scalar register. vec_end.h lists what each operation means. */
#include <arm_mve.h>

#include "kernels/half.h"

typedef const float *helium_lanes; /* read one by one, as scalars */

#define V_TARGET
#define V_WIDTH     4
#define V_POSITIONS 3 /* 3 x 2 sums and 2 weights: all eight registers */
#define V_FUSED     true

#define vec                     float32x4_t
#define v_set(x)                vdupq_n_f32(x)
#define v_splat(p)              vdupq_n_f32(*(p))
#define v_load(p)               vldrwq_f32(p)
#define v_store(p, v)           vstrwq_f32(p, v)
#define v_add(a, b)             vaddq_f32(a, b)
#define v_subtract(a, b)        vsubq_f32(a, b)
#define v_multiply(a, b)        vmulq_f32(a, b)
#define v_divide(a, b)          divide_helium(a, b)
#define v_root(v)               root_helium(v)
#define v_madd(a, b, c)         vfmaq_f32(c, a, b)
#define V_LANES                 2
#define V_EACH_LANE(DO)         DO(0) DO(1)
#define v_lanes                 helium_lanes
#define v_load_lanes(p)         (p)
#define v_take(p)               take_helium(p)
#define v_madd_lane(a, b, i, c) vfmaq_n_f32(c, a, (b)[i])
#define v_greater(a, b)         vpselq_f32(a, b, vcmpgtq_f32(a, b))
#define v_lesser(a, b)          vpselq_f32(a, b, vcmpgtq_f32(b, a))
#define v_is_less(a, b)         vcmpgtq_f32(b, a)
#define v_is_at_most(a, b)      vcmpgeq_f32(b, a)
#define v_select(mask, yes, no) vpselq_f32(yes, no, mask)
#define v_or_sign(a, b)                                                                            \
    vreinterpretq_f32_u32(vorrq_u32(                                                               \
        vreinterpretq_u32_f32(a), vandq_u32(vreinterpretq_u32_f32(b), vdupq_n_u32(0x80000000u))))
#define v_abs(a) vabsq_f32(a)
#define v_add_power(v, t)                                                                          \
    vreinterpretq_f32_u32(                                                                         \
        vaddq_u32(vreinterpretq_u32_f32(v), vshlq_n_u32(vreinterpretq_u32_f32(t), 23)))
#define v_load_half(p)        load_half_helium(p)
#define v_load_bytes(p)       vcvtq_f32_s32(vldrbq_s32(p))
#define v_load_part(p, n)     vldrwq_z_f32(p, vctp32q((uint32_t)(n)))
#define v_store_part(p, v, n) vstrwq_p_f32(p, v, vctp32q((uint32_t)(n)))

FOVEA_INLINE float32x4_t take_helium(const float **p) {
    const float32x4_t v = vldrwq_f32(*p);
    *p += 4;
    return v;
}

/* The scalar unit divides and takes roots. */
FOVEA_INLINE float32x4_t divide_helium(float32x4_t a, float32x4_t b) {
    float x[4], y[4];
    vstrwq_f32(x, a);
    vstrwq_f32(y, b);
    for (int i = 0; i < 4; i++) x[i] = x[i] / y[i];
    return vldrwq_f32(x);
}

FOVEA_INLINE float32x4_t root_helium(float32x4_t v) {
    float x[4];
    vstrwq_f32(x, v);
    for (int i = 0; i < 4; i++) __asm__("vsqrt.f32 %0, %0" : "+t"(x[i]));
    return vldrwq_f32(x);
}

/* As fovea_half_value, four at a time: binutils 2.40 writes other registers than it is told into the
 * instruction that converts. */
FOVEA_INLINE float32x4_t load_half_helium(const uint16_t *p) {
    const uint32x4_t half = vldrhq_u32(p), size = vandq_u32(half, vdupq_n_u32(0x7fff));
    const uint32x4_t bias = vdupq_n_u32(FOVEA_HALF_BIAS), none = vdupq_n_u32(0);
    const uint32x4_t sign = vshlq_n_u32(veorq_u32(half, size), 16);
    const mve_pred16_t infinite = vcmpcsq_n_u32(size, FOVEA_HALF_INFINITE);
    const mve_pred16_t normal = vcmpcsq_n_u32(size, FOVEA_HALF_NORMAL);
    const uint32x4_t bits = vaddq_u32(vaddq_u32(vshlq_n_u32(size, FOVEA_HALF_FRACTION), bias),
                                      vpselq_u32(bias, none, infinite));
    const float32x4_t small = vmulq_n_f32(vcvtq_f32_u32(size), 0x1p-24f);
    return vreinterpretq_f32_u32(
        vorrq_u32(vpselq_u32(bits, vreinterpretq_u32_f32(small), normal), sign));
}
