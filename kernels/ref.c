/* The reference: the shortest loops that are right. It defines every kernel, bit for bit, and is
 * what runs on a machine without vectors. The tests compile this file a second time with REF_MADD
 * fused, as the measure for machines with fused multiply-add; the library never does. */
#include "kernels/curves.h"
#include "kernels/exponential.h"
#include "kernels/tables.h"

#ifndef REF_MADD
#define REF_MADD(a, b, c) ((a) * (b) + (c))
#define REF_NAME(name)    name##_ref
#define REF_FUSED         false
#endif

/* ---- scalars ---- */

static float REF_NAME(limit)(float v, float low, float high) {
    v = v < low ? low : v;
    return v > high ? high : v;
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

/* From exp(-|v|), which cannot overflow, so that both tails keep their accuracy. */
static float REF_NAME(logistic)(float v) {
    const float e = REF_NAME(exp)(REF_NAME(value)(REF_NAME(bits)(v) | FOVEA_EXP_SIGN));
    const float numerator = v < 0.0f ? e : 1.0f;
    return numerator / (1.0f + e);
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
    const float whole = (float)(uint32_t)(2 * r + (m > 0)); /* the root is whole 2^((power - 179) / 2) */
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

/* ---- tiles and windows ---- */

static void REF_NAME(conv_f32)(const struct fovea_conv_tile *t) {
    for (size_t p = 0; p < t->pixels; p++) {
        for (size_t o = 0; o < t->channels; o++) {
            const float *block = t->weights + o / FOVEA_BLOCK * t->weight_block + o % FOVEA_BLOCK;
            float sum = t->add ? t->bias[o] + t->add[p][o] : t->bias[o];
            for (size_t ky = 0; ky < t->rows; ky++) {
                for (size_t kx = 0; kx < t->columns; kx++) {
                    const float *in = t->input[p] + ky * t->input_row + kx * t->input_column;
                    const float *w = block + ky * t->weight_row + kx * t->weight_column;
                    for (size_t k = 0; k < t->length; k++)
                        sum = REF_MADD(in[k], w[FOVEA_BLOCK * k], sum);
                }
            }
            t->output[p][o] = REF_NAME(limit)(sum, t->low, t->high);
        }
    }
}

/* Six numbers, `step` apart, to six. */
static void REF_NAME(winograd_six)(const float *d, size_t step, float *to, size_t to_step) {
    const float d0 = d[0], d1 = d[step], d2 = d[2 * step];
    const float d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
    const float a = REF_MADD(d2, -4.0f, d4), b = REF_MADD(d1, -4.0f, d3), c = d4 - d2, e = d3 - d1;
    to[0] = REF_MADD(d0, 4.0f, REF_MADD(d2, -5.0f, d4));
    to[to_step] = a + b;
    to[2 * to_step] = a - b;
    to[3 * to_step] = REF_MADD(e, 2.0f, c);
    to[4 * to_step] = REF_MADD(e, -2.0f, c);
    to[5 * to_step] = REF_MADD(d1, 4.0f, REF_MADD(d3, -5.0f, d5));
}

static void REF_NAME(winograd_input_f32)(const struct fovea_winograd_input *t) {
    for (size_t c = 0; c < t->channels; c++) {
        float d[36], w[36];
        for (unsigned y = 0; y < 6; y++)
            for (unsigned x = 0; x < 6; x++) {
                const bool in = y >= t->top && y < t->bottom && x >= t->left && x < t->right;
                const float *from = t->input + c;
                d[6 * y + x] = in ? from[(y - t->top) * t->row + (x - t->left) * t->column] : 0.0f;
            }
        for (size_t x = 0; x < 6; x++) REF_NAME(winograd_six)(d + x, 6, w + x, 6);
        for (size_t y = 0; y < 6; y++) REF_NAME(winograd_six)
        (w + 6 * y, 1, t->output + 6 * y * t->output_step + c, t->output_step);
    }
}

/* Six numbers, `step` apart, to four. */
static void REF_NAME(winograd_four)(const float *m, size_t step, float *to, size_t to_step) {
    const float s = m[step] + m[2 * step], d = m[step] - m[2 * step];
    const float t = m[3 * step] + m[4 * step], u = m[3 * step] - m[4 * step];
    to[0] = (m[0] + s) + t;
    to[to_step] = REF_MADD(u, 2.0f, d);
    to[2 * to_step] = REF_MADD(t, 4.0f, s);
    to[3 * to_step] = REF_MADD(u, 8.0f, d) + m[5 * step];
}

static void REF_NAME(winograd_output_f32)(const struct fovea_winograd_output *t) {
    for (size_t c = 0; c < t->channels; c++) {
        float w[24], v[16];
        for (size_t x = 0; x < 6; x++)
            REF_NAME(winograd_four)(t->input + x * t->input_step + c, 6 * t->input_step, w + x, 6);
        for (size_t y = 0; y < 4; y++) REF_NAME(winograd_four)(w + 6 * y, 1, v + 4 * y, 1);
        for (size_t y = 0; y < t->rows; y++)
            for (size_t x = 0; x < t->columns; x++) {
                const size_t at = y * t->row + x * t->column + c;
                const float sum = t->add ? v[4 * y + x] + t->add[at] : v[4 * y + x];
                t->output[at] = REF_NAME(limit)(sum, t->low, t->high);
            }
    }
}

static void REF_NAME(winograd_gemm_f32)(const struct fovea_gemm *t) {
    for (size_t i = 0; i < t->rows; i++)
        for (size_t o = 0; o < FOVEA_PANEL; o++) {
            float sum = t->start ? t->start[o] : 0.0f;
            for (size_t k = 0; k < t->length; k++)
                sum = REF_MADD(t->a[i * t->a_row + k], t->b[FOVEA_PANEL * k + o], sum);
            t->c[i * t->c_row + o] = sum;
        }
}

static void REF_NAME(depthwise_f32)(const struct fovea_window_run *t) {
    for (size_t i = 0; i < t->outputs; i++) {
        for (size_t c = 0; c < t->channels; c++) {
            const float *in = t->input + i * t->input_step + c;
            const float *w = t->weights + c / FOVEA_BLOCK * t->weight_block + c % FOVEA_BLOCK;
            float sum = t->bias[c];
            for (size_t ky = 0; ky < t->rows; ky++)
                for (size_t kx = 0; kx < t->columns; kx++)
                    sum = REF_MADD(in[ky * t->input_row + kx * t->input_column],
                                   w[ky * t->weight_row + kx * FOVEA_BLOCK], sum);
            t->output[i * t->output_step + c] = REF_NAME(limit)(sum, t->low, t->high);
        }
    }
}

static void REF_NAME(max_pool_f32)(const struct fovea_window_run *t) {
    for (size_t i = 0; i < t->outputs; i++) {
        for (size_t c = 0; c < t->channels; c++) {
            const float *in = t->input + i * t->input_step + c;
            float most = in[0];
            for (size_t ky = 0; ky < t->rows; ky++) {
                for (size_t kx = 0; kx < t->columns; kx++) {
                    const float v = in[ky * t->input_row + kx * t->input_column];
                    most = most > v ? most : v;
                }
            }
            t->output[i * t->output_step + c] = most;
        }
    }
}

static void REF_NAME(mean_pool_f32)(const struct fovea_window_run *t) {
    for (size_t i = 0; i < t->outputs; i++) {
        for (size_t c = 0; c < t->channels; c++) {
            const float *in = t->input + i * t->input_step + c;
            float sum = 0.0f;
            for (size_t ky = 0; ky < t->rows; ky++) {
                float part = 0.0f;
                for (size_t kx = 0; kx < t->columns; kx++)
                    part += in[ky * t->input_row + kx * t->input_column];
                sum += part;
            }
            t->output[i * t->output_step + c] = sum / (float)(t->rows * t->columns);
        }
    }
}

/* ---- element by element ---- */

#define MAP(name, result)                                                                          \
    static void REF_NAME(name)(const struct fovea_map *t) {                                        \
        for (size_t i = 0; i < t->count; i++) {                                                    \
            const float v = t->input[i];                                                           \
            t->output[i] = (result);                                                               \
        }                                                                                          \
    }
MAP(clamp_f32, REF_NAME(limit)(v, t->low, t->high))
MAP(leaky_f32, v < t->low ? (v - t->low) * t->alpha : v > t->high ? t->high : v)
MAP(elu_f32, v > 0.0f ? v * t->high : t->alpha * REF_NAME(expm1)(v * t->low))
MAP(sigmoid_f32, REF_NAME(logistic)(v))
MAP(tanh_f32, REF_NAME(tangent)(v))
MAP(silu_f32, v *REF_NAME(logistic)(v))
MAP(exp_f32, REF_NAME(exp)(v))
MAP(hard_sigmoid_f32, REF_NAME(limit)(REF_MADD(v, t->alpha, 0.5f), 0.0f, 1.0f))
MAP(hard_silu_f32, v *REF_NAME(limit)(REF_MADD(v, t->alpha, 0.5f), 0.0f, 1.0f))
MAP(gelu_f32, v *REF_NAME(normal)(v))
MAP(gelu_tanh_f32, v *REF_NAME(logistic)(v *REF_MADD(v *v, FOVEA_GELU_CUBE, FOVEA_GELU_LINE)))
MAP(mish_f32, v *REF_NAME(mish_weight)(v))
MAP(softsign_f32, v / (1.0f + (v < 0.0f ? -v : v)))
MAP(softplus_f32, t->alpha *REF_NAME(softplus)(t->alpha * v))
MAP(shrink_f32, v > t->high ? v - t->alpha : v < t->low ? v + t->alpha : v != v ? v : 0.0f)
MAP(tanh_shrink_f32, REF_NAME(tanh_shrink)(v))
MAP(squareplus_f32, REF_NAME(squareplus)(v, t->alpha))
MAP(sparse_plus_f32, REF_NAME(sparse_plus)(v))
MAP(log_f32, REF_NAME(logarithm)(v, t->alpha))
MAP(erf_f32, REF_NAME(error_function)(v))
MAP(root_f32, REF_NAME(root)(v))
#undef MAP

#define PAIR(name, result)                                                                         \
    static void REF_NAME(name)(const struct fovea_pair *t) {                                       \
        for (size_t i = 0; i < t->count; i++) {                                                    \
            const float a = t->a[i * t->a_step], b = t->b[i * t->b_step];                          \
            t->output[i] = (result);                                                               \
        }                                                                                          \
    }
PAIR(add_f32, a + b)
PAIR(multiply_f32, a *b)
PAIR(subtract_f32, a - b)
PAIR(divide_f32, a / b)
PAIR(maximum_f32, a > b ? a : b)
PAIR(minimum_f32, a < b ? a : b)
PAIR(slope_f32, a < 0.0f ? a * b : a)
#undef PAIR

static void REF_NAME(affine_f32)(const struct fovea_affine *t) {
    for (size_t i = 0; i < t->count; i++) {
        for (size_t c = 0; c < t->channels; c++) {
            const size_t at = i * t->channels + c;
            t->output[at] = REF_MADD(t->input[at], t->scale[c], t->shift[c]);
        }
    }
}

/* ---- rows ---- */

static float REF_NAME(largest)(const float *in, size_t count) {
    float most = in[0];
    for (size_t i = 0; i < count; i++) most = most > in[i] ? most : in[i];
    return most;
}

static float REF_NAME(tree)(const float *s) {
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

static void REF_NAME(softmax_f32)(const struct fovea_softmax *t) {
    for (size_t row = 0; row < t->rows; row++) {
        const float *in = t->input + row * t->count;
        float *out = t->output + row * t->count;
        const float most = REF_NAME(largest)(in, t->count);
        float s[8] = {0};
        for (size_t i = 0; i < t->count; i++) {
            out[i] = REF_NAME(exp)(in[i] - most);
            s[i % 8] += out[i];
        }
        const float sum = REF_NAME(tree)(s);
        for (size_t i = 0; i < t->count; i++) out[i] = out[i] / sum;
    }
}

static void REF_NAME(blend_f32)(const struct fovea_blend *t) {
    for (size_t i = 0; i < t->count; i++) {
        const float top = REF_MADD(t->input[1][i] - t->input[0][i], t->x, t->input[0][i]);
        const float bottom = REF_MADD(t->input[3][i] - t->input[2][i], t->x, t->input[2][i]);
        t->output[i] = REF_MADD(bottom - top, t->y, top);
    }
}

static void REF_NAME(log_softmax_f32)(const struct fovea_softmax *t) {
    for (size_t row = 0; row < t->rows; row++) {
        const float *in = t->input + row * t->count;
        float *out = t->output + row * t->count;
        const float most = REF_NAME(largest)(in, t->count);
        float s[8] = {0};
        for (size_t i = 0; i < t->count; i++) s[i % 8] += REF_NAME(exp)(in[i] - most);
        const float sum = REF_NAME(logarithm)(REF_NAME(tree)(s), 0.0f);
        for (size_t i = 0; i < t->count; i++) out[i] = (in[i] - most) - sum;
    }
}

/* The numbers of the support are those above `bound` + the maximum: the least such set whose excess
 * over its bound adds up to 1, approached from all numbers downwards. */
static float REF_NAME(support)(const float *in, size_t count, float most) {
    float bound = -FOVEA_EXP_INFINITY;
    for (size_t before = count + 1;;) {
        float sum = 0.0f;
        size_t above = 0;
        for (size_t i = 0; i < count; i++)
            if (in[i] - most > bound) sum += in[i] - most, above++;
        if (above == 0 || above >= before) return bound;
        before = above;
        bound = (sum - 1.0f) / (float)above;
    }
}

static void REF_NAME(sparsemax_f32)(const struct fovea_softmax *t) {
    for (size_t row = 0; row < t->rows; row++) {
        const float *in = t->input + row * t->count;
        float *out = t->output + row * t->count;
        const float most = REF_NAME(largest)(in, t->count);
        const float bound = REF_NAME(support)(in, t->count, most);
        float sum = 0.0f;
        size_t support = 0;
        for (size_t i = 0; i < t->count; i++) {
            size_t below = 0; /* numbers of the support at or below this one */
            if (!(in[i] - most > bound)) continue;
            for (size_t k = 0; k < t->count; k++)
                below += in[k] - most > bound && (in[k] < in[i] || (in[k] == in[i] && k >= i));
            sum += (float)below * in[i];
            support++;
        }
        sum = (sum - 1.0f) / (float)support;
        for (size_t i = 0; i < t->count; i++) {
            const float v = in[i] - sum;
            out[i] = v < 0.0f ? 0.0f : v;
        }
    }
}

static void REF_NAME(normalize_f32)(const struct fovea_normalize *t) {
    for (size_t row = 0; row < t->rows; row++) {
        const float *in = t->input + row * t->count;
        float *out = t->output + row * t->count;
        float s[8] = {0}, squares[8] = {0}, mean = 0.0f;
        if (t->about_mean) {
            for (size_t i = 0; i < t->count; i++) s[i % 8] += in[i];
            mean = REF_NAME(tree)(s) / (float)t->count;
        }
        for (size_t i = 0; i < t->count; i++) {
            const float off = in[i] - mean;
            squares[i % 8] = REF_MADD(off, off, squares[i % 8]);
        }
        float size = REF_NAME(tree)(squares);
        if (t->whole)
            size = size < t->epsilon ? t->epsilon : size;
        else
            size = size / (float)t->count + t->epsilon;
        const float factor = 1.0f / REF_NAME(root)(size), middle = t->center ? mean : 0.0f;
        for (size_t i = 0; i < t->count; i++) {
            const float v = (in[i] - middle) * factor;
            out[i] = t->scale ? REF_MADD(v, t->scale[i], t->shift[i]) : v;
        }
    }
}

/* ---- the table ---- */

static const struct fovea_kernels REF_NAME(table) = {
#define KERNEL(name, arguments) .name = REF_NAME(name),
#include "kernels/built.def"
#undef KERNEL
    .isa = "ref",
    .tile_pixels = FOVEA_TILE_PIXELS,
    .fused = REF_FUSED,
};

FOVEA_LOCAL const struct fovea_kernels *REF_NAME(fovea_kernels)(void) {
    return &REF_NAME(table);
}

#undef REF_MADD
#undef REF_NAME
#undef REF_FUSED
