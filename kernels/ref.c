/* The reference: the shortest loops that are right. It defines every kernel, bit for bit, and is
 * what runs on a machine without vectors. The tests compile this file a second time with REF_MADD
 * fused, as the measure for machines with fused multiply-add; the library never does. */
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

/* ---- tiles and windows ---- */

static void REF_NAME(conv_f32)(const struct fovea_conv_tile *t) {
    for (size_t p = 0; p < t->pixels; p++) {
        for (size_t o = 0; o < t->channels; o++) {
            const float *block = t->weights + o / FOVEA_BLOCK * t->weight_block + o % FOVEA_BLOCK;
            float sum = t->bias[o];
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
MAP(elu_f32, v > 0.0f ? v : t->alpha * REF_NAME(expm1)(v))
MAP(sigmoid_f32, REF_NAME(logistic)(v))
MAP(tanh_f32, REF_NAME(tangent)(v))
MAP(silu_f32, v *REF_NAME(logistic)(v))
MAP(exp_f32, REF_NAME(exp)(v))
#undef MAP

static void REF_NAME(add_f32)(const struct fovea_pair *t) {
    for (size_t i = 0; i < t->count; i++) t->output[i] = t->a[i] + t->b[i * t->b_step];
}

static void REF_NAME(multiply_f32)(const struct fovea_pair *t) {
    for (size_t i = 0; i < t->count; i++) t->output[i] = t->a[i] * t->b[i * t->b_step];
}

static void REF_NAME(affine_f32)(const struct fovea_affine *t) {
    for (size_t i = 0; i < t->count; i++) {
        for (size_t c = 0; c < t->channels; c++) {
            const size_t at = i * t->channels + c;
            t->output[at] = REF_MADD(t->input[at], t->scale[c], t->shift[c]);
        }
    }
}

static void REF_NAME(softmax_f32)(const struct fovea_softmax *t) {
    for (size_t row = 0; row < t->rows; row++) {
        const float *in = t->input + row * t->count;
        float *out = t->output + row * t->count;
        float most = in[0], s[8] = {0};
        for (size_t i = 0; i < t->count; i++) most = most > in[i] ? most : in[i];
        for (size_t i = 0; i < t->count; i++) {
            out[i] = REF_NAME(exp)(in[i] - most);
            s[i % 8] += out[i];
        }
        const float sum = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
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
