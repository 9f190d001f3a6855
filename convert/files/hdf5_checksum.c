#include "convert/files/hdf5_internal.h"

static uint32_t rotate(uint32_t value, unsigned bits) {
    return value << bits | value >> (32 - bits);
}

/* Bob Jenkins' lookup3 (hashlittle with the initial value 0): three words of state take 12 bytes at a
 * time, the last 1 to 12 go through the closing rounds instead. */
uint32_t hdf5_checksum(struct fovea_bytes bytes) {
    static const unsigned mixing[] = {4, 6, 8, 16, 19, 4}, closing[] = {14, 11, 25, 16, 4, 14, 24};
    uint32_t state[3];
    bytes.at = 0;
    state[0] = state[1] = state[2] = 0xdeadbeefu + (uint32_t)bytes.size;
    while (fovea_left(&bytes) > 12) {
        for (int i = 0; i < 3; i++) state[i] += fovea_read32(&bytes);
        for (unsigned i = 0; i < 6; i++) {
            uint32_t *a = &state[i % 3], *b = &state[(i + 1) % 3], *c = &state[(i + 2) % 3];
            *a -= *c;
            *a ^= rotate(*c, mixing[i]);
            *c += *b;
        }
    }
    for (int i = 0; i < 3; i++) {
        size_t left = fovea_left(&bytes);
        state[i] += (uint32_t)fovea_read(&bytes, left < 4 ? (unsigned)left : 4);
    }
    for (unsigned i = 0; i < 7; i++) {
        uint32_t *c = &state[(i + 2) % 3];
        const uint32_t *b = &state[(i + 1) % 3];
        *c ^= *b;
        *c -= rotate(*b, closing[i]);
    }
    return state[2];
}
