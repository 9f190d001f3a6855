/* The kernels of fovea_map, and the exp that softmax shares: the steps of ref.c on vectors. */
#include "kernels/curves.h"
#include "kernels/exponential.h"

/* exp(sign v) = 2^n (1 + p), `sign` a constant 1 or -1: sign times p, and in *power what v_add_power
 * takes for 2^n. A sign moved from v into the coefficients changes no bit and costs nothing. */
FOVEA_INLINE V_TARGET vec ISA(exp_parts)(vec v, const float sign, vec *power) {
    const vec t = v_madd(v, v_set(sign * FOVEA_EXP_LOG2E), v_set(FOVEA_EXP_ROUND));
    const vec n = v_subtract(t, v_set(FOVEA_EXP_ROUND));
    vec r = v_madd(n, v_set(-sign * FOVEA_EXP_LN2_HIGH), v);
    r = v_madd(n, v_set(-sign * FOVEA_EXP_LN2_LOW), r);
    vec q = v_madd(r, v_set(sign * FOVEA_EXP_C6), v_set(FOVEA_EXP_C5));
    q = v_madd(q, r, v_set(sign * FOVEA_EXP_C4));
    q = v_madd(q, r, v_set(FOVEA_EXP_C3));
    q = v_madd(q, r, v_set(sign * FOVEA_EXP_C2));
    *power = t;
    return v_madd(v_multiply(r, r), q, r);
}

FOVEA_INLINE V_TARGET vec ISA(exp)(vec v) {
    vec power;
    const vec p = ISA(exp_parts)(v, 1.0f, &power);
    vec e = v_add_power(v_add(v_set(1.0f), p), power);
    e = v_select(v_is_less(v, v_set(FOVEA_EXP_LOWEST)), v_set(0.0f), e);
    return v_select(v_is_at_most(v, v_set(FOVEA_EXP_HIGHEST)), e,
                    v_add(v, v_set(FOVEA_EXP_INFINITY)));
}

FOVEA_INLINE V_TARGET vec ISA(expm1)(vec v) {
    vec power;
    const vec p = ISA(exp_parts)(v_greater(v_set(FOVEA_EXPM1_LOWEST), v), 1.0f, &power);
    const vec scale = v_add_power(v_set(1.0f), power);
    return v_madd(scale, p, v_subtract(scale, v_set(1.0f)));
}

/* 1 + exp(-v) for v at least -FOVEA_EXP_HIGHEST. */
FOVEA_INLINE V_TARGET vec ISA(logistic_divisor)(vec v) {
    vec power;
    const vec one = v_set(1.0f);
    v = v_lesser(v_set(-FOVEA_EXP_LOWEST), v);
    const vec p = ISA(exp_parts)(v, -1.0f, &power);
    return v_add(one, v_add_power(v_subtract(one, p), power));
}

FOVEA_INLINE V_TARGET vec ISA(logistic)(vec v) {
    const vec least = v_greater(v_set(0.0f), v), inside = v_greater(v_set(-FOVEA_EXP_HIGHEST), v);
    return v_divide(v_select(v_is_at_most(v_set(FOVEA_EXP_LOWEST), v), v_set(1.0f), least),
                    ISA(logistic_divisor)(inside));
}

FOVEA_INLINE V_TARGET vec ISA(silu)(vec v) {
    v = v_greater(v_set(-FOVEA_EXP_HIGHEST), v);
    return v_divide(v, ISA(logistic_divisor)(v));
}

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
MAP(silu_f32, ISA(silu)(v))
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
