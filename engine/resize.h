/* Between image.c, which checks and decides, and what fills the tensor. Freestanding. */
#ifndef FOVEA_ENGINE_RESIZE_H
#define FOVEA_ENGINE_RESIZE_H

#include "engine/pixels.h"
#include "kernels/base.h"
#include "weights/blob.h"

/* Scratch memory, handed out from its start. Without a base sizes are only added up, so that what measures and
 * what does is the same code. */
struct fovea_arena {
    uint8_t *base;
    uint64_t at;
};
FOVEA_LOCAL void *fovea_room(struct fovea_arena *arena, uint64_t count, uint64_t each, size_t size);

/* One picture on its way into one tensor. All sizes are checked: 1 .. 65535. */
struct fovea_fitting {
    struct fovea_image
        image; /* what the filter sees: width and height are those of the upright part, */
    struct fovea_view view; /* which lies so in it */
    const struct fovea_recipe *recipe;
    float box[4]; /* left, top, right, bottom of the part of it that is resized */
    uint32_t border_x,
        border_y;           /* pixels around the picture that are put there before it is resized */
    uint32_t width, height; /* what it is resized to */
    int32_t right, down;    /* where that lies in the tensor, of which it may show only a part */
    uint32_t place_width, place_height, channels; /* of the tensor */
    size_t pixel, plane;                          /* from one pixel, one channel, to the next */
    uint32_t planes;                              /* 1 where picture or tensor is grey, else 3 */
    float divisor;                                /* not 0: divide by it, scale is its reciprocal */
    float *tensor;
    uint8_t *bytes; /* not NULL: what is put goes here, as bytes, and not into the tensor */
};

/* The colours of pixel (x, y): `planes` of them, grey or R, G, B. */
FOVEA_LOCAL void fovea_fitting_pixel(const struct fovea_fitting *fitting, uint32_t x, uint32_t y,
                                     uint8_t colours[3]);

/* Columns [first, end) of picture row y, one plane after the other, `pitch` elements apart. */
FOVEA_LOCAL void fovea_fitting_row(const struct fovea_fitting *fitting, uint32_t y, uint32_t first,
                                   uint32_t end, int16_t *planes, size_t pitch);

/* Position (x, y) of the resized picture from `planes` colours 0..255; nothing where that is not in the tensor. */
FOVEA_LOCAL void fovea_fitting_put(const struct fovea_fitting *fitting, uint32_t x, uint32_t y,
                                   const float colours[3]);

/* ---- where things go (fit.c) ---- */

/* Finds image, box, borders, size and place by the recipe's fit. NULL, or why it cannot be. */
FOVEA_LOCAL fovea_problem fovea_fit(struct fovea_fitting *fitting);

/* The number of a step that is a setting, or what stands for it. */
FOVEA_LOCAL float fovea_recipe_number(const struct fovea_recipe *recipe,
                                      enum fovea_photo_step step);
FOVEA_LOCAL bool fovea_recipe_has(const struct fovea_recipe *recipe, enum fovea_photo_step step);
/* NULL, or what is wrong with the recipe's steps. */
FOVEA_LOCAL fovea_problem fovea_steps_flaw(const struct fovea_recipe *recipe);

/* ---- pictures made on the way; each places what it needs and, where the arena has a base, works ---- */

/* A copy of the picture with its borders around it, in the colours it is needed in: what steps may change. */
FOVEA_LOCAL void fovea_fit_copy(struct fovea_fitting *fitting, struct fovea_arena *arena);
/* Pillow's reduce(), as its reducing_gap wants it: the fitting's image and box are then those of a smaller picture. */
FOVEA_LOCAL void fovea_fit_reduce(struct fovea_fitting *fitting, struct fovea_arena *arena);

/* Bytes that may be changed: `channels` 1 (grey) or 3 (R, G, B). */
struct fovea_bytes_picture {
    uint8_t *pixels;
    uint32_t width, height, channels;
    size_t stride;
};
/* What the steps in front of RESIZED or, `after`, behind it do to a picture. Whether there are any. */
FOVEA_LOCAL bool fovea_enhances(const struct fovea_recipe *recipe, bool after);
FOVEA_LOCAL void fovea_enhance(const struct fovea_recipe *recipe, bool after,
                               const struct fovea_bytes_picture *picture,
                               struct fovea_arena *arena);
/* Those that look at neighbours (enhance_window.c). `counts`: room for 256. */
FOVEA_LOCAL void fovea_clahe(const struct fovea_bytes_picture *plane, float limit, uint32_t tiles,
                             uint32_t *counts, struct fovea_arena *arena);
FOVEA_LOCAL void fovea_median(const struct fovea_bytes_picture *picture, uint32_t size,
                              struct fovea_arena *arena);
FOVEA_LOCAL void fovea_gaussian(const struct fovea_bytes_picture *picture, uint32_t size,
                                double sigma, struct fovea_arena *arena);

/* ---- resizers: weights/recipe.def says which of them does what ---- */

typedef void fovea_resizer(const struct fovea_fitting *fitting, struct fovea_arena *arena);
FOVEA_LOCAL fovea_resizer fovea_resize_sampled, fovea_resize_filtered, fovea_resize_cv,
    fovea_resize_tf;

/* How far Pillow's filter reaches, in pixels of what is the larger of picture and tensor. */
FOVEA_LOCAL double fovea_filtered_support(enum fovea_resize resize);

#endif
