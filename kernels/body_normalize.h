/* normalize_f32: eight partial sums whatever the vector, so that the order is ref.c's. */

/* One step of the sums: of v - mean, or of its square. */
FOVEA_INLINE V_TARGET vec ISA(row_step)(vec sum, vec v, vec mean, bool squares) {
    const vec off = v_subtract(v, mean);
    return squares ? v_madd(off, off, sum) : v_add(sum, off);
}

FOVEA_INLINE V_TARGET float ISA(row_sum)(const float *in, size_t count, float mean, bool squares) {
    float s[8], last[8] = {0};
    const vec m = v_set(mean), zero = v_set(0.0f);
    vec low = zero, high = zero; /* the sums 0..3 and 4..7 where a vector holds four */
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        low = ISA(row_step)(low, v_load(in + i), m, squares);
        if (V_WIDTH < 8) high = ISA(row_step)(high, v_load(in + i + 4), m, squares);
    }
    for (size_t j = 0; i + j < count; j++) last[j] = in[i + j] - mean;
    low = ISA(row_step)(low, v_load(last), zero, squares);
    if (V_WIDTH < 8) high = ISA(row_step)(high, v_load(last + 4), zero, squares);
    v_store(s, low);
    if (V_WIDTH < 8) v_store(s + 8 - V_WIDTH, high);
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

static V_TARGET void ISA(normalize_f32)(const struct fovea_normalize *t) {
    const size_t count = t->count;
    for (size_t row = 0; row < t->rows; row++) {
        const float *in = t->input + row * count;
        float *out = t->output + row * count;
        const float mean =
            t->about_mean ? ISA(row_sum)(in, count, 0.0f, false) / (float)count : 0.0f;
        float size = ISA(row_sum)(in, count, mean, true);
        if (t->whole)
            size = size < t->epsilon ? t->epsilon : size;
        else
            size = size / (float)count + t->epsilon;
        const vec factor = v_divide(v_set(1.0f), v_root(v_set(size)));
        const vec middle = v_set(t->center ? mean : 0.0f);
        size_t i = 0;
        for (; i + V_WIDTH <= count; i += V_WIDTH) {
            const vec v = v_multiply(v_subtract(v_load(in + i), middle), factor);
            v_store(out + i, t->scale ? v_madd(v, v_load(t->scale + i), v_load(t->shift + i)) : v);
        }
        if (i < count) {
            const size_t some = count - i;
            vec v = v_multiply(v_subtract(v_load_part(in + i, some), middle), factor);
            if (t->scale)
                v = v_madd(v, v_load_part(t->scale + i, some), v_load_part(t->shift + i, some));
            v_store_part(out + i, v, some);
        }
    }
}
