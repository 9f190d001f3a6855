/* winograd_gemm_f32: register tiles of rows x two vectors, as in body_conv.h. */

#ifdef V_LANES /* as there */
#define GEMM_AHEAD ((void)ahead)
#else
#define GEMM_AHEAD FOVEA_PREFETCH(ahead), ahead += t->ahead_step
#endif

FOVEA_INLINE V_TARGET void ISA(gemm_tile)(const struct fovea_gemm *t, size_t row, size_t from,
                                          const size_t rows) {
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
    const size_t length = t->length;
    const float *b = t->b + from, *ahead = t->ahead + row * length / rows * t->ahead_step;
    const vec zero = v_set(0.0f);
    const vec first = t->start ? v_load(t->start + from) : zero;
    const vec second = t->start ? v_load(t->start + from + V_WIDTH) : zero;
#define START(i)                                                                                   \
    const float *const in##i = t->a + (row + (rows > i ? i : 0)) * t->a_row;                       \
    vec a##i = first, b##i = second;
    EACH(START)
    vec wa, wb;
#ifdef V_LANES
#define FROM(i) const float *from##i = in##i;
#define LOAD(i) const v_lanes x##i = v_load_lanes(from##i);
#define MOVE(i)                                                                                    \
    if (rows > i) {                                                                                \
        from##i += V_LANES;                                                                        \
        FOVEA_OPAQUE(from##i);                                                                     \
    }
#define LANE(n, i)                                                                                 \
    if (rows > i) a##i = v_madd_lane(wa, x##i, n, a##i), b##i = v_madd_lane(wb, x##i, n, b##i);
#define LANES(n)                                                                                   \
    wa = v_take(&b);                                                                               \
    wb = v_take(&b);                                                                               \
    b += FOVEA_PANEL - 2 * V_WIDTH;                                                                \
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
    for (size_t left = length % V_LANES; left > 0; left--, b += FOVEA_PANEL) {
#else
#define AT(i) in##i + k
    for (size_t k = 0; k < length; k++, b += FOVEA_PANEL) {
#endif
        vec x;
        wa = v_load(b), wb = v_load(b + V_WIDTH);
        GEMM_AHEAD;
#define STEP(i)                                                                                    \
    if (rows > i) x = v_splat(AT(i)), a##i = v_madd(x, wa, a##i), b##i = v_madd(x, wb, b##i);
        EACH(STEP)
    }
#define PUT(i)                                                                                     \
    if (rows > i) {                                                                                \
        v_store(t->c + (row + i) * t->c_row + from, a##i);                                         \
        v_store(t->c + (row + i) * t->c_row + from + V_WIDTH, b##i);                               \
    }
    EACH(PUT)
#undef EACH
#undef START
#undef AT
#undef STEP
#undef PUT
}

/* One function for each height, so that each has the registers to itself. */
#define HEIGHT(n)                                                                                  \
    static FOVEA_NOINLINE V_TARGET void ISA(gemm_##n)(const struct fovea_gemm *t, size_t row) {    \
        for (size_t from = 0; from < FOVEA_PANEL; from += 2 * V_WIDTH)                             \
            ISA(gemm_tile)(t, row, from, n);                                                       \
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

/* Tiles of almost the same height: a last one of one row would cost as much as one of four. */
static V_TARGET void ISA(winograd_gemm_f32)(const struct fovea_gemm *t) {
    const size_t tiles = (t->rows + V_POSITIONS - 1) / V_POSITIONS;
    size_t rest = t->rows % tiles, height = t->rows / tiles;
    for (size_t row = 0, i = 0; i < tiles; i++) {
        const size_t rows = height + (i < rest);
        switch (rows) {
        case 1: ISA(gemm_1)(t, row); break;
        case 2: ISA(gemm_2)(t, row); break;
        case 3: ISA(gemm_3)(t, row); break;
        case 4: ISA(gemm_4)(t, row); break;
#if V_POSITIONS > 4
        case 5: ISA(gemm_5)(t, row); break;
        case 6: ISA(gemm_6)(t, row); break;
#endif
#if V_POSITIONS > 6
        case 7: ISA(gemm_7)(t, row); break;
        case 8: ISA(gemm_8)(t, row); break;
#endif
        }
        row += rows;
    }
}
#undef GEMM_AHEAD
