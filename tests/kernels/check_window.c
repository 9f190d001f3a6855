/* depthwise_f32 and the pools: rows of outputs, windows cut at the edges included. */
#include <stdio.h>

#include "tests/kernels/check.h"

static const size_t sizes[] = {1, 2, 2, 3, 3, 3, 3, 5, 5, 7};
static size_t size(void) {
    return sizes[check_random() % (sizeof sizes / sizeof *sizes)];
}

CHECK_PAGE(fovea_depthwise_run) {
    struct fovea_depthwise_run t = {0};
    (void)tile_pixels;
    t.outputs = check_between(1, 18);
    t.channels = check_between(1, check_random() % 4 ? 24 : 70);
    t.rows = check_random() % 16 ? size() : 0;
    t.columns = check_random() % 4 ? t.rows + !t.rows : size();
    t.step = check_between(1, check_random() % 4 ? 2 : 3);
    t.dilation = check_random() % 4 ? 1 : check_between(1, 3);
    t.pixel = t.channels + (check_random() % 2 ? 0 : check_between(0, 5));
    t.output_step = t.channels + (check_random() % 2 ? 0 : check_between(0, 5));
    /* from rows narrower than the window to such that no window leaves */
    const size_t reach = (t.outputs - 1) * t.step + (t.columns - 1) * t.dilation + 1;
    const size_t left = check_between(0, 2 * t.columns), right = check_between(0, 2 * t.columns);
    t.left = check_random() % 4 ? left : 0;
    if (check_random() % 4 == 0) t.left = 0 - left; /* the first tap lies inside */
    t.width = reach - t.left > right && reach - t.left < 1000 ? reach - t.left - right : 1;
    if (check_random() % 4 == 0) t.width += right + check_between(0, 3);
    t.input_row = t.width * t.pixel + check_between(0, 9);
    t.weight_row = FOVEA_BLOCK * (t.columns + check_between(0, 2));
    t.weight_block = t.rows * t.weight_row + FOVEA_BLOCK * check_between(0, 2);
    t.low = check_random() % 2 ? 0.0f : -FLT_MAX;
    t.high = check_random() % 2 ? 6.0f : FLT_MAX;

    const size_t blocks = (t.channels + FOVEA_BLOCK - 1) / FOVEA_BLOCK, rows = t.rows;
    const size_t inputs =
        rows ? (rows - 1) * t.input_row + (t.width - 1) * t.pixel + t.channels : 1;
    const size_t weights =
        rows ? (blocks - 1) * t.weight_block + (rows - 1) * t.weight_row + t.columns * FOVEA_BLOCK
             : 1;
    const size_t outputs = (t.outputs - 1) * t.output_step + t.channels;
    snprintf(c->shape, sizeof c->shape,
             "outputs %zu channels %zu window %zux%zu of %zu, step %zu dilation %zu left %zd, "
             "pixel %zu row %zu output %zu weights %zu,%zu clamp %g..%g",
             t.outputs, t.channels, t.rows, t.columns, t.width, t.step, t.dilation,
             (ptrdiff_t)t.left, t.pixel, t.input_row, t.output_step, t.weight_row, t.weight_block,
             (double)t.low, (double)t.high);

    float *in = check_filled(inputs), *w = check_filled(weights);
    float *bias = check_filled(blocks * FOVEA_BLOCK);
    float *expected = check_blank(outputs), *found = check_blank(outputs);
    t.input = in;
    t.weights = w;
    t.bias = bias;
    t.output = expected;
    reference(&t);
    t.output = found;
    tested(&t);
    return check_same(c, expected, found, outputs);
}

CHECK_PAGE(fovea_window_run) {
    struct fovea_window_run t = {0};
    (void)tile_pixels;
    t.outputs = check_between(1, 14);
    t.channels = check_between(1, check_random() % 4 ? 24 : 70);
    t.rows = size();
    t.columns = check_random() % 4 ? t.rows : size();
    const size_t dilation = check_random() % 4 ? 1 : check_between(1, 3);
    const size_t pixel = t.channels + (check_random() % 2 ? 0 : check_between(0, 5));
    t.input_column = dilation * pixel;
    t.input_step = check_between(1, 3) * pixel;
    t.output_step = t.channels + (check_random() % 2 ? 0 : check_between(0, 5));
    const size_t row =
        (t.outputs - 1) * t.input_step + (t.columns - 1) * t.input_column + t.channels;
    t.input_row = check_random() % 2 ? row + check_between(0, 9) : check_between(1, row);

    const size_t inputs = (t.rows - 1) * t.input_row + row;
    const size_t outputs = (t.outputs - 1) * t.output_step + t.channels;
    snprintf(c->shape, sizeof c->shape,
             "outputs %zu channels %zu window %zux%zu input %zu,%zu,%zu output %zu", t.outputs,
             t.channels, t.rows, t.columns, t.input_row, t.input_column, t.input_step,
             t.output_step);

    float *in = check_filled(inputs);
    float *expected = check_blank(outputs), *found = check_blank(outputs);
    t.input = in;
    t.output = expected;
    reference(&t);
    t.output = found;
    tested(&t);
    return check_same(c, expected, found, outputs);
}
