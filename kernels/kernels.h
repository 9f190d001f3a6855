/* The kernels: arithmetic on raw pointers. One argument structure a family, with its contract.
 *
 * Common to all: pointers need the alignment of float only (weights and bias: FOVEA_ALIGN); counts
 * are at least 1; strides and distances are in floats; nothing is read or written outside what the
 * contract names; inputs and outputs do not overlap unless said.
 *
 * Order. Kernels vectorise across outputs, never across a reduction, and every output is
 * accumulated in the order the contract states. On a machine with fused multiply-add each step is
 * one fma, elsewhere a multiplication and an addition, so a SIMD kernel equals ref.c bit for bit,
 * fused or unfused as its table says. No reciprocal estimates. One NaN is as good as another: whose
 * payload survives is the compiler's choice. ARMv7 NEON flushes denormals to zeros, but for those it
 * only hands on. All this holds for builds with -ffp-contract=off; without it gcc may fuse what the
 * unfused kernels keep apart.
 *
 * Comparisons. clamp: v = v < low ? low : v; v = v > high ? high : v (a NaN stays a NaN).
 * maximum: m = m > v ? m : v.
 */
#ifndef FOVEA_KERNELS_KERNELS_H
#define FOVEA_KERNELS_KERNELS_H

#include "kernels/layout.h"
#include "kernels/q8.h"

#if defined(FOVEA_OPS_FILE) && (defined(__GNUC__) || defined(__clang__))
#pragma GCC diagnostic ignored "-Wunused-function" /* kernels that the file leaves out */
#endif

/* A few outputs of a convolution or a dense layer: `pixels` positions x `channels` outputs.
 * For position p and output o of block b:
 *     sum = bias[8 b + o], with `add`: + add[p][8 b + o]
 *     for ky < rows, kx < columns, k < length:
 *         sum += input[p][ky * input_row + kx * input_column + k]
 *              * weights[b * weight_block + ky * weight_row + kx * weight_column + 8 k + o]
 *     output[p][8 b + o] = clamp(sum)
 * Taps outside the picture are not in the range: rows, columns and the pointers are cut to what lies
 * inside, the same for all positions of a tile, which may lie anywhere: taking them in one sequence
 * across the ends of lines keeps tiles full. Only the `channels` outputs are written. */
struct fovea_conv_tile {
    const float *const *input; /* [pixels]: first tap of each position */
    float *const *output;      /* [pixels]: first output of each position */
    const float *const *add;   /* [pixels]: likewise, of what is added to the outputs, or NULL */
    const float *weights, *bias;
    size_t pixels; /* 1 .. tile_pixels of the table */
    size_t channels;
    size_t rows, columns, length;
    size_t input_row, input_column;
    size_t weight_row, weight_column, weight_block;
    float low, high;
    const float
        *ahead; /* what will be read soon: as many floats from here on for each step of k as */
    size_t ahead_step; /* this are asked for; never used */
};

/* `tile.pixels` neighbours of one row, any number of them: conv_f32 of positions input + p * input_step and
 * output + p * output_step, bit for bit. Of the tile, `input` and `output` are not looked at; `columns` is 1,
 * `weight_row` 8 length, `add` NULL. */
struct fovea_conv_run {
    struct fovea_conv_tile tile;
    const float *input;
    float *output;
    size_t input_step, output_step;
};

/* Winograd's F(4x4, 3x3): 16 outputs of a 3 x 3 convolution from 36 products instead of 144. A tile's
 * 6 x 6 inputs are transformed, multiplied channel by channel with transformed weights (one product of
 * matrices for each of the 36 places, see fovea_gemm), and the sums transformed to 4 x 4 outputs. Six
 * numbers become six, six become four:
 *
 *     a = -4 d2 + d4, b = -4 d1 + d3, c = d4 - d2, e = d3 - d1
 *     4 d0 + (-5 d2 + d4), a + b, a - b, 2 e + c, -2 e + c, 4 d1 + (-5 d3 + d5)
 *
 *     s = m1 + m2, d = m1 - m2, t = m3 + m4, u = m3 - m4
 *     (m0 + s) + t, 2 u + d, 4 t + s, (8 u + d) + m5
 *
 * first down the columns, then along the rows; each "k x + y" is a multiply-add. A bias on all outputs
 * is the same bias on the sums of place (1, 1).
 *
 * Input: only rows top .. bottom - 1 and columns left .. right - 1 of the 6 x 6 lie in the picture and
 * are read, the others are 0. Place (y, x) of the result goes to output + (6 y + x) * output_step. */
