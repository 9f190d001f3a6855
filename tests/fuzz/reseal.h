/* Puts the checksums of bent files right, so that fuzzing gets behind them. */
#ifndef FOVEA_TESTS_FUZZ_RESEAL_H
#define FOVEA_TESTS_FUZZ_RESEAL_H

#include "tests/fuzz/fuzz.h"
#include "weights/bytes.h"

static inline void reseal_put(uint8_t *at, uint32_t value) {
    for (unsigned i = 0; i < 4; i++) at[i] = (uint8_t)(value >> (8 * i));
}

/* The checksums of the stored members of an archive, in both places. */
static inline void reseal_zip(uint8_t *data, size_t size) {
    struct fovea_bytes all = fovea_bytes_of(data, size);
    for (size_t at = 0; at + 46 <= size; at++) {
        if (memcmp(data + at, "PK\1\2", 4) != 0) continue;
        struct fovea_bytes central = fovea_part(&all, at, 46);
        fovea_skip(&central, 10);
        uint32_t method = fovea_read16(&central);
        fovea_skip(&central, 8);
        uint32_t stored = fovea_read32(&central);
        fovea_skip(&central, 18);
        uint64_t local = fovea_read32(&central);
        struct fovea_bytes header = fovea_part(&all, local, 30);
        fovea_skip(&header, 26);
        uint64_t start = local + 30 + fovea_read16(&header);
        start += fovea_read16(&header);
        if (header.failed || method != 0 || !fovea_in_range(start, stored, size)) continue;
        uint32_t crc = fuzz_crc(data + start, stored);
        reseal_put(data + at + 16, crc);
        reseal_put(data + local + 14, crc);
    }
}

/* The checksums of a PNG's chunks. */
static inline void reseal_png(uint8_t *data, size_t size) {
    if (size < 8 || data[0] != 0x89) return;
    for (size_t at = 8; at + 12 <= size;) {
        struct fovea_bytes b = fovea_bytes_of(data + at, 4);
        uint64_t length = fovea_read_big(&b, 4);
        if (length > size - at - 12) return;
        uint32_t crc = fuzz_crc(data + at + 4, (size_t)length + 4);
        uint8_t *stored = data + at + 8 + length;
        for (unsigned i = 0; i < 4; i++) stored[i] = (uint8_t)(crc >> (24 - 8 * i));
        at += 12 + (size_t)length;
    }
}

#endif
