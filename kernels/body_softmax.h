/* softmax_f32: eight partial sums whatever the vector, so that the order is ref.c's. */

/* The next exponentials, at most `left`; zeros beyond them. */
FOVEA_INLINE V_TARGET vec ISA(softmax_step)(const float *in, float *out, size_t left, vec most) {
    if (left >= V_WIDTH) {
        const vec e = ISA(exp)(v_subtract(v_load(in), most));
        v_store(out, e);
        return e;
    }
    v_store_part(out, ISA(exp)(v_subtract(v_load_part(in, left), most)), left);
    return v_load_part(out, left);
}

FOVEA_INLINE V_TARGET void ISA(softmax_row)(const float *in, float *out, size_t count) {
    float s[8];
    size_t i = 0;
    float most = in[0]; /* where there is a NaN any maximum will do: the sum becomes a NaN */
    if (count >= V_WIDTH) {
        vec m = v_load(in);
        for (i = V_WIDTH; i + V_WIDTH <= count; i += V_WIDTH) m = v_greater(m, v_load(in + i));
        v_store(s, m);
        for (size_t j = 0; j < V_WIDTH; j++) most = most > s[j] ? most : s[j];
    }
    for (; i < count; i++) most = most > in[i] ? most : in[i];

    const vec m = v_set(most);
    vec low = v_set(0.0f), high = low; /* the sums 0..3 and 4..7 where a vector holds four */
    for (i = 0; i < count; i += 8) {
        low = v_add(low, ISA(softmax_step)(in + i, out + i, count - i, m));
        if (V_WIDTH < 8 && i + 4 < count)
            high = v_add(high, ISA(softmax_step)(in + i + 4, out + i + 4, count - i - 4, m));
    }
    v_store(s, low);
    if (V_WIDTH < 8) v_store(s + 8 - V_WIDTH, high);

    const float sum = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    const vec all = v_set(sum);
    for (i = 0; i + V_WIDTH <= count; i += V_WIDTH)
        v_store(out + i, v_divide(v_load(out + i), all));
    if (i < count) v_store_part(out + i, v_divide(v_load_part(out + i, count - i), all), count - i);
}

static V_TARGET void ISA(softmax_f32)(const struct fovea_softmax *t) {
    for (size_t row = 0; row < t->rows; row++)
        ISA(softmax_row)(t->input + row * t->count, t->output + row * t->count, t->count);
}
