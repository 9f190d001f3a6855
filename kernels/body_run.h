/* conv_run_f32: the tiles of conv_f32 one after another along a row, for sums so short that finding each
 * position, and setting a tile up, would cost as much as the products. */

/* All positions, `positions` at a time, of vector j and, if `vectors` is 2, vector j + 1; the last has `part`
 * channels. The last tile is taken back to where there are as many: some are computed twice. Where one
 * position begins `beside` the other, so do vectors of inputs. */
FOVEA_INLINE V_TARGET void ISA(run_line)(const struct fovea_conv_run *t, size_t j, size_t part,
                                         const size_t positions, const size_t vectors,
                                         const bool beside, const size_t length) {
    const struct fovea_conv_tile *const tile = &t->tile;
    const size_t at = j * V_WIDTH, rows = tile->rows;
    const size_t step = t->input_step, out = t->output_step;
    const float *const weights = tile->weights + CONV_STREAM(tile, j);
    const size_t row = tile->input_row;
    const float *const bias = tile->bias + at, *in = t->input;
    const float low_bound = tile->low, high_bound = tile->high;
    size_t has_low = CONV_HAS_LOW(tile), has_high = CONV_HAS_HIGH(tile);
    FOVEA_OPAQUE(has_low);
    FOVEA_OPAQUE(has_high);
    float *line = t->output + at;
    const size_t ahead_step = tile->ahead_step, tiles = (tile->pixels + positions - 1) / positions;
    const float *ahead = tile->weights; /* where nothing lies ahead, `tile->ahead` may be NULL */
    if (ahead_step) ahead = tile->ahead + j / 2 * (tiles * rows * length * ahead_step);
    for (size_t left = tile->pixels;;) {
        const vec bias_a = v_load(bias), bias_b = vectors > 1 ? v_load(bias + V_WIDTH) : bias_a;
        const float *w = weights;
        float *to = line;
#define START(i)                                                                                   \
    const float *in##i = in + (positions > i ? i : 0) * step;                                      \
    vec a##i = bias_a, b##i = bias_b;
        EACH(START)
        (void)beside, (void)ahead;
        size_t ky = rows;
        do {
            vec wa, wb;
#ifdef V_LANES /* one position's k as lanes or, if `beside`, neighbours' first inputs */
#define MOVE(i, n)                                                                                 \
    if (positions > i) {                                                                           \
        in##i += n;                                                                                \
        FOVEA_OPAQUE(in##i);                                                                       \
    }
#define WEIGHTS                                                                                    \
    wa = v_take(&w);                                                                               \
    wb = vectors > 1 ? v_take(&w) : wa;                                                            \
    w += FOVEA_BLOCK - vectors * V_WIDTH;
#define LANE(i, x, n)                                                                              \
    if (positions > i) a##i = v_madd_lane(wa, x, n, a##i);                                         \
    if (positions > i && vectors > 1) b##i = v_madd_lane(wb, x, n, b##i);
#define LOAD(i) const v_lanes x##i = v_load_lanes(in##i);
#define LANES(n)                                                                                   \
    WEIGHTS                                                                                        \
    LANE(0, x0, n)                                                                                 \
    LANE(1, x1, n)                                                                                 \
    LANE(2, x2, n)                                                                                 \
    LANE(3, x3, n) LANE(4, x4, n) LANE(5, x5, n) LANE(6, x6, n) LANE(7, x7, n)
#define MOVE_LANES(i) MOVE(i, V_LANES)
            size_t groups = beside ? 0 : length / V_LANES, single = beside ? 0 : length % V_LANES;
#if V_LANES == 4
            for (size_t k = beside ? length : 0; k > 0; k--) {
                const v_lanes x0 = v_load_lanes(in0), x1 = v_load_lanes(in0 + V_LANES);
                MOVE(0, 1)
                WEIGHTS
                LANE(0, x0, 0)
                LANE(1, x0, 1)
                LANE(2, x0, 2)
                LANE(3, x0, 3) LANE(4, x1, 0) LANE(5, x1, 1) LANE(6, x1, 2) LANE(7, x1, 3)
            }
#endif
            for (; groups > 0; groups--) {
                EACH(LOAD)
                EACH(MOVE_LANES)
                V_EACH_LANE(LANES)
            }
#define STEP(i)                                                                                    \
    if (positions > i) {                                                                           \
        const vec x = v_splat(in##i);                                                              \
        MOVE(i, 1)                                                                                 \
        a##i = v_madd(x, wa, a##i);                                                                \
        if (vectors > 1) b##i = v_madd(x, wb, b##i);                                               \
    }
            for (; single > 0; single--) {
                WEIGHTS
                EACH(STEP)
            }
#define NEXT(i)                                                                                    \
    if (!beside || i == 0) MOVE(i, row - length)
            EACH(NEXT)
#undef MOVE
#undef WEIGHTS
#undef LANE
#undef LOAD
#undef LANES
#undef MOVE_LANES
#else
#define STEP(i)                                                                                    \
    if (positions > i) {                                                                           \
        const vec x = v_splat(in##i + k);                                                          \
        a##i = v_madd(x, wa, a##i);                                                                \
        if (vectors > 1) b##i = v_madd(x, wb, b##i);                                               \
    }
            for (size_t k = 0; k < length; k++, w += FOVEA_BLOCK) {
                wa = v_load(w), wb = vectors > 1 ? v_load(w + CONV_STREAM(tile, 1)) : wa;
                CONV_AHEAD;
                EACH(STEP)
            }
#define NEXT(i)                                                                                    \
    if (positions > i) in##i += row;
            EACH(NEXT)
#endif
        } while (--ky > 0);
        const vec low = v_set(low_bound), high = v_set(high_bound);
        if (has_low) {
            EACH(LOW)
        }
        if (has_high) {
            EACH(HIGH)
        }
#define PUT(i)                                                                                     \
    if (positions > i) {                                                                           \
        if (vectors > 1 || part == V_WIDTH)                                                        \
            v_store(to, a##i);                                                                     \
        else                                                                                       \
            v_store_part(to, a##i, part);                                                          \
        if (vectors > 1) v_store(to + V_WIDTH, b##i);                                              \
        to += out;                                                                                 \
        FOVEA_OPAQUE(to);                                                                          \
    }
        EACH(PUT)
        left -= positions;
        if (left == 0) return;
        in += positions * step;
        line += positions * out;
        if (left < positions) {
            in -= (positions - left) * step;
            line -= (positions - left) * out;
            left = positions;
        }
    }
#undef START
#undef STEP
#undef NEXT
#undef PUT
}

#define RUN(name, positions, vectors, beside, length)                                              \
    static FOVEA_NOINLINE V_TARGET void ISA(name)(const struct fovea_conv_run *t, size_t j,        \
                                                  size_t part) {                                   \
        ISA(run_line)(t, j, part, positions, vectors, beside, length);                             \
    }
RUN(run_few, 1, 1, false, t->tile.length)
RUN(run_one, V_POSITIONS, 1, false, t->tile.length)
RUN(run_two, V_POSITIONS, 2, false, t->tile.length)
/* One channel: its windows overlap, or are of three columns most often (which, known, makes clang 14 load
 * so much at once that sums have to leave their registers). */
#if defined(V_LANES) && V_LANES == 4
#define RUN_GREY(t) ((t)->input_step == 1)
RUN(run_grey, V_POSITIONS, 2, true, t->tile.length)
#elif !defined(__clang__)
#define RUN_GREY(t) ((t)->tile.length == 3)
RUN(run_grey, V_POSITIONS, 2, false, 3)
#endif
#undef RUN

static V_TARGET void ISA(conv_run_f32)(const struct fovea_conv_run *t) {
    const bool few = t->tile.pixels < V_POSITIONS;
    void (*two)(const struct fovea_conv_run *, size_t, size_t) = ISA(run_two);
#ifdef RUN_GREY
    if (RUN_GREY(t)) two = ISA(run_grey);
#endif
    for (size_t j = 0, left; j * V_WIDTH < t->tile.channels;) {
        left = t->tile.channels - j * V_WIDTH;
        if (few || left < 2 * V_WIDTH) {
            (few ? ISA(run_few) : ISA(run_one))(t, j++, left < V_WIDTH ? left : V_WIDTH);
            continue;
        }
        two(t, j, V_WIDTH);
        j += 2;
    }
}
#undef RUN_GREY
