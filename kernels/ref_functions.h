/* The functions of one number that the reference is made of. Part of ref.c, and compiled as often. */
#include "kernels/curves.h"
#include "kernels/exponential.h"

static float REF_NAME(limit)(float v, float low, float high) {
    v = v < low ? low : v;
    return v > high ? high : v;
}

static float REF_NAME(leaky)(float v, float low, float high, float alpha) {
    return v < low ? (v - low) * alpha : v > high ? high : v;
}

static uint32_t REF_NAME(bits)(float v) {
    uint32_t u;
    fovea_copy(&u, &v, sizeof u);
    return u;
}

static float REF_NAME(value)(uint32_t u) {
    float v;
    fovea_copy(&v, &u, sizeof v);
    return v;
}

/* exp(v) = 2^n (1 + p): the p, and 2^23 * n modulo 2^32. Garbage where v is beyond the range. */
static float REF_NAME(exp_parts)(float v, uint32_t *power) {
    const float t = REF_MADD(v, FOVEA_EXP_LOG2E, FOVEA_EXP_ROUND);
    const float n = t - FOVEA_EXP_ROUND;
    float r = REF_MADD(n, -FOVEA_EXP_LN2_HIGH, v);
    r = REF_MADD(n, -FOVEA_EXP_LN2_LOW, r);
    float q = REF_MADD(r, FOVEA_EXP_C6, FOVEA_EXP_C5);
    q = REF_MADD(q, r, FOVEA_EXP_C4);
    q = REF_MADD(q, r, FOVEA_EXP_C3);
    q = REF_MADD(q, r, FOVEA_EXP_C2);
    *power = REF_NAME(bits)(t) << FOVEA_EXP_MANTISSA;
    const float square = r * r;
    return REF_MADD(square, q, r);
}

static float REF_NAME(exp)(float v) {
    uint32_t power;
    const float p = REF_NAME(exp_parts)(v, &power);
    float e = REF_NAME(value)(REF_NAME(bits)(1.0f + p) + power);
    e = v < FOVEA_EXP_LOWEST ? 0.0f : e;
    return v <= FOVEA_EXP_HIGHEST ? e : v + FOVEA_EXP_INFINITY; /* a NaN comes here too */
}

/* exp(v) - 1 for v <= 0. */
static float REF_NAME(expm1)(float v) {
    uint32_t power;
    v = v < FOVEA_EXPM1_LOWEST ? FOVEA_EXPM1_LOWEST : v;
    const float p = REF_NAME(exp_parts)(v, &power);
    const float scale = REF_NAME(value)(FOVEA_EXP_ONE + power);
    const float rest = scale - 1.0f;
    return REF_MADD(scale, p, rest);
}

/* 1 + exp(-v) for v at least -FOVEA_EXP_HIGHEST: from 1 to about FLT_MAX. */
static float REF_NAME(logistic_divisor)(float v) {
    uint32_t power;
    const float x = -(v > -FOVEA_EXP_LOWEST ? -FOVEA_EXP_LOWEST : v);
    const float p = REF_NAME(exp_parts)(x, &power);
    return 1.0f + REF_NAME(value)(REF_NAME(bits)(1.0f + p) + power);
}

/* Where exp(v) would be 0, so is this; a NaN stays one. */
static float REF_NAME(logistic)(float v) {
    const float least = 0.0f > v ? 0.0f : v;
    const float inside = v < -FOVEA_EXP_HIGHEST ? -FOVEA_EXP_HIGHEST : v;
    return (FOVEA_EXP_LOWEST <= v ? 1.0f : least) / REF_NAME(logistic_divisor)(inside);
}

/* Below -FOVEA_EXP_HIGHEST it stays what it is there: -2.6e-37. */
static float REF_NAME(silu)(float v) {
    v = v < -FOVEA_EXP_HIGHEST ? -FOVEA_EXP_HIGHEST : v;
    return v / REF_NAME(logistic_divisor)(v);
}

/* |tanh(v)| = |m / (2 + m)| with m = exp(-2 |v|) - 1: no cancellation for small v. */
static float REF_NAME(tangent)(float v) {
    const float minus = REF_NAME(value)(REF_NAME(bits)(v) | FOVEA_EXP_SIGN);
    const float m = REF_NAME(expm1)(minus + minus);
    const uint32_t size = REF_NAME(bits)(m / (2.0f + m)) & ~FOVEA_EXP_SIGN;
    return REF_NAME(value)(size | (REF_NAME(bits)(v) & FOVEA_EXP_SIGN));
}

/* Phi(v), the part of a normal distribution below v. */
static float REF_NAME(normal)(float v) {
    const float t = REF_NAME(value)(REF_NAME(bits)(v) & ~FOVEA_EXP_SIGN);
    const float s = 1.0f / REF_MADD(t, FOVEA_NORMAL_STEP, 1.0f);
    float q = REF_MADD(s, FOVEA_NORMAL_C8, FOVEA_NORMAL_C7);
    q = REF_MADD(q, s, FOVEA_NORMAL_C6);
    q = REF_MADD(q, s, FOVEA_NORMAL_C5);
    q = REF_MADD(q, s, FOVEA_NORMAL_C4);
    q = REF_MADD(q, s, FOVEA_NORMAL_C3);
    q = REF_MADD(q, s, FOVEA_NORMAL_C2);
    q = REF_MADD(q, s, FOVEA_NORMAL_C1);
    q = REF_MADD(q, s, FOVEA_NORMAL_C0);
    const float tail = REF_NAME(exp)(t * (t * -0.5f)) * q;
    return v < 0.0f ? tail : 1.0f - tail;
}

