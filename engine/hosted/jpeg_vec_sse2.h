/* SSE2 as jpeg_vector.c sees it: eight numbers of 16 bits, and sums of 32 bits in two halves. */
#include <emmintrin.h>

typedef __m128i jv;
struct jv_wide {
    __m128i low, high;
};

#define jv_load(p)             _mm_loadu_si128((const __m128i *)(const void *)(p))
#define jv_store(p, v)         _mm_storeu_si128((__m128i *)(void *)(p), v)
#define jv_set(x)              _mm_set1_epi16((short)(x))
#define jv_add(a, b)           _mm_add_epi16(a, b)
#define jv_add_saturated(a, b) _mm_adds_epi16(a, b)
#define jv_sub(a, b)           _mm_sub_epi16(a, b)
#define jv_left(v, n)          _mm_slli_epi16(v, n)
#define jv_right(v, n)         _mm_srai_epi16(v, n)
#define jv_right_by(v, n)      _mm_sra_epi16(v, _mm_cvtsi32_si128((int)(n)))
#define jv_high(a, b)          _mm_mulhi_epi16(a, b) /* the high 16 bits of the product */

/* Eight bytes as numbers; eight numbers as bytes, saturated. */
#define jv_load_bytes(p)                                                                           \
    _mm_unpacklo_epi8(_mm_loadl_epi64((const __m128i *)(const void *)(p)), _mm_setzero_si128())
#define jv_store_bytes(p, v)                                                                       \
    _mm_storel_epi64((__m128i *)(void *)(p), _mm_packus_epi16(v, _mm_setzero_si128()))

FOVEA_INLINE void jv_store_four(uint8_t *p, jv v) {
    const int32_t four = _mm_cvtsi128_si32(_mm_packus_epi16(v, v));
    fovea_copy(p, &four, sizeof four);
}

/* Sixteen bytes: of even and odd in turn. */
FOVEA_INLINE void jv_store_pairs(uint8_t *p, jv even, jv odd) {
    const __m128i a = _mm_packus_epi16(even, even), b = _mm_packus_epi16(odd, odd);
    jv_store(p, _mm_unpacklo_epi8(a, b));
}

/* x << n, and x * cx + y * cy. */
FOVEA_INLINE struct jv_wide jv_widen(jv x, int n) {
    const __m128i zero = _mm_setzero_si128(), count = _mm_cvtsi32_si128(16 - n);
    struct jv_wide w = {_mm_sra_epi32(_mm_unpacklo_epi16(zero, x), count),
                        _mm_sra_epi32(_mm_unpackhi_epi16(zero, x), count)};
    return w;
}
FOVEA_INLINE struct jv_wide jv_dot(jv x, jv y, int cx, int cy) {
    const __m128i c = _mm_set1_epi32((int)((uint32_t)cx & 0xffffu) | (int)((uint32_t)cy << 16));
    struct jv_wide w = {_mm_madd_epi16(_mm_unpacklo_epi16(x, y), c),
                        _mm_madd_epi16(_mm_unpackhi_epi16(x, y), c)};
    return w;
}
FOVEA_INLINE struct jv_wide jv_wide_add(struct jv_wide a, struct jv_wide b) {
    struct jv_wide w = {_mm_add_epi32(a.low, b.low), _mm_add_epi32(a.high, b.high)};
    return w;
}
FOVEA_INLINE struct jv_wide jv_wide_sub(struct jv_wide a, struct jv_wide b) {
    struct jv_wide w = {_mm_sub_epi32(a.low, b.low), _mm_sub_epi32(a.high, b.high)};
    return w;
}

/* Rounded, shifted right by n, saturated to 16 bits. */
FOVEA_INLINE jv jv_descale(struct jv_wide w, int n) {
    const __m128i half = _mm_set1_epi32(1 << (n - 1)), count = _mm_cvtsi32_si128(n);
    return _mm_packs_epi32(_mm_sra_epi32(_mm_add_epi32(w.low, half), count),
                           _mm_sra_epi32(_mm_add_epi32(w.high, half), count));
}

/* Row i, column j becomes row j, column i. */
FOVEA_INLINE void jv_transpose(jv v[8]) {
    jv a[8], b[8];
    for (int i = 0; i < 4; i++) {
        a[2 * i] = _mm_unpacklo_epi16(v[i], v[i + 4]);
        a[2 * i + 1] = _mm_unpackhi_epi16(v[i], v[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        b[2 * i] = _mm_unpacklo_epi16(a[i], a[i + 4]);
        b[2 * i + 1] = _mm_unpackhi_epi16(a[i], a[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        v[2 * i] = _mm_unpacklo_epi16(b[i], b[i + 4]);
        v[2 * i + 1] = _mm_unpackhi_epi16(b[i], b[i + 4]);
    }
}

/* Eight pixels of three bytes, and two bytes of anything behind them. */
FOVEA_INLINE void jv_store_rgb(uint8_t *p, jv r, jv g, jv b) {
    const __m128i zero = _mm_setzero_si128();
    const __m128i rg = _mm_unpacklo_epi8(_mm_packus_epi16(r, r), _mm_packus_epi16(g, g));
    const __m128i bx = _mm_unpacklo_epi8(_mm_packus_epi16(b, b), zero);
    const __m128i first = _mm_set_epi32(0, 0xffffff, 0, 0xffffff);
    __m128i four[2] = {_mm_unpacklo_epi16(rg, bx), _mm_unpackhi_epi16(rg, bx)};
    for (int i = 0; i < 2; i++, p += 12) {
        const __m128i kept = _mm_and_si128(four[i], first);
        const __m128i moved = _mm_srli_epi64(_mm_andnot_si128(first, four[i]), 8);
        const __m128i six = _mm_or_si128(kept, moved);
        _mm_storel_epi64((__m128i *)(void *)p, six);
        _mm_storel_epi64((__m128i *)(void *)(p + 6), _mm_unpackhi_epi64(six, six));
    }
}
