/* What the kernels of jpeg_pixels.h mean, in the shortest C that says it. */
#include "engine/hosted/jpeg_pixels.h"

/* ---- numbers ---- */

/* The low 16 bits; sums of 32 bits wrap, as vector units' do, so they are unsigned until they are shifted. */
static int16_t jpeg_low(int32_t value) {
    return (int16_t)(uint16_t)value;
}

static uint32_t jpeg_times(int32_t value, int32_t constant) {
    return (uint32_t)(value * constant); /* 16 bits each */
}

/* Rounded, shifted right, saturated to 16 bits. */
static int16_t jpeg_descale(uint32_t value, unsigned shift) {
    int32_t v = (int32_t)(value + (1u << (shift - 1))) >> shift;
    return (int16_t)(v < INT16_MIN ? INT16_MIN : v > INT16_MAX ? INT16_MAX : v);
}

static uint8_t jpeg_clip(int32_t value) {
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

/* ---- inverse transforms: one pass over eight numbers that are `step` apart, in place ---- */

static void jpeg_accurate_pass(int16_t *v, size_t step, unsigned shift) {
    int16_t r0 = v[0], r1 = v[step], r2 = v[2 * step], r3 = v[3 * step], r4 = v[4 * step],
            r5 = v[5 * step], r6 = v[6 * step], r7 = v[7 * step];
    /* Even part. */
    uint32_t sum = (uint32_t)jpeg_low(r0 + r4) << 13, less = (uint32_t)jpeg_low(r0 - r4) << 13;
    uint32_t a = jpeg_times(r2, JPEG_C0_541 + JPEG_C0_765) + jpeg_times(r6, JPEG_C0_541);
    uint32_t b = jpeg_times(r2, JPEG_C0_541) + jpeg_times(r6, JPEG_C0_541 - JPEG_C1_847);
    uint32_t e[4] = {sum + a, less + b, less - b, sum - a};
    /* Odd part. */
    int16_t z3 = jpeg_low(r7 + r3), z4 = jpeg_low(r5 + r1);
    uint32_t c = jpeg_times(z3, JPEG_C1_175 - JPEG_C1_961) + jpeg_times(z4, JPEG_C1_175);
    uint32_t d = jpeg_times(z3, JPEG_C1_175) + jpeg_times(z4, JPEG_C1_175 - JPEG_C0_390);
    uint32_t o[4] = {
        jpeg_times(r7, -JPEG_C0_899) + jpeg_times(r1, JPEG_C1_501 - JPEG_C0_899) + d,
        jpeg_times(r5, -JPEG_C2_562) + jpeg_times(r3, JPEG_C3_072 - JPEG_C2_562) + c,
        jpeg_times(r5, JPEG_C2_053 - JPEG_C2_562) + jpeg_times(r3, -JPEG_C2_562) + d,
        jpeg_times(r7, JPEG_C0_298 - JPEG_C0_899) + jpeg_times(r1, -JPEG_C0_899) + c,
    };
    for (size_t i = 0; i < 4; i++) {
        v[i * step] = jpeg_descale(e[i] + o[i], shift);
        v[(7 - i) * step] = jpeg_descale(e[i] - o[i], shift);
    }
}

static void jpeg_accurate(const int16_t block[64], uint8_t *out, size_t pitch) {
    int16_t v[64];
    fovea_copy(v, block, sizeof v);
    for (size_t i = 0; i < 8; i++) jpeg_accurate_pass(v + i, 8, 11);
    for (size_t i = 0; i < 8; i++) jpeg_accurate_pass(v + 8 * i, 1, 18);
    for (size_t i = 0; i < 64; i++) out[i / 8 * pitch + i % 8] = jpeg_clip(v[i] + 128);
}

/* value * constant / 2^8, of which the first factor wraps when it is made four times as large. */
static int16_t jpeg_part(int16_t value, int32_t constant) {
    return (int16_t)(jpeg_low(value * 4) * (constant * 64) >> 16);
}

static void jpeg_fast_pass(int16_t *v, size_t step) {
    int16_t r0 = v[0], r1 = v[step], r2 = v[2 * step], r3 = v[3 * step], r4 = v[4 * step],
            r5 = v[5 * step], r6 = v[6 * step], r7 = v[7 * step];
    int16_t t10 = jpeg_low(r0 + r4), t11 = jpeg_low(r0 - r4), t13 = jpeg_low(r2 + r6);
    int16_t t12 = jpeg_low(jpeg_part(jpeg_low(r2 - r6), JPEG_F1_414) - t13);
    int16_t e[4] = {jpeg_low(t10 + t13), jpeg_low(t11 + t12), jpeg_low(t11 - t12),
                    jpeg_low(t10 - t13)};
    int16_t z13 = jpeg_low(r5 + r3), z10 = jpeg_low(r5 - r3), z11 = jpeg_low(r1 + r7),
            z12 = jpeg_low(r1 - r7);
    int16_t z5 = jpeg_part(jpeg_low(z10 + z12), JPEG_F1_847);
    int16_t o0 = jpeg_low(z11 + z13);
    int16_t o1 = jpeg_low(jpeg_part(z10, 256 - JPEG_F2_613) - z10 + z5 - o0);
    int16_t o2 = jpeg_low(jpeg_part(jpeg_low(z11 - z13), JPEG_F1_414) - o1);
    int16_t o3 = jpeg_low(jpeg_part(z12, JPEG_F1_082) - z5 + o2);
    int16_t o[4] = {o0, o1, o2, jpeg_low(-o3)};
    for (size_t i = 0; i < 4; i++) {
        v[i * step] = jpeg_low(e[i] + o[i]);
        v[(7 - i) * step] = jpeg_low(e[i] - o[i]);
    }
}

static void jpeg_fast(const int16_t block[64], uint8_t *out, size_t pitch) {
    int16_t v[64];
    fovea_copy(v, block, sizeof v);
    for (size_t i = 0; i < 8; i++) jpeg_fast_pass(v + i, 8);
    for (size_t i = 0; i < 8; i++) jpeg_fast_pass(v + 8 * i, 1);
    for (size_t i = 0; i < 64; i++) out[i / 8 * pitch + i % 8] = jpeg_clip((v[i] >> 5) + 128);
}

/* Four numbers of eight; the fifth is not looked at. */
static void jpeg_quarter_pass(int16_t *v, size_t step, unsigned shift) {
    int16_t r1 = v[step], r2 = v[2 * step], r3 = v[3 * step], r5 = v[5 * step], r6 = v[6 * step],
            r7 = v[7 * step];
    uint32_t middle = (uint32_t)v[0] << 14;
    uint32_t a = jpeg_times(r2, JPEG_C1_847) + jpeg_times(r6, -JPEG_C0_765);
    uint32_t b = jpeg_times(r7, -JPEG_C0_211) + jpeg_times(r5, JPEG_C1_451) +
                 jpeg_times(r3, -JPEG_C2_172) + jpeg_times(r1, JPEG_C1_061);
    uint32_t c = jpeg_times(r7, -JPEG_C0_509) + jpeg_times(r5, -JPEG_C0_601) +
                 jpeg_times(r3, JPEG_C0_899) + jpeg_times(r1, JPEG_C2_562);
    v[0] = jpeg_descale(middle + a + c, shift);
    v[step] = jpeg_descale(middle - a + b, shift);
    v[2 * step] = jpeg_descale(middle - a - b, shift);
    v[3 * step] = jpeg_descale(middle + a - c, shift);
}

static void jpeg_quarter(const int16_t block[64], uint8_t *out, size_t pitch) {
    int16_t v[64];
    fovea_copy(v, block, sizeof v);
    for (size_t i = 0; i < 8; i++) jpeg_quarter_pass(v + i, 8, 12);
    for (size_t i = 0; i < 4; i++) jpeg_quarter_pass(v + 8 * i, 1, 19);
    for (size_t i = 0; i < 16; i++)
        out[i / 4 * pitch + i % 4] = jpeg_clip(v[i / 4 * 8 + i % 4] + 128);
}

static void jpeg_pair_pass(int16_t *v, size_t step, unsigned shift) {
    uint32_t middle = (uint32_t)v[0] << 15;
    uint32_t a = jpeg_times(v[7 * step], -JPEG_C0_720) + jpeg_times(v[5 * step], JPEG_C0_850) +
                 jpeg_times(v[3 * step], -JPEG_C1_272) + jpeg_times(v[step], JPEG_C3_624);
    v[0] = jpeg_descale(middle + a, shift);
    v[step] = jpeg_descale(middle - a, shift);
}

static void jpeg_pair(const int16_t block[64], uint8_t *out, size_t pitch) {
    int16_t v[64];
    fovea_copy(v, block, sizeof v);
    for (size_t i = 0; i < 8; i++) jpeg_pair_pass(v + i, 8, 13);
    for (size_t i = 0; i < 2; i++) jpeg_pair_pass(v + 8 * i, 1, 20);
    for (size_t i = 0; i < 4; i++)
        out[i / 2 * pitch + i % 2] = jpeg_clip(v[i / 2 * 8 + i % 2] + 128);
}

static void jpeg_average(const int16_t block[64], uint8_t *out, size_t pitch) {
    (void)pitch;
    out[0] = jpeg_clip(((block[0] + 4) >> 3) + 128);
}

/* ---- upsampling ---- */

static void jpeg_mix(const uint8_t *near, const uint8_t *far, int16_t *sums, size_t count) {
    for (size_t i = 0; i < count; i++) sums[i] = (int16_t)(3 * near[i] + far[i]);
}

static void jpeg_widen(const uint8_t *near, int16_t *sums, size_t count) {
    for (size_t i = 0; i < count; i++) sums[i] = near[i];
}

static void jpeg_spread(const int16_t *sums, uint8_t *out, size_t count, unsigned shift) {
    const int half = 1 << (shift - 1), left = shift == 2 ? half - 1 : half;
    const int right = shift == 2 ? half : half - 1;
    for (const int16_t *s = sums; s < sums + count; s++, out += 2) {
        out[0] = (uint8_t)((3 * s[0] + s[-1] + left) >> shift);
        out[1] = (uint8_t)((3 * s[0] + s[1] + right) >> shift);
    }
}

static void jpeg_between(const uint8_t *near, const uint8_t *far, unsigned bias, uint8_t *out,
                         size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = (uint8_t)((3u * near[i] + far[i] + bias) >> 2);
}

/* ---- colour ---- */

static void jpeg_colour(const uint8_t *y, const uint8_t *cb, const uint8_t *cr, uint8_t *rgb,
                        size_t count) {
    const int half = 1 << 15;
    for (size_t i = 0; i < count; i++, rgb += 3) {
        int blue = cb[i] - 128, red = cr[i] - 128;
        rgb[0] = jpeg_clip(y[i] + ((JPEG_RED * red + half) >> 16));
        rgb[1] = jpeg_clip(y[i] + ((JPEG_GREEN_CB * blue + JPEG_GREEN_CR * red + half) >> 16));
        rgb[2] = jpeg_clip(y[i] + ((JPEG_BLUE * blue + half) >> 16));
    }
}

FOVEA_LOCAL const struct fovea_jpeg_kernels *fovea_jpeg_plain(void) {
    static const struct fovea_jpeg_kernels plain = {
        jpeg_accurate, jpeg_fast,  jpeg_quarter, jpeg_pair,    jpeg_average,
        jpeg_mix,      jpeg_widen, jpeg_spread,  jpeg_between, jpeg_colour,
    };
    return &plain;
}
