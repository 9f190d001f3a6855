/* conv_f32: tiles cut out of pictures of any stride; conv_run_f32: runs of positions, few and many. */
#include <stdio.h>

#include "tests/kernels/check.h"

CHECK_PAGE(fovea_conv_tile) {
    const float *input[FOVEA_TILE_PIXELS];
    float *expected[FOVEA_TILE_PIXELS], *found[FOVEA_TILE_PIXELS];
    struct fovea_conv_tile t = {.input = input, .output = expected};
    t.pixels = check_between(1, tile_pixels);
    t.channels = check_between(1, check_random() % 4 ? 40 : 100);
    t.rows = check_between(1, check_random() % 2 ? 1 : 4);
    t.columns = check_between(1, check_random() % 2 ? 1 : 4);
    t.length = check_between(1, check_random() % 4 ? 20 : 70);
    t.input_column = check_random() % 4 ? t.length + check_between(0, 5) : check_between(1, 9);
    t.input_row = t.columns * t.input_column + check_between(0, 9);
    t.weight_column = FOVEA_BLOCK * (t.length + check_between(0, 2));
    t.weight_row = t.columns * t.weight_column + FOVEA_BLOCK * check_between(0, 3);
    t.weight_block = t.rows * t.weight_row + FOVEA_BLOCK * check_between(0, 3);
    t.low = check_random() % 2 ? 0.0f : -FLT_MAX;
    t.high = check_random() % 2 ? 1.0f : FLT_MAX;

    const size_t blocks = (t.channels + FOVEA_BLOCK - 1) / FOVEA_BLOCK;
    const size_t reach = (t.rows - 1) * t.input_row + (t.columns - 1) * t.input_column + t.length;
    const size_t apart = check_between(0, 2 * t.length);
    const size_t inputs = (t.pixels - 1) * apart + reach;
    const size_t weights = (blocks - 1) * t.weight_block + (t.rows - 1) * t.weight_row +
                           (t.columns - 1) * t.weight_column + FOVEA_BLOCK * t.length;
    const size_t out = t.channels + check_between(0, 9);
    const size_t outputs = (t.pixels - 1) * out + t.channels;
    snprintf(c->shape, sizeof c->shape,
             "pixels %zu channels %zu taps %zux%zux%zu input %zu,%zu apart %zu weights %zu,%zu,%zu "
             "clamp %g..%g",
             t.pixels, t.channels, t.rows, t.columns, t.length, t.input_row, t.input_column, apart,
             t.weight_row, t.weight_column, t.weight_block, (double)t.low, (double)t.high);

    float *in = check_filled(inputs), *w = check_filled(weights);
    float *bias = check_filled(blocks * FOVEA_BLOCK);
    float *one = check_blank(outputs), *two = check_blank(outputs);
    const float *add[FOVEA_TILE_PIXELS];
    if (check_random() % 2) {
        float *sums = check_filled(outputs);
        for (size_t p = 0; p < t.pixels; p++) add[p] = sums + p * out;
        t.add = add;
    }
    t.weights = t.ahead = w;
    t.ahead_step = check_between(0, 20);
    t.bias = bias;
    for (size_t p = 0; p < t.pixels; p++) {
        input[p] = in + p * apart;
        expected[p] = one + p * out;
        found[p] = two + p * out;
    }
    reference(&t);
    t.output = found;
    tested(&t);
    return check_same(c, one, two, outputs);
}

CHECK_PAGE(fovea_conv_run) {
    struct fovea_conv_run t = {.tile = {.columns = 1}};
    t.tile.pixels = check_between(1, check_random() % 2 ? tile_pixels : 40);
    t.tile.channels = check_between(1, 40);
    t.tile.rows = check_between(1, 5);
    t.tile.length = check_between(1, check_random() % 4 ? 12 : 40);
    t.tile.input_row = t.tile.length + check_between(0, 90);
    t.input_step = check_between(0, 2 * t.tile.length);
    t.output_step = t.tile.channels + check_between(0, 9);
    t.tile.weight_row = FOVEA_BLOCK * t.tile.length;
    t.tile.weight_block = t.tile.rows * t.tile.weight_row + FOVEA_BLOCK * check_between(0, 3);
    t.tile.low = check_random() % 2 ? 0.0f : -FLT_MAX;
    t.tile.high = check_random() % 2 ? 1.0f : FLT_MAX;
    snprintf(c->shape, sizeof c->shape,
             "pixels %zu channels %zu taps %zux%zu input %zu,%zu output %zu weights %zu,%zu "
             "clamp %g..%g",
             t.tile.pixels, t.tile.channels, t.tile.rows, t.tile.length, t.tile.input_row,
             t.input_step, t.output_step, t.tile.weight_row, t.tile.weight_block,
             (double)t.tile.low, (double)t.tile.high);

    const size_t blocks = (t.tile.channels + FOVEA_BLOCK - 1) / FOVEA_BLOCK;
    const size_t inputs =
        (t.tile.pixels - 1) * t.input_step + (t.tile.rows - 1) * t.tile.input_row + t.tile.length;
    const size_t weights = (blocks - 1) * t.tile.weight_block +
                           (t.tile.rows - 1) * t.tile.weight_row + FOVEA_BLOCK * t.tile.length;
    const size_t outputs = (t.tile.pixels - 1) * t.output_step + t.tile.channels;
    float *in = check_filled(inputs), *w = check_filled(weights);
    float *bias = check_filled(blocks * FOVEA_BLOCK);
    float *one = check_blank(outputs), *two = check_blank(outputs);
    t.input = in;
    t.tile.weights = w;
    t.tile.bias = bias;
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    return check_same(c, one, two, outputs);
}
