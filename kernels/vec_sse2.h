/* SSE2 as the bodies see it: four floats, sixteen registers (eight in 32-bit code). vec_end.h lists
 * what each operation means.
 *
 * A tile of 6 x 2 reaches 0.71 of the multiply-and-add peak, because each broadcast costs a shuffle
 * beside four operations; three times 2 x 4 (two shuffles for sixteen) reached 0.70 to 0.75. */
#include <emmintrin.h>

#include "kernels/half.h"

#define V_TARGET    FOVEA_TARGET("sse2")
#define V_WIDTH     4
#define V_POSITIONS 6
#define V_FUSED     false

#define vec                     __m128
#define v_set(x)                _mm_set1_ps(x)
#define v_splat(p)              _mm_set1_ps(*(p))
#define v_load(p)               _mm_loadu_ps(p)
#define v_store(p, v)           _mm_storeu_ps(p, v)
#define v_add(a, b)             _mm_add_ps(a, b)
#define v_subtract(a, b)        _mm_sub_ps(a, b)
#define v_multiply(a, b)        _mm_mul_ps(a, b)
#define v_divide(a, b)          _mm_div_ps(a, b)
#define v_root(v)               _mm_sqrt_ps(v)
#define v_madd(a, b, c)         _mm_add_ps(_mm_mul_ps(a, b), c)
#define v_greater(a, b)         _mm_max_ps(a, b)
#define v_lesser(a, b)          _mm_min_ps(a, b)
#define v_is_less(a, b)         _mm_cmplt_ps(a, b)
#define v_is_at_most(a, b)      _mm_cmple_ps(a, b)
#define v_select(mask, yes, no) select_sse2(mask, yes, no)
#define v_or_sign(a, b)         _mm_or_ps(a, _mm_and_ps(b, _mm_set1_ps(-0.0f)))
#define v_abs(a)                _mm_andnot_ps(_mm_set1_ps(-0.0f), a)
#define v_add_power(v, t)                                                                          \
    _mm_castsi128_ps(_mm_add_epi32(_mm_castps_si128(v), _mm_slli_epi32(_mm_castps_si128(t), 23)))
#define v_load_half(p)        load_half_sse2(p)
#define v_load_bytes(p)       load_bytes_sse2(p)
#define v_load_part(p, n)     load_part_sse2(p, n)
#define v_store_part(p, v, n) store_part_sse2(p, v, n)

FOVEA_INLINE V_TARGET __m128 select_sse2(__m128 mask, __m128 yes, __m128 no) {
    return _mm_or_ps(_mm_and_ps(mask, yes), _mm_andnot_ps(mask, no));
}

FOVEA_INLINE V_TARGET __m128 load_part_sse2(const float *p, size_t n) {
    if (n == 1) return _mm_load_ss(p);
    const __m128 two = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(const void *)p));
    return n == 2 ? two : _mm_movelh_ps(two, _mm_load_ss(p + 2));
}

FOVEA_INLINE V_TARGET void store_part_sse2(float *p, __m128 v, size_t n) {
    if (n == 1) {
        _mm_store_ss(p, v);
        return;
    }
    _mm_storel_epi64((__m128i *)(void *)p, _mm_castps_si128(v));
    if (n == 3) _mm_store_ss(p + 2, _mm_movehl_ps(v, v));
}

FOVEA_INLINE V_TARGET __m128 load_bytes_sse2(const int8_t *p) {
    int32_t four;
    fovea_copy(&four, p, sizeof four);
    const __m128i bytes = _mm_cvtsi32_si128(four), twice = _mm_unpacklo_epi8(bytes, bytes);
    return _mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(twice, twice), 24));
}

/* As fovea_half_value, four at a time. */
FOVEA_INLINE V_TARGET __m128 load_half_sse2(const uint16_t *p) {
    const __m128i half =
        _mm_unpacklo_epi16(_mm_loadl_epi64((const __m128i *)(const void *)p), _mm_setzero_si128());
    const __m128i size = _mm_and_si128(half, _mm_set1_epi32(0x7fff));
    const __m128i bias = _mm_set1_epi32((int)FOVEA_HALF_BIAS);
    const __m128i infinite = _mm_cmpgt_epi32(size, _mm_set1_epi32(FOVEA_HALF_INFINITE - 1));
    const __m128i normal = _mm_cmpgt_epi32(size, _mm_set1_epi32(FOVEA_HALF_NORMAL - 1));
    const __m128i sign = _mm_slli_epi32(_mm_xor_si128(half, size), 16);
    const __m128i bits =
        _mm_add_epi32(_mm_add_epi32(_mm_slli_epi32(size, FOVEA_HALF_FRACTION), bias),
                      _mm_and_si128(infinite, bias));
    const __m128 small = _mm_mul_ps(_mm_cvtepi32_ps(size), _mm_set1_ps(0x1p-24f));
    return _mm_or_ps(select_sse2(_mm_castsi128_ps(normal), _mm_castsi128_ps(bits), small),
                     _mm_castsi128_ps(sign));
}

