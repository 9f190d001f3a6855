/* max_pool_f32 and mean_pool_f32: vectors of channels; `mean` is a constant after inlining. */

FOVEA_INLINE V_TARGET vec ISA(pool_tap)(vec sum, vec v, const bool mean) {
    return mean ? v_add(sum, v) : v_greater(sum, v);
}

/* One vector of a window whose size is known, so that its loops are unrolled. */
FOVEA_INLINE V_TARGET vec ISA(pool_known)(const float *in, size_t row, size_t column,
                                          const size_t size, const bool mean) {
    vec sum = mean ? v_set(0.0f) : v_load(in);
#define ROW(p)                                                                                     \
    do {                                                                                           \
        vec part = mean ? v_set(0.0f) : sum;                                                       \
        part = ISA(pool_tap)(part, v_load(p), mean);                                               \
        part = ISA(pool_tap)(part, v_load((p) + column), mean);                                    \
        if (size > 2) part = ISA(pool_tap)(part, v_load((p) + 2 * column), mean);                  \
        sum = mean ? v_add(sum, part) : part;                                                      \
    } while (0)
    ROW(in);
    ROW(in + row);
    if (size > 2) ROW(in + 2 * row);
#undef ROW
    return sum;
}

/* Any window, `together` (1 or 4) vectors, or `some` channels of one. */
FOVEA_INLINE V_TARGET void ISA(pool_any)(const struct fovea_window_run *t, const float *in,
                                         float *to, size_t some, const size_t together,
                                         const bool mean) {
    const size_t columns = t->columns, column = t->input_column;
    const bool part = together == 1 && some < V_WIDTH;
    vec s0, s1, s2, s3;
    s0 = s1 = s2 = s3 = v_set(0.0f);
    for (size_t ky = 0; ky < t->rows; ky++) {
        const float *p = in + ky * t->input_row;
        vec p0 = s0, p1 = s1, p2 = s2, p3 = s3;
        if (mean) {
            p0 = p1 = p2 = p3 = v_set(0.0f);
        } else if (ky == 0) {
            p0 = part ? v_load_part(p, some) : v_load(p);
            if (together > 1) {
                p1 = v_load(p + V_WIDTH);
                p2 = v_load(p + 2 * V_WIDTH);
                p3 = v_load(p + 3 * V_WIDTH);
            }
        }
        for (size_t kx = 0; kx < columns; kx++, p += column) {
            p0 = ISA(pool_tap)(p0, part ? v_load_part(p, some) : v_load(p), mean);
            if (together > 1) {
                p1 = ISA(pool_tap)(p1, v_load(p + V_WIDTH), mean);
                p2 = ISA(pool_tap)(p2, v_load(p + 2 * V_WIDTH), mean);
                p3 = ISA(pool_tap)(p3, v_load(p + 3 * V_WIDTH), mean);
            }
        }
        s0 = mean ? v_add(s0, p0) : p0;
        s1 = mean ? v_add(s1, p1) : p1;
        s2 = mean ? v_add(s2, p2) : p2;
        s3 = mean ? v_add(s3, p3) : p3;
    }
    if (mean) {
        const vec taps = v_set((float)(t->rows * columns));
        s0 = v_divide(s0, taps);
        if (together > 1) s1 = v_divide(s1, taps), s2 = v_divide(s2, taps), s3 = v_divide(s3, taps);
    }
    if (part) {
        v_store_part(to, s0, some);
        return;
    }
    v_store(to, s0);
    if (together == 1) return;
    v_store(to + V_WIDTH, s1);
    v_store(to + 2 * V_WIDTH, s2);
    v_store(to + 3 * V_WIDTH, s3);
}

/* The channels of a window that fill no vector, apart so that its code exists once. */
static FOVEA_NOINLINE V_TARGET void ISA(pool_part)(const struct fovea_window_run *t,
                                                   const float *in, float *to, size_t some,
                                                   bool mean) {
    if (mean)
        ISA(pool_any)(t, in, to, some, 1, true);
    else
        ISA(pool_any)(t, in, to, some, 1, false);
}

/* `size`: 2 or 3 for a square window of this size, 0 for any other. */
FOVEA_INLINE V_TARGET void ISA(pool_run)(const struct fovea_window_run *t, const size_t size,
                                         const bool mean) {
    const size_t channels = t->channels, row = t->input_row, column = t->input_column;
    const vec taps = v_set((float)(t->rows * t->columns));
    for (size_t i = 0; i < t->outputs; i++) {
        const float *in = t->input + i * t->input_step;
        float *to = t->output + i * t->output_step;
        size_t c = 0;
        if (size == 0)
            for (; c + 4 * V_WIDTH <= channels; c += 4 * V_WIDTH)
                ISA(pool_any)(t, in + c, to + c, V_WIDTH, 4, mean);
        for (; c + V_WIDTH <= channels; c += V_WIDTH) {
            if (size == 0) {
                ISA(pool_any)(t, in + c, to + c, V_WIDTH, 1, mean);
            } else {
                const vec sum = ISA(pool_known)(in + c, row, column, size, mean);
                v_store(to + c, mean ? v_divide(sum, taps) : sum);
            }
        }
        if (c < channels) ISA(pool_part)(t, in + c, to + c, channels - c, mean);
    }
}

FOVEA_INLINE V_TARGET void ISA(pool)(const struct fovea_window_run *t, const bool mean) {
    if (t->rows == 2 && t->columns == 2)
        ISA(pool_run)(t, 2, mean);
    else if (t->rows == 3 && t->columns == 3)
        ISA(pool_run)(t, 3, mean);
    else
        ISA(pool_run)(t, 0, mean);
}

static V_TARGET void ISA(max_pool_f32)(const struct fovea_window_run *t) {
    ISA(pool)(t, false);
}

static V_TARGET void ISA(mean_pool_f32)(const struct fovea_window_run *t) {
    ISA(pool)(t, true);
}
