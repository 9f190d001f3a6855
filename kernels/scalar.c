/* The kernels for cores whose floating-point unit has no vectors but multiplies and adds in one rounding:
 * Cortex-M4, M7, M33, RISC-V with F. Only the convolution is worth it: sixteen sums in registers need
 * half as many loads as products, where one sum needs two loads for each. */
#include "kernels/half.h"
#include "kernels/tables.h"

#if FOVEA_SCALAR

/* Written out, because a compiler may call a library for fmaf, or take a sum apart. */
#if defined(__arm__)
#define SCALAR_MADD(x, w, sum) __asm__("vfma.f32 %0, %1, %2" : "+t"(sum) : "t"(x), "t"(w))
#else
#define SCALAR_MADD(x, w, sum) __asm__("fmadd.s %0, %1, %2, %0" : "+f"(sum) : "f"(x), "f"(w))
#endif

#define SIDE 4 /* positions, outputs */

/* The products of one kernel row's column: `length` inputs of four positions with four outputs each. */
static FOVEA_NOINLINE void scalar_products(const float *const *input, size_t from, size_t length,
                                           const float *w, float *sum) {
#define EACH(DO) DO(0) DO(1) DO(2) DO(3)
#define START(i)                                                                                   \
    const float *in##i = input[i] + from;                                                          \
    float a##i = sum[4 * i], b##i = sum[4 * i + 1], c##i = sum[4 * i + 2], d##i = sum[4 * i + 3];
    EACH(START)
    for (const float *const end = w + length * FOVEA_BLOCK; w < end; w += FOVEA_BLOCK) {
        const float wa = w[0], wb = w[1], wc = w[2], wd = w[3];
#define STEP(i)                                                                                    \
    const float x##i = *in##i++;                                                                   \
    SCALAR_MADD(x##i, wa, a##i);                                                                   \
    SCALAR_MADD(x##i, wb, b##i);                                                                   \
    SCALAR_MADD(x##i, wc, c##i);                                                                   \
    SCALAR_MADD(x##i, wd, d##i);
        EACH(STEP)
    }
#define PUT(i)                                                                                     \
    sum[4 * i] = a##i;                                                                             \
    sum[4 * i + 1] = b##i;                                                                         \
    sum[4 * i + 2] = c##i;                                                                         \
    sum[4 * i + 3] = d##i;
    EACH(PUT)
#undef EACH
#undef START
#undef STEP
#undef PUT
}

/* Positions p .. p + 3, outputs o .. o + 3. Those that are not there are computed from the first one and
 * from the zeros at the end of a block, and not written. */
static void scalar_tile(const struct fovea_conv_tile *t, size_t p, size_t o) {
    const float *input[SIDE];
    float sum[SIDE * SIDE];
    const size_t height = t->pixels - p < SIDE ? t->pixels - p : SIDE;
    const size_t width = t->channels - o < SIDE ? t->channels - o : SIDE;
    const float *weights = t->weights + o / FOVEA_BLOCK * t->weight_block + o % FOVEA_BLOCK;
    for (size_t i = 0; i < SIDE; i++) {
        input[i] = t->input[i < height ? p + i : p];
        for (size_t j = 0; j < SIDE; j++) {
            sum[SIDE * i + j] = t->bias[o + j];
            if (t->add && i < height && j < width) sum[SIDE * i + j] += t->add[p + i][o + j];
        }
    }
    for (size_t ky = 0; ky < t->rows; ky++)
        for (size_t kx = 0; kx < t->columns; kx++)
            scalar_products(input, ky * t->input_row + kx * t->input_column, t->length,
                            weights + ky * t->weight_row + kx * t->weight_column, sum);
    for (size_t i = 0; i < height; i++) {
        for (size_t j = 0; j < width; j++) {
            float v = sum[SIDE * i + j];
            v = v < t->low ? t->low : v;
            t->output[p + i][o + j] = v > t->high ? t->high : v;
        }
    }
}

static void conv_f32_scalar(const struct fovea_conv_tile *t) {
    for (size_t p = 0; p < t->pixels; p += SIDE)
        for (size_t o = 0; o < t->channels; o += SIDE) scalar_tile(t, p, o);
}

/* Half a block of outputs at a time, the halves of the weights widened one by one. */
static void dense_f16_scalar(const struct fovea_dense_narrow *t) {
    if (!fovea_kernel_built(FOVEA_KERNEL_dense_f16)) return; /* the table holds it nevertheless */
    for (size_t o = 0; o < t->channels; o += SIDE) {
        const size_t width = t->channels - o < SIDE ? t->channels - o : SIDE;
        const uint16_t *w = (const uint16_t *)t->weights +
                            o / FOVEA_BLOCK * t->length * FOVEA_BLOCK + o % FOVEA_BLOCK;
        float sum[SIDE];
        for (size_t j = 0; j < SIDE; j++)
            sum[j] = t->add && j < width ? t->bias[o + j] + t->add[o + j] : t->bias[o + j];
        float a = sum[0], b = sum[1], c = sum[2], d = sum[3];
        for (size_t k = 0; k < t->length; k++, w += FOVEA_BLOCK) {
            const float x = t->input[k];
            SCALAR_MADD(x, fovea_half_value(w[0]), a);
            SCALAR_MADD(x, fovea_half_value(w[1]), b);
            SCALAR_MADD(x, fovea_half_value(w[2]), c);
            SCALAR_MADD(x, fovea_half_value(w[3]), d);
        }
        sum[0] = a, sum[1] = b, sum[2] = c, sum[3] = d;
        for (size_t j = 0; j < width; j++) {
            float v = sum[j];
            v = v < t->low ? t->low : v;
            t->output[o + j] = v > t->high ? t->high : v;
        }
    }
}

static const struct fovea_kernels table_scalar = {
    .conv_f32 = conv_f32_scalar,
    .dense_f16 = dense_f16_scalar,
    .isa = "scalar",
    .tile_pixels = FOVEA_TILE_PIXELS,
    .fused = true,
};

FOVEA_LOCAL const struct fovea_kernels *fovea_kernels_scalar(void) {
    return &table_scalar;
}

#undef SCALAR_MADD
#undef SIDE

#else
typedef int scalar_is_empty; /* a translation unit needs a declaration */
#endif
