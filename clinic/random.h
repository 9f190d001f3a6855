/* The generator of everything that is drawn: PCG32 (O'Neill 2014, pcg-random.org), the same bits on every machine. */
#ifndef FOVEA_CLINIC_RANDOM_H
#define FOVEA_CLINIC_RANDOM_H

#include <stdint.h>

struct random {
    uint64_t state, stream;
};

static inline uint32_t random_bits(struct random *random) {
    const uint64_t old = random->state;
    random->state = old * 6364136223846793005u + random->stream;
    const uint32_t mixed = (uint32_t)(((old >> 18) ^ old) >> 27);
    const uint32_t turn = (uint32_t)(old >> 59);
    return mixed >> turn | mixed << (-turn & 31);
}

static inline struct random random_start(uint64_t seed) {
    struct random random = {0, 0xda3e39cb94b95bdbu};
    random_bits(&random);
    random.state += seed;
    random_bits(&random);
    return random;
}

/* A number below n: the high half of a product, which favours none by more than n / 2^32. */
static inline uint32_t random_below(struct random *random, uint32_t n) {
    return (uint32_t)((uint64_t)random_bits(random) * n >> 32);
}

#endif
