/* Products of bytes where those in memory are q + 128 (q8.h): vectors of V_WIDTH sums, as many outputs.
 *
 * A quad of an output's weights is one lane of 32 bits, and so is a quad of a position's bytes in all lanes. Without an
 * instruction for their product, bytes 0, 2 and 1, 3 become words, whose products are added in pairs (vpmaddwd,
 * i32x4.dot_i16x8_s): exact for all bytes and weights. The shim has, beside those of floats:
 *     q_load(p)             V_WIDTH sums
 *     q_weights(p)          V_WIDTH quads of weights, ready for q_quad; q_ready(v) those of a vector
 *     q_quad(sum, x, w)     sum + products of the quads x and w, x = q_bytes(word)
 *     q_float q_whole       sums to floats, floats to the nearest whole numbers
 *     q_store               whole numbers below 256, with the zero point, as bytes
 *     q_blocks(p, apart)    where V_WIDTH is two blocks: q_weights of both, the second `apart` bytes behind the first
 * and for body_depthwise_q8.h, in each 16 bytes of a vector by themselves,
 *     q_low8 q_high8(a, b)  the low, the high bytes of a and b by turns;  q_low16 q_high16  likewise, words
 *     q_words(a, b, zero)   whole numbers as words, with the zero point;  q_keep(to, a, b)  words as bytes */

#if !defined(q_blocks) /* a vector is at most a block */
#define q_blocks(p, apart)      ((void)(apart), q_weights(p))
#define q_bias_blocks(p, apart) q_load(p)
#endif

/* The values of two vectors, in order, to outputs o .. of position p. */
FOVEA_INLINE V_TARGET void ISA(put_q8)(const struct fovea_run_q8 *t, size_t p, size_t o, q_sums a,
                                       q_sums b, const size_t outputs) {
    const size_t left = t->channels - o, count = left < outputs ? left : outputs;
    const vec va = v_multiply(q_float(a), v_load(t->scale + o));
    const vec vb = outputs > V_WIDTH ? v_multiply(q_float(b), v_load(t->scale + o + V_WIDTH)) : va;
    if (t->floats) {
        float all[2 * V_WIDTH], *to = (float *)t->output + p * t->output_step + o;
        v_store(all, va);
        v_store(all + V_WIDTH, vb);
        for (size_t i = 0; i < count; i++) to[i] = all[i];
        return;
    }
    const vec low = v_set(t->low), high = v_set(t->high);
    uint8_t bytes[2 * V_WIDTH], *to = (uint8_t *)t->output + p * t->output_step + o;
    q_store(count == outputs ? to : bytes, q_whole(v_lesser(v_greater(va, low), high)),
            q_whole(v_lesser(v_greater(vb, low), high)), t->zero + FOVEA_FLIP, outputs);
    for (size_t i = 0; count < outputs && i < count; i++) to[i] = bytes[i];
}

/* The biases of the vector that begins with output o. */
FOVEA_INLINE V_TARGET q_sums ISA(bias_q8)(const struct fovea_run_q8 *t, size_t o) {
    return q_bias_blocks(t->bias + o / FOVEA_BLOCK * 2 * FOVEA_BLOCK + o % FOVEA_BLOCK,
                         2 * FOVEA_BLOCK);
}

/* `count` of `height` positions, the others the first one again; two vectors of outputs or, at the end, one. */
FOVEA_INLINE V_TARGET void ISA(tile_q8)(const struct fovea_run_q8 *t, size_t p, size_t o,
                                        size_t count, const size_t height, const bool two) {
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
    const size_t block = t->runs * t->quads * 32, second = o + V_WIDTH;
    const int8_t *w0 = t->weights + o / FOVEA_BLOCK * block + o % FOVEA_BLOCK * 4;
    const int8_t *w1 =
        two ? t->weights + second / FOVEA_BLOCK * block + second % FOVEA_BLOCK * 4 : w0;
    const q_sums biasa = ISA(bias_q8)(t, o), biasb = two ? ISA(bias_q8)(t, second) : biasa;
#define START(i) q_sums a##i = biasa, b##i = biasb;
    EACH(START)
    for (size_t r = 0; r < t->runs; r++) {
        const uint8_t *const row = t->rows[r] + p * t->step;
#define ROW(i) const uint8_t *in##i = row + (height > i && count > i ? i : 0) * t->step;
        EACH(ROW)
        for (size_t k = 0; k < t->quads; k++, w0 += 32, w1 += 32) {
            const q_quads wa = q_blocks(w0, block), wb = q_blocks(w1, block);
#define STEP(i)                                                                                    \
    if (height > i) {                                                                              \
        const q_sums x = q_bytes(in##i + 4 * k);                                                   \
        q_quad(a##i, x, wa);                                                                       \
        if (two) q_quad(b##i, x, wb);                                                              \
    }
            EACH(STEP)
        }
    }
#define PUT(i)                                                                                     \
    if (height > i && count > i) ISA(put_q8)(t, p + i, o, a##i, b##i, two ? 2 * V_WIDTH : V_WIDTH);
    EACH(PUT)
#undef EACH
#undef START
#undef ROW
#undef STEP
#undef PUT
}

static FOVEA_NOINLINE V_TARGET void ISA(high_q8)(const struct fovea_run_q8 *t, size_t p, size_t o,
                                                 size_t count) {
    ISA(tile_q8)(t, p, o, count, Q_POSITIONS, true);
}
static FOVEA_NOINLINE V_TARGET void ISA(half_q8)(const struct fovea_run_q8 *t, size_t p, size_t o,
                                                 size_t count) {
    ISA(tile_q8)(t, p, o, count, (Q_POSITIONS + 1) / 2, true);
}
static FOVEA_NOINLINE V_TARGET void ISA(low_q8)(const struct fovea_run_q8 *t, size_t p, size_t o) {
    ISA(tile_q8)(t, p, o, 1, 1, true);
}
#if !defined(Q_REST)
static FOVEA_NOINLINE V_TARGET void ISA(thin_q8)(const struct fovea_run_q8 *t, size_t o) {
    for (size_t p = 0; p < t->positions; p += 4) {
        const size_t left = t->positions - p;
        ISA(tile_q8)(t, p, o, left < 4 ? left : 4, 4, false);
    }
}
#endif

/* Weights of a few outputs stay in the nearest cache while all positions go by. */
static V_TARGET void ISA(conv_q8)(const struct fovea_run_q8 *t) {
    const size_t all = fovea_round_up(t->channels, FOVEA_BLOCK);
    size_t o = 0;
    for (; o + 2 * V_WIDTH <= all; o += 2 * V_WIDTH)
        for (size_t p = 0, left; p < t->positions; p += left) {
            left = t->positions - p;
            if (left > Q_POSITIONS) left = Q_POSITIONS;
            if (left > (Q_POSITIONS + 1) / 2)
                ISA(high_q8)(t, p, o, left);
            else if (left > 1)
                ISA(half_q8)(t, p, o, left);
            else
                ISA(low_q8)(t, p, o);
        }
#if defined(Q_REST) /* outputs that are not two vectors */
    if (o == all) return;
    struct fovea_run_q8 rest = *t;
    rest.weights += o / FOVEA_BLOCK * t->runs * t->quads * 32;
    rest.bias += o / FOVEA_BLOCK * 2 * FOVEA_BLOCK;
    rest.scale += o;
    rest.output = (uint8_t *)t->output + o * (t->floats ? sizeof(float) : 1);
    rest.channels -= o;
    Q_REST(&rest);
#else
    for (; o < all; o += V_WIDTH) ISA(thin_q8)(t, o);
#endif
}
