/* Winograd's transforms and products. */
#include <stdio.h>

#include "tests/kernels/check.h"

CHECK_PAGE(fovea_winograd_input) {
    struct fovea_winograd_input t = {.channels = check_between(1, 40), .bottom = 6, .right = 6};
    (void)tile_pixels;
    if (check_random() % 2) {
        t.top = (unsigned)check_between(0, 2), t.bottom = (unsigned)check_between(t.top, 6);
        t.left = (unsigned)check_between(0, 2), t.right = (unsigned)check_between(t.left, 6);
    }
    t.column = t.channels + check_between(0, 9);
    t.row = 6 * t.column + check_between(0, 9);
    t.output_step = t.channels + check_between(0, 9);
    snprintf(c->shape, sizeof c->shape, "channels %zu inside %u..%u %u..%u row %zu column %zu",
             t.channels, t.top, t.bottom, t.left, t.right, t.row, t.column);
    /* From the first number inside to the last: anything else may be out of bounds. */
    const bool none = t.top == t.bottom || t.left == t.right;
    const size_t first = t.top * t.row + t.left * t.column;
    const size_t count =
        none ? 1 : (t.bottom - 1) * t.row + (t.right - 1) * t.column + t.channels - first;
    const size_t outputs = 35 * t.output_step + t.channels;
    float *in = check_filled(count), *one = check_blank(outputs), *two = check_blank(outputs);
    t.input = in;
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    return check_same(c, one, two, outputs);
}

CHECK_PAGE(fovea_winograd_output) {
    struct fovea_winograd_output t = {.channels = check_between(1, 40), .rows = 4, .columns = 4};
    (void)tile_pixels;
    if (check_random() % 2) {
        t.rows = (unsigned)check_between(1, 4);
        t.columns = (unsigned)check_between(1, 4);
    }
    t.column = t.channels + check_between(0, 9);
    t.row = 4 * t.column + check_between(0, 9);
    t.input_step = t.channels + check_between(0, 9);
    t.low = check_random() % 2 ? 0.0f : -FLT_MAX;
    t.high = check_random() % 2 ? 1.0f : FLT_MAX;
    t.pool = check_random() % 3 == 0;
    const size_t inputs = 35 * t.input_step + t.channels;
    const size_t count = (t.rows - 1) * t.row + (t.columns - 1) * t.column + t.channels;
    float *in = check_filled(inputs), *one = check_blank(count), *two = check_blank(count);
    t.input = in;
    if (!t.pool && check_random() % 2) {
        float *add = check_filled(count);
        t.add = add;
    }
    snprintf(c->shape, sizeof c->shape, "channels %zu of %ux%u row %zu column %zu%s clamp %g..%g",
             t.channels, t.rows, t.columns, t.row, t.column,
             t.add    ? " add"
             : t.pool ? " pool"
                      : "",
             (double)t.low, (double)t.high);
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    return check_same(c, one, two, count);
}

CHECK_PAGE(fovea_gemm) {
    struct fovea_gemm t = {.rows = check_between(1, 30), .length = check_between(1, 50)};
    (void)tile_pixels;
    t.a_row = t.length + check_between(0, 9);
    t.c_row = FOVEA_PANEL + check_between(0, 9);
    const size_t inputs = (t.rows - 1) * t.a_row + t.length, weights = FOVEA_PANEL * t.length;
    const size_t outputs = (t.rows - 1) * t.c_row + FOVEA_PANEL;
    float *a = check_filled(inputs), *b = check_filled(weights), *start = check_filled(FOVEA_PANEL);
    float *one = check_blank(outputs), *two = check_blank(outputs);
    t.a = a;
    t.b = t.ahead = b;
    t.ahead_step = check_between(0, 20);
    t.start = check_random() % 2 ? start : NULL;
    snprintf(c->shape, sizeof c->shape, "rows %zu length %zu strides %zu %zu%s", t.rows, t.length,
             t.a_row, t.c_row, t.start ? " start" : "");
    t.c = one;
    reference(&t);
    t.c = two;
    tested(&t);
    return check_same(c, one, two, outputs);
}
