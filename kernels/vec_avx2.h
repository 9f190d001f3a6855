/* AVX2 with FMA as the bodies see it: eight floats, sixteen registers. vec_end.h lists what each
 * operation means. */
#include <immintrin.h>
#if defined(__clang__) && defined(_MSC_VER)
/* There immintrin.h leaves out what the command line does not allow. */
#include <avxintrin.h>
#include <avx2intrin.h>
#include <fmaintrin.h>
#endif

#define V_TARGET    FOVEA_TARGET("avx2,fma")
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

static const int32_t part_mask_avx2[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
#define V_PART_MASK(n)        _mm256_loadu_si256((const __m256i *)(const void *)(part_mask_avx2 + 8 - (n)))
#define v_load_part(p, n)     _mm256_maskload_ps(p, V_PART_MASK(n))
#define v_store_part(p, v, n) _mm256_maskstore_ps(p, V_PART_MASK(n), v)
