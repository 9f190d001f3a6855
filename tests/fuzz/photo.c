/* Any bytes as a photo. */
#include "include/fovea_photo.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/reseal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct fovea_image image;
    struct fovea_error error;
    /* Large pictures are only slow: their sizes stand in the first few thousand bytes. */
    if (size > 65536) return 0;
    enum fovea_status status = fovea_photo_decode(data, size, &image, &error);
    FUZZ_MUST(status == error.status && error.text, "no word on what is wrong");
    if (status == FOVEA_OK) {
        volatile uint8_t sum = 0;
        for (uint32_t y = 0; y < image.height; y++) {
            const uint8_t *row = image.pixels + y * image.stride;
            for (size_t x = 0; x < image.stride; x++) sum = (uint8_t)(sum + row[x]);
        }
    } else {
        FUZZ_MUST(!image.pixels, "a refused picture with pixels");
    }
    fovea_photo_free(&image);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t room, unsigned seed) {
    size = LLVMFuzzerMutate(data, size, room);
    if (seed % 8) reseal_png(data, size);
    return size;
}