/* tanh(log(1 + exp(v))), from exp(-|v|). */
static float REF_NAME(mish_weight)(float v) {
    const float e = REF_NAME(exp)(REF_NAME(value)(REF_NAME(bits)(v) | FOVEA_EXP_SIGN));
    const float square = e * e;
    const float n = REF_MADD(2.0f, e, v < 0.0f ? square : 1.0f);
    const float d = n + (v < 0.0f ? 2.0f : square + square);
    return n / d;
}

/* The square root, rounded once: that of an integer, digit by digit, two bits longer than a float, and
 * one more bit for all that would follow. */
static float REF_NAME(root)(float v) {
    const uint32_t u = REF_NAME(bits)(v);
    if (v < 0.0f) return (v - v) / (v - v); /* a NaN */
    if (v == 0.0f || !(v <= FLT_MAX)) return v;
    int32_t power = (int32_t)(u >> FOVEA_EXP_MANTISSA);
    uint64_t m = u & 0x7fffffu; /* v = m 2^(power - 150) */
    if (power > 0)
        m |= 0x800000u;
    else
        power = 1;
    for (; m < 0x800000u; power--) m <<= 1;
    m <<= power % 2 == 0 ? 28 : 27; /* v = m 2^(power - 177), an even exponent */
    power -= power % 2 == 0;
    uint64_t r = 0;
    for (uint64_t digit = UINT64_C(1) << 50; digit > 0; digit >>= 2) {
        const bool fits = m >= r + digit;
        if (fits) m -= r + digit;
        r = (r >> 1) + (fits ? digit : 0);
    }
    const float whole =
        (float)(uint32_t)(2 * r + (m > 0)); /* the root is whole 2^((power - 179) / 2) */
    return whole * REF_NAME(value)((uint32_t)((power + 75) / 2) << FOVEA_EXP_MANTISSA);
}

/* log(v + shift), shift 0 or 1, never fused. What v + shift lost in rounding comes back by the slope. */
static float REF_NAME(logarithm)(float v, float shift) {
    float u = v + shift;
    const float lost = v - (u - shift);
    int32_t n = 0;
    if (!(u > 0.0f)) return u == 0.0f ? -FOVEA_EXP_INFINITY : (u - u) / (u - u);
    if (!(u <= FLT_MAX)) return u;
    if (u < FLT_MIN) u *= 0x1p+23f, n = -23;
    const float back = lost / u;
    uint32_t b = REF_NAME(bits)(u) - FOVEA_LOG_ROOT_HALF + FOVEA_EXP_ONE;
    n += (int32_t)(b >> FOVEA_EXP_MANTISSA) - 127;
    b = (b & 0x7fffffu) + FOVEA_LOG_ROOT_HALF;
    const float f = REF_NAME(value)(b) - 1.0f, power = (float)n;
    float q = f * FOVEA_LOG_C7 + FOVEA_LOG_C6;
    q = q * f + FOVEA_LOG_C5;
    q = q * f + FOVEA_LOG_C4;
    q = q * f + FOVEA_LOG_C3;
    q = q * f + FOVEA_LOG_C2;
    q = q * f + FOVEA_LOG_C1;
    q = q * f + FOVEA_LOG_C0;
    q = (q * f - 0.5f) * (f * f) + (power * FOVEA_EXP_LN2_LOW + back);
    return power * FOVEA_EXP_LN2_HIGH + (f + q);
}

static float REF_NAME(softplus)(float v) {
    const float e = REF_NAME(exp)(REF_NAME(value)(REF_NAME(bits)(v) | FOVEA_EXP_SIGN));
    return (v > 0.0f ? v : 0.0f) + REF_NAME(logarithm)(e, 1.0f);
}

static float REF_NAME(error_function)(float v) {
    const float z = v * v;
    if (!(z < 1.0f)) {
        const float t = REF_NAME(value)(REF_NAME(bits)(v) | FOVEA_EXP_SIGN) * FOVEA_ROOT_OF_2;
        const float size = 1.0f - 2.0f * REF_NAME(normal)(t);
        return v < 0.0f ? -size : size;
    }
    float q = z * FOVEA_ERF_C5 + FOVEA_ERF_C4;
    q = q * z + FOVEA_ERF_C3;
    q = q * z + FOVEA_ERF_C2;
    q = q * z + FOVEA_ERF_C1;
    q = q * z + FOVEA_ERF_C0;
    return v * q;
}

static float REF_NAME(tanh_shrink)(float v) {
    const float z = v * v;
    if (!(z < 1.0f)) return v - REF_NAME(tangent)(v);
    float q = z * FOVEA_SHRINK_C7 + FOVEA_SHRINK_C6;
    q = q * z + FOVEA_SHRINK_C5;
    q = q * z + FOVEA_SHRINK_C4;
    q = q * z + FOVEA_SHRINK_C3;
    q = q * z + FOVEA_SHRINK_C2;
    q = q * z + FOVEA_SHRINK_C1;
    q = q * z + FOVEA_SHRINK_C0;
    return v * z * q;
}

/* (v + sqrt(v v + b)) / 2; below 0, where that would cancel, b / 2 / (sqrt(v v + b) + |v|). */
static float REF_NAME(squareplus)(float v, float b) {
    const float size = v < 0.0f ? -v : v;
    const float root = size < 0x1p+40f ? REF_NAME(root)(v * v + b) : size;
    const float middle = 0.5f * size + 0.5f * root;
    return v < 0.0f ? 0.25f * b / middle : middle;
}

static float REF_NAME(sparse_plus)(float v) {
    const float half = 0.5f * (v + 1.0f);
    return v <= -1.0f ? 0.0f : v < 1.0f ? half * half : v;
}
