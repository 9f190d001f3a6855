/* Pictures to tensors, below the session: what fovea_image_fit does once input and recipe are known.
 * Freestanding. */
#ifndef FOVEA_ENGINE_IMAGE_H
#define FOVEA_ENGINE_IMAGE_H

#include "weights/model.h"
#include "kernels/base.h"
#include "weights/blob.h"

/* *bytes = scratch needed to fit `image` into `place` by `recipe`. Checks the picture's fields and the
 * recipe's. */
FOVEA_LOCAL enum fovea_status fovea_image_scratch(const struct fovea_image *image,
                                                  const struct fovea_recipe *recipe,
                                                  const struct fovea_picture *place, size_t *bytes,
                                                  struct fovea_error *error);

/* Writes the height * width * channels floats of `tensor`, in the place's order. `bytes` is what fovea_image_scratch said,
 * or more; `scratch` is aligned to 8 bytes. */
FOVEA_LOCAL enum fovea_status fovea_image_write(const struct fovea_image *image,
                                                const struct fovea_recipe *recipe,
                                                const struct fovea_picture *place, float *tensor,
                                                void *scratch, size_t bytes,
                                                struct fovea_error *error);

#endif
