/* Any bytes as an HDF5 file: all that is in it is read. Checksums that do not fit are put right, and the
 * file is read again, so that what stands behind them is reached. */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/hdf5_walk.h"

static uint8_t *bytes; /* our copy of the input */
static size_t length, repaired;

uint32_t __real_hdf5_checksum(struct fovea_bytes covered);
uint32_t __wrap_hdf5_checksum(struct fovea_bytes covered);

/* The linker sends the library's calls here. */
uint32_t __wrap_hdf5_checksum(struct fovea_bytes covered) {
    uint32_t sum = __real_hdf5_checksum(covered);
    const uintptr_t start = (uintptr_t)covered.start, from = (uintptr_t)bytes;
    if (start >= from && start - from <= length && length - (start - from) >= covered.size &&
        length - (start - from) - covered.size >= 4) {
        uint8_t *stored = bytes + (start - from) + covered.size;
        for (unsigned i = 0; i < 4; i++) {
            repaired += stored[i] != (uint8_t)(sum >> (8 * i));
            stored[i] = (uint8_t)(sum >> (8 * i));
        }
    }
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    bytes = malloc(size ? size : 1);
    FUZZ_MUST(bytes, "no memory");
    length = size;
    memcpy(bytes, data, size);
    for (int round = 0; round < 4; round++) {
        struct pool pool = {.limit = FUZZ_MEMORY};
        struct hdf5_walk walk = {0};
        repaired = 0;
        hdf5_walk(&pool, bytes, size, &walk);
        FUZZ_MUST(walk.silent == 0, "refused without a reason");
        pool_free(&pool);
        if (repaired == 0) break;
    }
    free(bytes);
    return 0;
}