struct fovea_winograd_input {
    const float *input; /* row `top`, column `left`: the first place inside, if there is any */
    float *output;
    size_t channels, row, column, output_step;
    unsigned top, bottom, left, right;
};

/* Output: rows x columns (1 .. 4 each) of the 4 x 4, clamped; with `add` (laid out as the output) the
 * number there is added before. With `pool`, and then without `add`, the maximum of each 2 x 2 of them, in
 * max_pool_f32's order, as a rows / 2 x columns / 2 output. */
struct fovea_winograd_output {
    const float *input, *add; /* add: NULL for none */
    float *output;
    size_t channels, row, column, input_step;
    unsigned rows, columns;
    float low, high;
    bool pool;
};

/* c[i][o] = start[o] + sum over k < length of a[i * a_row + k] * b[16 k + o], in this order, o < 16;
 * start NULL: from 0. */
struct fovea_gemm {
    const float *a, *b, *start;
    float *c;
    size_t rows, length, a_row, c_row;
    const float *ahead; /* as in fovea_conv_tile */
    size_t ahead_step;
};
#define FOVEA_PANEL 16 /* outputs of a gemm */

/* Strassen's product of matrices, in Winograd's form: the positions and inputs, and the inputs and outputs of
 * the weights, fall into halves, and 7 products of quarters replace 8:
 *
 *     s1 = a21 + a22      t1 = b12 - b11      u  = a11 b11           c11 = u + a12 b21
 *     s2 = s1 - a11       t2 = b22 - t1       u2 = u + s2 t2         c21 = u2 + s3 t3 + a22 t4
 *     s3 = a11 - a21      t3 = b22 - b12      p  = s1 t1             c22 = p + (u2 + s3 t3)
 *     s4 = a12 - s2       t4 = b21 - t2                              c12 = (p + u2) + s4 b22
 *
 * The mixtures, of activations (sign 1: a = a21, b = a22, c = a11, d = a12) and of weights (sign -1: a = b12,
 * b = b11, c = b22, d = b21), `count` (a multiple of FOVEA_BLOCK) numbers a row:
 *     m1 = a + sign b, m2 = sign (m1 - c), m3 = c - a, m4 = d - m2, mixture n at output + (n - 1) output_step */
struct fovea_mix {
    const float *a, *b, *c, *d;
    float *output;
    size_t rows, count, input_row, output_row, output_step;
    float sign;
};

/* The products: positions 0 .. rows - 1 are the upper half, as many behind them the lower one; 16
 * outputs are the left half, the 16 behind them the right one. Each sum runs over the k of its products one
 * after the other in the order above, a sum begun before is where it goes on. Then, as in fovea_conv_tile:
 * output = clamp((sum + bias) + add). */
struct fovea_strassen_tile {
    const float *input;                 /* `input_row` apart, 2 * half inputs each */
    const float *mixed;                 /* s1 .. s4, [rows][half] each */
    const float *weights;               /* four blocks of [2 * half][8] */
    const float *mixed_weights;         /* t1 .. t4, two blocks of [half][8] each */
    const float *bias;                  /* [32] */
    const float *add;                   /* laid out as the output, or NULL */
    float *output;                      /* `output_row` apart */
    size_t rows;                        /* tile_pixels of the table */
    size_t half, input_row, output_row; /* half: a multiple of 8 */
    float low, high;
    const float *ahead; /* as in fovea_conv_tile */
    size_t ahead_step;
};

/* One position of a dense layer whose weights are narrower than floats, laid out as a dense layer's are:
 *     sum = bias[o], with `add`: + add[o]; for k < length: sum += input[k] * value of weight (o, k)
 *     output[o] = clamp(sum)
 * which is what conv_f32 makes of the widened weights, bit for bit. Only the `channels` outputs are
 * written.
 *   f16  halves (half.h), each its own value
 *   i8   bytes; the value is (float)weight * scale[o], rounded once */
struct fovea_dense_narrow {
    const float *input, *bias, *add; /* add: NULL for none */
    const void *weights;
    const float *scale; /* i8: one for each output, to whole blocks */
    float *output;
    size_t channels, length;
    float low, high;
};

/* output[i] = the value of input[i], `count` of them, a multiple of FOVEA_BLOCK.
 *   f16  exactly
 *   i8   (float)input[i] * scale[i / block * FOVEA_BLOCK + i % FOVEA_BLOCK], rounded once; block: the weights of
 *        FOVEA_BLOCK outputs, a multiple of that */
struct fovea_widen {
    const void *input;
    const float *scale;
    float *output;
    size_t count, block;
};

