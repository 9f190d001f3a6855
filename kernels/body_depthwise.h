/* depthwise_f32: several neighbouring outputs at once, vectors of channels one after another: so the
 * rows are read from end to end, and many channels (a power of two apart from column to column) do
 * not push each other out of the cache. */

#ifndef v_load_blocks
#define v_load_blocks(p, apart) ((void)(apart), v_load(p))
#endif

/* Where the window of output i begins, counted in columns of the row; below 0 it wraps round, and so is
 * no less than the width. */
FOVEA_INLINE size_t ISA(depthwise_at)(const struct fovea_depthwise_run *t, size_t i) {
    return i * t->step - t->left;
}

/* `tile` outputs (4 or 7) from i on, a vector of channels; `columns` 3 or 5 and `step` 1 or 2 columns
 * between outputs are constants. A column is loaded once for all the outputs it belongs to; with `edge`
 * those outside the row are left out. */
FOVEA_INLINE V_TARGET void ISA(depthwise_tile)(const struct fovea_depthwise_run *t, size_t c,
                                               size_t i, const size_t tile, const size_t columns,
                                               const size_t step, const bool edge) {
    const float *w = t->weights + c / FOVEA_BLOCK * t->weight_block + c % FOVEA_BLOCK;
    const size_t pixel = t->pixel, rows = t->rows, out = t->output_step, width = t->width;
    const size_t at = ISA(depthwise_at)(t, i);
    const float *in = t->input + c;
    vec a0 = v_load(t->bias + c), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0;
    for (size_t ky = 0; ky < rows; ky++, in += t->input_row, w += t->weight_row) {
#define LOAD(k) v_load_blocks(w + (k)*FOVEA_BLOCK, t->weight_block)
        const vec w0 = LOAD(0), w1 = LOAD(1), w2 = LOAD(2);
        const vec w3 = columns > 3 ? LOAD(3) : w0, w4 = columns > 4 ? LOAD(4) : w0;
#undef LOAD
        size_t from = at * pixel;
#define WEIGHT(k) ((k) == 0 ? w0 : (k) == 1 ? w1 : (k) == 2 ? w2 : (k) == 3 ? w3 : w4)
#define TAP(o, n)                                                                                  \
    if (o < tile && n >= o * step && n - o * step < columns)                                       \
        a##o = v_madd(x, WEIGHT(n - o * step), a##o);
#define COLUMN(n)                                                                                  \
    if (n < columns + (tile - 1) * step) {                                                         \
        if (!edge || at + n < width) {                                                             \
            const vec x = v_load(in + from);                                                       \
            TAP(0, n) TAP(1, n) TAP(2, n) TAP(3, n) TAP(4, n) TAP(5, n) TAP(6, n)                  \
        }                                                                                          \
        from += pixel;                                                                             \
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
        COLUMN(11)
        COLUMN(12)
        COLUMN(13)
        COLUMN(14)
        COLUMN(15)
        COLUMN(16)
#undef WEIGHT
#undef TAP
#undef COLUMN
    }
    const vec low = v_set(t->low), high = v_set(t->high);
    float *to = t->output + i * out + c;
#define STORE(o)                                                                                   \
    if (o < tile) v_store(to + o * out, v_lesser(high, v_greater(low, a##o)));
    STORE(0)
    STORE(1)
    STORE(2)
    STORE(3)
    STORE(4)
    STORE(5)
    STORE(6)
#undef STORE
}

/* Any window, `together` (1 or 4) outputs from i on, four of them only where no window leaves the row;
 * `some` channels of a vector, or all. */
FOVEA_INLINE V_TARGET void ISA(depthwise_any)(const struct fovea_depthwise_run *t, size_t c,
                                              size_t i, size_t some, const size_t together) {
    const float *w = t->weights + c / FOVEA_BLOCK * t->weight_block + c % FOVEA_BLOCK;
    const size_t columns = t->columns, width = t->width, step = t->step * t->pixel;
    const vec low = v_set(t->low), high = v_set(t->high);
    const bool ends = V_WIDTH > FOVEA_BLOCK && some < V_WIDTH; /* amid the two blocks of a vector */
    const size_t apart = V_WIDTH > FOVEA_BLOCK && some > FOVEA_BLOCK ? t->weight_block : 0;
    vec a0 = ends ? v_load_part(t->bias + c, some) : v_load(t->bias + c), a1 = a0, a2 = a0, a3 = a0;
    for (size_t ky = 0; ky < t->rows; ky++) {
        const float *in = t->input + ky * t->input_row + c, *tap = w + ky * t->weight_row;
        size_t at = ISA(depthwise_at)(t, i);
        for (size_t kx = 0; kx < columns; kx++, at += t->dilation, tap += FOVEA_BLOCK) {
            if (at >= width) continue;
            const float *x = in + at * t->pixel;
            const vec wa = v_load_blocks(tap, apart);
            if (together == 1) {
                a0 = v_madd(some < V_WIDTH ? v_load_part(x, some) : v_load(x), wa, a0);
            } else {
                a0 = v_madd(v_load(x), wa, a0);
                a1 = v_madd(v_load(x + step), wa, a1);
                a2 = v_madd(v_load(x + 2 * step), wa, a2);
                a3 = v_madd(v_load(x + 3 * step), wa, a3);
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

/* Output i, the channels from c on. */
static FOVEA_NOINLINE V_TARGET void ISA(depthwise_one)(const struct fovea_depthwise_run *t,
                                                       size_t c, size_t i) {
    for (; c + V_WIDTH <= t->channels; c += V_WIDTH) ISA(depthwise_any)(t, c, i, V_WIDTH, 1);
    if (c < t->channels) ISA(depthwise_any)(t, c, i, t->channels - c, 1);
}

/* Whether the windows of `tile` outputs from i on lie inside the row. */
FOVEA_INLINE bool ISA(depthwise_inside)(const struct fovea_depthwise_run *t, size_t i,
                                        size_t tile) {
    const size_t at = ISA(depthwise_at)(t, i);
    return at < t->width && t->width - at > (tile - 1) * t->step + (t->columns - 1) * t->dilation;
}

/* Tiles of outputs from i on, all whole vectors of channels: of any window, and of those that networks
 * have. */
static V_TARGET void ISA(depthwise_0_0_4)(const struct fovea_depthwise_run *t, size_t i) {
    const struct fovea_depthwise_run own = *t; /* no store may change it */
    if (ISA(depthwise_inside)(&own, i, 4))
        for (size_t c = 0; c + V_WIDTH <= own.channels; c += V_WIDTH)
            ISA(depthwise_any)(&own, c, i, V_WIDTH, 4);
    else
        for (size_t k = i; k < i + 4; k++) ISA(depthwise_one)(&own, 0, k);
}
#define KIND(columns, step, tile)                                                                  \
    static V_TARGET void ISA(depthwise_##columns##_##step##_##tile)(                               \
        const struct fovea_depthwise_run *t, size_t i) {                                           \
        const struct fovea_depthwise_run own = *t;                                                 \
        if (ISA(depthwise_inside)(&own, i, tile))                                                  \
            for (size_t c = 0; c + V_WIDTH <= own.channels; c += V_WIDTH)                          \
                ISA(depthwise_tile)(&own, c, i, tile, columns, step, false);                       \
        else                                                                                       \
            for (size_t c = 0; c + V_WIDTH <= own.channels; c += V_WIDTH)                          \
                ISA(depthwise_tile)(&own, c, i, tile, columns, step, true);                        \
    }
#if V_POSITIONS > 3 /* registers for seven sums and five weights */
#define DEPTHWISE_WIDE KIND(3, 1, 7) KIND(3, 2, 7) KIND(5, 1, 7) KIND(5, 2, 7)
#else
#define DEPTHWISE_WIDE
#endif
#define DEPTHWISE_KINDS DEPTHWISE_WIDE KIND(3, 1, 4) KIND(3, 2, 4) KIND(5, 1, 4) KIND(5, 2, 4)
DEPTHWISE_KINDS
#undef KIND

static V_TARGET void ISA(depthwise_f32)(const struct fovea_depthwise_run *t) {
    static const struct {
        unsigned char columns, step, tile; /* no columns: any */
        void (*run)(const struct fovea_depthwise_run *, size_t);
    } kinds[] = {
#define KIND(columns, step, tile) {columns, step, tile, ISA(depthwise_##columns##_##step##_##tile)},
        DEPTHWISE_KINDS KIND(0, 0, 4)
#undef KIND
    };
    const size_t all = sizeof kinds / sizeof *kinds, outputs = t->outputs;
    size_t kind = all, least = SIZE_MAX; /* outputs computed: the last tile repeats some */
    for (size_t k = 0; k < all; k++) {
        const size_t tile = kinds[k].tile, work = fovea_round_up(outputs, tile);
        const bool fits = kinds[k].columns == 0 || (kinds[k].columns == t->columns &&
                                                    kinds[k].step == t->step && t->dilation == 1);
        if (fits && tile <= outputs && work < least) kind = k, least = work;
    }
    const size_t tile = kind < all ? kinds[kind].tile : 1;
    size_t done = kind < all ? t->channels / V_WIDTH * V_WIDTH : 0;
    for (size_t i = 0; done > 0 && i < outputs; i += tile)
        kinds[kind].run(t, i + tile <= outputs ? i : outputs - tile);
    for (size_t i = 0; done < t->channels && i < outputs; i++) ISA(depthwise_one)(t, done, i);
}
#undef DEPTHWISE_WIDE
#undef DEPTHWISE_KINDS
