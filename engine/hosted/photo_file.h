/* The readers of photo files, each a gate and a decoder. The gate reads the structure of a file from end to
 * end before a byte of it is decoded, and lets through only whole files whose sizes are within limits: what it
 * has found bounds all memory the decoder can ask for. */
#ifndef FOVEA_ENGINE_HOSTED_PHOTO_FILE_H
#define FOVEA_ENGINE_HOSTED_PHOTO_FILE_H

#include "weights/model.h"
#include "include/fovea_photo.h"
#include "weights/bytes.h"
#include "weights/check.h"
#include "weights/limits.h"

/* What the limits can be set to; what follows from that fits into 32 bits, and into stb_image's ints. */
enum photo_most {
#define LIMIT(constant, name, value, most, unit, why) constant##_MOST = most,
#include "weights/limits.def"
#undef LIMIT
};

struct fovea_photo_facts {
    uint32_t width, height; /* as decoded, before it is turned upright */
    uint32_t channels;      /* 1 or 3 */
    uint32_t orientation;   /* EXIF, 1 .. 8 */
    uint64_t size;          /* bytes of the file that belong to the picture */
    uint64_t memory;        /* bytes the decoder can hold at one time, at most */
};

/* Gates: check the whole structure of a file that starts with the format's signature. */
typedef enum fovea_status fovea_photo_gate(const void *file, size_t size,
                                           const struct fovea_photo_options *options,
                                           struct fovea_photo_facts *facts,
                                           struct fovea_error *error);
/* Decoders: the pixels of a file that passed, from calloc, rows without gaps; NULL where memory or data fail.
 * *stopped is then the place in the file, or FOVEA_PHOTO_MEMORY. */
typedef uint8_t *fovea_photo_decoder(const void *file, const struct fovea_photo_options *options,
                                     const struct fovea_photo_facts *facts, uint64_t *stopped);
#define FOVEA_PHOTO_MEMORY UINT64_MAX

FOVEA_LOCAL fovea_photo_gate fovea_jpeg_gate, fovea_png_gate, fovea_bmp_gate, fovea_pnm_gate;
FOVEA_LOCAL fovea_photo_decoder fovea_jpeg_decode, fovea_png_decode, fovea_bmp_decode,
    fovea_pnm_decode;

/* Bytes of a PNG's filtered rows before compression; all seven passes where it is interlaced. */
FOVEA_LOCAL uint64_t fovea_png_rows(uint32_t width, uint32_t height, uint32_t pixel_bits,
                                    bool interlaced);

/* The orientation that EXIF data state, where they state one; malformed ones say nothing, as in viewers. False
 * where they do not begin as EXIF does. */
FOVEA_LOCAL bool fovea_exif_orientation(struct fovea_bytes tiff, uint32_t *orientation);

/* NULL, or why a picture of this size is not decoded. */
FOVEA_INLINE const char *fovea_photo_too_large(const struct fovea_photo_options *options,
                                               uint32_t width, uint32_t height) {
    if (width > options->side || height > options->side)
        return "P-004 the picture is wider or higher than the limit photo-side allows";
    if ((uint64_t)width * height > options->area)
        return "P-005 the picture has more pixels than the limit photo-area allows";
    return NULL;
}

/* An unsigned number of `bytes` (1 to 4) bytes, the most significant first, as both formats store them. */
FOVEA_INLINE uint32_t fovea_photo_read(struct fovea_bytes *in, unsigned bytes) {
    return (uint32_t)fovea_read_big(in, bytes);
}

#endif
