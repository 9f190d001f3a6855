/* The part of kernels.c that times Strassen's products: one tile of positions, 32 outputs. */

struct strassen_run {
    void (*kernel)(const struct fovea_strassen_tile *);
    void (*mix)(const struct fovea_mix *);
    struct fovea_strassen_tile tile;
    struct fovea_mix mixture;
};
static void strassen_products(const void *with) {
    const struct strassen_run *r = with;
    r->kernel(&r->tile);
}
static void strassen_mixtures(const void *with) {
    const struct strassen_run *r = with;
    r->mix(&r->mixture);
}
static const size_t strassen_inputs[] = {64, 128, 256, 512, 1024};

static void bench_fovea_mix(const struct bench *b, void (*kernel)(const struct fovea_mix *),
                            size_t tile_pixels) {
    for (size_t i = 0; i < 5; i++) {
        const size_t half = strassen_inputs[i] / 2;
        float *in = numbers(4 * tile_pixels * half), *out = numbers(4 * tile_pixels * half);
        const float *lower = in + 2 * tile_pixels * half;
        const struct strassen_run r = {
            .mix = kernel,
            .mixture = {lower, lower + half, in, in + half, out, tile_pixels, half, 2 * half, half,
                        tile_pixels * half, 1.0f},
        };
        char shape[64];
        snprintf(shape, sizeof shape, "2 x %zu of %zu", tile_pixels, 2 * half);
        report(b, shape, 5.0 * (double)(tile_pixels * half), 32.0 * (double)(tile_pixels * half),
               strassen_mixtures, &r);
        free(in), free(out);
    }
}

static void bench_fovea_strassen_tile(const struct bench *b,
                                      void (*kernel)(const struct fovea_strassen_tile *),
                                      size_t tile_pixels) {
    for (size_t i = 0; i < 5; i++) {
        const size_t half = strassen_inputs[i] / 2, rows = 2 * tile_pixels;
        float *in = numbers(2 * rows * half), *mixed = numbers(2 * rows * half);
        float *weights = numbers(64 * half), *mixed_weights = numbers(64 * half);
        float *bias = numbers(2 * FOVEA_PANEL), *out = numbers(2 * rows * FOVEA_PANEL);
        const struct strassen_run r = {
            .kernel = kernel,
            .tile = {.input = in,
                     .mixed = mixed,
                     .weights = weights,
                     .mixed_weights = mixed_weights,
                     .bias = bias,
                     .output = out,
                     .rows = tile_pixels,
                     .half = half,
                     .input_row = 2 * half,
                     .output_row = 2 * FOVEA_PANEL,
                     .low = 0.0f,
                     .high = FLT_MAX,
                     .ahead = weights},
        };
        const double macs = (double)(rows * 2 * half * 2 * FOVEA_PANEL);
        char shape[64];
        snprintf(shape, sizeof shape, "%zu of %zu -> 32", rows, 2 * half);
        report(b, shape, 2.0 * macs, 4.0 * (double)(128 * half + 4 * rows * half),
               strassen_products, &r);
        free(in), free(mixed), free(weights), free(mixed_weights), free(bias), free(out);
    }
}
