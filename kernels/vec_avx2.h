/* AVX2 with FMA and F16C as the bodies see it: eight floats, sixteen registers. vec_end.h lists what each
 * operation means. */
#include <immintrin.h>
#if defined(__clang__) && defined(_MSC_VER)
/* There immintrin.h leaves out what the command line does not allow. */
#include <avxintrin.h>
#include <avx2intrin.h>
#include <fmaintrin.h>
#include <f16cintrin.h>
#endif

#define V_TARGET    FOVEA_TARGET("avx2,fma,f16c")
#define V_WIDTH     8
#define V_POSITIONS 6 /* 6 x 2 sums, two weights, one input: 15 of 16 registers */
#define V_FUSED     true

#define vec                     __m256
#define v_set(x)                _mm256_set1_ps(x)
#define v_splat(p)              _mm256_broadcast_ss(p)
#define v_load(p)               _mm256_loadu_ps(p)
#define v_store(p, v)           _mm256_storeu_ps(p, v)
#define v_add(a, b)             _mm256_add_ps(a, b)
#define v_subtract(a, b)        _mm256_sub_ps(a, b)
#define v_multiply(a, b)        _mm256_mul_ps(a, b)
#define v_divide(a, b)          _mm256_div_ps(a, b)
#define v_root(v)               _mm256_sqrt_ps(v)
#define v_madd(a, b, c)         _mm256_fmadd_ps(a, b, c)
#define v_greater(a, b)         _mm256_max_ps(a, b)
#define v_lesser(a, b)          _mm256_min_ps(a, b)
#define v_is_less(a, b)         _mm256_cmp_ps(a, b, _CMP_LT_OQ)
#define v_is_at_most(a, b)      _mm256_cmp_ps(a, b, _CMP_LE_OQ)
#define v_select(mask, yes, no) _mm256_blendv_ps(no, yes, mask)
#define v_or_sign(a, b)         _mm256_or_ps(a, _mm256_and_ps(b, _mm256_set1_ps(-0.0f)))
#define v_abs(a)                _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a)
#define v_add_power(v, t)                                                                          \
    _mm256_castsi256_ps(                                                                           \
        _mm256_add_epi32(_mm256_castps_si256(v), _mm256_slli_epi32(_mm256_castps_si256(t), 23)))

#define v_load_half(p) _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(p)))
#define v_load_bytes(p)                                                                            \
    _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)(p))))
#define v_load_part(p, n)     load_part_avx2(p, n)
#define v_store_part(p, v, n) store_part_avx2(p, v, n)

/* ---- bytes ---- */

#define Q_POSITIONS 4 /* 4 x 2 sums, 4 halves of weights, 2 of inputs: 14 of 16 registers */

#define q_sums       q_sums_avx2
#define q_quads      struct q_quads_avx2
#define q_load(p)    _mm256_loadu_si256((const __m256i *)(const void *)(p))
#define q_float(v)   _mm256_cvtepi32_ps(v)
#define q_whole(v)   _mm256_cvtps_epi32(v)
#define q_bytes(p)   q_bytes_avx2(p)
#define q_weights(p) q_ready_avx2(q_load(p))
#define q_ready(v)   q_ready_avx2(v)
#define q_quad(sum, x, w)                                                                          \
    (sum = _mm256_add_epi32(                                                                       \
         _mm256_add_epi32(                                                                         \
             sum, _mm256_madd_epi16(_mm256_and_si256(x, _mm256_set1_epi16(255)), (w).even)),       \
         _mm256_madd_epi16(_mm256_srli_epi16(x, 8), (w).odd)))
#define q_store(to, a, b, zero, outputs) q_store_avx2(to, a, b, zero, outputs)
#define q_low8(a, b)                     _mm256_unpacklo_epi8(a, b)
#define q_high8(a, b)                    _mm256_unpackhi_epi8(a, b)
#define q_low16(a, b)                    _mm256_unpacklo_epi16(a, b)
#define q_high16(a, b)                   _mm256_unpackhi_epi16(a, b)
#define q_words(a, b, zero)                                                                        \
    _mm256_add_epi16(_mm256_packs_epi32(a, b), _mm256_set1_epi16((short)(zero)))
