#include "weights/numbers.h"

uint32_t fovea_type_bytes(enum fovea_type type) {
    static const uint8_t size[FOVEA_TYPE_COUNT] = {
#define NUMBER(code, NAME, name, bytes) [FOVEA_##NAME] = (bytes),
#include "weights/numbers.def"
#undef NUMBER
    };
    return FOVEA_NARROW_BUILT ? size[type] : (uint32_t)sizeof(float); /* no other is read */
}

const char *fovea_type_name(uint32_t code) {
#define NUMBER(number, NAME, name, bytes)                                                          \
    if (FOVEA_TEXTS && fovea_type_built(number) && code == (number)) return #name;
#include "weights/numbers.def"
#undef NUMBER
    return "";
}

void fovea_numbers_copy(void *to, const void *from, uint64_t count, enum fovea_type type) {
    size_t size = fovea_type_bytes(type);
#if FOVEA_BIG_ENDIAN
    const uint8_t *source = (const uint8_t *)from;
    uint8_t *target = (uint8_t *)to, turned[8];
    for (size_t i = 0; i < count; i++, source += size, target += size) {
        for (size_t b = 0; b < size; b++) turned[b] = source[size - 1 - b];
        fovea_copy(target, turned, size);
    }
#else
    if (to != from) fovea_copy(to, from, (size_t)count * size);
#endif
}
