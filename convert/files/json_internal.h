/* What json.c and json_number.c share. */
#ifndef FOVEA_CONVERT_FILES_JSON_INTERNAL_H
#define FOVEA_CONVERT_FILES_JSON_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

/* Digits that are kept: 767 decide the rounding of any double. */
#define JSON_DIGITS_MAX 800

/* A decimal number: 0.d1d2d3... scaled, that is (d1 d2 ... dn as an integer) * 10^power. */
struct json_decimal {
    bool negative;
    bool lost;     /* a digit other than 0 was dropped behind the last one */
    int count;     /* digits kept; the first of them is not 0 */
    int64_t power; /* of ten, at the last digit kept */
    uint8_t digit[JSON_DIGITS_MAX];
};

/* One more digit from the left; `fraction` for those behind the point. */
void json_decimal_digit(struct json_decimal *decimal, unsigned digit, bool fraction);

/* The nearest double, ties to even; infinite where it is beyond the largest. */
double json_decimal_value(const struct json_decimal *decimal);

#endif
