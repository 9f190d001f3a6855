/* depthwise_f32: several neighbouring outputs at once, vectors of channels one after another: so the
 * rows are read from end to end, and many channels (a power of two apart from column to column) do
 * not push each other out of the cache. */

/* Four outputs from i on, a vector of channels; `columns` 3 or 5 and `stride` 1 or 2 columns between
 * outputs are constants. A column is loaded once for all the outputs it belongs to. */
FOVEA_INLINE V_TARGET void ISA(depthwise_four)(const struct fovea_window_run *t, size_t c, size_t i,
                                               const size_t columns, const size_t stride) {
    const float *w = t->weights + c / FOVEA_BLOCK * t->weight_block + c % FOVEA_BLOCK;
    const float *in = t->input + i * t->input_step + c;
    const size_t column = t->input_column, rows = t->rows, out = t->output_step;
    vec a0 = v_load(t->bias + c), a1 = a0, a2 = a0, a3 = a0;
    for (size_t ky = 0; ky < rows; ky++, in += t->input_row, w += t->weight_row) {
        const vec w0 = v_load(w), w1 = v_load(w + FOVEA_BLOCK), w2 = v_load(w + 2 * FOVEA_BLOCK);
        const vec w3 = columns > 3 ? v_load(w + 3 * FOVEA_BLOCK) : w0;
        const vec w4 = columns > 4 ? v_load(w + 4 * FOVEA_BLOCK) : w0;
        const float *p = in;
        vec x;
#define WEIGHT(k) ((k) == 0 ? w0 : (k) == 1 ? w1 : (k) == 2 ? w2 : (k) == 3 ? w3 : w4)
#define TAP(o, n)                                                                                  \
    if (n >= o * stride && n - o * stride < columns) a##o = v_madd(x, WEIGHT(n - o * stride), a##o);
#define COLUMN(n)                                                                                  \
    if (n < columns + 3 * stride) {                                                                \
        x = v_load(p);                                                                             \
        p += column;                                                                               \
        TAP(0, n) TAP(1, n) TAP(2, n) TAP(3, n)                                                    \
    }
        COLUMN(0)
        COLUMN(1)
        COLUMN(2)
        COLUMN(3)
        COLUMN(4)
        COLUMN(5)
        COLUMN(6)
        COLUMN(7)
        COLUMN(8)
        COLUMN(9)
        COLUMN(10)
#undef WEIGHT
#undef TAP
#undef COLUMN
    }
    const vec low = v_set(t->low), high = v_set(t->high);
    float *to = t->output + i * out + c;
    v_store(to, v_lesser(high, v_greater(low, a0)));
    v_store(to + out, v_lesser(high, v_greater(low, a1)));
    v_store(to + 2 * out, v_lesser(high, v_greater(low, a2)));
    v_store(to + 3 * out, v_lesser(high, v_greater(low, a3)));
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

/* One function for each kind of window: four outputs, all whole vectors of channels. */
#define KIND(name, what)                                                                           \
    static FOVEA_NOINLINE V_TARGET void ISA(depthwise_##name)(const struct fovea_window_run *t,    \
                                                              size_t i) {                          \
        const struct fovea_window_run own = *t; /* no store may change it */                       \
        for (size_t c = 0; c + V_WIDTH <= own.channels; c += V_WIDTH) what;                        \
    }
KIND(3x3_1, ISA(depthwise_four)(&own, c, i, 3, 1))
KIND(3x3_2, ISA(depthwise_four)(&own, c, i, 3, 2))
KIND(5x5_1, ISA(depthwise_four)(&own, c, i, 5, 1))
KIND(5x5_2, ISA(depthwise_four)(&own, c, i, 5, 2))
KIND(other, ISA(depthwise_any)(&own, c, i, V_WIDTH, 4))
#undef KIND

/* One output, all channels. */
static FOVEA_NOINLINE V_TARGET void ISA(depthwise_one)(const struct fovea_window_run *t, size_t i) {
    size_t c = 0;
    for (; c + V_WIDTH <= t->channels; c += V_WIDTH) ISA(depthwise_any)(t, c, i, V_WIDTH, 1);
    if (c < t->channels) ISA(depthwise_any)(t, c, i, t->channels - c, 1);
}

static V_TARGET void ISA(depthwise_f32)(const struct fovea_window_run *t) {
    const bool one = t->input_step == t->input_column, two = t->input_step == 2 * t->input_column;
    void (*four)(const struct fovea_window_run *, size_t) = ISA(depthwise_other);
    if (t->columns == 3 && one) four = ISA(depthwise_3x3_1);
    if (t->columns == 3 && two) four = ISA(depthwise_3x3_2);
    if (t->columns == 5 && one) four = ISA(depthwise_5x5_1);
    if (t->columns == 5 && two) four = ISA(depthwise_5x5_2);
    size_t i = 0;
    for (; i + 4 <= t->outputs; i += 4) four(t, i);
    if (i > 0 &&
        t->outputs - i == 3) { /* the last four again: the same values, three of them new */
        four(t, t->outputs - 4);
        i = t->outputs;
    }
    for (; i < t->outputs; i++) ISA(depthwise_one)(t, i);
    const size_t whole = t->channels / V_WIDTH * V_WIDTH;
    for (size_t k = 0; whole < t->channels && k < t->outputs; k++)
        ISA(depthwise_any)(t, whole, k, t->channels - whole, 1);
}