/* ---- bytes ---- */

#define Q_POSITIONS 4

typedef __m128i q_sums_sse2;
struct q_quads_sse2 {
    __m128i even, odd;
};

#define q_sums       q_sums_sse2
#define q_quads      struct q_quads_sse2
#define q_load(p)    _mm_loadu_si128((const __m128i *)(const void *)(p))
#define q_float(v)   _mm_cvtepi32_ps(v)
#define q_whole(v)   _mm_cvtps_epi32(v)
#define q_bytes(p)   q_bytes_sse2(p)
#define q_weights(p) q_ready_sse2(q_load(p))
#define q_ready(v)   q_ready_sse2(v)
#define q_quad(sum, x, w)                                                                          \
    (sum = _mm_add_epi32(                                                                          \
         _mm_add_epi32(sum, _mm_madd_epi16(_mm_and_si128(x, _mm_set1_epi16(255)), (w).even)),      \
         _mm_madd_epi16(_mm_srli_epi16(x, 8), (w).odd)))
#define q_store(to, a, b, zero, outputs) q_store_sse2(to, a, b, zero, outputs)
#define q_low8(a, b)                     _mm_unpacklo_epi8(a, b)
#define q_high8(a, b)                    _mm_unpackhi_epi8(a, b)
#define q_low16(a, b)                    _mm_unpacklo_epi16(a, b)
#define q_high16(a, b)                   _mm_unpackhi_epi16(a, b)
#define q_words(a, b, zero)              _mm_add_epi16(_mm_packs_epi32(a, b), _mm_set1_epi16((short)(zero)))
#define q_keep(to, a, b)                 _mm_storeu_si128((__m128i *)(void *)(to), _mm_packus_epi16(a, b))
#define q_word(x)                        _mm_set1_epi16((short)(x))
#define q_sum(x)                         _mm_set1_epi32(x)
#define q_pairs(x, w)                    _mm_madd_epi16(x, w)
#define q_add(a, b)                      _mm_add_epi32(a, b)
#define q_subtract(a, b)                 _mm_sub_epi16(a, b)
#define q_right(v, n)                    _mm_sra_epi32(v, _mm_cvtsi32_si128((int)(n)))
#define q_low(a, b)                      _mm_unpacklo_epi16(_mm_mullo_epi16(a, b), _mm_mulhi_epi16(a, b))
#define q_high(a, b)                     _mm_unpackhi_epi16(_mm_mullo_epi16(a, b), _mm_mulhi_epi16(a, b))
#define q_pack(a, b)                     _mm_packs_epi32(a, b)
#define q_least(a, b)                    _mm_min_epi16(a, b)
#define q_most(a, b)                     _mm_max_epi16(a, b)

FOVEA_INLINE V_TARGET __m128i q_bytes_sse2(const uint8_t *p) {
    int32_t word;
    fovea_copy(&word, p, sizeof word);
    return _mm_set1_epi32(word);
}

FOVEA_INLINE V_TARGET struct q_quads_sse2 q_ready_sse2(__m128i w) {
    const struct q_quads_sse2 quads = {_mm_srai_epi16(_mm_slli_epi16(w, 8), 8),
                                       _mm_srai_epi16(w, 8)};
    return quads;
}

/* 4 or 8 bytes. */
FOVEA_INLINE V_TARGET void q_store_sse2(uint8_t *to, __m128i a, __m128i b, int32_t zero,
                                        size_t outputs) {
    const __m128i words = _mm_add_epi16(_mm_packs_epi32(a, b), _mm_set1_epi16((short)zero));
    const __m128i bytes = _mm_packus_epi16(words, words);
    const int32_t four = _mm_cvtsi128_si32(bytes);
    if (outputs == 8)
        _mm_storel_epi64((__m128i *)(void *)to, bytes);
    else
        fovea_copy(to, &four, sizeof four);
}
