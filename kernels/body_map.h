/* The kernels of fovea_map, and the exp that softmax shares: the steps of ref.c on vectors. */
#include "kernels/curves.h"
#include "kernels/exponential.h"

#define FOVEA_BESIDE 4

/* exp(sign v) = 2^n (1 + p), `sign` a constant 1 or -1: v becomes sign times p, and power what
 * v_add_power takes for 2^n. A sign moved from v into the coefficients changes no bit and costs nothing.
 * `count` vectors, a constant, step by step beside each other: one alone waits for itself. */
FOVEA_INLINE V_TARGET void ISA(exp_parts)(vec *v, vec *power, const float sign,
                                          const size_t count) {
    vec q[FOVEA_BESIDE], r[FOVEA_BESIDE];
#define EACH                                                                                       \
    FOVEA_UNROLL                                                                                   \
    for (size_t i = 0; i < count; i++)
    EACH power[i] = v_madd(v[i], v_set(sign * FOVEA_EXP_LOG2E), v_set(FOVEA_EXP_ROUND));
    EACH q[i] = v_subtract(power[i], v_set(FOVEA_EXP_ROUND));
    EACH r[i] = v_madd(q[i], v_set(-sign * FOVEA_EXP_LN2_HIGH), v[i]);
    EACH r[i] = v_madd(q[i], v_set(-sign * FOVEA_EXP_LN2_LOW), r[i]);
    EACH q[i] = v_madd(r[i], v_set(sign * FOVEA_EXP_C6), v_set(FOVEA_EXP_C5));
    EACH q[i] = v_madd(q[i], r[i], v_set(sign * FOVEA_EXP_C4));
    EACH q[i] = v_madd(q[i], r[i], v_set(FOVEA_EXP_C3));
    EACH q[i] = v_madd(q[i], r[i], v_set(sign * FOVEA_EXP_C2));
    EACH v[i] = v_madd(v_multiply(r[i], r[i]), q[i], r[i]);
}

FOVEA_INLINE V_TARGET vec ISA(exp)(vec v) {
    vec power, p = v;
    ISA(exp_parts)(&p, &power, 1.0f, 1);
    vec e = v_add_power(v_add(v_set(1.0f), p), power);
    e = v_select(v_is_less(v, v_set(FOVEA_EXP_LOWEST)), v_set(0.0f), e);
    return v_select(v_is_at_most(v, v_set(FOVEA_EXP_HIGHEST)), e,
                    v_add(v, v_set(FOVEA_EXP_INFINITY)));
}

FOVEA_INLINE V_TARGET vec ISA(expm1)(vec v) {
    vec power, p = v_greater(v_set(FOVEA_EXPM1_LOWEST), v);
    ISA(exp_parts)(&p, &power, 1.0f, 1);
    const vec scale = v_add_power(v_set(1.0f), power);
    return v_madd(scale, p, v_subtract(scale, v_set(1.0f)));
}

/* 1 + exp(-v) for v at least -FOVEA_EXP_HIGHEST. */
FOVEA_INLINE V_TARGET void ISA(logistic_divisors)(vec *v, const size_t count) {
    vec power[FOVEA_BESIDE];
    EACH v[i] = v_lesser(v_set(-FOVEA_EXP_LOWEST), v[i]);
    ISA(exp_parts)(v, power, -1.0f, count);
    EACH v[i] = v_add_power(v_subtract(v_set(1.0f), v[i]), power[i]);
    EACH v[i] = v_add(v_set(1.0f), v[i]);
}

FOVEA_INLINE V_TARGET vec ISA(logistic)(vec v) {
    const vec least = v_greater(v_set(0.0f), v);
    vec divisor = v_greater(v_set(-FOVEA_EXP_HIGHEST), v);
    ISA(logistic_divisors)(&divisor, 1);
    return v_divide(v_select(v_is_at_most(v_set(FOVEA_EXP_LOWEST), v), v_set(1.0f), least),
                    divisor);
}

FOVEA_INLINE V_TARGET void ISA(silus)(const float *in, float *out, const size_t count) {
    vec v[FOVEA_BESIDE];
    EACH v[i] = v_greater(v_set(-FOVEA_EXP_HIGHEST), v_load(in + i * V_WIDTH));
    ISA(logistic_divisors)(v, count);
    EACH v_store(out + i * V_WIDTH,
                 v_divide(v_greater(v_set(-FOVEA_EXP_HIGHEST), v_load(in + i * V_WIDTH)), v[i]));
}
#undef EACH

FOVEA_INLINE V_TARGET vec ISA(tangent)(vec v) {
    const vec minus = v_or_sign(v, v_set(-0.0f));
    const vec m = ISA(expm1)(v_add(minus, minus));
    return v_or_sign(v_abs(v_divide(m, v_add(v_set(2.0f), m))), v);
}

