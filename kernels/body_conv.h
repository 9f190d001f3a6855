/* conv_f32: register tiles of positions x vectors of sums. Vector j of a tile is the j-th run of
 * V_WIDTH outputs; its weights lie FOVEA_BLOCK floats apart for successive k.
 *
 * The sums are named, not an array: gcc 12 keeps an array in memory as soon as a second stream of
 * weights is read beside it (0.31 of the peak instead of 0.97). The dimensions are parameters that
 * inlining turns into constants. */

/* Where vector j begins within one row of weights. */
#define CONV_STREAM(t, j)                                                                          \
    ((j)*V_WIDTH / FOVEA_BLOCK * (t)->weight_block + (j)*V_WIDTH % FOVEA_BLOCK)

/* Where several k are taken at a time nothing is asked for ahead: it would be one instruction in ten. */
#ifdef V_LANES
#define CONV_AHEAD ((void)ahead)
#else
#define CONV_AHEAD FOVEA_PREFETCH(ahead), ahead += ahead_step
#endif

/* Whether there is a bound to apply: asked where one takes two instructions a vector. */
#ifdef V_DEAR_BOUNDS
#define CONV_HAS_LOW(t)  ((t)->low >= -FLT_MAX)
#define CONV_HAS_HIGH(t) ((t)->high <= FLT_MAX)
#else
#define CONV_HAS_LOW(t)  true
#define CONV_HAS_HIGH(t) true
#endif

/* For each position of a tile; what is left of its sums between the bounds. */
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define LOW(i)                                                                                     \
    if (positions > i) a##i = v_greater(low, a##i);                                                \
    if (positions > i && vectors > 1) b##i = v_greater(low, b##i);
#define HIGH(i)                                                                                    \
    if (positions > i) a##i = v_lesser(high, a##i);                                                \
    if (positions > i && vectors > 1) b##i = v_lesser(high, b##i);

/* The end of a tile whose vectors reach beyond the last channel: it was stored to `few`, a row of
 * `stride` floats for each position. */
static FOVEA_NOINLINE void ISA(conv_copy)(const struct fovea_conv_tile *t, size_t p, size_t j,
                                          const float *few, size_t positions, size_t stride) {
    for (size_t i = 0; i < positions; i++)
        for (size_t o = j * V_WIDTH; o < t->channels; o++)
            t->output[p + i][o] = few[i * stride + o - j * V_WIDTH];
}

/* The other way round: what is to be added there. */
static FOVEA_NOINLINE void ISA(conv_fetch)(const struct fovea_conv_tile *t, size_t p, size_t j,
                                           float *few, size_t positions, size_t stride) {
    for (size_t i = 0; i < positions; i++)
        for (size_t o = 0; o < stride; o++)
            few[i * stride + o] =
                o + j * V_WIDTH < t->channels ? t->add[p + i][o + j * V_WIDTH] : 0;
}

