/* The kernels of jpeg_pixels.h in vectors of eight: written once, in the operations of the two shims. What is
 * left over at the end of a row goes to the definitions. Whether they are right is tests/unit/test_jpeg.c's
 * to say: bit for bit, on any numbers. */
#include "engine/hosted/jpeg_pixels.h"

#if defined(__SSE2__) || defined(_M_X64)
#define JPEG_VECTORS 1
#include "engine/hosted/jpeg_vec_sse2.h"
#elif (FOVEA_ARM64 && !FOVEA_BIG_ENDIAN) || FOVEA_ARM32_NEON
#define JPEG_VECTORS 1
#include "engine/hosted/jpeg_vec_neon.h"
#else
#define JPEG_VECTORS 0
#endif

#if JPEG_VECTORS

/* ---- inverse transforms: a pass works on all eight columns; the rows are columns once transposed ---- */

FOVEA_INLINE void jv_load_block(const int16_t block[64], jv v[8]) {
    for (int i = 0; i < 8; i++) v[i] = jv_load(block + 8 * i);
}

FOVEA_INLINE void jv_accurate_pass(jv v[8], int shift) {
    const jv r1 = v[1], r2 = v[2], r3 = v[3], r5 = v[5], r6 = v[6], r7 = v[7];
    const struct jv_wide sum = jv_widen(jv_add(v[0], v[4]), 13);
    const struct jv_wide less = jv_widen(jv_sub(v[0], v[4]), 13);
    const struct jv_wide a = jv_dot(r2, r6, JPEG_C0_541 + JPEG_C0_765, JPEG_C0_541);
    const struct jv_wide b = jv_dot(r2, r6, JPEG_C0_541, JPEG_C0_541 - JPEG_C1_847);
    const struct jv_wide e[4] = {jv_wide_add(sum, a), jv_wide_add(less, b), jv_wide_sub(less, b),
                                 jv_wide_sub(sum, a)};
    const jv z3 = jv_add(r7, r3), z4 = jv_add(r5, r1);
    const struct jv_wide c = jv_dot(z3, z4, JPEG_C1_175 - JPEG_C1_961, JPEG_C1_175);
    const struct jv_wide d = jv_dot(z3, z4, JPEG_C1_175, JPEG_C1_175 - JPEG_C0_390);
    const struct jv_wide o[4] = {
        jv_wide_add(jv_dot(r7, r1, -JPEG_C0_899, JPEG_C1_501 - JPEG_C0_899), d),
        jv_wide_add(jv_dot(r5, r3, -JPEG_C2_562, JPEG_C3_072 - JPEG_C2_562), c),
        jv_wide_add(jv_dot(r5, r3, JPEG_C2_053 - JPEG_C2_562, -JPEG_C2_562), d),
        jv_wide_add(jv_dot(r7, r1, JPEG_C0_298 - JPEG_C0_899, -JPEG_C0_899), c),
    };
    for (int i = 0; i < 4; i++) {
        v[i] = jv_descale(jv_wide_add(e[i], o[i]), shift);
        v[7 - i] = jv_descale(jv_wide_sub(e[i], o[i]), shift);
    }
}

static void jv_accurate(const int16_t block[64], uint8_t *out, size_t pitch) {
    const jv middle = jv_set(128);
    jv v[8];
    jv_load_block(block, v);
    jv_accurate_pass(v, 11);
    jv_transpose(v);
    jv_accurate_pass(v, 18);
    jv_transpose(v);
    for (int i = 0; i < 8; i++, out += pitch) jv_store_bytes(out, jv_add_saturated(v[i], middle));
}

#define jv_part(v, constant) jv_high(jv_left(v, 2), jv_set((constant)*64))

FOVEA_INLINE void jv_fast_pass(jv v[8]) {
    const jv t10 = jv_add(v[0], v[4]), t11 = jv_sub(v[0], v[4]), t13 = jv_add(v[2], v[6]);
    const jv t12 = jv_sub(jv_part(jv_sub(v[2], v[6]), JPEG_F1_414), t13);
    const jv e[4] = {jv_add(t10, t13), jv_add(t11, t12), jv_sub(t11, t12), jv_sub(t10, t13)};
    const jv z13 = jv_add(v[5], v[3]), z10 = jv_sub(v[5], v[3]);
    const jv z11 = jv_add(v[1], v[7]), z12 = jv_sub(v[1], v[7]);
    const jv z5 = jv_part(jv_add(z10, z12), JPEG_F1_847);
    const jv o0 = jv_add(z11, z13);
    const jv o1 = jv_sub(jv_add(jv_sub(jv_part(z10, 256 - JPEG_F2_613), z10), z5), o0);
    const jv o2 = jv_sub(jv_part(jv_sub(z11, z13), JPEG_F1_414), o1);
    const jv o3 = jv_add(jv_sub(jv_part(z12, JPEG_F1_082), z5), o2);
    v[0] = jv_add(e[0], o0);
    v[7] = jv_sub(e[0], o0);
    v[1] = jv_add(e[1], o1);
    v[6] = jv_sub(e[1], o1);
    v[2] = jv_add(e[2], o2);
    v[5] = jv_sub(e[2], o2);
    v[3] = jv_sub(e[3], o3);
    v[4] = jv_add(e[3], o3);
}

static void jv_fast(const int16_t block[64], uint8_t *out, size_t pitch) {
    const jv middle = jv_set(128);
    jv v[8];
    jv_load_block(block, v);
    jv_fast_pass(v);
    jv_transpose(v);
    jv_fast_pass(v);
    jv_transpose(v);
    for (int i = 0; i < 8; i++, out += pitch)
        jv_store_bytes(out, jv_add(jv_right(v[i], 5), middle));
}

