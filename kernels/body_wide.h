/* conv_f32 and winograd_gemm_f32 for vectors of two blocks of weights: register tiles of up to eight positions x three
 * vectors of sums, as in body_conv.h. Masks take what the last vector has: nothing is read or written beyond.
 *
 * What has few positions is read from memory once, as fast as that gives it, whatever the vectors: narrow(t), with
 * which the file that includes this one says who does it. */

#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define WIDE_FEW                                                                                   \
    4 /* positions: less than that leave too few sums to hide the latency of a multiply-add */

/* The first `positions`, `vectors` vectors from vector j on, of which the last has `some` channels. */
FOVEA_INLINE V_TARGET void ISA(conv_tile)(const struct fovea_conv_tile *t, size_t j, size_t some,
                                          const size_t positions, const size_t vectors) {
    const size_t length = t->length, block = t->weight_block, step = t->ahead_step,
                 last = vectors - 1;
    /* A block that is not there is the one before it once more: nobody stores its sums. */
    const size_t apart = some > FOVEA_BLOCK ? block : 0;
    const float *const bias = t->bias + j * V_WIDTH, *w_row = t->weights + 2 * j * block;
    const float *ahead = t->weights; /* where nothing lies ahead, `t->ahead` may be NULL */
    if (step) ahead = t->ahead + j * (t->rows * t->columns * length * step);
#define BIAS(v) (last == v ? v_load_part(bias + v * V_WIDTH, some) : v_load(bias + v * V_WIDTH))
    const vec bias_a = BIAS(0), bias_b = vectors > 1 ? BIAS(1) : bias_a,
              bias_c = vectors > 2 ? BIAS(2) : bias_a;
#define START(i)                                                                                   \
    const float *const in##i = t->input[positions > i ? i : 0];                                    \
    vec a##i = bias_a, b##i = bias_b, c##i = bias_c;
    EACH(START)
    if (t->add) {
        const float *from;
#define ADD_TO(sum, v)                                                                             \
    if (vectors > v)                                                                               \
        sum = v_add(sum, last == v ? v_load_part(from + v * V_WIDTH, some)                         \
                                   : v_load(from + v * V_WIDTH));
#define ADD(i)                                                                                     \
    if (positions > i) {                                                                           \
        from = t->add[i] + j * V_WIDTH;                                                            \
        ADD_TO(a##i, 0) ADD_TO(b##i, 1) ADD_TO(c##i, 2)                                            \
    }
        EACH(ADD)
    }
    size_t row = 0;
    for (size_t ky = t->rows; ky > 0; ky--, w_row += t->weight_row, row += t->input_row) {
        const float *w_tap = w_row;
        size_t tap = row;
        for (size_t kx = t->columns; kx > 0;
             kx--, w_tap += t->weight_column, tap += t->input_column) {
            const float *w = w_tap;
            for (size_t k = tap; k < tap + length; k++, w += FOVEA_BLOCK) {
#define WEIGHTS(v) v_load_blocks(w + 2 * v * block, last == v ? apart : block)
                const vec wa = WEIGHTS(0), wb = vectors > 1 ? WEIGHTS(1) : wa,
                          wc = vectors > 2 ? WEIGHTS(2) : wa;
                FOVEA_PREFETCH(ahead), FOVEA_PREFETCH(ahead + step), ahead += vectors * step;
#define STEP(i)                                                                                    \
    if (positions > i) {                                                                           \
        const vec x = v_splat(in##i + k);                                                          \
        a##i = v_madd(x, wa, a##i);                                                                \
        if (vectors > 1) b##i = v_madd(x, wb, b##i);                                               \
        if (vectors > 2) c##i = v_madd(x, wc, c##i);                                               \
    }
                EACH(STEP)
            }
        }
    }
    const vec low = v_set(t->low), high = v_set(t->high);
#define PUT_TO(sum, v)                                                                             \
    if (vectors > v) {                                                                             \
        const vec done = v_lesser(high, v_greater(low, sum));                                      \
        if (last == v && some < V_WIDTH)                                                           \
            v_store_part(to + v * V_WIDTH, done, some);                                            \
        else                                                                                       \
            v_store(to + v * V_WIDTH, done);                                                       \
    }
#define PUT(i)                                                                                     \
    if (positions > i) {                                                                           \
        float *const to = t->output[i] + j * V_WIDTH;                                              \
        PUT_TO(a##i, 0) PUT_TO(b##i, 1) PUT_TO(c##i, 2)                                            \
    }
    EACH(PUT)
#undef BIAS
#undef START
#undef ADD_TO
#undef ADD
#undef WEIGHTS
#undef STEP
#undef PUT_TO
#undef PUT
}

/* One function for each height and width, so that each has the registers to itself. */
#define WIDTH(n, vectors)                                                                          \
    static FOVEA_NOINLINE V_TARGET void ISA(conv_##n##_##vectors)(const struct fovea_conv_tile *t, \
                                                                  size_t j, size_t some) {         \
        ISA(conv_tile)(t, j, some, n, vectors);                                                    \
    }
#define HEIGHT(n) WIDTH(n, 1) WIDTH(n, 2) WIDTH(n, 3)
HEIGHT(4)
HEIGHT(5)
HEIGHT(6)
HEIGHT(7)
HEIGHT(8)
#undef WIDTH
#undef HEIGHT

static V_TARGET void ISA(conv_f32)(const struct fovea_conv_tile *t) {
    static void (*const tiles[][3])(const struct fovea_conv_tile *, size_t, size_t) = {
#define HEIGHT(n) {ISA(conv_##n##_1), ISA(conv_##n##_2), ISA(conv_##n##_3)}
        HEIGHT(4), HEIGHT(5), HEIGHT(6), HEIGHT(7), HEIGHT(8)};
#undef HEIGHT
    FOVEA_ASSERT(t->pixels >= 1 && t->pixels <= V_POSITIONS);
    if (t->pixels < WIDE_FEW) {
        narrow(t);
        return;
    }
    const size_t vectors = (t->channels + V_WIDTH - 1) / V_WIDTH;
    for (size_t j = 0, some; j < vectors; j += some) {
        some = vectors - j == 4 ? 2 : vectors - j < 3 ? vectors - j : 3; /* 2 + 2, not 3 + 1 */
        const size_t left = t->channels - (j + some - 1) * V_WIDTH;
        tiles[t->pixels - WIDE_FEW][some - 1](t, j, left < V_WIDTH ? left : V_WIDTH);
    }
}

/* The row of a panel is one vector: 12 rows of sums, or fewer. Rows lie a_row apart, so that three of them need one
 * pointer. */
#define GEMM_ROWS 12
#define ROWS(DO)  DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
FOVEA_INLINE V_TARGET void ISA(gemm_tile)(const struct fovea_gemm *t, size_t row,
                                          const size_t rows) {
    const size_t length = t->length, apart = t->a_row;
    const float *b = t->b, *ahead = t->ahead + row * length / rows * t->ahead_step;
    const float *const in0 = t->a + row * apart, *const in1 = in0 + 3 * apart,
                       *const in2 = in1 + 3 * apart, *const in3 = in2 + 3 * apart;
    const vec first = t->start ? v_load(t->start) : v_set(0.0f);
#define START(i) vec a##i = first;
    ROWS(START)
#define IN(i) ((i) < 3 ? in0 : (i) < 6 ? in1 : (i) < 9 ? in2 : in3)
    for (size_t k = 0; k < length; k++, b += FOVEA_PANEL) {
        const vec w = v_load(b);
        FOVEA_PREFETCH(ahead), ahead += t->ahead_step;
#define STEP(i)                                                                                    \
    if (rows > i) a##i = v_madd(v_splat(IN(i) + k + i % 3 * apart), w, a##i);
        ROWS(STEP)
    }
#define PUT(i)                                                                                     \
    if (rows > i) v_store(t->c + (row + i) * t->c_row, a##i);
    ROWS(PUT)
#undef START
#undef IN
#undef STEP
#undef PUT
}

#define HEIGHT(n)                                                                                  \
    static FOVEA_NOINLINE V_TARGET void ISA(gemm_##n)(const struct fovea_gemm *t, size_t row) {    \
        ISA(gemm_tile)(t, row, n);                                                                 \
    }
#define HEIGHTS(DO) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11) DO(12)
HEIGHTS(HEIGHT)
#undef HEIGHT

/* Tiles of almost the same height, as in body_gemm.h. */
static V_TARGET void ISA(winograd_gemm_f32)(const struct fovea_gemm *t) {
    static void (*const heights[])(const struct fovea_gemm *, size_t) = {
#define HEIGHT(n) ISA(gemm_##n),
        HEIGHTS(HEIGHT)};
#undef HEIGHT
    const size_t tiles = (t->rows + GEMM_ROWS - 1) / GEMM_ROWS, height = t->rows / tiles,
                 higher = t->rows % tiles;
    for (size_t row = 0, i = 0, rows; i < tiles; i++, row += rows) {
        rows = height + (i < higher);
        heights[rows - 1](t, row);
    }
}
#undef EACH
#undef ROWS
#undef HEIGHTS
#undef GEMM_ROWS
#undef WIDE_FEW
