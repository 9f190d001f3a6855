/* WebAssembly's SIMD as the bodies see it: four floats, and a fused multiply-add only where the compiler may use relaxed
 * SIMD (-mrelaxed-simd): the last bits then depend on the machine. vec_end.h lists what each operation means.
 *
 * Four positions: engines allocate registers themselves, and V8 spills more than 8 sums (6 positions take 1.4 to 1.9 times
 * as long; bench/wasm.sh).
 *
 * Its pmin and pmax are a comparison and a selection, as v_lesser and v_greater are. */
#include <wasm_simd128.h>

#include "kernels/half.h"

#define V_TARGET
#define V_WIDTH     4
#define V_POSITIONS 4
#define V_FUSED     false
#if defined(__wasm_relaxed_simd__)
#define V_VARIANT       "-relaxed"
#define v_madd(a, b, c) wasm_f32x4_relaxed_madd(a, b, c)
#else
#define V_VARIANT       ""
#define v_madd(a, b, c) wasm_f32x4_add(wasm_f32x4_mul(a, b), c)
#endif

#define vec                     v128_t
#define v_set(x)                wasm_f32x4_splat(x)
#define v_splat(p)              wasm_v128_load32_splat(p)
#define v_load(p)               wasm_v128_load(p)
#define v_store(p, v)           wasm_v128_store(p, v)
#define v_add(a, b)             wasm_f32x4_add(a, b)
#define v_subtract(a, b)        wasm_f32x4_sub(a, b)
#define v_multiply(a, b)        wasm_f32x4_mul(a, b)
#define v_divide(a, b)          wasm_f32x4_div(a, b)
#define v_root(v)               wasm_f32x4_sqrt(v)
#define v_greater(a, b)         wasm_f32x4_pmax(b, a)
#define v_lesser(a, b)          wasm_f32x4_pmin(b, a)
#define v_is_less(a, b)         wasm_f32x4_lt(a, b)
#define v_is_at_most(a, b)      wasm_f32x4_le(a, b)
#define v_select(mask, yes, no) wasm_v128_bitselect(yes, no, mask)
#define v_or_sign(a, b)         wasm_v128_or(a, wasm_v128_and(b, wasm_f32x4_splat(-0.0f)))
#define v_abs(a)                wasm_f32x4_abs(a)
#define v_add_power(v, t)       wasm_i32x4_add(v, wasm_i32x4_shl(t, 23))
#define v_load_half(p)          load_half_wasm(p)
#define v_load_bytes(p)         load_bytes_wasm(p)
#define v_load_part(p, n)       load_part_wasm(p, n)
#define v_store_part(p, v, n)   store_part_wasm(p, v, n)

FOVEA_INLINE v128_t load_part_wasm(const float *p, size_t n) {
    if (n == 1) return wasm_v128_load32_zero(p);
    const v128_t two = wasm_v128_load64_zero(p);
    return n == 2 ? two : wasm_v128_load32_lane(p + 2, two, 2);
}

FOVEA_INLINE void store_part_wasm(float *p, v128_t v, size_t n) {
    wasm_v128_store32_lane(p, v, 0);
    if (n > 1) wasm_v128_store32_lane(p + 1, v, 1);
    if (n > 2) wasm_v128_store32_lane(p + 2, v, 2);
}

FOVEA_INLINE v128_t load_bytes_wasm(const int8_t *p) {
    return wasm_f32x4_convert_i32x4(
        wasm_i32x4_extend_low_i16x8(wasm_i16x8_extend_low_i8x16(wasm_v128_load32_zero(p))));
}

/* As fovea_half_value, four at a time. */
FOVEA_INLINE v128_t load_half_wasm(const uint16_t *p) {
    const v128_t half = wasm_u32x4_load16x4(p),
                 size = wasm_v128_and(half, wasm_i32x4_splat(0x7fff));
    const v128_t bias = wasm_i32x4_splat((int)FOVEA_HALF_BIAS);
    const v128_t infinite = wasm_i32x4_ge(size, wasm_i32x4_splat(FOVEA_HALF_INFINITE));
    const v128_t normal = wasm_i32x4_ge(size, wasm_i32x4_splat(FOVEA_HALF_NORMAL));
    const v128_t sign = wasm_i32x4_shl(wasm_v128_xor(half, size), 16);
    const v128_t bits =
        wasm_i32x4_add(wasm_i32x4_add(wasm_i32x4_shl(size, FOVEA_HALF_FRACTION), bias),
                       wasm_v128_and(infinite, bias));
    const v128_t small = wasm_f32x4_mul(wasm_f32x4_convert_u32x4(size), wasm_f32x4_splat(0x1p-24f));
    return wasm_v128_or(wasm_v128_bitselect(bits, small, normal), sign);
}

