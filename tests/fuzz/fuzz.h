/* What the fuzz targets share. libFuzzer's interface, its mutator, and the rule of all targets: the input
 * is refused with a reason, or it works; the sanitizers and FUZZ_MUST say when neither is so. */
#ifndef FOVEA_TESTS_FUZZ_H
#define FOVEA_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t room);

#define FUZZ_MEMORY ((size_t)48 << 20) /* what a pool may hand out to one input */

/* How the converter begins where it is to blame itself. */
#define OWN_FAULT "the converted model does not"

#define FUZZ_MUST(condition, ...)                                                                  \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "fuzz: " __VA_ARGS__);                                                 \
            fputc('\n', stderr);                                                                   \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The next number of a small generator. */
static inline uint32_t fuzz_next(uint32_t *state) {
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}
static inline uint32_t fuzz_below(uint32_t *state, size_t limit) {
    return limit ? fuzz_next(state) % (uint32_t)limit : 0;
}

static inline uint32_t fuzz_crc(const uint8_t *bytes, size_t size) {
    uint32_t crc = 0xffffffffu;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320u ^ crc >> 1 : crc >> 1;
    }
    return ~crc;
}

#endif
