/* The reference of kernels that compute with bytes, in the terms of ref.c. */

/* A byte as a factor of its machine's products. */
static int32_t REF_NAME(byte)(uint8_t byte) {
    return FOVEA_FLIP ? byte : fovea_q8_of(byte);
}

static void REF_NAME(put_q8)(const struct fovea_run_q8 *t, size_t at, size_t o, uint32_t sum) {
    const float v = (float)(int32_t)sum * t->scale[o];
    if (t->floats)
        ((float *)t->output)[at] = v;
    else
        ((uint8_t *)t->output)[at] = fovea_q8_byte(fovea_q8_clamp(v, t->low, t->high, t->zero));
}

static uint32_t REF_NAME(bias_q8)(const struct fovea_run_q8 *t, size_t o) {
    return (uint32_t)t->bias[o / FOVEA_BLOCK * 2 * FOVEA_BLOCK + o % FOVEA_BLOCK];
}

static void REF_NAME(conv_q8)(const struct fovea_run_q8 *t) {
    const size_t run = t->quads * 4 * FOVEA_BLOCK;
    for (size_t p = 0; p < t->positions; p++)
        for (size_t o = 0; o < t->channels; o++) {
            const int8_t *w = t->weights + o / FOVEA_BLOCK * t->runs * run + o % FOVEA_BLOCK * 4;
            uint32_t sum = REF_NAME(bias_q8)(t, o);
            for (size_t r = 0; r < t->runs; r++)
                for (size_t k = 0; k < 4 * t->quads; k++)
                    sum += (uint32_t)(REF_NAME(byte)(t->rows[r][p * t->step + k]) *
                                      w[r * run + k / 4 * 32 + k % 4]);
            REF_NAME(put_q8)(t, p * t->output_step + o, o, sum);
        }
}

static void REF_NAME(depthwise_q8)(const struct fovea_run_q8 *t) {
    for (size_t p = 0; p < t->positions; p++)
        for (size_t c = 0; c < t->channels; c++) {
            const int8_t *w =
                t->weights + c / FOVEA_BLOCK * t->runs * FOVEA_BLOCK + c % FOVEA_BLOCK;
            uint32_t sum = REF_NAME(bias_q8)(t, c);
            for (size_t r = 0; r < t->runs; r++)
                sum += (uint32_t)(REF_NAME(byte)(t->rows[r][p * t->step + c]) * w[r * FOVEA_BLOCK]);
            REF_NAME(put_q8)(t, p * t->output_step + c, c, sum);
        }
}

static void REF_NAME(add_q8)(const struct fovea_pair_q8 *t) {
    for (size_t i = 0; i < t->count; i++) {
        const int32_t sum = (fovea_q8_of(t->a[i]) - t->a_zero) * t->a_factor +
                            (fovea_q8_of(t->b[i]) - t->b_zero) * t->b_factor +
                            (1 << (t->shift - 1));
        const int32_t q = (sum >> t->shift) + t->zero, least = q < t->low ? t->low : q;
        t->output[i] = fovea_q8_byte(least > t->high ? t->high : least);
    }
}

static void REF_NAME(multiply_q8)(const struct fovea_pair_q8 *t) {
    const float low = (float)(t->low - t->zero), high = (float)(t->high - t->zero);
    for (size_t i = 0; i < t->count; i++) {
        const int32_t product =
            (fovea_q8_of(t->a[i]) - t->a_zero) * (fovea_q8_of(t->b[i]) - t->b_zero);
        t->output[i] = fovea_q8_byte(fovea_q8_clamp((float)product * t->scale, low, high, t->zero));
    }
}

static void REF_NAME(table_q8)(const struct fovea_table_q8 *t) {
    for (size_t i = 0; i < t->count; i++)
        t->output[i] = t->table[t->from[i] ^ FOVEA_FLIP ^ 128] ^ FOVEA_FLIP;
}