/* The first `positions` (up to 8), vector j and, if `vectors` is 2, vector j + 1. */
FOVEA_INLINE V_TARGET void ISA(conv_tile)(const struct fovea_conv_tile *t, size_t j,
                                          const size_t positions, const size_t vectors) {
    const size_t length = t->length;
    const size_t second =
        V_WIDTH < FOVEA_BLOCK ? V_WIDTH : CONV_STREAM(t, j + 1) - CONV_STREAM(t, j);
    const size_t ahead_step = t->ahead_step;
    const float *ahead = t->weights; /* where nothing lies ahead, `t->ahead` may be NULL */
    if (ahead_step) ahead = t->ahead + j / 2 * (t->rows * t->columns * length * ahead_step);
    const vec bias_a = v_load(t->bias + j * V_WIDTH);
    const vec bias_b = vectors > 1 ? v_load(t->bias + (j + 1) * V_WIDTH) : bias_a;
#define START(i)                                                                                   \
    const float *const in##i = t->input[positions > i ? i : 0];                                    \
    vec a##i = bias_a, b##i = bias_b;
    EACH(START)
    const bool whole = (j + vectors) * V_WIDTH <= t->channels;
    float few[8 * 2 * V_WIDTH], *const *const output = t->output;
    if (t->add) {
        const float *from;
        if (!whole) ISA(conv_fetch)(t, 0, j, few, positions, vectors * V_WIDTH);
#define ADD(i)                                                                                     \
    if (positions > i) {                                                                           \
        from = whole ? t->add[i] + j * V_WIDTH : few + i * vectors * V_WIDTH;                      \
        a##i = v_add(bias_a, v_load(from));                                                        \
        if (vectors > 1) b##i = v_add(bias_b, v_load(from + V_WIDTH));                             \
    }
        EACH(ADD)
#undef ADD
    }

    const float *w_row = t->weights + CONV_STREAM(t, j);
    size_t row = 0;
    for (size_t ky = t->rows; ky > 0; ky--, w_row += t->weight_row, row += t->input_row) {
        const float *w_tap = w_row;
        size_t tap = row;
        for (size_t kx = t->columns; kx > 0;
             kx--, w_tap += t->weight_column, tap += t->input_column) {
            const float *w = w_tap;
            vec wa, wb, x;
#ifdef V_LANES /* several k at a time, as lanes of a vector of inputs */
#define FROM(i) const float *from##i = in##i + tap;
#define LOAD(i) const v_lanes x##i = v_load_lanes(from##i);
#define MOVE(i)                                                                                    \
    if (positions > i) {                                                                           \
        from##i += V_LANES;                                                                        \
        FOVEA_OPAQUE(from##i);                                                                     \
    }
#define LANE(n, i)                                                                                 \
    if (positions > i) a##i = v_madd_lane(wa, x##i, n, a##i);                                      \
    if (positions > i && vectors > 1) b##i = v_madd_lane(wb, x##i, n, b##i);
#define LANES(n)                                                                                   \
    wa = v_take(&w);                                                                               \
    wb = vectors > 1 ? v_take(&w) : wa;                                                            \
    w += FOVEA_BLOCK - vectors * V_WIDTH;                                                          \
    LANE(n, 0) LANE(n, 1) LANE(n, 2) LANE(n, 3) LANE(n, 4) LANE(n, 5) LANE(n, 6) LANE(n, 7)
            EACH(FROM)
            for (size_t groups = length / V_LANES; groups > 0; groups--) {
                EACH(LOAD)
                V_EACH_LANE(LANES)
                EACH(MOVE)
            }
#undef FROM
#undef LOAD
#undef MOVE
#undef LANE
#undef LANES
#define AT(i) from##i++
            for (size_t left = length % V_LANES; left > 0; left--, w += FOVEA_BLOCK) {
#else
#define AT(i) in##i + k
            for (size_t k = tap; k < tap + length; k++, w += FOVEA_BLOCK) {
#endif
                wa = v_load(w), wb = vectors > 1 ? v_load(w + second) : wa;
                CONV_AHEAD;
#define STEP(i)                                                                                    \
    if (positions > i) {                                                                           \
        x = v_splat(AT(i));                                                                        \
        a##i = v_madd(x, wa, a##i);                                                                \
        if (vectors > 1) b##i = v_madd(x, wb, b##i);                                               \
    }
                EACH(STEP)
            }
        }
    }
    const vec low = v_set(t->low), high = v_set(t->high);
    if (CONV_HAS_LOW(t)) {
        EACH(LOW)
    }
    if (CONV_HAS_HIGH(t)) {
        EACH(HIGH)
    }
#define STORE(i, to)                                                                               \
    v_store(to, a##i);                                                                             \
    if (vectors > 1) v_store((to) + V_WIDTH, b##i);
#define PUT(i)                                                                                     \
    if (positions > i) {                                                                           \
        float *to = output[i] + j * V_WIDTH;                                                       \
        FOVEA_OPAQUE(to);                                                                          \
        STORE(i, to)                                                                               \
    }
#define KEEP(i)                                                                                    \
    if (positions > i) {                                                                           \
        STORE(i, few + i * vectors * V_WIDTH)                                                      \
    }
    if (whole) {
        EACH(PUT)
    } else {
        EACH(KEEP)
        ISA(conv_copy)(t, 0, j, few, positions, vectors * V_WIDTH);
    }
#undef START
#undef AT
#undef STEP
#undef STORE
#undef PUT
#undef KEEP
}

/* Few positions leave too few sums to hide the latency of a multiply-add: so eight vectors of one
 * position, or four of two. What a dense layer runs: as fast as memory gives it the weights (asking for
 * them ahead of the processor, in vain, made it a tenth slower). */
FOVEA_INLINE V_TARGET void ISA(conv_wide)(const struct fovea_conv_tile *t, size_t j,
                                          const size_t positions, const size_t vectors) {
    const float *const in = t->input[0], *const in2 = t->input[positions - 1];
    const size_t length = t->length, pair = FOVEA_BLOCK / V_WIDTH; /* vectors in a block */
#define START(i)                                                                                   \
    const float *const stream##i =                                                                 \
        t->weights + CONV_STREAM(t, j + i % vectors / pair * pair) + i % vectors % pair * V_WIDTH; \
    vec a##i = v_load(t->bias + (j + i % vectors) * V_WIDTH);
    EACH(START)
    const bool whole = (j + vectors) * V_WIDTH <= t->channels;
    float few[8 * V_WIDTH];
    if (t->add) {
        if (!whole) ISA(conv_fetch)(t, 0, j, few, positions, vectors * V_WIDTH);
        const float *const add = whole ? t->add[0] + j * V_WIDTH : few;
        const float *const add2 =
            whole ? t->add[positions - 1] + j * V_WIDTH : few + (positions - 1) * vectors * V_WIDTH;
#define ADD(i)                                                                                     \
    if (positions * vectors > i)                                                                   \
        a##i = v_add(a##i, v_load((i < vectors ? add : add2) + i % vectors * V_WIDTH));
        EACH(ADD)
#undef ADD
    }

    for (size_t ky = 0; ky < t->rows; ky++) {
        for (size_t kx = 0; kx < t->columns; kx++) {
            const size_t from = ky * t->input_row + kx * t->input_column;
            size_t w = ky * t->weight_row + kx * t->weight_column;
            size_t k = from;
#ifdef V_LANES
#define LANE(n, i)                                                                                 \
    if (positions * vectors > i)                                                                   \
        a##i = v_madd_lane(v_load(stream##i + w + n * FOVEA_BLOCK), i < vectors ? x : x2, n, a##i);
#define LANES(n)                                                                                   \
    LANE(n, 0) LANE(n, 1) LANE(n, 2) LANE(n, 3) LANE(n, 4) LANE(n, 5) LANE(n, 6) LANE(n, 7)
            for (size_t groups = length / V_LANES; groups > 0; groups--) {
                const v_lanes x = v_load_lanes(in + k), x2 = v_load_lanes(in2 + k);
                V_EACH_LANE(LANES)
                k += V_LANES;
                w += V_LANES * FOVEA_BLOCK;
            }
#undef LANE
#undef LANES
#endif
            for (; k < from + length; k++, w += FOVEA_BLOCK) {
                const vec x = v_splat(in + k), x2 = positions > 1 ? v_splat(in2 + k) : x;
#define STEP(i)                                                                                    \
    if (positions * vectors > i) a##i = v_madd(i < vectors ? x : x2, v_load(stream##i + w), a##i);
                EACH(STEP)
            }
        }
    }
    const vec low = v_set(t->low), high = v_set(t->high);
    float *const to = whole ? t->output[0] + j * V_WIDTH : few;
    float *const to2 = whole ? t->output[positions - 1] + j * V_WIDTH : few + vectors * V_WIDTH;
#define PUT(i)                                                                                     \
    if (positions * vectors > i)                                                                   \
        v_store((i < vectors ? to : to2) + i % vectors * V_WIDTH,                                  \
                v_lesser(high, v_greater(low, a##i)));
    EACH(PUT)
    if (!whole) ISA(conv_copy)(t, 0, j, few, positions, vectors * V_WIDTH);
#undef START
#undef STEP
#undef PUT
}

/* Three positions x three vectors: an odd number of blocks costs less so than by a last single
 * block, whose six sums wait for each other. */
FOVEA_INLINE V_TARGET void ISA(conv_square)(const struct fovea_conv_tile *t, size_t p, size_t j) {
    const float *const in0 = t->input[p], *const in1 = t->input[p + 1],
                       *const in2 = t->input[p + 2];
    const size_t length = t->length;
    const size_t second = CONV_STREAM(t, j + 1) - CONV_STREAM(t, j);
    const size_t third = CONV_STREAM(t, j + 2) - CONV_STREAM(t, j);
    vec a0 = v_load(t->bias + j * V_WIDTH), a1 = a0, a2 = a0;
    vec b0 = v_load(t->bias + (j + 1) * V_WIDTH), b1 = b0, b2 = b0;
    vec c0 = v_load(t->bias + (j + 2) * V_WIDTH), c1 = c0, c2 = c0;
    const bool whole = (j + 3) * V_WIDTH <= t->channels;
    float few[9 * V_WIDTH], *to;
    if (t->add) {
        const float *from;
        if (!whole) ISA(conv_fetch)(t, p, j, few, 3, 3 * V_WIDTH);
#define ADD(i)                                                                                     \
    from = whole ? t->add[p + i] + j * V_WIDTH : few + i * 3 * V_WIDTH;                            \
    a##i = v_add(a##i, v_load(from));                                                              \
    b##i = v_add(b##i, v_load(from + V_WIDTH));                                                    \
    c##i = v_add(c##i, v_load(from + 2 * V_WIDTH));
        ADD(0)
        ADD(1)
        ADD(2)
#undef ADD
    }

    for (size_t ky = 0; ky < t->rows; ky++) {
        for (size_t kx = 0; kx < t->columns; kx++) {
            const float *w =
                t->weights + CONV_STREAM(t, j) + ky * t->weight_row + kx * t->weight_column;
            const size_t from = ky * t->input_row + kx * t->input_column;
            for (size_t k = from; k < from + length; k++, w += FOVEA_BLOCK) {
                const vec wa = v_load(w), wb = v_load(w + second), wc = v_load(w + third);
#define STEP(i)                                                                                    \
    x = v_splat(in##i + k);                                                                        \
    a##i = v_madd(x, wa, a##i);                                                                    \
    b##i = v_madd(x, wb, b##i);                                                                    \
    c##i = v_madd(x, wc, c##i);
                vec x;
                STEP(0) STEP(1) STEP(2)
#undef STEP
            }
        }
    }
    const vec low = v_set(t->low), high = v_set(t->high);
#define PUT(i)                                                                                     \
    to = whole ? t->output[p + i] + j * V_WIDTH : few + i * 3 * V_WIDTH;                           \
    v_store(to, v_lesser(high, v_greater(low, a##i)));                                             \
    v_store(to + V_WIDTH, v_lesser(high, v_greater(low, b##i)));                                   \
    v_store(to + 2 * V_WIDTH, v_lesser(high, v_greater(low, c##i)));
    PUT(0)
    PUT(1)
    PUT(2)
    if (!whole) ISA(conv_copy)(t, p, j, few, 3, 3 * V_WIDTH);
#undef PUT
}

/* One function for each height, so that each has the registers to itself. */
#define HEIGHT(n)                                                                                  \
    static FOVEA_NOINLINE V_TARGET void ISA(conv_##n)(const struct fovea_conv_tile *t, size_t j,   \
                                                      size_t vectors) {                            \
        for (; j + 2 <= vectors; j += 2) ISA(conv_tile)(t, j, n, 2);                               \
        if (V_WIDTH == FOVEA_BLOCK && j < vectors) ISA(conv_tile)(t, j, n, 1);                     \
    }
HEIGHT(1)
HEIGHT(2)
HEIGHT(3)
HEIGHT(4)
#if V_POSITIONS > 4
HEIGHT(5)
HEIGHT(6)
#endif
#if V_POSITIONS > 6
HEIGHT(7)
HEIGHT(8)
#endif
#undef HEIGHT

static FOVEA_NOINLINE V_TARGET size_t ISA(conv_1_wide)(const struct fovea_conv_tile *t,
                                                       size_t vectors) {
    size_t j = 0;
    for (; j + 8 <= vectors; j += 8) ISA(conv_wide)(t, j, 1, 8);
    if (j + 4 <= vectors) ISA(conv_wide)(t, j, 1, 4), j += 4;
    return j;
}

static FOVEA_NOINLINE V_TARGET size_t ISA(conv_2_wide)(const struct fovea_conv_tile *t,
                                                       size_t vectors) {
    size_t j = 0;
    for (; j + 4 <= vectors; j += 4) ISA(conv_wide)(t, j, 2, 4);
    return j;
}

static FOVEA_NOINLINE V_TARGET void ISA(conv_3_square)(const struct fovea_conv_tile *t, size_t p,
                                                       size_t j) {
    ISA(conv_square)(t, p, j);
}

/* Three positions: squares first, as long as no single vector is left over. Vectors of half a block
 * come in pairs and need none. */
FOVEA_INLINE V_TARGET size_t ISA(conv_3_squares)(const struct fovea_conv_tile *t, size_t vectors) {
    size_t j = 0;
    if (V_WIDTH < FOVEA_BLOCK) return 0;
    for (; vectors - j >= 3 && vectors - j != 4; j += 3) ISA(conv_3_square)(t, 0, j);
    return j;
}

/* Six positions, an odd number of vectors: the last three as two squares. Returns those left. */
FOVEA_INLINE V_TARGET size_t ISA(conv_6_squares)(const struct fovea_conv_tile *t, size_t vectors) {
    if (V_WIDTH < FOVEA_BLOCK || vectors % 2 == 0 || vectors < 3) return vectors;
    ISA(conv_3_square)(t, 0, vectors - 3);
    ISA(conv_3_square)(t, 3, vectors - 3);
    return vectors - 3;
}

static V_TARGET void ISA(conv_f32)(const struct fovea_conv_tile *t) {
    const size_t vectors = fovea_round_up(t->channels, FOVEA_BLOCK) / V_WIDTH;
    FOVEA_ASSERT(t->pixels >= 1 && t->pixels <= V_POSITIONS);
    switch (t->pixels) {
    case 1: ISA(conv_1)(t, ISA(conv_1_wide)(t, vectors), vectors); break;
    case 2: ISA(conv_2)(t, ISA(conv_2_wide)(t, vectors), vectors); break;
    case 3: ISA(conv_3)(t, ISA(conv_3_squares)(t, vectors), vectors); break;
    case 4: ISA(conv_4)(t, 0, vectors); break;
#if V_POSITIONS > 4
    case 5: ISA(conv_5)(t, 0, vectors); break;
    case 6: ISA(conv_6)(t, 0, ISA(conv_6_squares)(t, vectors)); break;
#endif
#if V_POSITIONS > 6
    case 7: ISA(conv_7)(t, 0, vectors); break;
    case 8: ISA(conv_8)(t, 0, vectors); break;
#endif
    }
}

#if !FOVEA_SMALL
#include "kernels/body_run.h"
#endif
#undef EACH
#undef LOW
#undef HIGH
#undef CONV_STREAM
#undef CONV_AHEAD
#undef CONV_HAS_LOW
#undef CONV_HAS_HIGH
