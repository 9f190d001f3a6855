/* dense_f16 and widen_f16: weights of every bit pattern. */
#include <stdio.h>

#include "tests/kernels/check.h"

/* `count` halves (an even number): of the sizes weights have, or any. */
static const uint16_t *check_halves(size_t count) {
    uint16_t *halves = (uint16_t *)(void *)check_buffer(count / 2);
    const bool plain = check_random() % 2;
    for (size_t i = 0; i < count; i++) {
        const uint32_t u = check_random();
        halves[i] = (uint16_t)(plain ? (u & 0x83ffu) | (u >> 16 & 0x0fu) << 10 : u);
    }
    return halves;
}

CHECK_PAGE(fovea_dense_half) {
    struct fovea_dense_half t = {0};
    (void)tile_pixels;
    t.channels = check_between(1, check_random() % 4 ? 40 : 200);
    t.length = check_between(1, check_random() % 4 ? 20 : 300);
    t.low = check_random() % 2 ? 0.0f : -FLT_MAX;
    t.high = check_random() % 2 ? 1.0f : FLT_MAX;
    const size_t outputs = fovea_round_up(t.channels, FOVEA_BLOCK);
    float *in = check_filled(t.length), *bias = check_filled(outputs);
    float *add = check_filled(t.channels);
    float *one = check_blank(t.channels), *two = check_blank(t.channels);
    snprintf(c->shape, sizeof c->shape, "channels %zu length %zu clamp %g..%g", t.channels,
             t.length, (double)t.low, (double)t.high);
    t.input = in;
    t.bias = bias;
    t.add = check_random() % 2 ? add : NULL;
    t.weights = check_halves(outputs * t.length);
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    return check_same(c, one, two, t.channels);
}

CHECK_PAGE(fovea_widen) {
    struct fovea_widen t = {.count = FOVEA_BLOCK * check_between(1, 100)};
    (void)tile_pixels;
    float *one = check_blank(t.count), *two = check_blank(t.count);
    snprintf(c->shape, sizeof c->shape, "count %zu", t.count);
    t.input = check_halves(t.count);
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    return check_same(c, one, two, t.count);
}
