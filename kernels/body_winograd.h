/* winograd_input_f32, winograd_output_f32: a vector of channels at a time. The result of the columns
 * goes through a small buffer, because 36 vectors do not fit the registers. */

/* Six vectors to six, stored `step` floats apart. */
FOVEA_INLINE V_TARGET void ISA(winograd_six)(vec d0, vec d1, vec d2, vec d3, vec d4, vec d5,
                                             float *to, size_t step, size_t some) {
    const vec four = v_set(4.0f), less_four = v_set(-4.0f), less_five = v_set(-5.0f);
    const vec a = v_madd(d2, less_four, d4), b = v_madd(d1, less_four, d3);
    const vec c = v_subtract(d4, d2), e = v_subtract(d3, d1);
#define PUT(i, v)                                                                                  \
    if (some < V_WIDTH)                                                                            \
        v_store_part(to + (i)*step, v, some);                                                      \
    else                                                                                           \
        v_store(to + (i)*step, v);
    PUT(0, v_madd(d0, four, v_madd(d2, less_five, d4)))
    PUT(1, v_add(a, b))
    PUT(2, v_subtract(a, b))
    PUT(3, v_madd(e, v_set(2.0f), c))
    PUT(4, v_madd(e, v_set(-2.0f), c))
    PUT(5, v_madd(d1, four, v_madd(d3, less_five, d5)))
#undef PUT
}

/* `some` channels from c on; `whole`: the tile lies inside the picture. */
FOVEA_INLINE V_TARGET void ISA(winograd_patch)(const struct fovea_winograd_input *t, size_t c,
                                               size_t some, const bool whole) {
    float w[36 * V_WIDTH];
    const float *in = t->input + c;
    const size_t row = t->row, top = whole ? 0 : t->top;
#define INSIDE(y) (whole || (y >= top && y < t->bottom))
#define LOAD(y)                                                                                    \
    (!INSIDE(y)       ? v_set(0.0f)                                                                \
     : some < V_WIDTH ? v_load_part(in + (y - top) * row, some)                                    \
                      : v_load(in + (y - top) * row))
    for (unsigned x = 0; x < 6; x++) {
        float *const to = w + x * V_WIDTH;
        if (!whole && (x < t->left || x >= t->right)) {
            for (size_t y = 0; y < 6; y++) v_store(to + 6 * V_WIDTH * y, v_set(0.0f));
            continue;
        }
        ISA(winograd_six)
        (LOAD(0), LOAD(1), LOAD(2), LOAD(3), LOAD(4), LOAD(5), to, 6 * V_WIDTH, V_WIDTH);
        in += t->column;
    }
#undef LOAD
#undef INSIDE
#define ACROSS(x) v_load(from + (x)*V_WIDTH)
    const float *from = w;
    float *to = t->output + c;
    for (size_t y = 0; y < 6; y++, from += 6 * V_WIDTH, to += 6 * t->output_step) ISA(winograd_six)
    (ACROSS(0), ACROSS(1), ACROSS(2), ACROSS(3), ACROSS(4), ACROSS(5), to, t->output_step, some);
#undef ACROSS
}

static FOVEA_NOINLINE V_TARGET void ISA(winograd_edge)(const struct fovea_winograd_input *t,
                                                       size_t c, size_t some) {
    ISA(winograd_patch)(t, c, some, false);
}

static V_TARGET void ISA(winograd_input_f32)(const struct fovea_winograd_input *t) {
    const bool whole = t->top == 0 && t->left == 0 && t->bottom == 6 && t->right == 6;
    size_t c = 0;
    for (; c + V_WIDTH <= t->channels; c += V_WIDTH) {
        if (whole)
            ISA(winograd_patch)(t, c, V_WIDTH, true);
        else
            ISA(winograd_patch)(t, c, V_WIDTH, false);
    }
    if (c < t->channels) ISA(winograd_edge)(t, c, t->channels - c);
}

/* Six vectors to four. */
#define WINOGRAD_FOUR(m0, m1, m2, m3, m4, m5)                                                      \
    const vec s = v_add(m1, m2), d = v_subtract(m1, m2);                                           \
    const vec t2 = v_add(m3, m4), u = v_subtract(m3, m4);                                          \
    const vec r0 = v_add(v_add(m0, s), t2), r1 = v_madd(u, v_set(2.0f), d);                        \
    const vec r2 = v_madd(t2, v_set(4.0f), s), r3 = v_add(v_madd(u, v_set(8.0f), d), m5);

FOVEA_INLINE V_TARGET void ISA(winograd_store)(float *to, vec v, size_t some) {
    if (some < V_WIDTH)
        v_store_part(to, v, some);
    else
        v_store(to, v);
}

FOVEA_INLINE V_TARGET vec ISA(winograd_limit)(const struct fovea_winograd_output *t, vec v) {
    return v_lesser(v_set(t->high), v_greater(v_set(t->low), v));
}

/* One result: the sum, clamped, to its place. */
FOVEA_INLINE V_TARGET void ISA(winograd_put)(const struct fovea_winograd_output *t, size_t at,
                                             vec v, size_t some, const bool add) {
    if (add) v = v_add(v, some < V_WIDTH ? v_load_part(t->add + at, some) : v_load(t->add + at));
    ISA(winograd_store)(t->output + at, ISA(winograd_limit)(t, v), some);
}

