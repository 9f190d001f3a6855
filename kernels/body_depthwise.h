/* depthwise_f32: vectors of channels, several neighbouring outputs at once. */

/* Four outputs of a 3 x 3 window `stride` input positions apart, the nine weights in registers; an
 * input column is loaded once for all the outputs it belongs to. 9 + 4 + 1 registers. */
FOVEA_INLINE V_TARGET void ISA(depthwise_3x3)(const struct fovea_window_run *t, size_t c,
                                              const size_t stride) {
    const float *w = t->weights + c / FOVEA_BLOCK * t->weight_block + c % FOVEA_BLOCK;
    const vec w0 = v_load(w), w1 = v_load(w + FOVEA_BLOCK), w2 = v_load(w + 2 * FOVEA_BLOCK);
    w += t->weight_row;
    const vec w3 = v_load(w), w4 = v_load(w + FOVEA_BLOCK), w5 = v_load(w + 2 * FOVEA_BLOCK);
    w += t->weight_row;
    const vec w6 = v_load(w), w7 = v_load(w + FOVEA_BLOCK), w8 = v_load(w + 2 * FOVEA_BLOCK);
    const size_t column = t->input_column, row = t->input_row, out = t->output_step;
    const size_t outputs = t->outputs;
    const float low = t->low, high = t->high;

    for (size_t i = 0; i < outputs; i += 4) {
        if (i + 4 > outputs) i = outputs - 4; /* the last four again: the same values */
        const float *p = t->input + i * t->input_step + c;
        vec a0 = v_load(t->bias + c), a1 = a0, a2 = a0, a3 = a0, x;
#define ROW(wa, wb, wc)                                                                            \
    x = v_load(p), a0 = v_madd(x, wa, a0);                                                         \
    x = v_load(p + column), a0 = v_madd(x, wb, a0);                                                \
    if (stride == 1) a1 = v_madd(x, wa, a1);                                                       \
    x = v_load(p + 2 * column), a0 = v_madd(x, wc, a0);                                            \
    a1 = v_madd(x, stride == 1 ? wb : wa, a1);                                                     \
    if (stride == 1) a2 = v_madd(x, wa, a2);                                                       \
    x = v_load(p + 3 * column), a1 = v_madd(x, stride == 1 ? wc : wb, a1);                         \
    if (stride == 1) a2 = v_madd(x, wb, a2), a3 = v_madd(x, wa, a3);                               \
    x = v_load(p + 4 * column);                                                                    \
    if (stride == 2) a1 = v_madd(x, wc, a1);                                                       \
    a2 = v_madd(x, stride == 1 ? wc : wa, a2);                                                     \
    if (stride == 1) a3 = v_madd(x, wb, a3);                                                       \
    x = v_load(p + 5 * column);                                                                    \
    if (stride == 1) a3 = v_madd(x, wc, a3);                                                       \
    if (stride == 2) {                                                                             \
        a2 = v_madd(x, wb, a2);                                                                    \
        x = v_load(p + 6 * column), a2 = v_madd(x, wc, a2), a3 = v_madd(x, wa, a3);                \
        x = v_load(p + 7 * column), a3 = v_madd(x, wb, a3);                                        \
        x = v_load(p + 8 * column), a3 = v_madd(x, wc, a3);                                        \
    }
        ROW(w0, w1, w2)
        p += row;
        ROW(w3, w4, w5)
        p += row;
        ROW(w6, w7, w8)
#undef ROW
        float *to = t->output + i * out + c;
        v_store(to, v_lesser(v_set(high), v_greater(v_set(low), a0)));
        v_store(to + out, v_lesser(v_set(high), v_greater(v_set(low), a1)));
        v_store(to + 2 * out, v_lesser(v_set(high), v_greater(v_set(low), a2)));
        v_store(to + 3 * out, v_lesser(v_set(high), v_greater(v_set(low), a3)));
    }
}

/* Any window, `together` (1 or 4) outputs from i on; `some` channels of a vector, or all. */
FOVEA_INLINE V_TARGET void ISA(depthwise_any)(const struct fovea_window_run *t, size_t c, size_t i,
                                              size_t some, const size_t together) {
    const float *w = t->weights + c / FOVEA_BLOCK * t->weight_block + c % FOVEA_BLOCK;
    const size_t step = t->input_step, columns = t->columns, column = t->input_column;
    const vec low = v_set(t->low), high = v_set(t->high);
    vec a0 = v_load(t->bias + c), a1 = a0, a2 = a0, a3 = a0;
    for (size_t ky = 0; ky < t->rows; ky++) {
        const float *in = t->input + i * step + ky * t->input_row + c;
        const float *tap = w + ky * t->weight_row;
        for (size_t kx = 0; kx < columns; kx++, in += column, tap += FOVEA_BLOCK) {
            const vec wa = v_load(tap);
            if (together == 1) {
                a0 = v_madd(some < V_WIDTH ? v_load_part(in, some) : v_load(in), wa, a0);
            } else {
                a0 = v_madd(v_load(in), wa, a0);
                a1 = v_madd(v_load(in + step), wa, a1);
                a2 = v_madd(v_load(in + 2 * step), wa, a2);
                a3 = v_madd(v_load(in + 3 * step), wa, a3);
            }
        }
    }
    float *to = t->output + i * t->output_step + c;
    a0 = v_lesser(high, v_greater(low, a0));
    if (together == 1 && some < V_WIDTH) {
        v_store_part(to, a0, some);
        return;
    }
    v_store(to, a0);
    if (together == 1) return;
    v_store(to + t->output_step, v_lesser(high, v_greater(low, a1)));
    v_store(to + 2 * t->output_step, v_lesser(high, v_greater(low, a2)));
    v_store(to + 3 * t->output_step, v_lesser(high, v_greater(low, a3)));
}

static FOVEA_NOINLINE V_TARGET void ISA(depthwise_generic)(const struct fovea_window_run *t,
                                                           size_t c) {
    const size_t some = t->channels - c;
    size_t i = 0;
    if (some >= V_WIDTH)
        for (; i + 4 <= t->outputs; i += 4) ISA(depthwise_any)(t, c, i, V_WIDTH, 4);
    for (; i < t->outputs; i++) ISA(depthwise_any)(t, c, i, some, 1);
}

static FOVEA_NOINLINE V_TARGET void ISA(depthwise_3x3_1)(const struct fovea_window_run *t,
                                                         size_t c) {
    ISA(depthwise_3x3)(t, c, 1);
}

static FOVEA_NOINLINE V_TARGET void ISA(depthwise_3x3_2)(const struct fovea_window_run *t,
                                                         size_t c) {
    ISA(depthwise_3x3)(t, c, 2);
}

static V_TARGET void ISA(depthwise_f32)(const struct fovea_window_run *t) {
    const bool nine = t->rows == 3 && t->columns == 3 && t->outputs >= 4;
    const bool one = nine && t->input_step == t->input_column;
    const bool two = nine && t->input_step == 2 * t->input_column;
    for (size_t c = 0; c < t->channels; c += V_WIDTH) {
        if (one && c + V_WIDTH <= t->channels)
            ISA(depthwise_3x3_1)(t, c);
        else if (two && c + V_WIDTH <= t->channels)
            ISA(depthwise_3x3_2)(t, c);
        else
            ISA(depthwise_generic)(t, c);
    }
}
