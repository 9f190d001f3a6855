/* AVX-512 (F, VL, DQ, BW) as the bodies see it: sixteen floats, two blocks of weights, thirty-two registers, and
 * masks for what is left at an end. vec_end.h lists what each operation means. */
#include <immintrin.h>

#define V_TARGET    FOVEA_TARGET("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,f16c")
#define V_WIDTH     16
#define V_POSITIONS 8 /* 8 x 3 sums, three weights, one input: 28 of 32 registers */
#define V_FUSED     true

#define vec                     __m512
#define v_set(x)                _mm512_set1_ps(x)
#define v_splat(p)              _mm512_set1_ps(*(p))
#define v_load(p)               _mm512_loadu_ps(p)
#define v_store(p, v)           _mm512_storeu_ps(p, v)
#define v_add(a, b)             _mm512_add_ps(a, b)
#define v_subtract(a, b)        _mm512_sub_ps(a, b)
#define v_multiply(a, b)        _mm512_mul_ps(a, b)
#define v_divide(a, b)          _mm512_div_ps(a, b)
#define v_root(v)               _mm512_sqrt_ps(v)
#define v_madd(a, b, c)         _mm512_fmadd_ps(a, b, c)
#define v_greater(a, b)         _mm512_max_ps(a, b)
#define v_lesser(a, b)          _mm512_min_ps(a, b)
#define v_is_less(a, b)         _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ)
#define v_is_at_most(a, b)      _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ)
#define v_select(mask, yes, no) _mm512_mask_blend_ps(mask, no, yes)
#define v_or_sign(a, b)         _mm512_or_ps(a, _mm512_and_ps(b, _mm512_set1_ps(-0.0f)))
#define v_abs(a)                _mm512_andnot_ps(_mm512_set1_ps(-0.0f), a)
#define v_add_power(v, t)                                                                          \
    _mm512_castsi512_ps(                                                                           \
        _mm512_add_epi32(_mm512_castps_si512(v), _mm512_slli_epi32(_mm512_castps_si512(t), 23)))

#define v_some(n)             ((__mmask16)((1u << (n)) - 1)) /* of the first n lanes, n up to 16 */
#define v_load_part(p, n)     _mm512_maskz_loadu_ps(v_some(n), p)
#define v_store_part(p, v, n) _mm512_mask_storeu_ps(p, v_some(n), v)
#define v_load_blocks(p, apart)                                                                    \
    _mm512_insertf32x8(_mm512_castps256_ps512(_mm256_loadu_ps(p)), _mm256_loadu_ps((p) + (apart)), \
                       1)
