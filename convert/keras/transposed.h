/* What transposed convolutions share. Internal to convert/keras/. */
#ifndef FOVEA_CONVERT_KERAS_TRANSPOSED_H
#define FOVEA_CONVERT_KERAS_TRANSPOSED_H

#include "convert/keras/build.h"

/* The taps of an axis by phase, the last one of each first (rules.h); NULL on trouble. */
const uint32_t *FOVEA_NULLABLE keras_phase_order(struct layer_call *call, uint32_t kernel,
                                                 uint32_t stride);

/* Over a volume; kernel as Keras keeps it. added: Keras' output_padding, or NULL where none is stated. */
bool keras_volume_transposed(struct layer_call *call, const struct keras_window *window,
                             const struct source *kernel, const struct source *bias,
                             uint32_t outputs, const uint32_t *added);

#endif
