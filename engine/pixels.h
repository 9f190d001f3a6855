/* Pictures as they are held: formats of pixels, parts, turns. Freestanding. */
#ifndef FOVEA_ENGINE_PIXELS_H
#define FOVEA_ENGINE_PIXELS_H

#include "weights/model.h"
#include "kernels/base.h"
#include "weights/check.h"

/* The upright picture's pixel (x, y) is the frame's pixel start + x * across + y * down. */
struct fovea_view {
    uint32_t width, height; /* of the upright picture */
    int32_t start_x, start_y, across_x, across_y, down_x, down_y;
};

/* What is wrong with the picture; its view. */
FOVEA_LOCAL fovea_problem fovea_view_of(const struct fovea_image *image, struct fovea_view *view);

/* Of a picture that stands upright, all of it. */
FOVEA_INLINE struct fovea_view fovea_view_whole(uint32_t width, uint32_t height) {
    return (struct fovea_view){width, height, 0, 0, 1, 0, 0, 1};
}

/* The view's pixel (left, top) is its first one from now on. */
FOVEA_INLINE void fovea_view_cut(struct fovea_view *view, uint32_t left, uint32_t top) {
    view->start_x += (int32_t)left * view->across_x + (int32_t)top * view->down_x;
    view->start_y += (int32_t)left * view->across_y + (int32_t)top * view->down_y;
}

/* Colours of `count` pixels of upright row y, from column `first` on, into planes `pitch` elements apart: R, G, B, or
 * grey = (19595 R + 38470 G + 7471 B + 32768) >> 16 alone. */
FOVEA_LOCAL void fovea_pixels_row(const struct fovea_image *image, const struct fovea_view *view,
                                  bool grey, uint32_t first, uint32_t y, size_t count,
                                  int16_t *planes, size_t pitch);

#endif
