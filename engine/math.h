/* Functions of libm that resizing needs, in double, for builds without it: exact to a few units in the last place
 * over the ranges they are used in. */
#ifndef FOVEA_ENGINE_MATH_H
#define FOVEA_ENGINE_MATH_H

#include "kernels/base.h"

#define FOVEA_PI 3.14159265358979323846

/* sin(x) for |x| < 100: x less the nearest multiple of pi, then the Taylor series to x^21. */
FOVEA_STATIC double fovea_sin(double x) {
    static const double over[] = {2 * 3,   4 * 5,   6 * 7,   8 * 9,   10 * 11,
                                  12 * 13, 14 * 15, 16 * 17, 18 * 19, 20 * 21};
    const double pi_high = 0x1.921fb4p+1, pi_low = 0x1.4442d18469899p-23; /* pi_high: 24 bits */
    int turns = (int)(x * 0.31830988618379067 + (x < 0 ? -0.5 : 0.5));
    double r = x - turns * pi_high; /* exact */
    r = r - turns * pi_low;
    double square = r * r, sum = 1.0;
    for (int i = 9; i >= 0; i--) sum = 1.0 - square / over[i] * sum;
    return turns & 1 ? -(r * sum) : r * sum;
}

FOVEA_STATIC double fovea_cos(double x) {
    return fovea_sin(x + FOVEA_PI / 2);
}

/* exp(x) for |x| < 600: 2^n times the Taylor series of what is left, |r| < 0.35. */
FOVEA_STATIC double fovea_exp(double x) {
    const double high = 0x1.62e42fefp-1, low = 0x1.473de6af278edp-34; /* log 2 */
    int n = (int)(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5));
    double r = x - n * high, sum = 1.0;
    r = r - n * low;
    for (int i = 17; i > 0; i--) sum = 1.0 + r / i * sum;
    for (; n > 0; n--) sum *= 2;
    for (; n < 0; n++) sum /= 2;
    return sum;
}

/* log(x) for x > 0: x / 2^n between 0.7 and 1.5, as 2 artanh((x - 1) / (x + 1)). */
FOVEA_STATIC double fovea_log(double x) {
    int n = 0;
    for (; x > 1.42; n++) x /= 2;
    for (; x < 0.71; n--) x *= 2;
    const double z = (x - 1) / (x + 1), square = z * z;
    double sum = 0.0;
    for (int i = 25; i > 0; i -= 2) sum = 1.0 / i + square * sum;
    return 2 * z * sum + n * 0.69314718055994530942;
}

FOVEA_STATIC double fovea_power(double x, double y) {
    return x <= 0 ? 0 : fovea_exp(y * fovea_log(x));
}

/* The square root, by Newton's steps. */
FOVEA_STATIC double fovea_root(double x) {
    if (x <= 0) return 0;
    double root = fovea_exp(fovea_log(x) / 2);
    for (int i = 0; i < 2; i++) root = (root + x / root) / 2;
    return root;
}

/* Rounds to the nearest whole number, halves to even, as rint does; |x| < 2^31. */
FOVEA_STATIC int32_t fovea_rint(double x) {
    int32_t whole = (int32_t)x;
    if (x < whole) whole--; /* floor */
    const double rest = x - whole;
    return whole + (rest > 0.5 || (rest == 0.5 && (whole & 1)));
}

FOVEA_STATIC int32_t fovea_floor(double x) {
    int32_t whole = (int32_t)x;
    return x < whole ? whole - 1 : whole;
}

FOVEA_STATIC uint8_t fovea_clip_byte(int32_t value) {
    return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

#endif
