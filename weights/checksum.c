#include "weights/checksum.h"

#include "weights/bytes.h"

/* A bijection of the lane for a given word, and of the word for a given lane. */
FOVEA_INLINE uint64_t checksum_step(uint64_t lane, uint64_t word) {
    lane = (lane ^ word) * 0x9e3779b97f4a7c15u;
    return lane ^ lane >> 29;
}

void fovea_checksum_start(struct fovea_checksum *sum) {
    for (size_t i = 0; i < 4; i++) sum->lane[i] = i + 1;
    sum->size = 0;
}

void fovea_checksum_add(struct fovea_checksum *sum, const uint8_t *bytes, size_t size) {
    uint64_t a = sum->lane[0], b = sum->lane[1], c = sum->lane[2], d = sum->lane[3];
    size_t at = 0;
    uint8_t last[32] = {0};
    for (; size - at >= 32; at += 32) {
        a = checksum_step(a, fovea_load64(bytes + at));
        b = checksum_step(b, fovea_load64(bytes + at + 8));
        c = checksum_step(c, fovea_load64(bytes + at + 16));
        d = checksum_step(d, fovea_load64(bytes + at + 24));
    }
    sum->lane[0] = a, sum->lane[1] = b, sum->lane[2] = c, sum->lane[3] = d;
    sum->size += size;
    if (at == size) return;
    fovea_copy(last, bytes + at, size - at);
    for (size_t i = 0; i < 4; i++)
        sum->lane[i] = checksum_step(sum->lane[i], fovea_load64(last + 8 * i));
}

uint32_t fovea_checksum_end(const struct fovea_checksum *sum) {
    uint64_t all = sum->lane[0];
    for (size_t i = 1; i < 4; i++) all = checksum_step(all, sum->lane[i]);
    all = checksum_step(all, sum->size);
    return (uint32_t)(all ^ all >> 32);
}

uint32_t fovea_checksum(const uint8_t *blob, uint64_t size) {
    struct fovea_checksum sum;
    uint8_t first[32];
    fovea_copy(first, blob, sizeof first);
    fovea_fill(first + FOVEA_CHECKSUM_AT, 0, 4);
    fovea_checksum_start(&sum);
    fovea_checksum_add(&sum, first, sizeof first);
    fovea_checksum_add(&sum, blob + sizeof first, (size_t)size - sizeof first);
    return fovea_checksum_end(&sum);
}