/* The columns: four rows of six. */
FOVEA_INLINE V_TARGET void ISA(winograd_columns)(const struct fovea_winograd_output *t, size_t c,
                                                 size_t some, float *w) {
    const size_t step = t->input_step;
#define LOAD(y) (some < V_WIDTH ? v_load_part(in + 6 * (y)*step, some) : v_load(in + 6 * (y)*step))
    for (size_t x = 0; x < 6; x++) {
        const float *in = t->input + x * step + c;
        const vec m0 = LOAD(0), m1 = LOAD(1), m2 = LOAD(2), m3 = LOAD(3), m4 = LOAD(4),
                  m5 = LOAD(5);
        WINOGRAD_FOUR(m0, m1, m2, m3, m4, m5)
        float *const to = w + x * V_WIDTH;
        v_store(to, r0);
        v_store(to + 6 * V_WIDTH, r1);
        v_store(to + 12 * V_WIDTH, r2);
        v_store(to + 18 * V_WIDTH, r3);
    }
#undef LOAD
}

#define WINOGRAD_ROW(from)                                                                         \
    const vec m0 = v_load(from), m1 = v_load((from) + V_WIDTH), m2 = v_load((from) + 2 * V_WIDTH); \
    const vec m3 = v_load((from) + 3 * V_WIDTH), m4 = v_load((from) + 4 * V_WIDTH);                \
    const vec m5 = v_load((from) + 5 * V_WIDTH);                                                   \
    WINOGRAD_FOUR(m0, m1, m2, m3, m4, m5)

FOVEA_INLINE V_TARGET void ISA(winograd_sums)(const struct fovea_winograd_output *t, size_t c,
                                              size_t some, const bool add, const bool whole) {
    float w[24 * V_WIDTH];
    ISA(winograd_columns)(t, c, some, w);
    const unsigned rows = whole ? 4 : t->rows, columns = whole ? 4 : t->columns;
    size_t at = c;
    const float *from = w;
    for (unsigned y = 0; y < rows; y++, from += 6 * V_WIDTH, at += t->row) {
        WINOGRAD_ROW(from)
        ISA(winograd_put)(t, at, r0, some, add);
        if (columns > 1) ISA(winograd_put)(t, at + t->column, r1, some, add);
        if (columns > 2) ISA(winograd_put)(t, at + 2 * t->column, r2, some, add);
        if (columns > 3) ISA(winograd_put)(t, at + 3 * t->column, r3, some, add);
    }
}

/* A row of four, clamped. */
FOVEA_INLINE V_TARGET void ISA(winograd_row)(const struct fovea_winograd_output *t,
                                             const float *from, vec *row) {
    WINOGRAD_ROW(from)
    row[0] = ISA(winograd_limit)(t, r0);
    row[1] = ISA(winograd_limit)(t, r1);
    row[2] = ISA(winograd_limit)(t, r2);
    row[3] = ISA(winograd_limit)(t, r3);
}
#undef WINOGRAD_ROW
#undef WINOGRAD_FOUR

/* The maximum of each two by two. */
FOVEA_INLINE V_TARGET void ISA(winograd_most)(const struct fovea_winograd_output *t, size_t c,
                                              size_t some) {
    float w[24 * V_WIDTH], *to = t->output + c;
    ISA(winograd_columns)(t, c, some, w);
    for (unsigned y = 0; y < t->rows / 2; y++, to += t->row) {
        vec a[4], b[4];
        ISA(winograd_row)(t, w + y * 12 * V_WIDTH, a);
        ISA(winograd_row)(t, w + y * 12 * V_WIDTH + 6 * V_WIDTH, b);
        const vec left = v_greater(v_greater(v_greater(a[0], a[1]), b[0]), b[1]);
        const vec right = v_greater(v_greater(v_greater(a[2], a[3]), b[2]), b[3]);
        if (t->columns > 1) ISA(winograd_store)(to, left, some);
        if (t->columns > 3) ISA(winograd_store)(to + t->column, right, some);
    }
}

static FOVEA_NOINLINE V_TARGET void ISA(winograd_few)(const struct fovea_winograd_output *t,
                                                      size_t c, size_t some) {
    ISA(winograd_sums)(t, c, some, t->add != NULL, false);
}

static FOVEA_NOINLINE V_TARGET void ISA(winograd_pooled)(const struct fovea_winograd_output *t) {
    size_t c = 0;
    for (; c + V_WIDTH <= t->channels; c += V_WIDTH) ISA(winograd_most)(t, c, V_WIDTH);
    if (c < t->channels) ISA(winograd_most)(t, c, t->channels - c);
}

static V_TARGET void ISA(winograd_output_f32)(const struct fovea_winograd_output *t) {
    const bool whole = t->rows == 4 && t->columns == 4;
    size_t c = 0;
    if (t->pool) {
        ISA(winograd_pooled)(t);
        return;
    }
    for (; c + V_WIDTH <= t->channels; c += V_WIDTH) {
        if (whole && !t->add)
            ISA(winograd_sums)(t, c, V_WIDTH, false, true);
        else
            ISA(winograd_few)(t, c, V_WIDTH);
    }
    if (c < t->channels) ISA(winograd_few)(t, c, t->channels - c);
}
