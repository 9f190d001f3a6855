/* Layers after quantize() of Keras 3. Internal to convert/keras/. */
#ifndef FOVEA_CONVERT_KERAS_QUANTIZED_H
#define FOVEA_CONVERT_KERAS_QUANTIZED_H

#include "convert/keras/build.h"

struct keras_quantization {
    int bits;     /* of a weight's numbers: 8, 4; 0: they are floats, or something else */
    bool grouped; /* several scales along each row or column, with a zero point each */
};
/* What the layer's dtype policy says. */
struct keras_quantization keras_quantization_of(const struct json *config);

/* *source = the `count` floats that the whole numbers of a kernel ("kernel": a scale for each column) or a table
 * ("embeddings": for each row) stand for. */
bool keras_dequantized(struct layer_call *call, const char *role, const struct weight *weight,
                       uint64_t count, struct source *source);

/* keras_linear, after rounding the input where the layer does. */
bool keras_quantized_linear(struct layer_call *call, uint32_t input, const struct source *kernel,
                            const struct source *bias, uint32_t outputs);

#endif
