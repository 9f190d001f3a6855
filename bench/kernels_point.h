/* The part of kernels.c that times what goes element by element: one operation counted an element. */

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

RUN(bytes, fovea_pair_q8, byte_pairs)
static void bench_fovea_pair_q8(const struct bench *b, void (*kernel)(const struct fovea_pair_q8 *),
                                size_t tile_pixels) {
    uint8_t *in = calloc(3 * MANY, 1);
    struct bytes_run r = {kernel, {.a = in, .b = in + MANY, .output = in + (size_t)2 * MANY}};
    (void)tile_pixels;
    r.bytes.count = MANY;
    r.bytes.low = -128, r.bytes.high = 127;
    r.bytes.a_factor = r.bytes.b_factor = 1000, r.bytes.shift = 11, r.bytes.scale = 0.01f;
    report(b, "4096", MANY, 3.0 * MANY, byte_pairs, &r);
    free(in);
}

RUN(bytes_table, fovea_table_q8, byte_tables)
static void bench_fovea_table_q8(const struct bench *b,
                                 void (*kernel)(const struct fovea_table_q8 *),
                                 size_t tile_pixels) {
    uint8_t *in = calloc(2 * MANY + 256, 1);
    const struct bytes_table_run r = {kernel, {in, in + (size_t)2 * MANY, in + MANY, MANY}};
    (void)tile_pixels;
    report(b, "4096", MANY, 2.0 * MANY, byte_tables, &r);
    free(in);
}