/* Phi(v), the part of a normal distribution below v. */
FOVEA_INLINE V_TARGET vec ISA(normal)(vec v) {
    const vec t = v_abs(v), one = v_set(1.0f);
    const vec s = v_divide(one, v_madd(t, v_set(FOVEA_NORMAL_STEP), one));
    vec q = v_madd(s, v_set(FOVEA_NORMAL_C8), v_set(FOVEA_NORMAL_C7));
    q = v_madd(q, s, v_set(FOVEA_NORMAL_C6));
    q = v_madd(q, s, v_set(FOVEA_NORMAL_C5));
    q = v_madd(q, s, v_set(FOVEA_NORMAL_C4));
    q = v_madd(q, s, v_set(FOVEA_NORMAL_C3));
    q = v_madd(q, s, v_set(FOVEA_NORMAL_C2));
    q = v_madd(q, s, v_set(FOVEA_NORMAL_C1));
    q = v_madd(q, s, v_set(FOVEA_NORMAL_C0));
    const vec tail = v_multiply(ISA(exp)(v_multiply(t, v_multiply(t, v_set(-0.5f)))), q);
    return v_select(v_is_less(v, v_set(0.0f)), tail, v_subtract(one, tail));
}

/* tanh(log(1 + exp(v))), from exp(-|v|). */
FOVEA_INLINE V_TARGET vec ISA(mish_weight)(vec v) {
    const vec e = ISA(exp)(v_or_sign(v, v_set(-0.0f))), two = v_set(2.0f);
    const vec square = v_multiply(e, e), below = v_set(0.0f);
    const vec n = v_madd(two, e, v_select(v_is_less(v, below), square, v_set(1.0f)));
    const vec d = v_add(n, v_select(v_is_less(v, below), two, v_add(square, square)));
    return v_divide(n, d);
}

FOVEA_INLINE V_TARGET vec ISA(hard_logistic)(vec v, vec slope) {
    const vec line = v_madd(v, slope, v_set(0.5f));
    return v_lesser(v_set(1.0f), v_greater(v_set(0.0f), line));
}

#define MAP(name, result)                                                                          \
    static V_TARGET void ISA(name)(const struct fovea_map *t) {                                    \
        const size_t count = t->count;                                                             \
        const float *const in = t->input;                                                          \
        float *const out = t->output;                                                              \
        const vec alpha = v_set(t->alpha), low = v_set(t->low), high = v_set(t->high);             \
        size_t i = 0;                                                                              \
        (void)alpha, (void)low, (void)high;                                                        \
        for (; i + V_WIDTH <= count; i += V_WIDTH) {                                               \
            const vec v = v_load(in + i);                                                          \
            v_store(out + i, result);                                                              \
        }                                                                                          \
        if (i < count) {                                                                           \
            const vec v = v_load_part(in + i, count - i);                                          \
            v_store_part(out + i, result, count - i);                                              \
        }                                                                                          \
    }
MAP(clamp_f32, v_lesser(high, v_greater(low, v)))
MAP(leaky_f32,
    v_select(v_is_less(v, low), v_multiply(v_subtract(v, low), alpha), v_lesser(high, v)))
MAP(elu_f32, v_select(v_is_less(v_set(0.0f), v), v_multiply(v, high),
                      v_multiply(alpha, ISA(expm1)(v_multiply(v, low)))))
MAP(sigmoid_f32, ISA(logistic)(v))
MAP(tanh_f32, ISA(tangent)(v))
MAP(exp_f32, ISA(exp)(v))
MAP(hard_sigmoid_f32, ISA(hard_logistic)(v, alpha))
MAP(hard_silu_f32, v_multiply(v, ISA(hard_logistic)(v, alpha)))
MAP(gelu_f32, v_multiply(v, ISA(normal)(v)))
MAP(gelu_tanh_f32,
    v_multiply(v, ISA(logistic)(v_multiply(v, v_madd(v_multiply(v, v), v_set(FOVEA_GELU_CUBE),
                                                     v_set(FOVEA_GELU_LINE))))))
MAP(mish_f32, v_multiply(v, ISA(mish_weight)(v)))
MAP(softsign_f32, v_divide(v, v_add(v_set(1.0f), v_abs(v))))
#undef MAP

static V_TARGET void ISA(silu_f32)(const struct fovea_map *t) {
    const size_t beside = FOVEA_BESIDE * V_WIDTH;
    size_t i = 0;
    for (; i + beside <= t->count; i += beside)
        ISA(silus)(t->input + i, t->output + i, FOVEA_BESIDE);
    for (; i + V_WIDTH <= t->count; i += V_WIDTH) ISA(silus)(t->input + i, t->output + i, 1);
    if (i < t->count) {
        float last[V_WIDTH];
        v_store(last, v_load_part(t->input + i, t->count - i));
        ISA(silus)(last, last, 1);
        v_store_part(t->output + i, v_load(last), t->count - i);
    }
}
#undef FOVEA_BESIDE
