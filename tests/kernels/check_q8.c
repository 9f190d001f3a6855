/* conv_q8 and depthwise_q8: bytes and weights of every value, sums of any size, outputs of both kinds. */
#include <stdio.h>
#include <string.h>

#include "tests/kernels/check.h"

/* `count` bytes that touch a guard page at one end; whole words where that matters. */
static uint8_t *check_bytes(size_t count) {
    const size_t words = (count + 3) / 4;
    uint8_t *bytes = (uint8_t *)(void *)check_buffer(words);
    for (size_t i = 0; i < words; i++) {
        const uint32_t u = check_random();
        memcpy(bytes + 4 * i, &u, 4);
    }
    return bytes;
}

/* Weights of -127 .. 127, some of them the outermost. */
static const int8_t *check_weights(size_t count) {
    int8_t *weights = (int8_t *)check_bytes(count);
    const bool wild = check_random() % 4 == 0;
    for (size_t i = 0; i < count; i++) {
        if (wild) weights[i] = weights[i] < 0 ? -127 : 127;
        if (weights[i] == -128) weights[i] = -127;
    }
    return weights;
}

CHECK_PAGE(fovea_run_q8) {
    struct fovea_run_q8 t = {0};
    const bool conv = strstr(c->kernel, "conv") != NULL;
    (void)tile_pixels;
    t.positions = check_between(1, 20);
    t.channels = check_between(1, check_random() % 4 ? 40 : 150);
    const bool beside = !conv && check_random() % 3 == 0; /* positions lie side by side */
    if (beside) t.channels = (size_t)8 << check_between(0, 3);
    t.runs = check_between(1, 12);
    t.quads = conv ? check_between(1, check_random() % 4 ? 9 : 60) : 0;
    t.floats = conv && check_random() % 3 == 0;
    const size_t blocks = fovea_round_up(t.channels, FOVEA_BLOCK) / FOVEA_BLOCK;
    const size_t reach = conv ? 4 * t.quads : t.channels;
    t.step = check_between(1, 2 * reach);
    t.output_step = t.channels + check_between(0, 5);
    if (beside) t.step = t.output_step = t.channels;
    t.zero = (int32_t)check_between(0, 255) - 128;
    t.low = (float)((int32_t)check_between(0, 100) - 128 - t.zero);
    t.high = (float)(127 - (int32_t)check_between(0, 100) - t.zero);
    snprintf(c->shape, sizeof c->shape,
             "positions %zu channels %zu runs %zu quads %zu step %zu floats %d", t.positions,
             t.channels, t.runs, t.quads, t.step, t.floats);
    const size_t input = (t.positions - 1) * t.step + reach;
    const uint8_t *rows[12], *bytes = check_bytes(input + t.runs);
    for (size_t r = 0; r < t.runs; r++)
        rows[r] = bytes + (input + t.runs + 3) / 4 * 4 - input - r % 4;
    t.rows = rows;
    t.weights = check_weights(blocks * (conv ? t.runs * t.quads * 32 : t.runs * FOVEA_BLOCK));
    int32_t *bias = (int32_t *)(void *)check_bytes(blocks * 16 * sizeof *bias);
    float *scale = check_buffer(blocks * FOVEA_BLOCK);
    const uint32_t shift = check_random() % 24;
    for (size_t i = 0; i < blocks * 16; i++) bias[i] = (int32_t)((uint32_t)bias[i] >> 8 >> shift);
    for (size_t o = 0; o < blocks * FOVEA_BLOCK; o++)
        scale[o] =
            (float)(1 + check_random() % 1000) * 0x1p-10f / (float)(1u << check_random() % 20);
    if (check_random() % 3 == 0) scale[0] = 0.5f; /* halves, to be rounded to even */
    t.bias = bias + (FOVEA_FLIP ? FOVEA_BLOCK : 0);
    t.scale = scale;
    const size_t count = (t.positions - 1) * t.output_step + t.channels;
    const size_t words = t.floats ? count : (count + 3) / 4;
    float *one = check_blank(words), *two = check_blank(words);
    t.output = one;
    reference(&t);
    t.output = two;
    tested(&t);
    if (memcmp(one, two, words * sizeof *one) == 0) return true;
    return t.floats ? check_same(c, one, two, count) : check_same(c, one, two, words) && false;
}

static bool check_equal_bytes(const struct check_case *c, const float *one, const float *two,
                              size_t count) {
    const size_t words = (count + 3) / 4;
    return memcmp(one, two, words * sizeof *one) == 0 || (check_same(c, one, two, words) && false);
}

CHECK_PAGE(fovea_pair_q8) {
    struct fovea_pair_q8 t = {0};
    (void)tile_pixels;
    t.count = check_between(1, 200);
    t.a_zero = (int32_t)check_between(0, 255) - 128;
    t.b_zero = (int32_t)check_between(0, 255) - 128;
    t.zero = (int32_t)check_between(0, 255) - 128;
    t.low = (int32_t)check_between(0, 100) - 128;
    t.high = 127 - (int32_t)check_between(0, 100);
    const int32_t most = check_random() % 4 == 0 ? 32767 : 1000;
    t.a_factor = (int32_t)check_between(0, (uint32_t)(2 * most)) - most;
    t.b_factor = (int32_t)check_between(0, (uint32_t)(2 * most)) - most;
    t.shift = (uint32_t)check_between(1, 14);
    t.scale = (float)(1 + check_random() % 1000) * 0x1p-10f / (float)(1u << check_random() % 16);
    if (check_random() % 3 == 0) t.scale = 0.5f; /* halves, to be rounded to even */
    snprintf(c->shape, sizeof c->shape, "count %zu factors %d %d shift %u", t.count,
             (int)t.a_factor, (int)t.b_factor, (unsigned)t.shift);
    t.a = check_bytes((t.count + 3) / 4 * 4) + (4 - t.count % 4) % 4;
    t.b = check_bytes((t.count + 3) / 4 * 4) + (4 - t.count % 4) % 4;
    float *one = check_blank((t.count + 3) / 4), *two = check_blank((t.count + 3) / 4);
    t.output = (uint8_t *)(void *)one;
    reference(&t);
    t.output = (uint8_t *)(void *)two;
    tested(&t);
    return check_equal_bytes(c, one, two, t.count);
}

CHECK_PAGE(fovea_table_q8) {
    struct fovea_table_q8 t = {0};
    (void)tile_pixels;
    t.count = check_between(1, 200);
    snprintf(c->shape, sizeof c->shape, "count %zu", t.count);
    t.from = check_bytes((t.count + 3) / 4 * 4) + (4 - t.count % 4) % 4;
    t.table = check_bytes(256);
    float *one = check_blank((t.count + 3) / 4), *two = check_blank((t.count + 3) / 4);
    t.output = (uint8_t *)(void *)one;
    reference(&t);
    t.output = (uint8_t *)(void *)two;
    tested(&t);
    return check_equal_bytes(c, one, two, t.count);
}
