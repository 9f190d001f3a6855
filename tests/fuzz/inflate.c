/* Any bytes as deflate data, into exactly as much memory as the first three bytes say. */
#include "convert/files/inflate.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 3) return 0;
    size_t room = (size_t)data[1] << 8 | data[2];
    uint8_t *out = malloc(room);
    if (data[0] & 1) {
        inflate_zlib(data + 3, size - 3, out, room);
    } else {
        uint8_t *in = malloc(size - 3 + INFLATE_AHEAD);
        FUZZ_MUST(in, "no memory");
        memcpy(in, data + 3, size - 3);
        memset(in + size - 3, data[0], INFLATE_AHEAD);
        inflate_raw(in, size - 3, out, room);
        free(in);
    }
    free(out);
    return 0;
}
