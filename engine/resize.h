/* Between image.c, which checks and decides, and the resizers, which fill the tensor. Freestanding. */
#ifndef FOVEA_ENGINE_RESIZE_H
#define FOVEA_ENGINE_RESIZE_H

#include "weights/model.h"
#include "kernels/base.h"

/* One picture on its way into one tensor. All sizes are checked: 1 .. 65535. */
struct fovea_fitting {
    const struct fovea_image *image;
    const struct fovea_recipe *recipe;
    uint32_t left, top, box_width, box_height; /* the part of the picture that fills the tensor */
    uint32_t width, height, channels;          /* of the tensor */
    size_t pixel, plane;                       /* from one pixel, one channel, to the next */
    uint32_t planes;                           /* 1 where picture or tensor is grey, else 3 */
    float divisor;                             /* not 0: divide by it, scale is its reciprocal */
    float *tensor;
};

/* The colours of pixel (x, y): `planes` of them, grey or R, G, B. */
FOVEA_LOCAL void fovea_fitting_pixel(const struct fovea_fitting *fitting, uint32_t x, uint32_t y,
                                     uint8_t colours[3]);

/* Columns [first, end) of picture row y, one plane after the other, `pitch` elements apart. */
FOVEA_LOCAL void fovea_fitting_row(const struct fovea_fitting *fitting, uint32_t y, uint32_t first,
                                   uint32_t end, int16_t *planes, size_t pitch);

/* Tensor position (x, y) from `planes` colours 0..255. */
FOVEA_LOCAL void fovea_fitting_put(const struct fovea_fitting *fitting, uint32_t x, uint32_t y,
                                   const float colours[3]);

/* The filters that look at one or four pixels and need no scratch: none, nearest, tf-bilinear. */
FOVEA_LOCAL void fovea_resize_sampled(const struct fovea_fitting *fitting);

/* Pillow's box, bilinear, bicubic and lanczos. With `scratch` NULL only *bytes is found; false where
 * it exceeds size_t. */
FOVEA_LOCAL bool fovea_resize_filtered(const struct fovea_fitting *fitting, void *scratch,
                                       size_t *bytes);

#endif
