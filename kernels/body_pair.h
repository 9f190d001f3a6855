/* The kernels of fovea_pair, and affine_f32. */

#define PAIR(name, op)                                                                             \
    static V_TARGET void ISA(name)(const struct fovea_pair *t) {                                   \
        const size_t count = t->count;                                                             \
        const float *const a = t->a, *const b = t->b;                                              \
        float *const out = t->output;                                                              \
        const vec one_a = v_splat(a), one_b = v_splat(b);                                          \
        size_t i = 0;                                                                              \
        if (t->a_step && t->b_step) {                                                              \
            for (; i + V_WIDTH <= count; i += V_WIDTH)                                             \
                v_store(out + i, op(v_load(a + i), v_load(b + i)));                                \
        } else if (t->a_step) {                                                                    \
            for (; i + V_WIDTH <= count; i += V_WIDTH) v_store(out + i, op(v_load(a + i), one_b)); \
        } else {                                                                                   \
            for (; i + V_WIDTH <= count; i += V_WIDTH)                                             \
                v_store(out + i, op(one_a, t->b_step ? v_load(b + i) : one_b));                    \
        }                                                                                          \
        if (i < count) {                                                                           \
            const vec last_a = t->a_step ? v_load_part(a + i, count - i) : one_a;                  \
            const vec last_b = t->b_step ? v_load_part(b + i, count - i) : one_b;                  \
            v_store_part(out + i, op(last_a, last_b), count - i);                                  \
        }                                                                                          \
    }
#define SLOPE(a, b) v_select(v_is_less(a, v_set(0.0f)), v_multiply(a, b), a)
PAIR(add_f32, v_add)
PAIR(multiply_f32, v_multiply)
PAIR(subtract_f32, v_subtract)
PAIR(divide_f32, v_divide)
PAIR(maximum_f32, v_greater)
PAIR(minimum_f32, v_lesser)
PAIR(slope_f32, SLOPE)
#undef SLOPE
#undef PAIR

/* `channels` is no multiple of the vector and small: the factors repeat after `channels` vectors,
 * so the whole array is walked as one, whatever position a float belongs to. */
#define AFFINE_FEW 16
FOVEA_INLINE V_TARGET void ISA(affine_few)(const struct fovea_affine *t) {
    float scale[AFFINE_FEW * V_WIDTH], shift[AFFINE_FEW * V_WIDTH];
    const size_t total = t->count * t->channels, period = t->channels * V_WIDTH;
    for (size_t i = 0; i < period; i++) {
        scale[i] = t->scale[i % t->channels];
        shift[i] = t->shift[i % t->channels];
    }
    size_t i = 0, at = 0;
    for (; i + V_WIDTH <= total; i += V_WIDTH) {
        v_store(t->output + i,
                v_madd(v_load(t->input + i), v_load(scale + at), v_load(shift + at)));
        at = at + V_WIDTH == period ? 0 : at + V_WIDTH;
    }
    if (i < total) {
        const vec v = v_load_part(t->input + i, total - i);
        v_store_part(t->output + i, v_madd(v, v_load(scale + at), v_load(shift + at)), total - i);
    }
}

static V_TARGET void ISA(affine_f32)(const struct fovea_affine *t) {
    const size_t channels = t->channels;
    if (channels < AFFINE_FEW && channels % V_WIDTH != 0) {
        ISA(affine_few)(t);
        return;
    }
    for (size_t i = 0; i < t->count; i++) {
        const float *in = t->input + i * channels;
        float *out = t->output + i * channels;
        size_t c = 0;
        for (; c + V_WIDTH <= channels; c += V_WIDTH)
            v_store(out + c, v_madd(v_load(in + c), v_load(t->scale + c), v_load(t->shift + c)));
        if (c < channels) {
            const size_t some = channels - c;
            const vec scale = v_load_part(t->scale + c, some),
                      shift = v_load_part(t->shift + c, some);
            v_store_part(out + c, v_madd(v_load_part(in + c, some), scale, shift), some);
        }
    }
}
#undef AFFINE_FEW
