/* Any bytes as a blob, sealed: refused, or it plans and runs in exactly its memory. */
#include "tests/fuzz/use_blob.h"
#include "weights/blob.h"
#include "weights/blob_build.h"

static void put(uint8_t *at, unsigned bytes, uint64_t value) {
    for (unsigned i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> (8 * i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *blob = malloc(size ? size : 1);
    FUZZ_MUST(blob, "no memory");
    memcpy(blob, data, size);
    uint32_t salt = 0;
    if (size >= FOVEA_BLOB_HEADER) {
        salt = fovea_checksum(blob, size);
        put(blob + 16, 8, size);
        fovea_draft_seal(blob, size);
    }
    use_blob(blob, size, salt);
    free(blob);
    return 0;
}

/* Where the tables end, as the header has it. */
static size_t tables_end(const uint8_t *data, size_t size) {
    struct fovea_bytes b = fovea_bytes_of(data, size);
    struct fovea_model map = {0};
    fovea_skip(&b, 40);
    map.nodes = fovea_read32(&b);
    map.inputs = fovea_read32(&b);
    map.outputs = fovea_read32(&b);
    map.arrays = fovea_read32(&b);
    map.words = fovea_read32(&b);
    map.text = fovea_read32(&b);
    map.notes = fovea_read32(&b);
    if (b.failed || !fovea_blob_lay(&map)) return 0;
    return map.at_text < size ? (size_t)map.at_text : 0;
}

/* Bends a few words of the tables. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    static const uint32_t boundary[] = {
        0,           1,          2,          3,          4,          5,           6,
        7,           8,          16,         64,         0x7fff,     0x8000,      0xffff,
        0x10000,     1 << 24,    0x1000001,  0x1fffffff, 0x7fffffff, 0x80000000u, 0xfffffffeu,
        0xffffffffu, 0x3f800000, 0x7f800000, 0x7fc00000};
    uint32_t state = seed;
    size_t end = tables_end(data, size);
    if (end < 64 || fuzz_below(&state, 16) == 0) return LLVMFuzzerMutate(data, size, room);
    for (unsigned times = 1 + fuzz_below(&state, 4); times > 0; times--) {
        uint8_t *at = data + 32 + 4 * fuzz_below(&state, end / 4 - 8);
        const uint8_t *other = data + 32 + 4 * fuzz_below(&state, end / 4 - 8);
        struct fovea_bytes b = fovea_bytes_of(at, 4), o = fovea_bytes_of(other, 4);
        uint32_t value = fovea_read32(&b), there = fovea_read32(&o);
        switch (fuzz_below(&state, 6)) {
        case 0: value = boundary[fuzz_below(&state, sizeof boundary / 4)]; break;
        case 1: value ^= 1u << fuzz_below(&state, 32); break;
        case 2: value += fuzz_below(&state, 9) - 4; break;
        case 3: value = there; break;
        case 4: value = there + fuzz_below(&state, 3) - 1; break;
        default: value = fuzz_below(&state, 80); break;
        }
        put(at, 4, value);
    }
    return size;
}