/* ---- bytes (body_q8.h) ---- */

#define Q_POSITIONS 3 /* more spill, as above */

typedef v128_t q_sums_wasm;
struct q_quads_wasm {
    v128_t even, odd;
};

#define q_sums       q_sums_wasm
#define q_quads      struct q_quads_wasm
#define q_load(p)    wasm_v128_load(p)
#define q_float(v)   wasm_f32x4_convert_i32x4(v)
#define q_whole(v)   wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(v))
#define q_bytes(p)   wasm_v128_load32_splat(p)
#define q_weights(p) q_ready_wasm(q_load(p))
#define q_ready(v)   q_ready_wasm(v)
#define q_quad(sum, x, w)                                                                          \
    (sum = wasm_i32x4_add(                                                                         \
         wasm_i32x4_add(sum,                                                                       \
                        wasm_i32x4_dot_i16x8(wasm_v128_and(x, wasm_i16x8_splat(255)), (w).even)),  \
         wasm_i32x4_dot_i16x8(wasm_u16x8_shr(x, 8), (w).odd)))
#define q_store(to, a, b, zero, outputs) q_store_wasm(to, a, b, zero, outputs)
#define q_low8(a, b)                                                                               \
    wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define q_high8(a, b)                                                                              \
    wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#define q_low16(a, b)  wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define q_high16(a, b) wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#define q_words(a, b, zero)                                                                        \
    wasm_i16x8_add(wasm_i16x8_narrow_i32x4(a, b), wasm_i16x8_splat((short)(zero)))
#define q_keep(to, a, b) wasm_v128_store(to, wasm_u8x16_narrow_i16x8(a, b))
#define q_word(x)        wasm_i16x8_splat((short)(x))
#define q_sum(x)         wasm_i32x4_splat(x)
#define q_pairs(x, w)    wasm_i32x4_dot_i16x8(x, w)
#define q_add(a, b)      wasm_i32x4_add(a, b)
#define q_subtract(a, b) wasm_i16x8_sub(a, b)
#define q_right(v, n)    wasm_i32x4_shr(v, n)
#define q_low(a, b)      wasm_i32x4_extmul_low_i16x8(a, b)
#define q_high(a, b)     wasm_i32x4_extmul_high_i16x8(a, b)
#define q_pack(a, b)     wasm_i16x8_narrow_i32x4(a, b)
#define q_least(a, b)    wasm_i16x8_min(a, b)
#define q_most(a, b)     wasm_i16x8_max(a, b)
#define q_part(p)        wasm_v128_load(p)
#define q_find(part, x, first)                                                                     \
    wasm_i8x16_swizzle(part, wasm_i8x16_sub(x, wasm_i8x16_splat((char)(first))))
#define q_or(a, b)   wasm_v128_or(a, b)
#define q_flip(v)    wasm_v128_xor(v, wasm_i8x16_splat((char)FOVEA_FLIP))
#define q_put(to, v) wasm_v128_store(to, v)

FOVEA_INLINE struct q_quads_wasm q_ready_wasm(v128_t w) {
    const struct q_quads_wasm quads = {wasm_i16x8_shr(wasm_i16x8_shl(w, 8), 8),
                                       wasm_i16x8_shr(w, 8)};
    return quads;
}

/* 4 or 8 bytes. */
FOVEA_INLINE void q_store_wasm(uint8_t *to, v128_t a, v128_t b, int32_t zero, size_t outputs) {
    const v128_t words =
        wasm_i16x8_add(wasm_i16x8_narrow_i32x4(a, b), wasm_i16x8_splat((short)zero));
    const v128_t bytes = wasm_u8x16_narrow_i16x8(words, words);
    if (outputs == 8)
        wasm_v128_store64_lane(to, bytes, 0);
    else
        wasm_v128_store32_lane(to, bytes, 0);
}