FOVEA_INLINE void jv_quarter_pass(jv v[8], int shift) {
    const struct jv_wide middle = jv_widen(v[0], 14);
    const struct jv_wide a = jv_dot(v[2], v[6], JPEG_C1_847, -JPEG_C0_765);
    const struct jv_wide b = jv_wide_add(jv_dot(v[7], v[5], -JPEG_C0_211, JPEG_C1_451),
                                         jv_dot(v[3], v[1], -JPEG_C2_172, JPEG_C1_061));
    const struct jv_wide c = jv_wide_add(jv_dot(v[7], v[5], -JPEG_C0_509, -JPEG_C0_601),
                                         jv_dot(v[3], v[1], JPEG_C0_899, JPEG_C2_562));
    v[0] = jv_descale(jv_wide_add(jv_wide_add(middle, a), c), shift);
    v[1] = jv_descale(jv_wide_add(jv_wide_sub(middle, a), b), shift);
    v[2] = jv_descale(jv_wide_sub(jv_wide_sub(middle, a), b), shift);
    v[3] = jv_descale(jv_wide_sub(jv_wide_add(middle, a), c), shift);
}

static void jv_quarter(const int16_t block[64], uint8_t *out, size_t pitch) {
    const jv middle = jv_set(128);
    jv v[8];
    jv_load_block(block, v);
    jv_quarter_pass(v, 12);
    jv_transpose(v); /* lanes 4 to 7 are of no row */
    jv_quarter_pass(v, 19);
    jv_transpose(v);
    for (int i = 0; i < 4; i++, out += pitch) jv_store_four(out, jv_add_saturated(v[i], middle));
}

/* ---- upsampling ---- */

static void jv_mix(const uint8_t *near, const uint8_t *far, int16_t *sums, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const jv n = jv_load_bytes(near + i);
        jv_store(sums + i, jv_add(jv_add(n, jv_left(n, 1)), jv_load_bytes(far + i)));
    }
    fovea_jpeg_plain()->mix(near + i, far + i, sums + i, count - i);
}

static void jv_widen_row(const uint8_t *near, int16_t *sums, size_t count) {
    size_t i = 0;
    for (; i + 8 <= count; i += 8) jv_store(sums + i, jv_load_bytes(near + i));
    fovea_jpeg_plain()->widen(near + i, sums + i, count - i);
}

static void jv_spread(const int16_t *sums, uint8_t *out, size_t count, unsigned shift) {
    const int half = 1 << (shift - 1);
    const jv left = jv_set(shift == 2 ? half - 1 : half);
    const jv right = jv_set(shift == 2 ? half : half - 1);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const int16_t *s = sums + i;
        const jv own = jv_load(s), more = jv_add(own, jv_left(own, 1));
        const jv even = jv_add(jv_add(more, jv_load(s - 1)), left);
        const jv odd = jv_add(jv_add(more, jv_load(s + 1)), right);
        jv_store_pairs(out + 2 * i, jv_right_by(even, shift), jv_right_by(odd, shift));
    }
    fovea_jpeg_plain()->spread(sums + i, out + 2 * i, count - i, shift);
}

static void jv_between(const uint8_t *near, const uint8_t *far, unsigned bias, uint8_t *out,
                       size_t count) {
    const jv rounding = jv_set(bias);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        const jv n = jv_load_bytes(near + i), more = jv_add(n, jv_left(n, 1));
        jv_store_bytes(out + i,
                       jv_right(jv_add(jv_add(more, jv_load_bytes(far + i)), rounding), 2));
    }
    fovea_jpeg_plain()->between(near + i, far + i, bias, out + i, count - i);
}

/* ---- colour: constants beyond 16 bits less whole multiples of the colour ---- */

/* v * constant / 2^16, rounded, for a constant of 16 bits and v of 9. */
FOVEA_INLINE jv jv_share(jv v, int constant) {
    return jv_right(jv_add(jv_high(jv_left(v, 1), jv_set(constant)), jv_set(1)), 1);
}

static void jv_colour(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *rgb,
                      size_t count) {
    const jv middle = jv_set(128);
    const int whole = 1 << 16;
    size_t i = 0;
    for (; i + 8 < count; i += 8, rgb += 24) { /* a pixel is left over: the store writes into it */
        const jv light = jv_load_bytes(y + i);
        const jv blue = jv_sub(jv_load_bytes(cb + i), middle);
        const jv red = jv_sub(jv_load_bytes(cr + i), middle);
        const jv r = jv_add(red, jv_share(red, JPEG_RED - whole));
        const struct jv_wide green = jv_dot(blue, red, JPEG_GREEN_CB, JPEG_GREEN_CR + whole);
        const jv g = jv_sub(jv_descale(green, 16), red);
        const jv b = jv_add(jv_left(blue, 1), jv_share(blue, JPEG_BLUE - 2 * whole));
        jv_store_rgb(rgb, jv_add(light, r), jv_add(light, g), jv_add(light, b));
    }
    fovea_jpeg_plain()->colour(y + i, cb + i, cr + i, rgb, count - i);
}
#endif

FOVEA_LOCAL struct fovea_jpeg_kernels fovea_jpeg_fastest(void) {
    struct fovea_jpeg_kernels k = *fovea_jpeg_plain();
#if JPEG_VECTORS
    k.accurate = jv_accurate;
    k.fast = jv_fast;
    k.quarter = jv_quarter;
    k.mix = jv_mix;
    k.widen = jv_widen_row;
    k.spread = jv_spread;
    k.between = jv_between;
    k.colour = jv_colour;
#endif
    return k;
}
