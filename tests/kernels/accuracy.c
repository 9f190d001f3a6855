/* How far exp, sigmoid, tanh, silu and elu are from the exact value, in units of the last place:
 *
 *     accuracy [step]     looks at every step-th of the 2^32 floats (default 1021)
 *
 * Measured against double precision, whose own error does not show here. Two things are asked apart:
 * results below FLT_MIN may be zero (and silu where its sigmoid is), and no other result from a
 * finite number is a NaN or an infinity. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/cpu.h"
#include "kernels/kernels.h"

enum { BATCH = 4096 };

static double exact_exp(double v) {
    return exp(v);
}
static double exact_sigmoid(double v) {
    return 1 / (1 + exp(-v));
}
static double exact_silu(double v) {
    return v / (1 + exp(-v));
}
static double exact_elu(double v) {
    return v > 0 ? v : expm1(v);
}

struct function {
    const char *name;
    void (*kernel)(const struct fovea_map *);
    double (*exact)(double);
    double bound;      /* of the error, as kernels.h promises */
    double zero_below; /* inputs whose result may be flushed */
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
    if (v != v) {
        f->wrong += found == found;
    } else if (size > (double)FLT_MAX * (1 + 0x1p-25)) {
        f->wrong += found != (exact > 0 ? INFINITY : -INFINITY);
    } else if (!isfinite(v)) {
        f->wrong += isfinite(exact) && found != (float)exact;
    } else if ((double)v < f->zero_below) {
        f->wrong += found != 0;
    } else if (flushes && found == 0 && fmin(size, fabs((double)v)) < (double)FLT_MIN) {
        return;
    } else {
        const double error = fabs((double)found - exact) / unit_of(exact);
        if (!(error <= f->worst)) f->worst = error, f->at = v;
        f->wrong += !(error <= f->bound);
    }
}

static size_t measure(uint32_t mask, uint64_t step) {
    static float in[BATCH], out[BATCH];
    struct fovea_kernels table;
    size_t wrong = 0;
    fovea_kernels_select(&table, mask);
    const double least = log((double)FLT_MIN);
    struct function functions[] = {
        {.name = "exp", .kernel = table.exp_f32, .exact = exact_exp, .bound = 1},
        {.name = "sigmoid", .kernel = table.sigmoid_f32, .exact = exact_sigmoid, .bound = 2.5},
        {.name = "silu", .kernel = table.silu_f32, .exact = exact_silu, .bound = 3.3},
        {.name = "tanh", .kernel = table.tanh_f32, .exact = tanh, .bound = 2.5},
        {.name = "elu", .kernel = table.elu_f32, .exact = exact_elu, .bound = 1.2},
    };
    for (size_t i = 0; i < 5; i++) functions[i].zero_below = i < 3 ? least : -INFINITY;
    for (uint64_t u = 0; u < UINT64_C(1) << 32;) {
        size_t count = 0;
        for (; count < BATCH && u < UINT64_C(1) << 32; u += step, count++) {
            const uint32_t bits = (uint32_t)u;
            memcpy(&in[count], &bits, sizeof bits);
        }
        for (size_t i = 0; i < 5; i++) {
            const struct fovea_map map = {in, out, count, 1.0f, 0.0f, 0.0f};
            functions[i].kernel(&map);
            for (size_t k = 0; k < count; k++)
                if (i != 2 || isfinite(in[k])) look_at(&functions[i], in[k], out[k]);
        }
    }
    for (size_t i = 0; i < 5; i++) {
        printf("%-7s %-4s %6.3f ulp at %.9g%s\n", functions[i].name, table.isa, functions[i].worst,
               (double)functions[i].at, functions[i].wrong ? "  WRONG" : "");
        wrong += functions[i].wrong != 0;
    }
    return wrong;
}

int main(int argc, char **argv) {
    const uint64_t step = argc > 1 ? strtoull(argv[1], NULL, 0) : 1021;
    const uint32_t cpu = fovea_cpu_detect();
    size_t wrong = measure(0, step); /* unfused */
    if (cpu) wrong += measure(cpu, step);
    printf("%zu passed, %zu failed\n", 5 * (size_t)(cpu ? 2 : 1) - wrong, wrong);
    return wrong ? 1 : 0;
}
