/* A depthwise convolution of bytes, behind body_q8.h: two taps of eight channels at a time, side by side as words. */

#define PAIRS_MOST 16 /* of taps, whose weights are kept in order */

/* One block of channels, `channels` of them there. */
static FOVEA_NOINLINE V_TARGET void ISA(channels_q8)(const struct fovea_run_q8 *t, size_t o) {
    q_words weights[PAIRS_MOST][FOVEA_BLOCK / V_WIDTH];
    static const uint8_t none[FOVEA_BLOCK];
    const int8_t *w = t->weights + o * t->runs;
    const size_t pairs = (t->runs + 1) / 2, left = t->channels - o;
    for (size_t i = 0; i < pairs; i++) {
        const bool two = 2 * i + 1 < t->runs;
        const void *first = w + 2 * i * FOVEA_BLOCK,
                   *next = two ? w + (2 * i + 1) * FOVEA_BLOCK : (const void *)none;
        for (size_t j = 0; j < FOVEA_BLOCK / V_WIDTH; j++)
            weights[i][j] = q_pair_weights(first, next, j);
    }
    for (size_t p = 0; p < t->positions; p++) {
        uint8_t few[2][FOVEA_BLOCK] = {{0}};
        q_sums sum[FOVEA_BLOCK / V_WIDTH];
        for (size_t j = 0; j < FOVEA_BLOCK / V_WIDTH; j++)
            sum[j] = ISA(bias_q8)(t, o + j * V_WIDTH);
        for (size_t i = 0; i < pairs; i++) {
            const uint8_t *a = t->rows[2 * i] + p * t->step + o;
            const uint8_t *b = 2 * i + 1 < t->runs ? t->rows[2 * i + 1] + p * t->step + o : none;
            for (size_t c = 0; left < FOVEA_BLOCK && c < left; c++)
                few[0][c] = a[c], few[1][c] = b[c];
            if (left < FOVEA_BLOCK) a = few[0], b = few[1];
            for (size_t j = 0; j < FOVEA_BLOCK / V_WIDTH; j++)
                q_madd(sum[j], q_pair(a, b, j), weights[i][j]);
        }
        ISA(put_q8)(t, p, o, sum[0], sum[FOVEA_BLOCK / V_WIDTH - 1], FOVEA_BLOCK);
    }
}

static V_TARGET void ISA(depthwise_q8)(const struct fovea_run_q8 *t) {
    if (t->runs > 2 * PAIRS_MOST) { /* large kernels are rare */
        fovea_kernels_ref()->depthwise_q8(t);
        return;
    }
    for (size_t o = 0; o < t->channels; o += FOVEA_BLOCK) ISA(channels_q8)(t, o);
}
#undef PAIRS_MOST
