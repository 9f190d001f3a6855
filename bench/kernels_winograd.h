/* The part of kernels.c that times products of matrices and transforms of Winograd's algorithm. */

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
        .out = {in, NULL, out, FOVEA_PANEL, row, FOVEA_PANEL, step, 4, 4, 0.0f, FLT_MAX, false},
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
