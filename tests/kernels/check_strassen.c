/* Strassen's mixtures and products. */
#include <stdio.h>

#include "tests/kernels/check.h"

CHECK_PAGE(fovea_mix) {
    struct fovea_mix t = {
        .rows = check_between(1, 9),
        .count = FOVEA_BLOCK * check_between(1, 8),
        .sign = check_random() % 2 ? 1.0f : -1.0f,
    };
    (void)tile_pixels;
    t.input_row = t.count + check_between(0, 9);
    t.output_row = t.count + check_between(0, 9);
    t.output_step = t.rows * t.output_row + check_between(0, 9);
    snprintf(c->shape, sizeof c->shape, "%zu x %zu rows %zu to %zu, %zu sign %g", t.rows, t.count,
             t.input_row, t.output_row, t.output_step, (double)t.sign);
    const size_t inputs = (t.rows - 1) * t.input_row + t.count;
    const size_t outputs = 3 * t.output_step + (t.rows - 1) * t.output_row + t.count;
    float *one = check_blank(outputs), *two = check_blank(outputs);
    t.a = check_filled(inputs);
    t.b = check_filled(inputs);
    t.c = check_filled(inputs);
    t.d = check_filled(inputs);
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    return check_same(c, one, two, outputs);
}

CHECK_PAGE(fovea_strassen_tile) {
    struct fovea_strassen_tile t = {
        .rows = tile_pixels,
        .half = FOVEA_BLOCK * check_between(1, 6),
        .low = check_random() % 2 ? 0.0f : -FLT_MAX,
        .high = check_random() % 2 ? 1.0f : FLT_MAX,
        .ahead_step = check_between(0, 20),
    };
    t.input_row = 2 * t.half + check_between(0, 9);
    t.output_row = 2 * FOVEA_PANEL + check_between(0, 9);
    const size_t last = 2 * t.rows - 1, outputs = last * t.output_row + 2 * FOVEA_PANEL;
    float *one = check_blank(outputs), *two = check_blank(outputs);
    t.input = check_filled(last * t.input_row + 2 * t.half);
    t.mixed = check_filled(4 * t.rows * t.half);
    t.weights = t.ahead = check_filled(8 * t.half * FOVEA_BLOCK);
    t.mixed_weights = check_filled(8 * t.half * FOVEA_BLOCK);
    t.bias = check_filled(2 * FOVEA_PANEL);
    if (check_random() % 2) t.add = check_filled(outputs);
    snprintf(c->shape, sizeof c->shape, "half %zu strides %zu %zu%s clamp %g..%g", t.half,
             t.input_row, t.output_row, t.add ? " add" : "", (double)t.low, (double)t.high);
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    return check_same(c, one, two, outputs);
}
