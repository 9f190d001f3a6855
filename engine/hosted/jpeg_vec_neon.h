/* NEON as jpeg_vector.c sees it; jpeg_vec_sse2.h says what each operation means. */
#include <arm_neon.h>

typedef int16x8_t jv;
struct jv_wide {
    int32x4_t low, high;
};

#define jv_load(p)             vld1q_s16(p)
#define jv_store(p, v)         vst1q_s16(p, v)
#define jv_set(x)              vdupq_n_s16((int16_t)(x))
#define jv_add(a, b)           vaddq_s16(a, b)
#define jv_add_saturated(a, b) vqaddq_s16(a, b)
#define jv_sub(a, b)           vsubq_s16(a, b)
#define jv_left(v, n)          vshlq_n_s16(v, n)
#define jv_right(v, n)         vshrq_n_s16(v, n)
#define jv_right_by(v, n)      vshlq_s16(v, vdupq_n_s16((int16_t) - (int)(n)))
#define jv_load_bytes(p)       vreinterpretq_s16_u16(vmovl_u8(vld1_u8(p)))
#define jv_store_bytes(p, v)   vst1_u8(p, vqmovun_s16(v))

FOVEA_INLINE jv jv_high(jv a, jv b) {
    return vcombine_s16(vshrn_n_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), 16),
                        vshrn_n_s32(vmull_s16(vget_high_s16(a), vget_high_s16(b)), 16));
}

FOVEA_INLINE void jv_store_four(uint8_t *p, jv v) {
    const uint32_t four = vget_lane_u32(vreinterpret_u32_u8(vqmovun_s16(v)), 0);
    fovea_copy(p, &four, sizeof four);
}

FOVEA_INLINE void jv_store_pairs(uint8_t *p, jv even, jv odd) {
    uint8x8x2_t pairs;
    pairs.val[0] = vqmovun_s16(even);
    pairs.val[1] = vqmovun_s16(odd);
    vst2_u8(p, pairs);
}

FOVEA_INLINE struct jv_wide jv_widen(jv x, int n) {
    const int32x4_t count = vdupq_n_s32(n);
    struct jv_wide w = {vshlq_s32(vmovl_s16(vget_low_s16(x)), count),
                        vshlq_s32(vmovl_s16(vget_high_s16(x)), count)};
    return w;
}
FOVEA_INLINE struct jv_wide jv_dot(jv x, jv y, int cx, int cy) {
    const int16_t kx = (int16_t)cx, ky = (int16_t)cy;
    struct jv_wide w = {vmlal_n_s16(vmull_n_s16(vget_low_s16(x), kx), vget_low_s16(y), ky),
                        vmlal_n_s16(vmull_n_s16(vget_high_s16(x), kx), vget_high_s16(y), ky)};
    return w;
}
FOVEA_INLINE struct jv_wide jv_wide_add(struct jv_wide a, struct jv_wide b) {
    struct jv_wide w = {vaddq_s32(a.low, b.low), vaddq_s32(a.high, b.high)};
    return w;
}
FOVEA_INLINE struct jv_wide jv_wide_sub(struct jv_wide a, struct jv_wide b) {
    struct jv_wide w = {vsubq_s32(a.low, b.low), vsubq_s32(a.high, b.high)};
    return w;
}

FOVEA_INLINE jv jv_descale(struct jv_wide w, int n) {
    const int32x4_t half = vdupq_n_s32(1 << (n - 1)), count = vdupq_n_s32(-n);
    return vcombine_s16(vqmovn_s32(vshlq_s32(vaddq_s32(w.low, half), count)),
                        vqmovn_s32(vshlq_s32(vaddq_s32(w.high, half), count)));
}

FOVEA_INLINE void jv_transpose(jv v[8]) {
    jv a[8], b[8];
    for (int i = 0; i < 4; i++) {
        const int16x8x2_t z = vzipq_s16(v[i], v[i + 4]);
        a[2 * i] = z.val[0];
        a[2 * i + 1] = z.val[1];
    }
    for (int i = 0; i < 4; i++) {
        const int16x8x2_t z = vzipq_s16(a[i], a[i + 4]);
        b[2 * i] = z.val[0];
        b[2 * i + 1] = z.val[1];
    }
    for (int i = 0; i < 4; i++) {
        const int16x8x2_t z = vzipq_s16(b[i], b[i + 4]);
        v[2 * i] = z.val[0];
        v[2 * i + 1] = z.val[1];
    }
}

FOVEA_INLINE void jv_store_rgb(uint8_t *p, jv r, jv g, jv b) {
    uint8x8x3_t pixels;
    pixels.val[0] = vqmovun_s16(r);
    pixels.val[1] = vqmovun_s16(g);
    pixels.val[2] = vqmovun_s16(b);
    vst3_u8(p, pixels);
}
