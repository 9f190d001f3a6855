/* Decimal to double, rounded to nearest, without the C library's locale.
 *
 * Few digits and a small power of ten are exact in one operation. Everything else is divided out in
 * long integers: the number is a / b * 2^power with a and b free of factors 2 from the power of ten,
 * and 64 bits of the quotient and the remainder decide the rounding. */
#include "convert/files/json_internal.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define LIMBS 96 /* 801 digits or 5^1124 take 84 limbs of 32 bits, scaled to each other 85 */

struct integer {
    uint32_t limb[LIMBS]; /* least significant first */
    int count;            /* in use; the last of them is not 0 */
};

void json_decimal_digit(struct json_decimal *decimal, unsigned digit, bool fraction) {
    bool leading = decimal->count == 0 && digit == 0;
    if (!leading && decimal->count == JSON_DIGITS_MAX) {
        decimal->lost |= digit != 0;
        decimal->power += !fraction;
        return;
    }
    if (!leading) decimal->digit[decimal->count++] = (uint8_t)digit;
    decimal->power -= fraction;
}

/* a = a * factor + addend */
static void multiply_add(struct integer *a, uint32_t factor, uint32_t addend) {
    uint64_t carry = addend;
    for (int i = 0; i < a->count; i++) {
        carry += (uint64_t)a->limb[i] * factor;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) a->limb[a->count++] = (uint32_t)carry;
}

static void multiply_by_power_of_five(struct integer *a, int64_t power) {
    for (; power >= 13; power -= 13) multiply_add(a, 1220703125u, 0);
    for (; power > 0; power--) multiply_add(a, 5, 0);
}

static int bit_length(const struct integer *a) {
    int bits = 32 * (a->count - 1);
    for (uint32_t top = a->limb[a->count - 1]; top; top >>= 1) bits++;
    return bits;
}

static void shift_left(struct integer *a, int bits) {
    size_t limbs = (size_t)bits / 32;
    memmove(a->limb + limbs, a->limb, (size_t)a->count * sizeof *a->limb);
    memset(a->limb, 0, limbs * sizeof *a->limb);
    a->count += (int)limbs;
    multiply_add(a, 1u << bits % 32, 0);
}

static bool less(const struct integer *a, const struct integer *b) {
    if (a->count != b->count) return a->count < b->count;
    int i = a->count - 1;
    while (i > 0 && a->limb[i] == b->limb[i]) i--;
    return a->limb[i] < b->limb[i];
}

/* a = a - b, where b <= a */
static void subtract(struct integer *a, const struct integer *b) {
    uint64_t borrow = 0;
    for (int i = 0; i < a->count; i++) {
        uint64_t wanted = borrow + (i < b->count ? b->limb[i] : 0);
        borrow = wanted > a->limb[i];
        a->limb[i] -= (uint32_t)wanted;
    }
    while (a->count > 1 && a->limb[a->count - 1] == 0) a->count--;
}

/* The nearest double to (bits + a little where `rest`) * 2^exponent; bits has 63 or 64 bits. */
static double round_bits(uint64_t bits, bool rest, int64_t exponent) {
    int64_t drop = bits >> 63 ? 11 : 10;
    if (exponent + drop < -1074) drop = -1074 - exponent; /* a subnormal number has fewer bits */
    if (drop > 64) return 0;
    uint64_t kept = drop < 64 ? bits >> drop : 0;
    uint64_t half = UINT64_C(1) << (drop - 1), dropped = bits & (half - 1);
    if (bits & half && (dropped || rest || kept & 1)) kept++;
    return ldexp((double)kept, (int)(exponent + drop));
}

static double divide_out(const struct json_decimal *decimal) {
    struct integer a = {{decimal->digit[0]}, 1}, b = {{1}, 1};
    int64_t power = decimal->power - decimal->lost;
    for (int i = 1; i < decimal->count; i++) multiply_add(&a, 10, decimal->digit[i]);
    if (decimal->lost) multiply_add(&a, 10, 1);
    multiply_by_power_of_five(power > 0 ? &a : &b, power > 0 ? power : -power);

    int scale = bit_length(&a) - bit_length(&b); /* after which a / b is between 1/2 and 2 */
    shift_left(scale > 0 ? &b : &a, scale > 0 ? scale : -scale);
    uint64_t bits = 0;
    for (int i = 0; i < 64; i++) {
        bool one = !less(&a, &b);
        if (one) subtract(&a, &b);
        multiply_add(&a, 2, 0);
        bits = bits << 1 | one;
    }
    bool rest = a.limb[a.count - 1] != 0;
    return round_bits(bits, rest, scale - 63 + power);
}

static double magnitude(const struct json_decimal *decimal) {
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t power = decimal->power;
    if (decimal->count == 0 || decimal->count + power < -323) return 0;
    if (decimal->count + power > 310) return HUGE_VAL;
    if (FLT_EVAL_METHOD == 0 && decimal->count <= 15 && power >= -22 && power <= 22) {
        double integer = 0;
        for (int i = 0; i < decimal->count; i++) integer = integer * 10 + decimal->digit[i];
        return power < 0 ? integer / ten[-power] : integer * ten[power];
    }
    return divide_out(decimal);
}

double json_decimal_value(const struct json_decimal *decimal) {
    double value = magnitude(decimal);
    return decimal->negative ? -value : value;
}
