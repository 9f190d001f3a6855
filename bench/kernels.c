/* The kernels one by one, on shapes of real networks, hot: the least time of many runs, held against
 * the multiply-add peak measured between them.
 *     bench_kernels [kernel] [table] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peak.h"
#include "kernels/cpu.h"
#include "kernels/kernels.h"

enum { REPEATS = 40 };

static float *numbers(size_t count) {
    float *data = aligned_alloc(FOVEA_ALIGN, fovea_round_up(count * sizeof(float), FOVEA_ALIGN));
    if (!data) exit(2);
    for (size_t i = 0; i < count; i++) data[i] = (float)(i * 2654435761u % 2001) * 1e-3f - 1.0f;
    return data;
}

/* ---- one report line ---- */

struct bench {
    const char *kernel, *isa;
    uint32_t cpu;
};

typedef void work(const void *);

static void report(const struct bench *b, const char *shape, double operations, double bytes,
                   work *run, const void *with) {
    double peak = 0, least = 1e9;
    run(with);
    for (int i = 0; i < REPEATS; i++) {
        double seconds = 0;
        int runs = 0;
        const double start = fovea_seconds();
        do run(with), runs++, seconds = fovea_seconds() - start;
        while (seconds < 2e-4);
        if (seconds / runs < least) least = seconds / runs;
        if (i % 4 == 0) {
            const double now = fovea_peak_gflops(b->cpu);
            if (now > peak) peak = now;
        }
    }
    printf("%-13s %-4s %-28s %9.1f us %7.1f GFLOP/s %3.0f %% of %.0f %7.1f GB/s\n", b->kernel,
           b->isa, shape, least * 1e6, operations / least * 1e-9,
           100 * operations / least * 1e-9 / peak, peak, bytes / least * 1e-9);
}

#include "bench/kernels_conv.h"

/* ---- Winograd: the inside of a picture, one block of tiles ---- */

enum { TILES = 24 };

struct wino_run {
    void (*kernel_in)(const struct fovea_winograd_input *);
    void (*kernel_out)(const struct fovea_winograd_output *);
    void (*kernel)(const struct fovea_gemm *);
    struct fovea_winograd_input in;
    struct fovea_winograd_output out;
    struct fovea_gemm gemm;
    size_t a_step, b_step, c_step;
};
static void tiles_in(const void *with) {
    const struct wino_run *r = with;
    for (size_t i = 0; i < TILES; i++) {
        struct fovea_winograd_input t = r->in;
        t.input += 4 * i * t.column;
        t.output += i * t.channels;
        r->kernel_in(&t);
    }
}
static void tiles_out(const void *with) {
    const struct wino_run *r = with;
    for (size_t i = 0; i < TILES; i++) {
        struct fovea_winograd_output t = r->out;
        t.input += i * FOVEA_PANEL;
        t.output += 4 * i * t.column;
        r->kernel_out(&t);
    }
}
static void products(const void *with) {
    const struct wino_run *r = with;
    struct fovea_gemm t = r->gemm;
    for (size_t i = 0; i < 36; i++, t.a += r->a_step, t.b += r->b_step, t.c += r->c_step)
        r->kernel(&t);
}
static const size_t wino_channels[] = {32, 64, 128};

static void bench_fovea_winograd_input(const struct bench *b,
                                       void (*kernel)(const struct fovea_winograd_input *),
                                       size_t tile_pixels) {
    (void)tile_pixels;
    for (size_t i = 0; i < 3; i++) {
        const size_t c = wino_channels[i], row = (4 * TILES + 2) * c;
        float *in = numbers(6 * row), *out = numbers(36 * (TILES * c + 16));
        const struct wino_run r = {
            .kernel_in = kernel,
            .in = {in, out, c, row, c, TILES * c + 16, 0, 6, 0, 6},
        };
        char shape[64];
        snprintf(shape, sizeof shape, "%d tiles of %zu", TILES, c);
        report(b, shape, 144.0 * TILES * (double)c, 4.0 * 72 * TILES * (double)c, tiles_in, &r);
        free(in), free(out);
    }
}

