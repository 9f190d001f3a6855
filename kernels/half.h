/* Halves: IEEE binary16, a sign, five bits of exponent, ten of fraction. Every half is a float; here by
 * arithmetic on bits, where no instruction does it. */
#ifndef FOVEA_KERNELS_HALF_H
#define FOVEA_KERNELS_HALF_H

#include "kernels/base.h"

#define FOVEA_HALF_FRACTION 13           /* bits that a float's fraction has more */
#define FOVEA_HALF_BIAS     (112u << 23) /* how much its exponent counts more */
#define FOVEA_HALF_NORMAL   0x0400u      /* the least normal half, */
#define FOVEA_HALF_INFINITE 0x7c00u      /* infinity; what is above is no number */

/* The value of a half, exactly. */
FOVEA_INLINE float fovea_half_value(uint16_t half) {
    float value;
#if defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 2) && defined(__GNUC__)
    uint32_t bits = half; /* the unit converts */
    fovea_copy(&value, &bits, sizeof value);
    __asm__("vcvtb.f32.f16 %0, %0" : "+t"(value));
#else
    uint32_t size = half & 0x7fffu, bits;
    value = (float)size * 0x1p-24f; /* without an exponent */
    fovea_copy(&bits, &value, sizeof bits);
    if (size >= FOVEA_HALF_NORMAL) bits = (size << FOVEA_HALF_FRACTION) + FOVEA_HALF_BIAS;
    if (size >= FOVEA_HALF_INFINITE) bits += FOVEA_HALF_BIAS;
    bits |= (half & 0x8000u) << 16;
    fovea_copy(&value, &bits, sizeof value);
#endif
    return value;
}

/* The half nearest to a value, of two the even one; infinity from 65520 on. */
FOVEA_STATIC uint16_t fovea_half_of(float value) {
    uint32_t bits, size, half;
    fovea_copy(&bits, &value, sizeof bits);
    size = bits & 0x7fffffffu;
    if (size > 0x7f800000u) {
        half = FOVEA_HALF_INFINITE + 0x200u; /* no number */
    } else if (size >= (143u << 23)) {       /* 65536 */
        half = FOVEA_HALF_INFINITE;
    } else if (size >= (113u << 23)) { /* 2^-14, the least normal half */
        size -= FOVEA_HALF_BIAS;
        half = (size + 0xfffu + (size >> FOVEA_HALF_FRACTION & 1)) >> FOVEA_HALF_FRACTION;
    } else { /* a float between 1/2 and 1 has the steps of the small halves */
        fovea_copy(&value, &size, sizeof value);
        value += 0.5f;
        fovea_copy(&half, &value, sizeof half);
        half -= 126u << 23;
    }
    return (uint16_t)(half | (bits >> 16 & 0x8000u));
}

#endif
