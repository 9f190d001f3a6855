/* The reference of kernels that read weights narrower than floats, in the terms of ref.c. */

/* Where the first weight of output o lies in a dense layer. */
static size_t REF_NAME(dense_at)(const struct fovea_dense_narrow *t, size_t o) {
    return o / FOVEA_BLOCK * t->length * FOVEA_BLOCK + o % FOVEA_BLOCK;
}

static void REF_NAME(dense_f16)(const struct fovea_dense_narrow *t) {
    for (size_t o = 0; o < t->channels; o++) {
        const uint16_t *w = (const uint16_t *)t->weights + REF_NAME(dense_at)(t, o);
        float sum = t->add ? t->bias[o] + t->add[o] : t->bias[o];
        for (size_t k = 0; k < t->length; k++)
            sum = REF_MADD(t->input[k], fovea_half_value(w[FOVEA_BLOCK * k]), sum);
        t->output[o] = REF_NAME(limit)(sum, t->low, t->high);
    }
}

static void REF_NAME(dense_i8)(const struct fovea_dense_narrow *t) {
    for (size_t o = 0; o < t->channels; o++) {
        const int8_t *w = (const int8_t *)t->weights + REF_NAME(dense_at)(t, o);
        float sum = t->add ? t->bias[o] + t->add[o] : t->bias[o];
        for (size_t k = 0; k < t->length; k++) {
            const float weight = (float)w[FOVEA_BLOCK * k] * t->scale[o];
            sum = REF_MADD(t->input[k], weight, sum);
        }
        t->output[o] = REF_NAME(limit)(sum, t->low, t->high);
    }
}

static void REF_NAME(widen_f16)(const struct fovea_widen *t) {
    const uint16_t *input = (const uint16_t *)t->input;
    for (size_t i = 0; i < t->count; i++) t->output[i] = fovea_half_value(input[i]);
}

static void REF_NAME(widen_i8)(const struct fovea_widen *t) {
    const int8_t *input = (const int8_t *)t->input;
    for (size_t i = 0; i < t->count; i++)
        t->output[i] = (float)input[i] * t->scale[i / t->block * FOVEA_BLOCK + i % FOVEA_BLOCK];
}