static void bench_fovea_winograd_output(const struct bench *b,
                                        void (*kernel)(const struct fovea_winograd_output *),
                                        size_t tile_pixels) {
    const size_t step = TILES * FOVEA_PANEL + 16, row = 4 * TILES * FOVEA_PANEL;
    float *in = numbers(36 * step), *out = numbers(4 * row);
    const struct wino_run r = {
        .kernel_out = kernel,
        .out = {in, NULL, out, FOVEA_PANEL, row, FOVEA_PANEL, step, 4, 4, 0.0f, FLT_MAX},
    };
    (void)tile_pixels;
    report(b, "24 tiles of 16", 132.0 * TILES * FOVEA_PANEL, 4.0 * 52 * TILES * FOVEA_PANEL,
           tiles_out, &r);
    free(in), free(out);
}

static void bench_fovea_gemm(const struct bench *b, void (*kernel)(const struct fovea_gemm *),
                             size_t tile_pixels) {
    (void)tile_pixels;
    for (size_t i = 0; i < 3; i++) {
        const size_t k = wino_channels[i];
        struct wino_run r = {.kernel = kernel,
                             .gemm = {.rows = TILES, .length = k, .a_row = k, .c_row = FOVEA_PANEL},
                             .a_step = TILES * k + 16,
                             .b_step = FOVEA_PANEL * k,
                             .c_step = TILES * FOVEA_PANEL + 16};
        float *a = numbers(36 * r.a_step), *w = numbers(36 * r.b_step), *c = numbers(36 * r.c_step);
        char shape[64];
        r.gemm.a = a, r.gemm.b = r.gemm.ahead = w, r.gemm.c = c;
        snprintf(shape, sizeof shape, "36 x %d rows of %zu", TILES, k);
        report(b, shape, 72.0 * TILES * FOVEA_PANEL * (double)k,
               4.0 * 36 * (double)(r.a_step + r.b_step + r.c_step), products, &r);
        free(a), free(w), free(c);
    }
}

/* ---- windows ---- */
/* All rows of a picture: what the kernel is run with, and the function that runs it. */
#define ROWS(name, arguments)                                                                      \
    struct name##_rows {                                                                           \
        void (*kernel)(const struct arguments *);                                                  \
        struct arguments run;                                                                      \
        size_t rows_out, row_step;                                                                 \
    };                                                                                             \
    static void name##_picture(const void *with) {                                                 \
        const struct name##_rows *r = with;                                                        \
        struct arguments t = r->run;                                                               \
        for (size_t y = 0; y < r->rows_out; y++) {                                                 \
            r->kernel(&t);                                                                         \
            t.input += r->row_step;                                                                \
            t.output += t.outputs * t.channels;                                                    \
        }                                                                                          \
    }

ROWS(window, fovea_window_run)
static void bench_fovea_window_run(const struct bench *b,
                                   void (*kernel)(const struct fovea_window_run *),
                                   size_t tile_pixels) {
    static const struct {
        size_t side, channels, size, stride;
    } shapes[] = {{112, 32, 2, 2}, {56, 64, 2, 2}, {57, 64, 3, 2}, {7, 1280, 7, 1},
                  {64, 16, 2, 2},  {64, 3, 2, 2},  {64, 1, 2, 2}};
    (void)tile_pixels;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const size_t side = shapes[i].side, c = shapes[i].channels, size = shapes[i].size,
                     stride = shapes[i].stride, out = (side - size) / stride + 1;
        float *input = numbers(side * side * c), *output = numbers(out * out * c);
        const struct window_rows r = {kernel,
                                      {.input = input,
                                       .output = output,
                                       .outputs = out,
                                       .channels = c,
                                       .rows = size,
                                       .columns = size,
                                       .input_row = side * c,
                                       .input_column = c,
                                       .input_step = stride * c,
                                       .output_step = c},
                                      out,
                                      stride * side * c};
        char shape[64];
        snprintf(shape, sizeof shape, "%zux%zu/%zu %zux%zux%zu", size, size, stride, side, side, c);
        report(b, shape, (double)(out * out * c * size * size),
               4.0 * (double)((side * side + out * out) * c), window_picture, &r);
        free(input), free(output);
    }
}

