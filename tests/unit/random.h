/* Numbers that look drawn by lot and are the same each time. A file says where its own begin, before it
 * includes this:
 *
 *     #define RANDOM_FROM 88172645u
 */
#ifndef FOVEA_TESTS_RANDOM_H
#define FOVEA_TESTS_RANDOM_H

#include <stdint.h>

static uint32_t random_state = RANDOM_FROM;

/* 0 .. n - 1. */
static inline uint32_t below(uint32_t n) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % n;
}

/* -1 .. 1. */
static inline float number(void) {
    return (float)below(2001) / 1000 - 1;
}

#endif
