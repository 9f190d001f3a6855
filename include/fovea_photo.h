/** @file fovea_photo.h
 * Photo files to pixels: JPEG, PNG, BMP, PGM and PPM.
 *
 * The structure of each file is checked before anything is decoded, so that any bytes are safe. Needs a C library with
 * malloc and free: this is the only part of fovea that allocates memory. There is no global state: any number of threads
 * may decode at once.
 */
#ifndef FOVEA_PHOTO_H
#define FOVEA_PHOTO_H

#include "fovea.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a photo is to be read. Zeros are what fovea_photo_decode does: `struct fovea_photo_options options = {0};`. How
 * it may grow is told at the top of fovea.h. */
struct fovea_photo_options {
    /** sizeof(struct fovea_photo_options), or 0, which means the same. Less: what a program was compiled with whose
     * header had fewer fields; they are taken as 0, and not read. */
    size_t size;
    /** Most pixels of width and of height, up to 65535. 0: 16384. */
    uint32_t side;
    /** Most pixels in all, up to 250 million. 0: 64 million. */
    uint32_t area;
    /** Most scans of a progressive JPEG, up to 1000. 0: 64. */
    uint32_t scans;
    /** A JPEG at 1/2, 1/4 or 1/8 of its size (2, 4, 8; sides rounded up), in a fraction of the time: the inverse
     * transform gives fewer pixels, bit for bit as with libjpeg's scale_denom and Pillow's draft(). Other files keep
     * their size. 0 or 1: a JPEG does, too. */
    uint32_t shrink;
    /** The size that the picture must at least keep, as it is stored: of 1, 1/2, 1/4 and 1/8 the smallest that is not
     * below is taken, as Pillow's draft(mode, (width, height)) does. 0: `shrink` says it. */
    uint32_t least_width, least_height;
    /** JPEG: libjpeg's fast integer transform (IFAST), TensorFlow's INTEGER_FAST. */
    bool fast;
    /** The orientation that EXIF states is not applied. */
    bool as_stored;
    /** Room for fields of later versions; must be 0. */
    uint32_t reserved[4];
};

/** Decodes the photo in `file`, of `size` bytes, into `image`: FOVEA_PIXELS_GREY for one or two channels,
 * FOVEA_PIXELS_RGB otherwise, rows from the top without gaps, upright (EXIF orientation 1 .. 8 of a JPEG or PNG applied).
 *
 * The pixels are the caller's, to be freed with fovea_photo_free. On failure *image is cleared, and `error` says why and at
 * which byte. A picture cut at any byte is an error; bytes behind its end are not looked at.
 *
 * JPEG (ITU-T T.81: baseline, extended and progressive Huffman, 8 bits, 1, 3 or 4 components, any sampling of whole
 * factors): the pixels are those of libjpeg-turbo with its defaults, bit for bit: accurate integer inverse
 * transform, triangle ("fancy") upsampling of colours, YCbCr in 16-bit fixed point. CMYK and YCCK become RGB as in
 * djpeg and Pillow: each ink times black, inks stored inverted. Not promised: the pixels of damaged data that are
 * accepted at all. PNG: 16-bit samples keep their upper byte, transparency is dropped. BMP: 24 and 32 bits, 8 with a
 * palette, not compressed. PGM, PPM: binary, samples scaled to 255 as Pillow does.
 *
 * Limits: 16384 pixels a side, 64 million pixels in all, 64 scans. */
enum fovea_status fovea_photo_decode(const void *file, size_t size, struct fovea_image *image,
                                     struct fovea_error *error);

/** The same with options (NULL: zeros); FOVEA_ARGUMENT where one has a value that is not allowed. */
enum fovea_status fovea_photo_decode_as(const void *file, size_t size,
                                        const struct fovea_photo_options *options,
                                        struct fovea_image *image, struct fovea_error *error);

/** Writes what a model's recipe says of reading photos, for an input of width x height, into `options`: shrink,
 * least_width, least_height, fast and as_stored. Its other fields stay as they are. Neither may be NULL. */
void fovea_photo_by(const struct fovea_recipe *recipe, uint32_t width, uint32_t height,
                    struct fovea_photo_options *options);

/** Frees the pixels that fovea_photo_decode made, and clears the structure; harmless on a cleared one, and on NULL. */
void fovea_photo_free(struct fovea_image *image);

#ifdef __cplusplus
}
#endif

#endif
