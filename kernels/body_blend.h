/* blend_f32: vectors of neighbouring floats. */

FOVEA_INLINE V_TARGET vec ISA(blend_vector)(vec a, vec b, vec c, vec d, vec x, vec y) {
    const vec top = v_madd(v_subtract(b, a), x, a);
    const vec bottom = v_madd(v_subtract(d, c), x, c);
    return v_madd(v_subtract(bottom, top), y, top);
}

static V_TARGET void ISA(blend_f32)(const struct fovea_blend *t) {
    const float *const a = t->input[0], *const b = t->input[1];
    const float *const c = t->input[2], *const d = t->input[3];
    const vec x = v_set(t->x), y = v_set(t->y);
    const size_t count = t->count;
    size_t i = 0;
    for (; i + V_WIDTH <= count; i += V_WIDTH)
        v_store(t->output + i, ISA(blend_vector)(v_load(a + i), v_load(b + i), v_load(c + i),
                                                 v_load(d + i), x, y));
    if (i < count) {
        const size_t left = count - i;
        v_store_part(t->output + i,
                     ISA(blend_vector)(v_load_part(a + i, left), v_load_part(b + i, left),
                                       v_load_part(c + i, left), v_load_part(d + i, left), x, y),
                     left);
    }
}
