/* Any bytes as an archive: the members that a .keras file has are read. */
#include "convert/files/zip.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/reseal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const names[] = {"config.json", "metadata.json", "model.weights.h5", "a",
                                        ""};
    struct pool pool = {.limit = FUZZ_MEMORY};
    struct trouble trouble = {0};
    const struct zip *zip = zip_open(&pool, data, size, &trouble);
    FUZZ_MUST(!zip == trouble.set, "refused without a reason");
    for (size_t i = 0; zip && i < sizeof names / sizeof *names; i++) {
        const uint8_t *contents;
        size_t length;
        bool found;
        volatile uint8_t sum = 0;
        trouble.set = false;
        bool read = zip_read(zip, names[i], &contents, &length, &found, &trouble);
        FUZZ_MUST(read != trouble.set, "refused without a reason");
        for (size_t b = 0; read && found && b < length; b++) sum = (uint8_t)(sum + contents[b]);
    }
    pool_free(&pool);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, room);
    if (seed % 2) reseal_zip(data, size);
    return size;
}
