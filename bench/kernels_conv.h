/* The part of kernels.c that times convolutions and products of matrices. */

/* ---- convolutions: a walk over the inside of a picture ----
 *
 * The positions are taken in one sequence across the ends of lines, so only the last tile is short:
 * 512 channels at 7 x 7 reach 0.95 of the peak so, 0.83 line by line. */

struct picture {
    void (*kernel)(const struct fovea_conv_tile *);
    size_t tile_pixels, height, width, inputs, outputs, size;
    const float *input, *weights, *bias;
    float *output;
};

static void walk(const void *with) {
    const struct picture *p = with;
    const float *in[FOVEA_TILE_PIXELS];
    float *out[FOVEA_TILE_PIXELS];
    const size_t length = p->size * p->inputs, high = p->height - p->size + 1;
    const size_t wide = p->width - p->size + 1;
    struct fovea_conv_tile t = {.input = in,
                                .output = out,
                                .weights = p->weights,
                                .ahead = p->weights,
                                .bias = p->bias,
                                .channels = p->outputs,
                                .rows = p->size,
                                .columns = 1,
                                .length = length,
                                .input_row = p->width * p->inputs,
                                .input_column = 0,
                                .weight_row = FOVEA_BLOCK * length,
                                .weight_column = 0,
                                .weight_block = p->size * FOVEA_BLOCK * length,
                                .low = 0.0f,
                                .high = FLT_MAX};
    size_t x = 0, y = 0;
    for (size_t done = 0; done < high * wide; done += t.pixels) {
        const size_t left = high * wide - done;
        t.pixels = left < p->tile_pixels ? left : p->tile_pixels;
        for (size_t i = 0; i < t.pixels; i++) { /* a tile may go on in the next line */
            in[i] = p->input + (y * p->width + x) * p->inputs;
            out[i] = p->output + (done + i) * p->outputs;
            if (++x == wide) x = 0, y++;
        }
        p->kernel(&t);
    }
}

static void bench_fovea_conv_tile(const struct bench *b,
                                  void (*kernel)(const struct fovea_conv_tile *),
                                  size_t tile_pixels) {
    static const struct {
        size_t height, width, inputs, outputs, size;
    } shapes[] = {
        {24, 32, 64, 64, 3},   {47, 62, 32, 32, 3},   {23, 32, 64, 64, 3},   {92, 122, 3, 32, 3},
        {47, 62, 32, 64, 3},   {56, 56, 24, 144, 1},  {56, 56, 144, 24, 1},  {14, 14, 384, 96, 1},
        {7, 7, 320, 1280, 1},  {1, 1, 1280, 1000, 1}, {1, 1, 42240, 128, 1}, {1, 1, 128, 7, 1},
        {30, 30, 8, 8, 3},     {30, 30, 16, 3, 1},    {16, 11, 64, 64, 3},   {9, 9, 512, 512, 3},
        {16, 16, 256, 256, 3}, {30, 30, 128, 128, 3},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        const size_t o = shapes[i].outputs, size = shapes[i].size, in = shapes[i].inputs;
        const size_t h = shapes[i].height, w = shapes[i].width;
        const size_t blocks = fovea_round_up(o, FOVEA_BLOCK), taps = size * size * in;
        float *input = numbers(h * w * in), *weights = numbers(blocks * taps);
        float *bias = numbers(blocks), *output = numbers(h * w * o);
        const struct picture p = {kernel, tile_pixels, h,       w,    in,    o,
                                  size,   input,       weights, bias, output};
        const double positions = (double)((h - size + 1) * (w - size + 1));
        char shape[64];
        snprintf(shape, sizeof shape, "%zux%zu %zux%zux%zu -> %zu", size, size, h, w, in, o);
        report(b, shape, 2.0 * positions * (double)(taps * o),
               4.0 * ((double)(h * w * in + blocks * taps) + positions * (double)o), walk, &p);
        free(input), free(weights), free(bias), free(output);
    }
}

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
