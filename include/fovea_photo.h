/* Photo files to pixels: JPEG and PNG through stb_image, behind a gate that reads the file first.
 * Hosted: the only part of the library that allocates. */
#ifndef FOVEA_PHOTO_H
#define FOVEA_PHOTO_H

#include "fovea.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Decodes the JPEG or PNG in `file` into `image` (GREY for one or two channels, RGB otherwise;
 * transparency dropped; EXIF orientation 1..8 of a JPEG applied). Free it with fovea_photo_free. On
 * failure nothing is owned. A picture cut at any byte is an error. Limits: 16384 pixels a side, 64
 * million pixels in all, 64 scans. */
enum fovea_status fovea_photo_decode(const void *file, size_t size, struct fovea_image *image,
                                     struct fovea_error *error);

/* The same within limits of your own, each at most what stands here. */
struct fovea_photo_limits {
    uint32_t side;  /* pixels of width and of height; 65535 */
    uint32_t area;  /* pixels in all; 250 million */
    uint32_t scans; /* of a progressive JPEG; 1000 */
};
enum fovea_status fovea_photo_decode_within(const void *file, size_t size,
                                            const struct fovea_photo_limits *limits,
                                            struct fovea_image *image, struct fovea_error *error);

/* Frees what fovea_photo_decode made and clears the structure; harmless on a cleared one. */
void fovea_photo_free(struct fovea_image *image);

#ifdef __cplusplus
}
#endif

#endif
