/* softmax_f32: eight partial sums whatever the vector, so that the order is ref.c's. */

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
    vec even = v_set(0.0f), odd = even; /* lanes 0..3 and 4..7 of a half-width machine */
    for (i = 0; i + 8 <= count; i += 8) {
        const vec e = ISA(exp)(v_subtract(v_load(in + i), m));
        v_store(out + i, e);
        even = v_add(even, e);
        if (V_WIDTH < 8) {
            const vec f = ISA(exp)(v_subtract(v_load(in + i + V_WIDTH % 8), m));
            v_store(out + i + V_WIDTH % 8, f);
            odd = v_add(odd, f);
        }
    }
    v_store(s, even);
    if (V_WIDTH < 8) v_store(s + V_WIDTH % 8, odd);
    for (size_t j = 0; i < count; i += V_WIDTH, j += V_WIDTH) {
        const size_t some = count - i < V_WIDTH ? count - i : V_WIDTH;
        float e[V_WIDTH];
        for (size_t k = 0; k < V_WIDTH; k++) e[k] = k < some ? in[i + k] : most;
        v_store(e, ISA(exp)(v_subtract(v_load(e), m)));
        for (size_t k = 0; k < some; k++) out[i + k] = e[k], s[j + k] += e[k];
    }

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
