/* Pictures to tensors, below the session: what fovea_image_fit does once input and recipe are known.
 * Freestanding. */
#ifndef FOVEA_ENGINE_IMAGE_H
#define FOVEA_ENGINE_IMAGE_H

#include "include/fovea.h"
#include "kernels/base.h"

/* *bytes = scratch needed to fit `image` into height x width x channels (1 or 3) by `recipe`. Checks
 * the picture's fields and the recipe's. */
FOVEA_LOCAL enum fovea_status fovea_image_scratch(const struct fovea_image *image,
                                                  const struct fovea_recipe *recipe,
                                                  uint32_t height, uint32_t width,
                                                  uint32_t channels, size_t *bytes,
                                                  struct fovea_error *error);

/* Writes the height * width * channels floats of `tensor`. `bytes` is what fovea_image_scratch said,
 * or more; `scratch` is aligned to 8 bytes. */
FOVEA_LOCAL enum fovea_status fovea_image_write(const struct fovea_image *image,
                                                const struct fovea_recipe *recipe, uint32_t height,
                                                uint32_t width, uint32_t channels, float *tensor,
                                                void *scratch, size_t bytes,
                                                struct fovea_error *error);

#endif