#define q_keep(to, a, b) _mm256_storeu_si256((__m256i *)(void *)(to), _mm256_packus_epi16(a, b))
#define q_word(x)        _mm256_set1_epi16((short)(x))
#define q_sum(x)         _mm256_set1_epi32(x)
#define q_pairs(x, w)    _mm256_madd_epi16(x, w)
#define q_add(a, b)      _mm256_add_epi32(a, b)
#define q_subtract(a, b) _mm256_sub_epi16(a, b)
#define q_right(v, n)    _mm256_sra_epi32(v, _mm_cvtsi32_si128((int)(n)))
#define q_low(a, b)      _mm256_unpacklo_epi16(_mm256_mullo_epi16(a, b), _mm256_mulhi_epi16(a, b))
#define q_high(a, b)     _mm256_unpackhi_epi16(_mm256_mullo_epi16(a, b), _mm256_mulhi_epi16(a, b))
#define q_pack(a, b)     _mm256_packs_epi32(a, b)
#define q_least(a, b)    _mm256_min_epi16(a, b)
#define q_most(a, b)     _mm256_max_epi16(a, b)
#define q_part(p)        _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)(p)))
#define q_find(part, x, first)                                                                     \
    _mm256_shuffle_epi8(part,                                                                      \
                        _mm256_adds_epu8(_mm256_sub_epi8(x, _mm256_set1_epi8((char)(first))),      \
                                         _mm256_set1_epi8(0x70)))
#define q_or(a, b)   _mm256_or_si256(a, b)
#define q_flip(v)    _mm256_xor_si256(v, _mm256_set1_epi8((char)FOVEA_FLIP))
#define q_put(to, v) _mm256_storeu_si256((__m256i *)(void *)(to), v)

#ifndef FOVEA_VEC_AVX2 /* what more than one file of a single translation unit takes */
#define FOVEA_VEC_AVX2

typedef __m256i q_sums_avx2;
struct q_quads_avx2 {
    __m256i even, odd;
};

/* Not by masked moves: QEMU 7.2 lets such a load fault in the lanes left out, and such a store is
 * microcode on AMD before Zen 5 (by published tables; on Zen 5 they were a quarter faster here). */
FOVEA_INLINE V_TARGET __m128 load_few_avx2(const float *p, size_t n) { /* 0 .. 3 */
    if (n < 2) return n ? _mm_load_ss(p) : _mm_setzero_ps();
    const __m128 two = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(const void *)p));
    return n == 2 ? two : _mm_movelh_ps(two, _mm_load_ss(p + 2));
}

FOVEA_INLINE V_TARGET void store_few_avx2(float *p, __m128 v, size_t n) {
    if (n >= 2) {
        _mm_storel_epi64((__m128i *)(void *)p, _mm_castps_si128(v));
        v = _mm_movehl_ps(v, v);
        p += 2;
    }
    if (n % 2) _mm_store_ss(p, v);
}

FOVEA_INLINE V_TARGET __m256 load_part_avx2(const float *p, size_t n) {
    const __m128 few = load_few_avx2(p + (n & 4), n % 4);
    return n < 4 ? _mm256_set_m128(_mm_setzero_ps(), few) : _mm256_set_m128(few, _mm_loadu_ps(p));
}

FOVEA_INLINE V_TARGET void store_part_avx2(float *p, __m256 v, size_t n) {
    __m128 half = _mm256_castps256_ps128(v);
    if (n >= 4) {
        _mm_storeu_ps(p, half);
        half = _mm256_extractf128_ps(v, 1);
    }
    store_few_avx2(p + (n & 4), half, n % 4);
}

FOVEA_INLINE V_TARGET __m256i q_bytes_avx2(const uint8_t *p) {
    int32_t word;
    fovea_copy(&word, p, sizeof word);
    return _mm256_set1_epi32(word);
}

FOVEA_INLINE V_TARGET struct q_quads_avx2 q_ready_avx2(__m256i w) {
    const struct q_quads_avx2 quads = {_mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8),
                                       _mm256_srai_epi16(w, 8)};
    return quads;
}

/* 8 or 16 bytes. */
FOVEA_INLINE V_TARGET void q_store_avx2(uint8_t *to, __m256i a, __m256i b, int32_t zero,
                                        size_t outputs) {
    const __m256i words =
        _mm256_add_epi16(_mm256_packs_epi32(a, b), _mm256_set1_epi16((short)zero));
    const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(words, words),
                                                      _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    const __m128i low = _mm256_castsi256_si128(bytes);
    if (outputs == 16)
        _mm_storeu_si128((__m128i *)(void *)to, low);
    else
        _mm_storel_epi64((__m128i *)(void *)to, low);
}

#endif
