/* The part of kernels.c that times weights narrower than floats. */
struct narrow_run {
    void (*dense)(const struct fovea_dense_narrow *);
    void (*widen)(const struct fovea_widen *);
    struct fovea_dense_narrow layer;
    struct fovea_widen weights;
};
static void half_dense(const void *with) {
    const struct narrow_run *r = with;
    r->dense(&r->layer);
}
static void half_widen(const void *with) {
    const struct narrow_run *r = with;
    r->widen(&r->weights);
}

/* Halves of no special value; any bytes are as good as others. */
static uint16_t *halves(size_t count) {
    uint16_t *h = malloc(count * sizeof *h);
    for (size_t i = 0; h && i < count; i++) h[i] = (uint16_t)(0x3000 + i * 37 % 2048);
    return h;
}

static void bench_fovea_dense_narrow(const struct bench *b,
                                     void (*kernel)(const struct fovea_dense_narrow *),
                                     size_t tile_pixels) {
    static const size_t shapes[][2] = {{1280, 1000}, {42240, 128}, {4096, 4096}, {128, 7}};
    (void)tile_pixels;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const size_t in = shapes[i][0], o = shapes[i][1], blocks = fovea_round_up(o, FOVEA_BLOCK);
        float *input = numbers(in), *bias = numbers(blocks), *output = numbers(o);
        uint16_t *weights = halves(blocks * in);
        const struct narrow_run r = {
            .dense = kernel,
            .layer = {input, bias, NULL, weights, bias, output, o, in, -1e9f, 1e9f}};
        char shape[64];
        snprintf(shape, sizeof shape, "%zu -> %zu", in, o);
        report(b, shape, 2.0 * (double)(in * o), 2.0 * (double)(blocks * in), half_dense, &r);
        free(input), free(bias), free(output), free(weights);
    }
}

static void bench_fovea_widen(const struct bench *b, void (*kernel)(const struct fovea_widen *),
                              size_t tile_pixels) {
    const size_t count = 16384;
    uint16_t *in = halves(count);
    float *out = numbers(count);
    float *scales = numbers(count);
    const struct narrow_run r = {.widen = kernel, .weights = {in, scales, out, count, 1024}};
    (void)tile_pixels;
    report(b, "16384", (double)count, 6.0 * (double)count, half_widen, &r);
    free(in), free(out), free(scales);
}
