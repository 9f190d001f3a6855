/* Any bytes as an .npy file. */
#include "cli/npy.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct npy array;
    const char *why;
    if (npy_read_bytes(data, size, &array, &why)) {
        volatile float sum = 0;
        for (size_t i = 0; i < array.count; i++) sum = array.values[i];
        (void)sum;
        npy_free(&array);
    } else {
        FUZZ_MUST(why, "refused without a reason");
    }
    return 0;
}
