/* The kernels that go element by element, into another buffer or in place. */
#include <stdio.h>

#include "tests/kernels/check.h"

/* Beside the plain run: the tested kernel on a copy of its input, in place. */
static float *copied(const float *from, size_t count) {
    float *to = check_buffer(count);
    fovea_copy(to, from, count * sizeof(float));
    return to;
}

CHECK_PAGE(fovea_map) {
    struct fovea_map t = {.count = check_between(1, check_random() % 4 ? 40 : 500)};
    (void)tile_pixels;
    t.alpha = check_random() % 2 ? 0.3f : 1.0f;
    t.low = check_random() % 2 ? 0.0f : -1.0f;
    t.high = check_random() % 2 ? 6.0f : FLT_MAX;
    snprintf(c->shape, sizeof c->shape, "count %zu alpha %g clamp %g..%g", t.count, (double)t.alpha,
             (double)t.low, (double)t.high);
    float *in = check_filled(t.count), *expected = check_blank(t.count);
    float *found = check_blank(t.count);
    t.input = in;
    t.output = expected;
    reference(&t);
    t.output = found;
    tested(&t);
    if (!check_same(c, expected, found, t.count)) return false;
    t.input = t.output = found = copied(in, t.count);
    tested(&t);
    return check_same(c, expected, found, t.count);
}

CHECK_PAGE(fovea_pair) {
    struct fovea_pair t = {.count = check_between(1, check_random() % 4 ? 40 : 500)};
    (void)tile_pixels;
    t.a_step = check_random() % 2;
    t.b_step = check_random() % 4 ? !t.a_step : 1;
    const size_t first = t.a_step ? t.count : 1, second = t.b_step ? t.count : 1;
    snprintf(c->shape, sizeof c->shape, "count %zu steps %zu %zu", t.count, t.a_step, t.b_step);
    float *a = check_filled(first), *b = check_filled(second);
    float *expected = check_blank(t.count), *found = check_blank(t.count);
    t.a = a;
    t.b = b;
    t.output = expected;
    reference(&t);
    t.output = found;
    tested(&t);
    if (!check_same(c, expected, found, t.count)) return false;
    if (t.a_step) {
        t.a = t.output = found = copied(a, t.count);
        tested(&t);
        if (!check_same(c, expected, found, t.count)) return false;
    }
    if (!t.b_step) return true;
    t.a = a;
    t.b = t.output = found = copied(b, t.count);
    tested(&t);
    return check_same(c, expected, found, t.count);
}

CHECK_PAGE(fovea_affine) {
    struct fovea_affine t = {.count = check_between(1, 20)};
    (void)tile_pixels;
    t.channels = check_between(1, check_random() % 4 ? 20 : 70);
    const size_t total = t.count * t.channels;
    snprintf(c->shape, sizeof c->shape, "count %zu channels %zu", t.count, t.channels);
    float *in = check_filled(total), *scale = check_filled(t.channels);
    float *shift = check_filled(t.channels);
    float *expected = check_blank(total), *found = check_blank(total);
    t.input = in;
    t.scale = scale;
    t.shift = shift;
    t.output = expected;
    reference(&t);
    t.output = found;
    tested(&t);
    if (!check_same(c, expected, found, total)) return false;
    t.input = t.output = found = copied(in, total);
    tested(&t);
    return check_same(c, expected, found, total);
}

CHECK_PAGE(fovea_softmax) {
    struct fovea_softmax t = {.rows = check_between(1, 4)};
    (void)tile_pixels;
    t.count = check_between(1, check_random() % 4 ? 40 : 1100);
    const size_t total = t.rows * t.count;
    snprintf(c->shape, sizeof c->shape, "rows %zu count %zu", t.rows, t.count);
    float *in = check_filled(total), *expected = check_blank(total), *found = check_blank(total);
    t.input = in;
    t.output = expected;
    reference(&t);
    t.output = found;
    tested(&t);
    if (!check_same(c, expected, found, total)) return false;
    t.input = t.output = found = copied(in, total);
    tested(&t);
    return check_same(c, expected, found, total);
}

CHECK_PAGE(fovea_blend) {
    struct fovea_blend t = {.count = check_between(1, check_random() % 4 ? 40 : 500)};
    (void)tile_pixels;
    t.x = (float)(check_random() % 9) / 8;
    t.y = (float)(check_random() % 7) / 6;
    snprintf(c->shape, sizeof c->shape, "count %zu x %g y %g", t.count, (double)t.x, (double)t.y);
    for (int i = 0; i < 4; i++) {
        float *in = check_filled(t.count);
        t.input[i] = in;
    }
    float *expected = check_blank(t.count), *found = check_blank(t.count);
    t.output = expected;
    reference(&t);
    t.output = found;
    tested(&t);
    return check_same(c, expected, found, t.count);
}

CHECK_PAGE(fovea_normalize) {
    struct fovea_normalize t = {.rows = check_between(1, 4)};
    (void)tile_pixels;
    t.count = check_between(1, check_random() % 4 ? 40 : 1100);
    t.about_mean = check_random() % 2;
    t.center = check_random() % 2;
    t.whole = check_random() % 4 == 0;
    t.epsilon = check_random() % 2 ? 1e-3f : 1e-12f;
    const bool scaled = check_random() % 2;
    const size_t total = t.rows * t.count;
    snprintf(c->shape, sizeof c->shape, "rows %zu count %zu about %d center %d whole %d scaled %d",
             t.rows, t.count, t.about_mean, t.center, t.whole, scaled);
    float *in = check_filled(total), *expected = check_blank(total), *found = check_blank(total);
    float *scale = check_filled(t.count), *shift = check_filled(t.count);
    t.input = in;
    t.scale = scaled ? scale : NULL;
    t.shift = scaled ? shift : NULL;
    t.output = expected;
    reference(&t);
    t.output = found;
    tested(&t);
    if (!check_same(c, expected, found, total)) return false;
    t.input = t.output = found = copied(in, total);
    tested(&t);
    return check_same(c, expected, found, total);
}
