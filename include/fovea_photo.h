/* Photo files to pixels: JPEG, PNG, BMP, PGM and PPM, each behind a gate that reads the file's structure first.
 * Hosted: the only part of the library that allocates. */
#ifndef FOVEA_PHOTO_H
#define FOVEA_PHOTO_H

#include "fovea.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Decodes the photo in `file` into `image`: FOVEA_PIXELS_GREY for one or two channels, FOVEA_PIXELS_RGB
 * otherwise, rows from the top without gaps, upright (EXIF orientation 1..8 of a JPEG or PNG applied). Free it with
 * fovea_photo_free. On failure nothing is owned. A picture cut at any byte is an error; bytes behind its end
 * are not looked at.
 *
 * JPEG (baseline, extended and progressive Huffman, 8 bits, 1, 3 or 4 components, any sampling of whole
 * factors): the pixels are those of libjpeg-turbo with its defaults, bit for bit: accurate integer inverse
 * transform, triangle ("fancy") upsampling of colours, YCbCr in 16-bit fixed point. CMYK and YCCK become RGB as
 * in djpeg and Pillow: each ink times black, inks stored inverted. Damaged data that are accepted at all may
 * give other pixels than libjpeg's. PNG: 16-bit samples keep their upper byte, transparency is dropped.
 * BMP: 24 and 32 bits, 8 with a palette, not compressed. PGM, PPM: binary, samples scaled to 255 as Pillow does.
 *
 * Limits: 16384 pixels a side, 64 million pixels in all, 64 scans. Any number of threads may decode at once. */
enum fovea_status fovea_photo_decode(const void *file, size_t size, struct fovea_image *image,
                                     struct fovea_error *error);

/* The same with options. Zeros mean what fovea_photo_decode does. */
struct fovea_photo_options {
    size_t size;    /* of this structure, as the caller knows it */
    uint32_t side;  /* limits: pixels of width and of height, up to 65535 */
    uint32_t area;  /* pixels in all, up to 250 million */
    uint32_t scans; /* of a progressive JPEG, up to 1000 */

    /* A JPEG at 1/2, 1/4 or 1/8 of its size (2, 4, 8; sides rounded up), in a fraction of the time: the inverse
     * transform gives fewer pixels, as libjpeg's scale_denom and Pillow's draft() do, bit for bit. Other files
     * stay as they are. */
    uint32_t shrink;
    /* 0, or how large the picture must at least stay, as it is stored: of 1, 1/2, 1/4 and 1/8 the smallest that is
     * not below is taken, as Pillow's draft(mode, (width, height)) does. */
    uint32_t least_width, least_height;
    bool fast;      /* JPEG: libjpeg's fast integer transform (ifast), TensorFlow's INTEGER_FAST */
    bool as_stored; /* EXIF orientation is not applied */
};
enum fovea_status fovea_photo_decode_as(const void *file, size_t size,
                                        const struct fovea_photo_options *options,
                                        struct fovea_image *image, struct fovea_error *error);

/* What a model's recipe says of reading photos for an input of width x height, into `options`, whose other
 * fields stay as they are. */
void fovea_photo_by(const struct fovea_recipe *recipe, uint32_t width, uint32_t height,
                    struct fovea_photo_options *options);

/* Frees what fovea_photo_decode made and clears the structure; harmless on a cleared one. */
void fovea_photo_free(struct fovea_image *image);

#ifdef __cplusplus
}
#endif

#endif
