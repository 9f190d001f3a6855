/* The reference: the shortest loops that are right. It defines every kernel, bit for bit, and is
 * what runs on a machine without vectors. The tests compile this file a second time with REF_MADD
 * fused, as the measure for machines with fused multiply-add; the library never does. */
#include "kernels/half.h"
#include "kernels/tables.h"

#ifndef REF_MADD
#define REF_MADD(a, b, c) ((a) * (b) + (c))
#define REF_NAME(name)    name##_ref
#define REF_FUSED         false
#endif

#include "kernels/ref_functions.h"

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

#if !FOVEA_SMALL
static void REF_NAME(conv_run_f32)(const struct fovea_conv_run *t) {
    struct fovea_conv_tile tile = t->tile;
    const float *input = t->input;
    float *output = t->output;
    tile.input = &input;
    tile.output = &output;
    tile.pixels = 1;
    for (size_t left = t->tile.pixels; left > 0; left--) {
        REF_NAME(conv_f32)(&tile);
        input += t->input_step;
        output += t->output_step;
    }
}
#endif

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
    const unsigned side = t->pool ? 2 : 1;
    for (size_t c = 0; c < t->channels; c++) {
        float w[24], v[16];
        for (size_t x = 0; x < 6; x++)
            REF_NAME(winograd_four)(t->input + x * t->input_step + c, 6 * t->input_step, w + x, 6);
        for (size_t y = 0; y < 4; y++) REF_NAME(winograd_four)(w + 6 * y, 1, v + 4 * y, 1);
        for (size_t y = 0; y < t->rows / side; y++)
            for (size_t x = 0; x < t->columns / side; x++) {
                const size_t at = y * t->row + x * t->column + c, from = 4 * side * y + side * x;
                float most = t->add ? v[from] + t->add[at] : v[from];
                most = REF_NAME(limit)(most, t->low, t->high);
                for (size_t i = 1; i < side * side; i++) {
                    const float other =
                        REF_NAME(limit)(v[from + i / 2 * 4 + i % 2], t->low, t->high);
                    most = most > other ? most : other;
                }
                t->output[at] = most;
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

#if !FOVEA_SMALL
static void REF_NAME(strassen_mix_f32)(const struct fovea_mix *t) {
    for (size_t row = 0; row < t->rows; row++)
        for (size_t i = 0; i < t->count; i++) {
            const size_t at = row * t->input_row + i;
            const float m1 = REF_MADD(t->b[at], t->sign, t->a[at]);
            const float m2 = t->sign * (m1 - t->c[at]);
            float *const to = t->output + row * t->output_row + i;
            to[0] = m1;
            to[t->output_step] = m2;
            to[2 * t->output_step] = t->c[at] - t->a[at];
            to[3 * t->output_step] = t->d[at] - m2;
        }
}

/* `sum` and the product of a row of x with a column of weights. */
static float REF_NAME(along)(float sum, const float *x, const float *w, size_t count) {
    for (size_t k = 0; k < count; k++) sum = REF_MADD(x[k], w[FOVEA_BLOCK * k], sum);
    return sum;
}

static void REF_NAME(strassen_f32)(const struct fovea_strassen_tile *t) {
    const size_t half = t->half, mixture = t->rows * half, mixed = half * FOVEA_BLOCK;
    for (size_t i = 0; i < t->rows; i++)
        for (size_t o = 0; o < FOVEA_PANEL; o++) {
            const size_t block = o / FOVEA_BLOCK, in = o % FOVEA_BLOCK;
            const float *upper = t->input + i * t->input_row, *s = t->mixed + i * half;
            const float *lower = upper + t->rows * t->input_row;
            const float *left = t->weights + 2 * block * mixed + in, *right = left + 4 * mixed;
            const float *m = t->mixed_weights + block * mixed + in;
            const float u = REF_NAME(along)(0.0f, upper, left, half);
            const float u2 = REF_NAME(along)(u, s + mixture, m + 2 * mixed, half);
            const float u3 = REF_NAME(along)(u2, s + 2 * mixture, m + 4 * mixed, half);
            const float p = REF_NAME(along)(0.0f, s, m, half);
            const float sums[2][2] = {
                {REF_NAME(along)(u, upper + half, left + mixed, half),
                 REF_NAME(along)(p + u2, s + 3 * mixture, right + mixed, half)},
                {REF_NAME(along)(u3, lower + half, m + 6 * mixed, half), p + u3},
            };
            for (size_t y = 0; y < 2; y++)
                for (size_t x = 0; x < 2; x++) {
                    const size_t channel = x * FOVEA_PANEL + o;
                    const size_t at = (y * t->rows + i) * t->output_row + channel;
                    const float sum = sums[y][x] + t->bias[channel];
                    t->output[at] =
                        REF_NAME(limit)(t->add ? sum + t->add[at] : sum, t->low, t->high);
                }
        }
}
#endif

#include "kernels/ref_narrow.h"
#include "kernels/ref_q8.h"

static void REF_NAME(depthwise_f32)(const struct fovea_depthwise_run *t) {
    for (size_t i = 0; i < t->outputs; i++) {
        const size_t at =
            i * t->step - t->left; /* left of the row it wraps round, beyond the width */
        size_t first = 0, end = t->columns;
        while (first < end && at + first * t->dilation >= t->width) first++;
        while (first < end && at + (end - 1) * t->dilation >= t->width) end--;
        for (size_t c = 0; c < t->channels; c++) {
            const float *w = t->weights + c / FOVEA_BLOCK * t->weight_block + c % FOVEA_BLOCK;
            float sum = t->bias[c];
            for (size_t ky = 0; ky < t->rows; ky++) {
                const float *in = t->input + ky * t->input_row + c;
                for (size_t kx = first; kx < end; kx++)
                    sum = REF_MADD(in[(at + kx * t->dilation) * t->pixel],
                                   w[ky * t->weight_row + kx * FOVEA_BLOCK], sum);
            }
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
MAP(leaky_f32, REF_NAME(leaky)(v, t->low, t->high, t->alpha))
MAP(elu_f32, v > 0.0f ? v * t->high : t->alpha * REF_NAME(expm1)(v * t->low))
MAP(sigmoid_f32, REF_NAME(logistic)(v))
MAP(tanh_f32, REF_NAME(tangent)(v))
MAP(silu_f32, REF_NAME(silu)(v))
MAP(exp_f32, REF_NAME(exp)(v))
MAP(hard_sigmoid_f32, REF_NAME(limit)(REF_MADD(v, t->alpha, 0.5f), 0.0f, 1.0f))
MAP(hard_silu_f32, v *REF_NAME(limit)(REF_MADD(v, t->alpha, 0.5f), 0.0f, 1.0f))
MAP(gelu_f32, v *REF_NAME(normal)(v))
MAP(gelu_tanh_f32, v *REF_NAME(logistic)(v *REF_MADD(v *v, FOVEA_GELU_CUBE, FOVEA_GELU_LINE)))
MAP(mish_f32, v *REF_NAME(mish_weight)(v))
MAP(softsign_f32, v / (1.0f + (v < 0.0f ? -v : v)))
MAP(softplus_f32, t->alpha *REF_NAME(softplus)(t->alpha *v))
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
PAIR(greater_f32, a > b ? 1.0f : 0.0f)
PAIR(greater_equal_f32, a >= b ? 1.0f : 0.0f)
PAIR(equal_f32, a == b ? 1.0f : 0.0f)
PAIR(keep_f32, b != 0.0f ? a : 0.0f)
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
