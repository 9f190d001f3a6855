/* Numbers of a type: what arrays of weights and tensors are made of. */
#ifndef FOVEA_WEIGHTS_NUMBERS_H
#define FOVEA_WEIGHTS_NUMBERS_H

#include "kernels/kernels.h"

enum fovea_type {
#define NUMBER(code, NAME, name, bytes) FOVEA_##NAME = code,
#include "weights/numbers.def"
#undef NUMBER
    FOVEA_TYPE_COUNT
};

/* The types an array of an operator may have; ops.def names one of these for each array. */
enum fovea_reads {
    FOVEA_READS_NONE = 0,
    FOVEA_READS_F32 = 1u << FOVEA_F32,
    FOVEA_READS_I8 = 1u << FOVEA_I8,
    FOVEA_READS_I32 = 1u << FOVEA_I32,
    FOVEA_READS_F32_I8 = FOVEA_READS_F32 | 1u << FOVEA_I8,
    FOVEA_READS_F32_F16_I8 = FOVEA_READS_F32_I8 | 1u << FOVEA_F16
};

/* Bytes of one number. The type is one of the list. */
FOVEA_LOCAL uint32_t fovea_type_bytes(enum fovea_type type);

/* What a tensor of `count` numbers takes: with 16 bytes behind one of bytes, which kernels may read. */
FOVEA_STATIC uint64_t fovea_tensor_bytes(uint64_t count, enum fovea_type type) {
    return count * fovea_type_bytes(type) + (type == FOVEA_I8 ? 16 : 0);
}

/* "f32"; "" for a code that is not in the list, and in a build without texts. */
FOVEA_LOCAL const char *fovea_type_name(uint32_t code);

/* `count` numbers in place, aligned to 64 bytes, little-endian; at NULL: no numbers. */
struct fovea_numbers {
    const void *at;
    uint64_t count;
    enum fovea_type type;
};

/* Whether there is a type of this code, and this build has kernels for arrays of it. */
FOVEA_STATIC bool fovea_type_built(uint32_t type) {
    if (type == FOVEA_F16) return FOVEA_HALVES_BUILT != 0;
    return type == FOVEA_F32 || (FOVEA_BYTES_BUILT && type < FOVEA_TYPE_COUNT);
}

/* They are there, and of this type. A build without kernels for it never sees any: a constant there. */
FOVEA_STATIC bool fovea_numbers_are(const struct fovea_numbers *numbers, enum fovea_type type) {
    if (!fovea_type_built((uint32_t)type)) return false;
    return numbers->at && numbers->type == type;
}

/* real = (stored - zero) * scale, of a type of whole numbers. For floats: all zeros. */
struct fovea_quantization {
    float scale;
    int32_t zero;
    uint32_t
        channels; /* 0: one scale and zero point for all; else 1 + the array that has them by channel */
};

/* What bytes may have. */
FOVEA_STATIC bool fovea_quantization_good(const struct fovea_quantization *q) {
    return q->scale >= 0x1p-60f && q->scale <= 0x1p60f && q->zero >= -128 && q->zero <= 127 &&
           q->channels == 0;
}

/* Copies `count` numbers of the blob, as it keeps them, to those of this machine; `to` may be `from`. */
FOVEA_LOCAL void fovea_numbers_copy(void *to, const void *from, uint64_t count,
                                    enum fovea_type type);

#endif