ROWS(depthwise, fovea_depthwise_run)
/* Rows of padding above and below stand in the picture, columns do not. */
static void bench_fovea_depthwise_run(const struct bench *b,
                                      void (*kernel)(const struct fovea_depthwise_run *),
                                      size_t tile_pixels) {
    static const struct {
        size_t side, channels, size, stride;
    } shapes[] = {{112, 32, 3, 1}, {56, 144, 3, 1}, {14, 576, 3, 1}, {7, 960, 3, 1},
                  {14, 64, 3, 1},  {112, 96, 3, 2}, {56, 144, 3, 2}, {28, 240, 5, 1},
                  {14, 672, 5, 1}, {28, 240, 5, 2}};
    (void)tile_pixels;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const size_t side = shapes[i].side, c = shapes[i].channels, size = shapes[i].size;
        const size_t stride = shapes[i].stride, out = (side + stride - 1) / stride;
        const size_t padded = fovea_round_up(c, FOVEA_BLOCK), high = (out - 1) * stride + size;
        float *input = numbers(high * side * c), *weights = numbers(padded * size * size);
        float *bias = numbers(padded), *output = numbers(out * out * c);
        const struct depthwise_rows r = {kernel,
                                         {.input = input,
                                          .output = output,
                                          .weights = weights,
                                          .bias = bias,
                                          .outputs = out,
                                          .channels = c,
                                          .rows = size,
                                          .columns = size,
                                          .width = side,
                                          .pixel = c,
                                          .input_row = side * c,
                                          .step = stride,
                                          .dilation = 1,
                                          .left = ((out - 1) * stride + size - side) / 2,
                                          .output_step = c,
                                          .weight_row = size * FOVEA_BLOCK,
                                          .weight_block = size * size * FOVEA_BLOCK,
                                          .low = 0.0f,
                                          .high = 6.0f},
                                         out,
                                         stride * side * c};
        char shape[64];
        snprintf(shape, sizeof shape, "%zux%zu/%zu %zux%zux%zu", size, size, stride, side, side, c);
        report(b, shape, 2.0 * (double)(out * out * c * size * size),
               4.0 * (double)((side * side + out * out) * c), depthwise_picture, &r);
        free(input), free(weights), free(bias), free(output);
    }
}

/* ---- element by element: one operation counted an element ---- */

enum { MANY = 4096 };

/* What a kernel is run with, and the function that runs it. */
#define RUN(name, arguments, function)                                                             \
    struct name##_run {                                                                            \
        void (*kernel)(const struct arguments *);                                                  \
        struct arguments name;                                                                     \
    };                                                                                             \
    static void function(const void *with) {                                                       \
        const struct name##_run *r = with;                                                         \
        r->kernel(&r->name);                                                                       \
    }

RUN(map, fovea_map, maps)
static void bench_fovea_map(const struct bench *b, void (*kernel)(const struct fovea_map *),
                            size_t tile_pixels) {
    float *in = numbers(MANY), *out = numbers(MANY);
    const struct map_run r = {kernel, {in, out, MANY, 0.3f, 0.0f, 6.0f}};
    (void)tile_pixels;
    report(b, "4096", MANY, 8.0 * MANY, maps, &r);
    free(in), free(out);
}

RUN(pair, fovea_pair, pairs)
static void bench_fovea_pair(const struct bench *b, void (*kernel)(const struct fovea_pair *),
                             size_t tile_pixels) {
    float *in = numbers(MANY), *other = numbers(MANY), *out = numbers(MANY);
    const struct pair_run r = {kernel, {in, other, out, MANY, 1, 1}};
    (void)tile_pixels;
    report(b, "4096", MANY, 12.0 * MANY, pairs, &r);
    free(in), free(other), free(out);
}

