/* The part of kernels.c that times products of bytes. */
struct q8_run {
    void (*kernel)(const struct fovea_run_q8 *);
    struct fovea_run_q8 run;
};
static void q8_once(const void *with) {
    const struct q8_run *r = with;
    r->kernel(&r->run);
}

static void bench_fovea_run_q8(const struct bench *b, void (*kernel)(const struct fovea_run_q8 *),
                               size_t tile_pixels) {
    static const size_t shapes[][4] = {/* positions, channels, runs, bytes of a run */
                                       {784, 128, 1, 128},
                                       {196, 512, 1, 512},
                                       {196, 256, 3, 768},
                                       {1, 1000, 1, 1280}};
    (void)tile_pixels;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const size_t positions = shapes[i][0], channels = shapes[i][1], runs = shapes[i][2];
        const size_t length = shapes[i][3], blocks = fovea_round_up(channels, FOVEA_BLOCK);
        const size_t quads = length / 4, step = channels > length ? channels : length;
        uint8_t *input = calloc(positions * step + 64, 1),
                *output = calloc(positions * channels, 1);
        int8_t *weights = calloc(blocks * runs * length, 1);
        int32_t *bias = calloc(2 * blocks, sizeof *bias);
        float *scale = numbers(blocks);
        const uint8_t *const rows[3] = {input, input, input};
        const struct q8_run r = {kernel,
                                 {rows, weights, bias, scale, output, positions, channels, runs,
                                  quads, step, channels, -128, 127, 0, false}};
        char shape[64];
        snprintf(shape, sizeof shape, "%zu x %zu x %zu", positions, channels, runs * length);
        report(b, shape, 2.0 * (double)(positions * channels * runs * length),
               (double)(blocks * runs * length), q8_once, &r);
        free(input), free(output), free(weights), free(bias), free(scale);
    }
}
