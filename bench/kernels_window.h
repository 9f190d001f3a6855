/* The part of kernels.c that times windows: pooling and depthwise convolutions. */
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
