/* dense_f16, dense_i8, widen_f16, widen_i8: weights of every bit pattern. */
#include <stdio.h>
#include <string.h>

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

/* `count` weights, a multiple of 8, as the kernel wants them. */
static const void *check_weights(const struct check_case *c, size_t count) {
    if (!strstr(c->kernel, "i8")) return check_halves(count);
    uint32_t *words = (uint32_t *)(void *)check_buffer(count / 4);
    for (size_t i = 0; i < count / 4; i++) words[i] = check_random();
    return words;
}

CHECK_PAGE(fovea_dense_narrow) {
    struct fovea_dense_narrow t = {0};
    (void)tile_pixels;
    t.channels = check_between(1, check_random() % 4 ? 40 : 200);
    t.length = check_between(1, check_random() % 4 ? 20 : 300);
    t.low = check_random() % 2 ? 0.0f : -FLT_MAX;
    t.high = check_random() % 2 ? 1.0f : FLT_MAX;
    const size_t outputs = fovea_round_up(t.channels, FOVEA_BLOCK);
    float *in = check_filled(t.length), *bias = check_filled(outputs);
    float *add = check_filled(t.channels), *scale = check_filled(outputs);
    float *one = check_blank(t.channels), *two = check_blank(t.channels);
    snprintf(c->shape, sizeof c->shape, "channels %zu length %zu clamp %g..%g", t.channels,
             t.length, (double)t.low, (double)t.high);
    t.input = in;
    t.bias = bias;
    t.add = check_random() % 2 ? add : NULL;
    t.weights = check_weights(c, outputs * t.length);
    t.scale = scale;
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    return check_same(c, one, two, t.channels);
}

/* Some blocks, perhaps a part of the last one. */
CHECK_PAGE(fovea_widen) {
    const size_t rows = check_between(1, 30), blocks = check_between(1, 6);
    const size_t missing = check_between(0, rows - 1);
    struct fovea_widen t = {.block = rows * FOVEA_BLOCK};
    (void)tile_pixels;
    t.count = (rows * blocks - missing) * FOVEA_BLOCK;
    float *one = check_blank(t.count), *two = check_blank(t.count);
    snprintf(c->shape, sizeof c->shape, "count %zu block %zu", t.count, t.block);
    t.input = check_weights(c, t.count);
    t.scale = check_filled(blocks * FOVEA_BLOCK);
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    return check_same(c, one, two, t.count);
}
