/* Convolutions: a walk over the inside of a picture, part of kernels.c.
 *
 * The positions are taken in one sequence across the ends of lines, so only the last tile is short:
 * 512 channels at 7 x 7 reach 0.95 of the peak so, 0.83 line by line; sums of few products go
 * line by line, in runs. */

struct picture {
    void (*kernel)(const struct fovea_conv_tile *); /* or */
    void (*run)(const struct fovea_conv_run *);
    size_t tile_pixels, height, width, inputs, outputs, size;
    const float *input, *weights, *bias;
    float *output;
};

static struct fovea_conv_tile tile_of(const struct picture *p) {
    const size_t length = p->size * p->inputs;
    const struct fovea_conv_tile t = {.weights = p->weights,
                                      .ahead = p->weights,
                                      .bias = p->bias,
                                      .channels = p->outputs,
                                      .rows = p->size,
                                      .columns = 1,
                                      .length = length,
                                      .input_row = p->width * p->inputs,
                                      .weight_row = FOVEA_BLOCK * length,
                                      .weight_block = p->size * FOVEA_BLOCK * length,
                                      .low = 0.0f,
                                      .high = FLT_MAX};
    return t;
}

static void walk(const void *with) {
    const struct picture *p = with;
    const float *in[FOVEA_TILE_PIXELS];
    float *out[FOVEA_TILE_PIXELS];
    const size_t high = p->height - p->size + 1, wide = p->width - p->size + 1;
    struct fovea_conv_tile t = tile_of(p);
    t.input = in;
    t.output = out;
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

static void lines(const void *with) {
    const struct picture *p = with;
    struct fovea_conv_run run = {tile_of(p), p->input, p->output, p->inputs, p->outputs};
    run.tile.pixels = p->width - p->size + 1;
    for (size_t y = p->height - p->size + 1; y > 0; y--) {
        p->run(&run);
        run.input += run.tile.input_row;
        run.output += run.tile.pixels * p->outputs;
    }
}

struct picture_shape {
    size_t height, width, inputs, outputs, size;
};

static void bench_picture(const struct bench *b, struct picture p, struct picture_shape s) {
    const size_t blocks = fovea_round_up(s.outputs, FOVEA_BLOCK), taps = s.size * s.size * s.inputs;
    const size_t positions = (s.height - s.size + 1) * (s.width - s.size + 1);
    const size_t inputs = s.height * s.width * s.inputs, outputs = positions * s.outputs;
    float *input = numbers(inputs), *weights = numbers(blocks * taps);
    float *bias = numbers(blocks), *output = numbers(outputs);
    p.height = s.height, p.width = s.width, p.inputs = s.inputs, p.outputs = s.outputs;
    p.size = s.size, p.input = input, p.weights = weights, p.bias = bias, p.output = output;
    char shape[64];
    snprintf(shape, sizeof shape, "%zux%zu %zux%zux%zu -> %zu", s.size, s.size, s.height, s.width,
             s.inputs, s.outputs);
    report(b, shape, 2.0 * (double)taps * (double)outputs,
           4.0 * (double)(inputs + blocks * taps + outputs), p.run ? lines : walk, &p);
    free(input), free(weights), free(bias), free(output);
}

static void bench_fovea_conv_tile(const struct bench *b,
                                  void (*kernel)(const struct fovea_conv_tile *),
                                  size_t tile_pixels) {
    static const struct picture_shape shapes[] = {
        {24, 32, 64, 64, 3},   {47, 62, 32, 32, 3},   {23, 32, 64, 64, 3},   {92, 122, 3, 32, 3},
        {47, 62, 32, 64, 3},   {56, 56, 24, 144, 1},  {56, 56, 144, 24, 1},  {14, 14, 384, 96, 1},
        {7, 7, 320, 1280, 1},  {1, 1, 1280, 1000, 1}, {1, 1, 42240, 128, 1}, {1, 1, 128, 7, 1},
        {30, 30, 8, 8, 3},     {30, 30, 16, 3, 1},    {16, 11, 64, 64, 3},   {9, 9, 512, 512, 3},
        {16, 16, 256, 256, 3}, {30, 30, 128, 128, 3},
    };
    const struct picture p = {.kernel = kernel, .tile_pixels = tile_pixels};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) bench_picture(b, p, shapes[i]);
}

static void bench_fovea_conv_run(const struct bench *b,
                                 void (*kernel)(const struct fovea_conv_run *),
                                 size_t tile_pixels) {
    static const struct picture_shape shapes[] = {
        {130, 130, 1, 16, 3}, {92, 122, 3, 32, 3},   {30, 30, 1, 8, 3},     {66, 66, 4, 24, 3},
        {32, 32, 1, 6, 5},    {114, 114, 3, 64, 7},  {56, 56, 16, 64, 1},   {56, 56, 24, 144, 1},
        {56, 56, 64, 64, 1},  {112, 112, 32, 64, 1}, {112, 112, 32, 16, 1},
    };
    const struct picture p = {.run = kernel};
    (void)tile_pixels;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) bench_picture(b, p, shapes[i]);
}
