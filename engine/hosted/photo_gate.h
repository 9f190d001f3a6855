/* The gate in front of the picture decoders: reads a JPEG or PNG file's structure from end to end
 * before a byte of it is decoded, and lets through only whole files whose sizes are within limits.
 * What it has found bounds all memory the decoder can ask for. */
#ifndef FOVEA_ENGINE_HOSTED_PHOTO_GATE_H
#define FOVEA_ENGINE_HOSTED_PHOTO_GATE_H

#include "include/fovea_photo.h"
#include "weights/bytes.h"
#include "weights/check.h"
#include "weights/limits.h"

struct fovea_photo_facts {
    uint32_t width, height;
    uint32_t channels;    /* wanted of the decoder: 1 or 3 */
    uint32_t orientation; /* EXIF, 1 .. 8 */
    uint64_t size;        /* bytes of the file that belong to the picture */
    uint64_t memory;      /* bytes the decoder can hold at one time, at most */
};

/* Checks the whole structure of a file that starts with the format's signature. */
FOVEA_LOCAL enum fovea_status fovea_photo_gate_jpeg(const void *file, size_t size,
                                                    const struct fovea_photo_limits *limits,
                                                    struct fovea_photo_facts *facts,
                                                    struct fovea_error *error);
FOVEA_LOCAL enum fovea_status fovea_photo_gate_png(const void *file, size_t size,
                                                   const struct fovea_photo_limits *limits,
                                                   struct fovea_photo_facts *facts,
                                                   struct fovea_error *error);

/* Bytes of a PNG's filtered rows before compression; all seven passes where it is interlaced. */
FOVEA_LOCAL uint64_t fovea_photo_png_rows(uint32_t width, uint32_t height, uint32_t pixel_bits,
                                          bool interlaced);

/* NULL, or why a picture of this size is not decoded. */
FOVEA_INLINE const char *fovea_photo_too_large(const struct fovea_photo_limits *limits,
                                               uint32_t width, uint32_t height) {
    if (width > limits->side || height > limits->side)
        return "P-004 the picture is wider or higher than the limit photo-side allows";
    if ((uint64_t)width * height > limits->area)
        return "P-005 the picture has more pixels than the limit photo-area allows";
    return NULL;
}

/* An unsigned number of `bytes` (1 to 4) bytes, the most significant first, as both formats store them. */
FOVEA_INLINE uint32_t fovea_photo_read(struct fovea_bytes *in, unsigned bytes) {
    return (uint32_t)fovea_read_big(in, bytes);
}

#endif
