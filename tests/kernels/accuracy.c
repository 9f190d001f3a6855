/* How far the functions of fovea_map are from the exact value, in units of the last place:
 *
 *     accuracy [step]     looks at every step-th of the 2^32 floats (default 1021)
 *
 * Measured against double precision, whose own error does not show here. Two things are asked apart:
 * results below FLT_MIN may be zero (and those of v times a weight where the weight is), and no other
 * result from a finite number is a NaN or an infinity. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/cpu.h"
#include "kernels/exponential.h"
#include "kernels/kernels.h"

enum { BATCH = 4096 };

static double exact_exp(double v) {
    return exp(v);
}
static double exact_sigmoid(double v) {
    return 1 / (1 + exp(-v));
}
static double exact_silu(double v) { /* no less than at -88.72, as kernels.h says */
    v = v < -(double)FOVEA_EXP_HIGHEST ? -(double)FOVEA_EXP_HIGHEST : v;
    return v / (1 + exp(-v));
}
static double exact_elu(double v) {
    return v > 0 ? v : expm1(v);
}
static double exact_selu(double v) {
    return v > 0 ? (double)1.05070098f * v : (double)1.75809934f * expm1(v);
}
static double exact_gelu(double v) {
    return v * 0.5 * erfc(-v / sqrt(2));
}
static double exact_gelu_tanh(double v) {
    return v / (1 + exp(-2 * sqrt(2 / acos(-1)) * (v + 0.044715 * v * v * v)));
}
static double exact_mish(double v) {
    return v * tanh(v > 30 ? v : log1p(exp(v)));
}
static double exact_softsign(double v) {
    return v / (1 + fabs(v));
}
static double exact_softplus(double v) {
    return fmax(v, 0) + log1p(exp(-fabs(v)));
}
static double exact_log_sigmoid(double v) {
    return -exact_softplus(-v);
}
static double exact_tanh_shrink(double v) {
    const double z = v * v;
    if (z > 0.01) return v - tanh(v);
    return v * z * (1 / 3.0 - z * (2 / 15.0 - z * (17 / 315.0 - z * (62 / 2835.0))));
}
static double exact_squareplus(double v) {
    return v < 0 ? 2 / (sqrt(v * v + 4) - v) : (v + sqrt(v * v + 4)) / 2;
}

struct function {
    const char *name;
    void (*kernel)(const struct fovea_map *);
    double (*exact)(double);
    double bound;      /* of the error, as kernels.h promises */
    double zero_below; /* inputs whose result may be flushed */
    float alpha, low, high;
    bool product; /* of v and a weight: infinities make a NaN */
    bool flushes; /* results below FLT_MIN */
    double worst;
    float at;
    size_t wrong;
};

static double unit_of(double exact) {
    int exponent;
    (void)frexp(fabs(exact), &exponent);
    return ldexp(1, (exponent < -125 ? -125 : exponent) - FLT_MANT_DIG);
}

#if defined(__arm__)
static const bool flushes = true; /* ARMv7 NEON: denormal inputs and results are zero */
#else
static const bool flushes = false;
#endif

static void look_at(struct function *f, float v, float found) {
    const double exact = f->exact((double)v), size = fabs(exact);
    if (v != v || exact != exact) {
        f->wrong += found == found;
    } else if (size > (double)FLT_MAX * (1 + 0x1p-25)) {
        f->wrong += found != (exact > 0 ? INFINITY : -INFINITY);
    } else if (!isfinite(v) && f->product) {
        return;
    } else if (!isfinite(v)) {
        f->wrong += isfinite(exact) && found != (float)exact;
    } else if (found == 0 &&
               ((double)v < f->zero_below || (f->flushes && size < (double)FLT_MIN))) {
        return;
    } else if (flushes && found == 0 && fmin(size, fabs((double)v)) < (double)FLT_MIN) {
        return;
    } else {
        const double error = fabs((double)found - exact) / unit_of(exact);
        if (!(error <= f->worst)) f->worst = error, f->at = v;
        f->wrong += !(error <= f->bound);
    }
}

static size_t checked;

static size_t measure(uint32_t mask, uint64_t step) {
    static float in[BATCH], out[BATCH];
    struct fovea_kernels table;
    size_t wrong = 0;
    fovea_kernels_select(&table, mask);
    const double least = log((double)FLT_MIN);
    const double none = -INFINITY;
    struct function functions[] = {
        {"exp", table.exp_f32, exact_exp, 1, least, .alpha = 0},
        {"sigmoid", table.sigmoid_f32, exact_sigmoid, 2.5, least, .alpha = 0},
        {"silu", table.silu_f32, exact_silu, 3.3, none, .product = true},
        {"tanh", table.tanh_f32, tanh, 2.5, none, .alpha = 0},
        {"elu", table.elu_f32, exact_elu, 1.2, none, .alpha = 1, .low = 1, .high = 1},
        {"selu", table.elu_f32, exact_selu, 2, none, .alpha = 1.75809934f, .low = 1,
         .high = 1.05070098f},
        {"gelu", table.gelu_f32, exact_gelu, 64, -13, .product = true},
        {"gelu_tanh", table.gelu_tanh_f32, exact_gelu_tanh, 200, -10, .product = true},
        {"mish", table.mish_f32, exact_mish, 6, least / 2, .product = true},
        {"softsign", table.softsign_f32, exact_softsign, 1.5, none, .product = true},
        {"softplus", table.softplus_f32, exact_softplus, 4, least, .alpha = 1},
        {"log_sigm", table.softplus_f32, exact_log_sigmoid, 4, none, .alpha = -1, .flushes = true},
        {"tanh_shr", table.tanh_shrink_f32, exact_tanh_shrink, 8, none, .product = true},
        {"squarepl", table.squareplus_f32, exact_squareplus, 3, none, .alpha = 4},
        {"log", table.log_f32, log, 2, none, .alpha = 0},
        {"log1p", table.log_f32, log1p, 3, none, .alpha = 1},
        {"erf", table.erf_f32, erf, 3, none, .alpha = 0},
        {"root", table.root_f32, sqrt, 0.5, none, .alpha = 0},
    };
    enum { FUNCTIONS = sizeof functions / sizeof functions[0] };
    for (uint64_t u = 0; u < UINT64_C(1) << 32;) {
        size_t count = 0;
        for (; count < BATCH && u < UINT64_C(1) << 32; u += step, count++) {
            const uint32_t bits = (uint32_t)u;
            memcpy(&in[count], &bits, sizeof bits);
        }
        for (size_t i = 0; i < FUNCTIONS; i++) {
            const struct function *f = &functions[i];
            const struct fovea_map map = {in, out, count, f->alpha, f->low, f->high};
            f->kernel(&map);
            for (size_t k = 0; k < count; k++) look_at(&functions[i], in[k], out[k]);
        }
    }
    for (size_t i = 0; i < FUNCTIONS; i++) {
        printf("%-9s %-4s %6.3f ulp at %.9g%s\n", functions[i].name, table.isa, functions[i].worst,
               (double)functions[i].at, functions[i].wrong ? "  WRONG" : "");
        wrong += functions[i].wrong != 0;
    }
    checked += FUNCTIONS;
    return wrong;
}

int main(int argc, char **argv) {
    const uint64_t step = argc > 1 ? strtoull(argv[1], NULL, 0) : 1021;
    const uint32_t cpu = fovea_cpu_detect();
    size_t wrong = measure(0, step); /* unfused */
    if (cpu) wrong += measure(cpu, step);
    printf("%zu passed, %zu failed\n", checked - wrong, wrong);
    return wrong ? 1 : 0;
}
