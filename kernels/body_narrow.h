/* Weights that are narrower than floats: dense_f16 and dense_i8 read them where they lie, widen_f16 and widen_i8
 * make floats of them. */

static V_TARGET void ISA(widen_f16)(const struct fovea_widen *t) {
    const uint16_t *input = (const uint16_t *)t->input;
    for (size_t i = 0; i < t->count; i += V_WIDTH) v_store(t->output + i, v_load_half(input + i));
}

static V_TARGET void ISA(widen_i8)(const struct fovea_widen *t) {
    const int8_t *input = (const int8_t *)t->input;
    const float *scale = t->scale;
    for (size_t i = 0, end; i < t->count; i = end, scale += FOVEA_BLOCK) {
        end = t->count - i < t->block ? t->count : i + t->block;
        for (size_t lane = 0; lane < FOVEA_BLOCK; lane += V_WIDTH) {
            const vec factor = v_load(scale + lane);
            for (size_t k = i + lane; k < end; k += FOVEA_BLOCK)
                v_store(t->output + k, v_multiply(v_load_bytes(input + k), factor));
        }
    }
}

/* `vectors` vectors of sums, each with a stream of weights of its own: as conv_wide of body_conv.h. */
FOVEA_INLINE V_TARGET void ISA(narrow_some)(const struct fovea_dense_narrow *t, size_t j,
                                            const size_t vectors, const bool bytes) {
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
    const size_t first = j * V_WIDTH, length = t->length;
    const bool whole = first + vectors * V_WIDTH <= t->channels;
    float few[8 * V_WIDTH];
#define START(i)                                                                                   \
    const size_t from##i = first + i % vectors * V_WIDTH;                                          \
    const uint16_t *const halves##i = (const uint16_t *)t->weights +                               \
                                      from##i / FOVEA_BLOCK * length * FOVEA_BLOCK +               \
                                      from##i % FOVEA_BLOCK;                                       \
    const int8_t *const bytes##i = (const int8_t *)t->weights +                                    \
                                   from##i / FOVEA_BLOCK * length * FOVEA_BLOCK +                  \
                                   from##i % FOVEA_BLOCK;                                          \
    const vec scale##i = bytes ? v_load(t->scale + from##i) : v_set(1.0f);                         \
    vec a##i = v_load(t->bias + from##i);
    EACH(START)
    if (t->add) {
        for (size_t o = 0; !whole && o < vectors * V_WIDTH; o++)
            few[o] = first + o < t->channels ? t->add[first + o] : 0.0f;
        const float *const add = whole ? t->add + first : few;
#define ADD(i)                                                                                     \
    if (vectors > i) a##i = v_add(a##i, v_load(add + i * V_WIDTH));
        EACH(ADD)
    }
    for (size_t k = 0, w = 0; k < length; k++, w += FOVEA_BLOCK) {
        const vec x = v_splat(t->input + k);
#define STEP(i)                                                                                    \
    if (vectors > i)                                                                               \
        a##i = v_madd(x,                                                                           \
                      bytes ? v_multiply(v_load_bytes(bytes##i + w), scale##i)                     \
                            : v_load_half(halves##i + w),                                          \
                      a##i);
        EACH(STEP)
    }
    const vec low = v_set(t->low), high = v_set(t->high);
    float *const to = whole ? t->output + first : few;
#define PUT(i)                                                                                     \
    if (vectors > i) v_store(to + i * V_WIDTH, v_lesser(high, v_greater(low, a##i)));
    EACH(PUT)
    for (size_t o = first; !whole && o < t->channels; o++) t->output[o] = few[o - first];
#undef EACH
#undef START
#undef ADD
#undef STEP
#undef PUT
}

FOVEA_INLINE V_TARGET void ISA(narrow_all)(const struct fovea_dense_narrow *t, const bool bytes) {
    const size_t vectors = fovea_round_up(t->channels, FOVEA_BLOCK) / V_WIDTH;
    size_t j = 0;
    for (; j + 8 <= vectors; j += 8) ISA(narrow_some)(t, j, 8, bytes);
    for (; j + 4 <= vectors; j += 4) ISA(narrow_some)(t, j, 4, bytes);
    for (; j < vectors; j++) ISA(narrow_some)(t, j, 1, bytes);
}

static V_TARGET void ISA(dense_f16)(const struct fovea_dense_narrow *t) {
    ISA(narrow_all)(t, false);
}

static V_TARGET void ISA(dense_i8)(const struct fovea_dense_narrow *t) {
    ISA(narrow_all)(t, true);
}
