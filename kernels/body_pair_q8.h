/* Sums and products of bytes in memory as q + 128, as many as a vector has at a time, behind body_q8.h. The shim has
 *     q_word(x) q_sum(x)      vectors of words, of sums, all x
 *     q_pairs(x, w)           products of words, neighbours added, as sums
 *     q_add q_subtract        of sums, of words;  q_right(v, n) sums shifted to the right
 *     q_low q_high(a, b)      products of the low, the high four words of each 16 bytes, as sums
 *     q_pack(a, b)            sums as words, as near as words come
 *     q_least q_most(a, b)    of words
 * A sum's constant part is one number: what zeros take away, what rounds, the zero point of the result. */

#define GROUP (4 * V_WIDTH)

FOVEA_INLINE V_TARGET void ISA(add_group_q8)(const struct fovea_pair_q8 *t, const uint8_t *a,
                                             const uint8_t *b, uint8_t *to) {
    const int32_t factors = (int32_t)((uint32_t)t->b_factor << 16 | (t->a_factor & 0xffff));
    const int32_t constant = (1 << (t->shift - 1)) - (t->a_zero + FOVEA_FLIP) * t->a_factor -
                             (t->b_zero + FOVEA_FLIP) * t->b_factor +
                             (t->zero + FOVEA_FLIP) * (1 << t->shift);
    const q_sums low = q_word(t->low + FOVEA_FLIP), high = q_word(t->high + FOVEA_FLIP);
    const q_sums w = q_sum(factors), c = q_sum(constant), none = q_sum(0);
    const q_sums va = q_load(a), vb = q_load(b), ab = q_low8(va, vb), cd = q_high8(va, vb);
#define SUM(part, of) q_right(q_add(q_pairs(part(of, none), w), c), t->shift)
    const q_sums first = q_pack(SUM(q_low8, ab), SUM(q_high8, ab));
    const q_sums second = q_pack(SUM(q_low8, cd), SUM(q_high8, cd));
#undef SUM
    q_keep(to, q_least(q_most(first, low), high), q_least(q_most(second, low), high));
}

FOVEA_INLINE V_TARGET void ISA(multiply_group_q8)(const struct fovea_pair_q8 *t, const uint8_t *a,
                                                  const uint8_t *b, uint8_t *to) {
    const vec low = v_set((float)(t->low - t->zero)), high = v_set((float)(t->high - t->zero));
    const vec scale = v_set(t->scale);
    const q_sums a_zero = q_word(t->a_zero + FOVEA_FLIP), b_zero = q_word(t->b_zero + FOVEA_FLIP);
    const q_sums none = q_sum(0), va = q_load(a), vb = q_load(b);
#define WHOLE(product, part)                                                                       \
    q_whole(v_lesser(v_greater(v_multiply(q_float(product(q_subtract(part(va, none), a_zero),      \
                                                          q_subtract(part(vb, none), b_zero))),    \
                                          scale),                                                  \
                               low),                                                               \
                     high))
    q_keep(to, q_words(WHOLE(q_low, q_low8), WHOLE(q_high, q_low8), t->zero + FOVEA_FLIP),
           q_words(WHOLE(q_low, q_high8), WHOLE(q_high, q_high8), t->zero + FOVEA_FLIP));
#undef WHOLE
}

/* What is left behind the last whole vector. */
#if defined(Q_SMALLER) /* by the kernels of smaller vectors */
#define PAIR_REST(name)                                                                            \
    struct fovea_pair_q8 rest = *t;                                                                \
    rest.a += i, rest.b += i, rest.output += i, rest.count -= i;                                   \
    Q_SMALLER->name##_q8(&rest);
#else
#define PAIR_REST(name)                                                                            \
    uint8_t a[GROUP] = {0}, b[GROUP] = {0};                                                        \
    fovea_copy(a, t->a + i, t->count - i);                                                         \
    fovea_copy(b, t->b + i, t->count - i);                                                         \
    ISA(name##_group_q8)(t, a, b, a);                                                              \
    fovea_copy(t->output + i, a, t->count - i);
#endif
#define PAIR(name)                                                                                 \
    static V_TARGET void ISA(name##_q8)(const struct fovea_pair_q8 *t) {                           \
        size_t i = 0;                                                                              \
        for (; i + GROUP <= t->count; i += GROUP)                                                  \
            ISA(name##_group_q8)(t, t->a + i, t->b + i, t->output + i);                            \
        if (i == t->count) return;                                                                 \
        PAIR_REST(name)                                                                            \
    }
PAIR(add)
PAIR(multiply)
#undef PAIR
#undef PAIR_REST
#undef Q_SMALLER
#undef GROUP