/* A row of depthwise convolution. The row read has `width` columns, `pixel` floats apart, and `input` is
 * its first one at the first row of taps; windows may reach beyond it on either side:
 *     sum = bias[c]; for ky, kx with x = i * step + kx * dilation - left inside 0 .. width - 1:
 *         sum += input[x * pixel + ky * input_row + c]
 *              * weights[c / 8 * weight_block + ky * weight_row + kx * 8 + c % 8]
 *     output[i * output_step + c] = clamp(sum) */
struct fovea_depthwise_run {
    const float *input, *weights, *bias;
    float *output;
    size_t outputs, channels;
    size_t rows, columns;
    size_t width, pixel, input_row, step, dilation, left, output_step;
    size_t weight_row, weight_block;
    float low, high;
};

/* A run of neighbouring outputs of one row, all with the same taps, all taps inside the picture.
 * Output i, channel c; tap (ky, kx) is input[i * input_step + ky * input_row + kx * input_column + c]:
 *   max_pool   maximum over the taps, from the first tap on, in order ky, kx
 *   mean_pool  sum = 0; for ky: { part = 0; for kx: part += tap; sum += part }   (never fused)
 *              output[i * output_step + c] = sum / (float)(rows * columns) */
struct fovea_window_run {
    const float *input;
    float *output;
    size_t outputs, channels;
    size_t rows, columns;
    size_t input_row, input_column, input_step, output_step;
};

/* output[i] = f(input[i]); output == input allowed.
 *   clamp         clamp to low .. high
 *   leaky         v < low ? (v - low) * alpha : v > high ? high : v     (never fused)
 *   elu           v > 0 ? v * high : alpha * (exp(v * low) - 1)         (low > 0)
 *   sigmoid       1 / (1 + exp(-v))
 *   tanh          tanh(v)
 *   silu          v / (1 + exp(-v))
 *   exp           exp(v)
 *   hard_sigmoid  clamp v * alpha + 1/2 to 0 .. 1
 *   hard_silu     v * hard_sigmoid(v)
 *   gelu          v * Phi(v), Phi the normal distribution's
 *   gelu_tanh     v * (1 + tanh(sqrt(2 / pi) (v + 0.044715 v v v))) / 2
 *   mish          v * tanh(log(1 + exp(v)))
 *   softsign      v / (1 + |v|)
 * and, of the reference only, never fused but for the exponentials inside:
 *   softplus      alpha * log(1 + exp(alpha * v))                       (alpha 1 or -1)
 *   shrink        v > high ? v - alpha : v < low ? v + alpha : 0
 *   tanh_shrink   v - tanh(v)
 *   squareplus    (v + sqrt(v v + alpha)) / 2
 *   sparse_plus   v <= -1 ? 0 : v < 1 ? (v + 1) (v + 1) / 4 : v
 *   log           log(v + alpha)                                        (alpha 0 or 1)
 *   erf           erf(v)
 *   root          sqrt(v), rounded once
 * Accuracy against the exact value, over all finite inputs, fused or not: exp 1 ulp, sigmoid and
 * tanh 2.5 ulp, silu 3.3 ulp, elu 1.2 ulp for alpha 1; gelu and gelu_tanh follow exp(-v v / 2) below
 * 0, and with it the rounding of v v / 2; tests/kernels/accuracy.c has these and the others' bounds.
 * Results of exp and sigmoid below FLT_MIN are 0; silu below -88.72, -inf included, is what it is
 * there: -2.6e-37. No NaN or infinity from a finite input, exp and log excepted; sigmoid(-inf) is 0. */
struct fovea_map {
    const float *input;
    float *output;
    size_t count;
    float alpha, low, high;
};

/* output[i] = a[i * a_step] op b[i * b_step], steps 0 or 1; output may be a or b where its step is 1.
 *   maximum  a > b ? a : b;  minimum  a < b ? a : b;  slope  a < 0 ? a * b : a
 * and, of the reference only:
 *   greater, greater_equal, equal: 1 where it holds, else 0;  keep  b != 0 ? a : 0 */
struct fovea_pair {
    const float *a, *b;
    float *output;
    size_t count, a_step, b_step;
};

/* output[i * channels + c] = input[i * channels + c] * scale[c] + shift[c]   (fused where ref is);
 * output == input allowed. */
struct fovea_affine {
    const float *input, *scale, *shift;
    float *output;
    size_t count, channels; /* count positions of `channels` floats */
};

