/* Convolutions of bytes by VPDPBUSD, which multiplies four bytes without a sign with four of two's complement and adds all
 * to a sum: AVX-VNNI has it with 16 registers of 256 bits, AVX-512 VNNI with 32 of 512 (twice as fast on Zen 5 as 256, as
 * fast on Zen 4). Everything else is AVX2's. */
#include "kernels/tables.h"

#if FOVEA_VNNI

/* gcc 12 copies every sum of the intrinsic twice a step: an instruction of its own instead. */
#define q_quad_vnni(prefix, sum, x, w)                                                             \
    __asm__(prefix "vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w))

#define ISA(name) name##_avxvnni
#include "kernels/vec_avx2.h"
#undef Q_POSITIONS
#undef q_quads
#undef q_weights
#undef q_ready
#undef q_quad
#define Q_POSITIONS       6 /* 6 x 2 sums, 2 weights, an input: 15 of 16 registers */
#define q_quads           q_sums
#define q_weights(p)      q_load(p)
#define q_ready(v)        (v)
#define q_quad(sum, x, w) q_quad_vnni("%{vex%} ", sum, x, w)
#include "kernels/body_q8.h"
#define Q_FEW(t) fovea_kernels_sse2()->depthwise_q8(t)
#include "kernels/body_depthwise_q8.h"
#undef ISA

#define ISA(name) name##_avx256vnni
#undef V_TARGET
#undef Q_POSITIONS
#undef q_quad
#define V_TARGET          FOVEA_TARGET("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,f16c")
#define Q_POSITIONS       8
#define q_quad(sum, x, w) q_quad_vnni("", sum, x, w)
#include "kernels/body_q8.h"
#define Q_FEW(t) fovea_kernels_sse2()->depthwise_q8(t)
#include "kernels/body_depthwise_q8.h"
#undef ISA
#include "kernels/vec_end.h"

#define ISA(name) name##_avx512vnni
#include "kernels/vec_avx512.h"
#define Q_POSITIONS       8 /* 8 x 2 sums, 2 weights, an input: 19 of 32 registers */
#define q_sums            __m512i
#define q_quads           q_sums
#define q_load(p)         _mm512_loadu_si512(p)
#define q_float(v)        _mm512_cvtepi32_ps(v)
#define q_whole(v)        _mm512_cvtps_epi32(v)
#define q_bytes(p)        q_bytes_avx512vnni(p)
#define q_ready(v)        (v)
#define q_quad(sum, x, w) q_quad_vnni("", sum, x, w)
#define q_both(p, apart)                                                                           \
    _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)(p))),           \
                       _mm256_loadu_si256((const __m256i *)((p) + (apart))), 1)
#define q_blocks(p, apart)      q_both(p, apart)
#define q_bias_blocks(p, apart) q_both(p, apart)
#define q_store(to, a, b, zero, outputs)                                                           \
    (q_store_avx512vnni(to, a, zero), q_store_avx512vnni((to) + V_WIDTH, b, zero))
#define q_low8(a, b)   _mm512_unpacklo_epi8(a, b)
#define q_high8(a, b)  _mm512_unpackhi_epi8(a, b)
#define q_low16(a, b)  _mm512_unpacklo_epi16(a, b)
#define q_high16(a, b) _mm512_unpackhi_epi16(a, b)
#define q_words(a, b, zero)                                                                        \
    _mm512_add_epi16(_mm512_packs_epi32(a, b), _mm512_set1_epi16((short)(zero)))
#define q_keep(to, a, b) _mm512_storeu_si512(to, _mm512_packus_epi16(a, b))
#define q_word(x)        _mm512_set1_epi16((short)(x))
#define q_sum(x)         _mm512_set1_epi32(x)
#define q_pairs(x, w)    _mm512_madd_epi16(x, w)
#define q_add(a, b)      _mm512_add_epi32(a, b)
#define q_subtract(a, b) _mm512_sub_epi16(a, b)
#define q_right(v, n)    _mm512_sra_epi32(v, _mm_cvtsi32_si128((int)(n)))
#define q_low(a, b)      _mm512_unpacklo_epi16(_mm512_mullo_epi16(a, b), _mm512_mulhi_epi16(a, b))
#define q_high(a, b)     _mm512_unpackhi_epi16(_mm512_mullo_epi16(a, b), _mm512_mulhi_epi16(a, b))
#define q_pack(a, b)     _mm512_packs_epi32(a, b)
#define q_least(a, b)    _mm512_min_epi16(a, b)
#define q_most(a, b)     _mm512_max_epi16(a, b)
#define q_part(p)        _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)(p)))
#define q_find(part, x, first)                                                                     \
    _mm512_shuffle_epi8(part,                                                                      \
                        _mm512_adds_epu8(_mm512_sub_epi8(x, _mm512_set1_epi8((char)(first))),      \
                                         _mm512_set1_epi8(0x70)))
#define q_or(a, b)   _mm512_or_si512(a, b)
#define q_flip(v)    _mm512_xor_si512(v, _mm512_set1_epi8((char)FOVEA_FLIP))
#define q_put(to, v) _mm512_storeu_si512(to, v)

FOVEA_INLINE V_TARGET __m512i q_bytes_avx512vnni(const uint8_t *p) {
    int32_t word;
    fovea_copy(&word, p, sizeof word);
    return _mm512_set1_epi32(word);
}
FOVEA_INLINE V_TARGET void q_store_avx512vnni(uint8_t *to, __m512i v, int32_t zero) {
    _mm_storeu_si128((__m128i *)(void *)to,
                     _mm512_cvtepi32_epi8(_mm512_add_epi32(v, _mm512_set1_epi32(zero))));
}

#define Q_REST(t) conv_q8_avx256vnni(t)
#include "kernels/body_q8.h"
#undef Q_REST
#define Q_FEW(t) depthwise_q8_avx256vnni(t)
#include "kernels/body_depthwise_q8.h"
#define Q_SMALLER fovea_kernels_avx2()
#include "kernels/body_pair_q8.h"
#include "kernels/body_table_q8.h"
#undef q_both
#undef ISA
#include "kernels/vec_end.h"
#undef q_quad_vnni

#define USE(name, isa)                                                                             \
    if (fovea_kernel_built(FOVEA_KERNEL_##name)) table->name = name##_##isa
FOVEA_LOCAL void fovea_kernels_avxvnni(struct fovea_kernels *table) {
    USE(conv_q8, avxvnni);
    USE(depthwise_q8, avxvnni);
}
FOVEA_LOCAL void fovea_kernels_avx512vnni(struct fovea_kernels *table) {
    USE(conv_q8, avx512vnni);
    USE(depthwise_q8, avx512vnni);
    USE(add_q8, avx512vnni);
    USE(multiply_q8, avx512vnni);
    USE(table_q8, avx512vnni);
}
#undef USE

#else
typedef int vnni_is_empty; /* a translation unit needs a declaration */
#endif