RUN(affine, fovea_affine, affines)
static void bench_fovea_affine(const struct bench *b, void (*kernel)(const struct fovea_affine *),
                               size_t tile_pixels) {
    static const size_t channels[] = {3, 64};
    (void)tile_pixels;
    for (size_t i = 0; i < 2; i++) {
        const size_t c = channels[i], count = MANY / c;
        float *in = numbers(MANY), *scale = numbers(c), *shift = numbers(c), *out = numbers(MANY);
        const struct affine_run r = {kernel, {in, scale, shift, out, count, c}};
        char shape[64];
        snprintf(shape, sizeof shape, "%zu x %zu", count, c);
        report(b, shape, 2.0 * (double)(count * c), 8.0 * (double)(count * c), affines, &r);
        free(in), free(scale), free(shift), free(out);
    }
}

RUN(softmax, fovea_softmax, softmaxes)
static void bench_fovea_softmax(const struct bench *b, void (*kernel)(const struct fovea_softmax *),
                                size_t tile_pixels) {
    static const size_t counts[] = {7, 1000};
    (void)tile_pixels;
    for (size_t i = 0; i < 2; i++) {
        const size_t count = counts[i], rows = MANY / count;
        float *in = numbers(MANY), *out = numbers(MANY);
        const struct softmax_run r = {kernel, {in, out, rows, count}};
        char shape[64];
        snprintf(shape, sizeof shape, "%zu x %zu", rows, count);
        report(b, shape, (double)(rows * count), 8.0 * (double)(rows * count), softmaxes, &r);
        free(in), free(out);
    }
}

RUN(blend, fovea_blend, blends)
static void bench_fovea_blend(const struct bench *b, void (*kernel)(const struct fovea_blend *),
                              size_t tile_pixels) {
    static const size_t counts[] = {3, 64};
    (void)tile_pixels;
    for (size_t i = 0; i < 2; i++) {
        float *in = numbers(4 * counts[i]), *out = numbers(counts[i]);
        struct blend_run r = {kernel, {{0}, out, counts[i], 0.25f, 0.75f}};
        for (size_t k = 0; k < 4; k++) r.blend.input[k] = in + k * counts[i];
        char shape[64];
        snprintf(shape, sizeof shape, "%zu", counts[i]);
        report(b, shape, 6.0 * (double)counts[i], 20.0 * (double)counts[i], blends, &r);
        free(in), free(out);
    }
}

RUN(normalize, fovea_normalize, normalizes)
static void bench_fovea_normalize(const struct bench *b,
                                  void (*kernel)(const struct fovea_normalize *),
                                  size_t tile_pixels) {
    float *in = numbers(MANY), *out = numbers(MANY), *scale = numbers(96), *shift = numbers(96);
    const struct normalize_run r = {
        kernel, {in, scale, shift, out, MANY / 96, 96, 1e-6f, true, true, false}};
    (void)tile_pixels;
    report(b, "42 x 96", MANY, 8.0 * MANY, normalizes, &r);
    free(in), free(out), free(scale), free(shift);
}

#include "bench/kernels_half.h"
int main(int argc, char **argv) {
    const char *wanted = argc > 1 ? argv[1] : "", *table_wanted = argc > 2 ? argv[2] : "";
    const uint32_t cpu = fovea_cpu_detect();
    for (uint32_t mask = 0; mask <= FOVEA_CPU_NEON; mask = mask ? mask << 1 : 1) {
        struct fovea_kernels table;
        if (mask & ~cpu) continue;
        fovea_kernels_select(&table, mask);
        struct bench b = {.isa = table.isa, .cpu = mask};
        if (!strstr(table.isa, table_wanted)) continue;
#define KERNEL(name, arguments)                                                                    \
    b.kernel = #name;                                                                              \
    if (strstr(#name, wanted)) bench_##arguments(&b, table.name, table.tile_pixels);
#include "kernels/kernels.def"
#undef KERNEL
    }
    return 0;
}
