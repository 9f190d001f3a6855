/* A depthwise convolution of bytes, behind body_q8.h: as many channels at a time as a vector has bytes. The bytes of four taps
 * are put side by side, so that a lane of 32 bits is a quad of one channel: vector v has, of each 16 channels in a row,
 * those from 4 v on, and so have the weights, biases and scales made for it. Packing the sums puts them in order again. */

#define GROUP      (4 * V_WIDTH) /* channels */
#define QUADS_MOST 8             /* of taps, whose weights are kept ready */

struct ISA(group_q8) {
    q_quads weights[QUADS_MOST][4];
    int32_t bias[4][V_WIDTH];
    float scale[4][V_WIDTH];
};

/* Rows a .. d by turns. */
#define QUADS(x, a, b, c, d)                                                                       \
    const q_sums x##ab = q_low8(a, b), x##ef = q_high8(a, b), x##cd = q_low8(c, d),                \
                 x##gh = q_high8(c, d), x##0 = q_low16(x##ab, x##cd),                              \
                 x##1 = q_high16(x##ab, x##cd), x##2 = q_low16(x##ef, x##gh),                      \
                 x##3 = q_high16(x##ef, x##gh)

/* What belongs to channels o .. o + GROUP - 1, o a multiple of 4; beyond the last one zeros. */
static FOVEA_NOINLINE V_TARGET void ISA(ready_q8)(const struct fovea_run_q8 *t, size_t o,
                                                  struct ISA(group_q8) * g) {
    const size_t left = fovea_round_up(t->channels, FOVEA_BLOCK) - o;
    const size_t all = left < GROUP ? left : GROUP;
    int8_t taps[4][GROUP];
    fovea_fill(taps, 0, sizeof taps);
    for (size_t r = 0; r < t->runs; r++) {
        const int8_t *w = t->weights + (o / FOVEA_BLOCK * t->runs + r) * FOVEA_BLOCK;
        if (o % FOVEA_BLOCK == 0)
            for (size_t c = 0; c < all; c += FOVEA_BLOCK, w += t->runs * FOVEA_BLOCK)
                fovea_copy(taps[r % 4] + c, w, FOVEA_BLOCK);
        else
            for (size_t c = 0; c < all; c += 4)
                fovea_copy(
                    taps[r % 4] + c,
                    w + (c + 4) / FOVEA_BLOCK * t->runs * FOVEA_BLOCK + (c + 4) % FOVEA_BLOCK, 4);
        if (r % 4 < 3 && r + 1 < t->runs) continue;
        QUADS(w, q_load(taps[0]), q_load(taps[1]), q_load(taps[2]), q_load(taps[3]));
        g->weights[r / 4][0] = q_ready(w0), g->weights[r / 4][1] = q_ready(w1);
        g->weights[r / 4][2] = q_ready(w2), g->weights[r / 4][3] = q_ready(w3);
        fovea_fill(taps, 0, sizeof taps);
    }
    fovea_fill(g->bias, 0, sizeof g->bias);
    fovea_fill(g->scale, 0, sizeof g->scale);
    for (size_t c = 0; c < all; c += 4) {
        const size_t at = (o + c) / FOVEA_BLOCK * 2 * FOVEA_BLOCK + (o + c) % FOVEA_BLOCK;
        fovea_copy(&g->bias[c / 4 % 4][c / 16 * 4], t->bias + at, 4 * sizeof(int32_t));
        fovea_copy(&g->scale[c / 4 % 4][c / 16 * 4], t->scale + o + c, 4 * sizeof(float));
    }
}

/* All positions of GROUP channels from o on or, where there are `few` in all, of those. */
FOVEA_INLINE V_TARGET void ISA(channels_q8)(const struct fovea_run_q8 *t, size_t o, size_t few,
                                            const size_t runs) {
    struct ISA(group_q8) g;
    ISA(ready_q8)(t, o, &g);
    const vec low = v_set(t->low), high = v_set(t->high);
    uint8_t apart[4][GROUP];
    fovea_fill(apart, 0, few ? sizeof apart : 0);
    for (size_t p = 0; p < t->positions; p++) {
        q_sums sum0 = q_load(g.bias[0]), sum1 = q_load(g.bias[1]), sum2 = q_load(g.bias[2]),
               sum3 = q_load(g.bias[3]);
        const size_t at = p * t->step + o;
        for (size_t r = 0; r < runs; r += 4) {
            const uint8_t *row[4];
            for (size_t i = 0; i < 4; i++) { /* taps that are not there have weights of 0 */
                row[i] = t->rows[r + i < runs ? r + i : r] + at;
                for (size_t c = 0; c < few; c++) apart[i][c] = row[i][c];
                if (few) row[i] = apart[i];
            }
            QUADS(x, q_load(row[0]), q_load(row[1]), q_load(row[2]), q_load(row[3]));
            q_quad(sum0, x0, g.weights[r / 4][0]);
            q_quad(sum1, x1, g.weights[r / 4][1]);
            q_quad(sum2, x2, g.weights[r / 4][2]);
            q_quad(sum3, x3, g.weights[r / 4][3]);
        }
#define WHOLE(i)                                                                                   \
    q_whole(v_lesser(v_greater(v_multiply(q_float(sum##i), v_load(g.scale[i])), low), high))
        const q_sums a = q_words(WHOLE(0), WHOLE(1), t->zero + FOVEA_FLIP);
        const q_sums b = q_words(WHOLE(2), WHOLE(3), t->zero + FOVEA_FLIP);
#undef WHOLE
        uint8_t *to = (uint8_t *)t->output + p * t->output_step + o;
        q_keep(few ? apart[0] : to, a, b);
        for (size_t c = 0; c < few; c++) to[c] = apart[0][c];
    }
}

static FOVEA_NOINLINE V_TARGET void ISA(any_q8)(const struct fovea_run_q8 *t, size_t o,
                                                size_t few) {
    ISA(channels_q8)(t, o, few, t->runs);
}
static FOVEA_NOINLINE V_TARGET void ISA(nine_q8)(const struct fovea_run_q8 *t, size_t o) {
    ISA(channels_q8)(t, o, 0, 9);
}
static V_TARGET void ISA(group_run_q8)(const struct fovea_run_q8 *t, size_t o, size_t few) {
    if (t->runs == 9 && !few)
        ISA(nine_q8)(t, o);
    else
        ISA(any_q8)(t, o, few);
}

static V_TARGET void ISA(depthwise_q8)(const struct fovea_run_q8 *t) {
    if (t->floats || t->runs > 4 * QUADS_MOST) { /* such are rare */
        fovea_kernels_ref()->depthwise_q8(t);
        return;
    }
#if defined(Q_FEW) /* of smaller vectors */
    if (t->channels < GROUP || t->channels % 4 != 0) {
        Q_FEW(t);
        return;
    }
    for (size_t o = 0; o < t->channels;
         o += GROUP) /* the last ones once more with some before them */
        ISA(group_run_q8)(t, o + GROUP <= t->channels ? o : t->channels - GROUP, 0);
#else
    for (size_t o = 0; o < t->channels; o += GROUP)
        ISA(group_run_q8)(t, o, o + GROUP <= t->channels ? 0 : t->channels - o);
#endif
}
#undef GROUP
#undef QUADS_MOST
#undef QUADS
#undef Q_FEW
