/* BMP, as microscopes and Windows write it: 24 or 32 bits, or 8 with a palette, not compressed. Little-endian; rows
 * from the bottom, or from the top where the height is negative, each a multiple of four bytes. */
#include "engine/hosted/photo_file.h"

#include <stdlib.h>
#include <string.h>

struct bmp {
    uint32_t width, height, bits, row; /* row: bytes of one */
    bool top_down, grey;
    struct fovea_bytes pixels, palette;
};

static enum fovea_status bmp_refuse(struct fovea_error *error, enum fovea_status status,
                                    const char *text, uint64_t where) {
    return fovea_refuse(error, status, text, where);
}

/* A palette of all greys in their order. */
static bool bmp_ramp(struct fovea_bytes palette) {
    for (uint32_t i = 0; i < 256; i++)
        if ((fovea_read32(&palette) & 0xffffffu) != i * 0x010101u) return false;
    return !palette.failed;
}

static bool bmp_usual_masks(struct fovea_bytes in) {
    uint32_t red = fovea_read32(&in), green = fovea_read32(&in), blue = fovea_read32(&in);
    return red == 0xff0000u && green == 0xff00u && blue == 0xffu;
}

static enum fovea_status bmp_read(const void *file, size_t size,
                                  const struct fovea_photo_options *options, struct bmp *bmp,
                                  struct fovea_error *error) {
    struct fovea_bytes in = fovea_bytes_of(file, size);
    fovea_skip(&in, 10);
    uint32_t offset = fovea_read32(&in), header = fovea_read32(&in);
    bmp->width = fovea_read32(&in);
    bmp->height = fovea_read32(&in);
    fovea_skip(&in, 2);
    bmp->bits = (uint32_t)fovea_read(&in, 2);
    uint32_t compression = fovea_read32(&in);
    fovea_skip(&in, 12);
    uint32_t used = fovea_read32(&in);
    fovea_skip(&in, 4);
    if (in.failed) return bmp_refuse(error, FOVEA_TRUNCATED, "P-063 the BMP ends too early", size);
    bmp->top_down = bmp->height >> 31;
    if (bmp->top_down) bmp->height = 0 - bmp->height;
    bool plain = compression == 0 || (compression == 3 && bmp->bits == 32 && bmp_usual_masks(in));
    if (header < 40 || !plain || (bmp->bits != 8 && bmp->bits != 24 && bmp->bits != 32))
        return bmp_refuse(error, FOVEA_UNSUPPORTED,
                          "P-064 only uncompressed BMPs of 8, 24 and 32 bits are read", 14);
    if (bmp->width == 0 || bmp->height == 0)
        return bmp_refuse(error, FOVEA_PICTURE, "P-065 the BMP has no pixels", 18);
    const char *large = fovea_photo_too_large(options, bmp->width, bmp->height);
    if (large) return bmp_refuse(error, FOVEA_LIMIT, large, 18);
    in = fovea_bytes_of(file, size);
    bmp->row = (bmp->width * bmp->bits + 31) / 32 * 4;
    bmp->pixels = fovea_part(&in, offset, (uint64_t)bmp->row * bmp->height);
    bmp->palette = fovea_part(&in, 14 + (uint64_t)header, 4 * (uint64_t)(used ? used : 256));
    if (bmp->pixels.failed || (bmp->bits == 8 && (used > 256 || bmp->palette.failed)))
        return bmp_refuse(error, FOVEA_TRUNCATED, "P-066 the BMP has fewer pixels than it says",
                          size);
    bmp->grey = bmp->bits == 8 && bmp_ramp(bmp->palette);
    return FOVEA_OK;
}

FOVEA_LOCAL enum fovea_status fovea_bmp_gate(const void *file, size_t size,
                                             const struct fovea_photo_options *options,
                                             struct fovea_photo_facts *facts,
                                             struct fovea_error *error) {
    struct bmp bmp = {0};
    enum fovea_status status = bmp_read(file, size, options, &bmp, error);
    *facts = (struct fovea_photo_facts){.width = bmp.width,
                                        .height = bmp.height,
                                        .channels = bmp.grey ? 1 : 3,
                                        .orientation = 1,
                                        .size = size};
    facts->memory = (uint64_t)bmp.width * bmp.height * facts->channels;
    return status;
}

/* The colour of a palette's row, black where there is none; or of a pixel: blue comes first. */
static void bmp_row(const struct bmp *bmp, struct fovea_bytes row, uint8_t *to) {
    const uint32_t bytes = bmp->bits / 8;
    for (uint32_t x = 0; x < bmp->width; x++, to += bmp->grey ? 1 : 3) {
        uint32_t colour = (uint32_t)fovea_read(&row, bytes);
        if (bytes == 1 && !bmp->grey) {
            struct fovea_bytes entry = fovea_part(&bmp->palette, 4 * (uint64_t)colour, 4);
            colour = fovea_read32(&entry);
        }
        to[0] = (uint8_t)(bmp->grey ? colour : colour >> 16);
        if (bmp->grey) continue;
        to[1] = (uint8_t)(colour >> 8);
        to[2] = (uint8_t)colour;
    }
}

FOVEA_LOCAL uint8_t *fovea_bmp_decode(const void *file, const struct fovea_photo_options *options,
                                      const struct fovea_photo_facts *facts, uint64_t *stopped) {
    struct bmp bmp = {0};
    const size_t wide = (size_t)facts->width * facts->channels;
    uint8_t *pixels = (uint8_t *)calloc(facts->height, wide);
    *stopped = FOVEA_PHOTO_MEMORY;
    bmp_read(file, (size_t)facts->size, options, &bmp, NULL); /* the gate let it through */
    for (uint32_t y = 0; pixels && y < facts->height; y++) {
        struct fovea_bytes row = fovea_part(&bmp.pixels, (uint64_t)y * bmp.row, bmp.row);
        bmp_row(&bmp, row, pixels + wide * (bmp.top_down ? y : facts->height - 1 - y));
    }
    return pixels;
}