/* Over each of `rows` rows of `count` floats; output == input allowed. m is the row's maximum; sums
 * are those of a tree:
 *     s[j] = sum of e[i] for i = j, j + 8, j + 16, ... in this order, j < 8 (0 where there are none)
 *     sum = ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
 *   softmax      e[i] = exp(v[i] - m), the exp of fovea_map; output[i] = e[i] / sum
 *   log_softmax  output[i] = (v[i] - m) - log(sum)
 *   sparsemax    as Keras has it: of the numbers, in falling order, the first k with
 *                v[k] > (v[1] + ... + v[k] - 1) / k; t = (v[1] + (v[1] + v[2]) + ... - 1) / k, of k sums
 *                (Martins and Astudillo have the last sum alone); output[i] = max(v[i] - t, 0) */
struct fovea_softmax {
    const float *input;
    float *output;
    size_t rows, count;
};

/* Four neighbours to one, x to the right and y down, both 0 .. 1 (each line fused where ref is):
 *     top = input[0][i] + (input[1][i] - input[0][i]) * x; bottom, of input[2] and [3], likewise
 *     output[i] = top + (bottom - top) * y */
struct fovea_blend {
    const float *input[4]; /* top left, top right, bottom left, bottom right */
    float *output;
    size_t count;
    float x, y;
};

/* Each of `rows` rows of `count` floats brought to one size; output == input allowed. Sums are trees, as
 * softmax has them, each square one multiply-add.
 *     mean = about_mean ? sum of v[i] / count : 0
 *     size = sum of (v[i] - mean) (v[i] - mean)
 *     size = whole ? max(size, epsilon) : size / count + epsilon
 *     w = (v[i] - (center ? mean : 0)) * (1 / sqrt(size))
 *     output[i] = scale ? w * scale[i] + shift[i] : w                  (fused where ref is) */
struct fovea_normalize {
    const float *input, *scale, *shift; /* [count]; both NULL: none */
    float *output;
    size_t rows, count;
    float epsilon;
    bool about_mean, center, whole;
};

/* The table of one instruction set; select.c makes the complete one. */
struct fovea_kernels {
#define KERNEL(name, arguments) void (*name)(const struct arguments *);
#include "kernels/kernels.def"
#undef KERNEL
    const char *isa;    /* "ref", "sse2", "avx2", "neon" */
    size_t tile_pixels; /* positions a conv tile takes at most, at most FOVEA_TILE_PIXELS */
    bool fused;         /* multiply-add is one rounding */
};

#define FOVEA_TILE_PIXELS 8

/* Fills `table` from the reference, then lays over it what the features in `cpu` (FOVEA_CPU_...)
 * allow, in rising order. Only what kernels/built.def leaves out stays empty. No state, any thread. */
FOVEA_LOCAL void fovea_kernels_select(struct fovea_kernels *table, uint32_t cpu);

/* Index of each kernel in kernels.def. */
enum fovea_kernel_index {
#define KERNEL(name, arguments) FOVEA_KERNEL_##name,
#include "kernels/kernels.def"
#undef KERNEL
    FOVEA_KERNEL_NONE
};

/* Whether this build contains the kernel; a constant, where the index is one. */
FOVEA_INLINE bool fovea_kernel_built(enum fovea_kernel_index index) {
    _Static_assert(FOVEA_KERNEL_NONE <= 64, "a bit for each kernel");
    const uint64_t built = 0
#define KERNEL(name, arguments) | (uint64_t)1 << FOVEA_KERNEL_##name
#include "kernels/built.def"
#undef KERNEL
        ;
    return index == FOVEA_KERNEL_NONE || (built >> index & 1);
}

/* Whether this build reads weights that are halves, bytes (of either kind), any: constants, so that what is for them alone goes. */
enum fovea_narrow_built {
    FOVEA_HALVES_BUILT = 0
#define KERNEL(name, arguments) +(FOVEA_KERNEL_##name == FOVEA_KERNEL_widen_f16)
#include "kernels/built.def"
#undef KERNEL
    ,
    FOVEA_BYTES_BUILT = 0
#define KERNEL(name, arguments)                                                                    \
    || FOVEA_KERNEL_##name == FOVEA_KERNEL_widen_i8 ||                                             \
        FOVEA_KERNEL_##name == FOVEA_KERNEL_conv_q8 ||                                             \
        FOVEA_KERNEL_##name == FOVEA_KERNEL_depthwise_q8
#include "kernels/built.def"
#undef KERNEL
    ,
    FOVEA_NARROW_BUILT = FOVEA_HALVES_BUILT > 0 || FOVEA_BYTES_BUILT > 0
};

/* The name of kernel `index`; NULL for an index outside, and where this build leaves it out. */
FOVEA_LOCAL const char *fovea_kernel_name(const struct fovea_kernels *table, size_t index);

#endif
