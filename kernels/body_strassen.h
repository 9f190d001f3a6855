/* strassen_mix_f32, strassen_f32: register tiles as in body_gemm.h; sums that are needed again stay on the
 * stack. */
#if !FOVEA_SMALL

static V_TARGET void ISA(strassen_mix_f32)(const struct fovea_mix *t) {
    const vec sign = v_set(t->sign);
    for (size_t row = 0; row < t->rows; row++) {
        const size_t at = row * t->input_row;
        float *const to = t->output + row * t->output_row;
        for (size_t i = 0; i < t->count; i += V_WIDTH) {
            const vec a = v_load(t->a + at + i), c = v_load(t->c + at + i);
            const vec m1 = v_madd(v_load(t->b + at + i), sign, a);
            const vec m2 = v_multiply(sign, v_subtract(m1, c));
            v_store(to + i, m1);
            v_store(to + t->output_step + i, m2);
            v_store(to + 2 * t->output_step + i, v_subtract(c, a));
            v_store(to + 3 * t->output_step + i, v_subtract(v_load(t->d + at + i), m2));
        }
    }
}

#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define SOME(i)  (V_POSITIONS > i)

/* Adds the product of rows x, `row` apart, with two vectors of weights w, w + second. */
#ifdef V_LANES
#define FROM(i) const float *from##i = rows + (SOME(i) ? i : 0) * row;
#define LOAD(i) const v_lanes x##i = v_load_lanes(from##i);
#define MOVE(i)                                                                                    \
    if (SOME(i)) {                                                                                 \
        from##i += V_LANES;                                                                        \
        FOVEA_OPAQUE(from##i);                                                                     \
    }
#define LANE(n, i)                                                                                 \
    if (SOME(i)) a##i = v_madd_lane(wa, x##i, n, a##i), b##i = v_madd_lane(wb, x##i, n, b##i);
#define LANES(n)                                                                                   \
    wa = v_take(&w);                                                                               \
    wb = v_take(&w);                                                                               \
    w += FOVEA_BLOCK - 2 * V_WIDTH;                                                                \
    LANE(n, 0) LANE(n, 1) LANE(n, 2) LANE(n, 3) LANE(n, 4) LANE(n, 5) LANE(n, 6) LANE(n, 7)
#define PRODUCT(x, x_row, y, y_block)                                                              \
    {                                                                                              \
        const size_t row = x_row;                                                                  \
        const float *const rows = x, *w = y;                                                       \
        vec wa, wb;                                                                                \
        EACH(FROM)                                                                                 \
        for (size_t groups = half / V_LANES; groups > 0; groups--) {                               \
            EACH(LOAD)                                                                             \
            V_EACH_LANE(LANES)                                                                     \
            EACH(MOVE)                                                                             \
        }                                                                                          \
    }
#else
#define FROM(i) const float *const from##i = rows + (SOME(i) ? i : 0) * row;
#define STEP(i)                                                                                    \
    if (SOME(i)) v = v_splat(from##i + k), a##i = v_madd(v, wa, a##i), b##i = v_madd(v, wb, b##i);
#define PRODUCT(x, x_row, y, y_block)                                                              \
    {                                                                                              \
        const size_t row = x_row, second = V_WIDTH < FOVEA_BLOCK ? V_WIDTH : y_block;              \
        const float *const rows = x, *w = y;                                                       \
        EACH(FROM)                                                                                 \
        for (size_t k = 0; k < half; k++, w += FOVEA_BLOCK) {                                      \
            const vec wa = v_load(w), wb = v_load(w + second);                                     \
            vec v;                                                                                 \
            FOVEA_PREFETCH(ahead), ahead += t->ahead_step;                                         \
            EACH(STEP)                                                                             \
        }                                                                                          \
    }
#endif

/* The two vectors from output `from` on of either half. */
FOVEA_INLINE V_TARGET void ISA(strassen_tile)(const struct fovea_strassen_tile *t, size_t from) {
    const size_t half = t->half, inputs = 2 * half, mixture = V_POSITIONS * half;
    const size_t weights = inputs * FOVEA_BLOCK, mixed = half * FOVEA_BLOCK;
    const float *const upper = t->input, *const lower = upper + V_POSITIONS * t->input_row;
    const float *const left = t->weights + from / FOVEA_BLOCK * weights + from % FOVEA_BLOCK;
    const float *const right = left + 2 * weights;
    const float *const s = t->mixed;
    const float *const m = t->mixed_weights + from / FOVEA_BLOCK * mixed + from % FOVEA_BLOCK;
    const vec low = v_set(t->low), high = v_set(t->high);
    float kept[3 * 2 * V_POSITIONS * V_WIDTH];
    enum { U, U2, U3 };
#ifndef V_LANES
    const float *ahead = t->ahead + from / (2 * V_WIDTH) * 7 * half * t->ahead_step;
#endif
#define KEPT(which, i) (kept + (2 * (which * V_POSITIONS + i)) * V_WIDTH)
#define ZERO(i)        vec a##i = v_set(0.0f), b##i = a##i;
#define AGAIN(i)       a##i = b##i = v_set(0.0f);
#define PUT_AT(which, i)                                                                           \
    if (SOME(i)) v_store(KEPT(which, i), a##i), v_store(KEPT(which, i) + V_WIDTH, b##i);
#define GET_U(i)                                                                                   \
    if (SOME(i)) a##i = v_load(KEPT(U, i)), b##i = v_load(KEPT(U, i) + V_WIDTH);
#define ADD_U2(i)                                                                                  \
    if (SOME(i))                                                                                   \
        a##i = v_add(a##i, v_load(KEPT(U2, i))), b##i = v_add(b##i, v_load(KEPT(U2, i) + V_WIDTH));
#define PUT_U(i)  PUT_AT(U, i)
#define PUT_U2(i) PUT_AT(U2, i)
#define PUT_U3(i) PUT_AT(U3, i)
#define DONE(i, va, vb)                                                                            \
    if (SOME(i)) {                                                                                 \
        const size_t at = at0 + i * t->output_row;                                                 \
        vec ra = v_add(va, bias_a), rb = v_add(vb, bias_b);                                        \
        if (t->add)                                                                                \
            ra = v_add(ra, v_load(t->add + at)), rb = v_add(rb, v_load(t->add + at + V_WIDTH));    \
        v_store(t->output + at, v_lesser(high, v_greater(low, ra)));                               \
        v_store(t->output + at + V_WIDTH, v_lesser(high, v_greater(low, rb)));                     \
    }
#define FINISH(i) DONE(i, a##i, b##i)
#define FINISH_U3(i)                                                                               \
    DONE(i, v_add(a##i, v_load(KEPT(U3, i))), v_add(b##i, v_load(KEPT(U3, i) + V_WIDTH)))
#define FINISHED(DO, channel, position)                                                            \
    {                                                                                              \
        const float *const bias = t->bias + (channel);                                             \
        const size_t at0 = (position)*t->output_row + (channel);                                   \
        const vec bias_a = v_load(bias), bias_b = v_load(bias + V_WIDTH);                          \
        EACH(DO)                                                                                   \
    }
    EACH(ZERO);
    PRODUCT(upper, t->input_row, left, weights);
    EACH(PUT_U);
    PRODUCT(upper + half, t->input_row, left + mixed, weights);
    FINISHED(FINISH, from, 0);
    EACH(GET_U);
    PRODUCT(s + mixture, half, m + 2 * mixed, mixed);
    EACH(PUT_U2);
    PRODUCT(s + 2 * mixture, half, m + 4 * mixed, mixed);
    EACH(PUT_U3);
    PRODUCT(lower + half, t->input_row, m + 6 * mixed, mixed);
    FINISHED(FINISH, from, V_POSITIONS);
    EACH(AGAIN);
    PRODUCT(s, half, m, mixed);
    FINISHED(FINISH_U3, from + FOVEA_PANEL, V_POSITIONS);
    EACH(ADD_U2);
    PRODUCT(s + 3 * mixture, half, right + mixed, weights);
    FINISHED(FINISH, from + FOVEA_PANEL, 0);
}

static V_TARGET void ISA(strassen_f32)(const struct fovea_strassen_tile *t) {
    for (size_t from = 0; from < FOVEA_PANEL; from += 2 * V_WIDTH) ISA(strassen_tile)(t, from);
}

#undef EACH
#undef SOME
#undef FROM
#undef LOAD
#undef MOVE
#undef LANE
#undef LANES
#undef STEP
#undef PRODUCT
#undef KEPT
#undef ZERO
#undef AGAIN
#undef PUT_AT
#undef GET_U
#undef ADD_U2
#undef PUT_U
#undef PUT_U2
#undef PUT_U3
#undef DONE
#undef FINISH
#undef FINISH_U3
#undef FINISHED
#endif
