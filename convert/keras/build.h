/* What several layers are put together from: operators of the blob as functions from values to
 * call->output. Dimensions are the tensor's own, the batch left out; a set of them is a mask, bit d for
 * dimension d. False means that `trouble` is set. */
#ifndef FOVEA_CONVERT_KERAS_BUILD_H
#define FOVEA_CONVERT_KERAS_BUILD_H

#include "convert/keras/keras.h"

/* An axis or a list of axes, as Keras counts them, as a mask. Null, all of them with the batch, is an
 * error as the batch is. */
bool keras_axes(struct layer_call *call, const struct json *axes, uint32_t rank, uint32_t *mask);

/* A tensor of numbers that the file or the layer's settings give. */
bool keras_constant(struct layer_call *call, const struct source *source,
                    const struct fovea_shape *shape);

/* v * scale + shift, everywhere. */
bool keras_scaled(struct layer_call *call, uint32_t input, float scale, float shift);

/* v * scale + shift, with `count` factors along dimension `axis`. */
bool keras_affine(struct layer_call *call, uint32_t input, uint32_t axis, const float *scale,
                  const float *shift, uint32_t count);

/* The same along the last dimension, a factor for each of its places. */
bool keras_affine_last(struct layer_call *call, uint32_t input, const float *scale,
                       const float *shift);

/* One of the operators on two tensors. */
bool keras_combined(struct layer_call *call, uint32_t op, uint32_t a, uint32_t b);

/* `count` places along `axis` from `first` on. */
bool keras_sliced(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t first,
                  uint32_t count);

/* An operator on rows (words[1..] are its own), the rows being those dimensions. */
bool keras_rowwise(struct layer_call *call, uint32_t op, uint32_t input, uint32_t mask,
                   const uint32_t *arrays, uint32_t array_count, const uint32_t *words);

/* FOVEA_OP_MEAN_POOL or FOVEA_OP_MAX_POOL over those dimensions, which are 1 or, without `keep`, gone
 * afterwards. */
bool keras_reduced(struct layer_call *call, uint32_t op, uint32_t input, uint32_t mask, bool keep);

/* The matrices of `a` times those of `b`, or of `b` transposed. */
bool keras_product(struct layer_call *call, uint32_t a, uint32_t b, bool transposed);

/* A dense layer: `kernel` is inputs x outputs; a bias of count 0 is zeros. */
bool keras_linear(struct layer_call *call, uint32_t input, const struct source *kernel,
                  const struct source *bias, uint32_t outputs);

/* Dimension `axis` times a matrix of inputs x outputs. */
bool keras_along(struct layer_call *call, uint32_t input, uint32_t axis, const float *matrix,
                 uint32_t outputs);
/* Resizes one dimension by a filter of TensorFlow's: bilinear, bicubic, lanczos3, lanczos5, gaussian,
 * mitchellcubic, area. */
struct keras_filter {
    const char *name;
    bool antialias; /* wider where there are fewer outputs */
    bool legacy;    /* outputs begin where inputs do, as TensorFlow 1 had it, */
    bool corners;   /* or the middles of the outermost ones are the same */
    bool table;     /* bicubic with the weights of TensorFlow's table */
};
bool keras_filtered(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t output,
                    const struct keras_filter *filter);
bool keras_filter_known(const char *name);

/* What lies around a tensor that is made larger. */
enum keras_border {
    KERAS_BORDER_ZERO,
    KERAS_BORDER_REFLECT,
    KERAS_BORDER_SYMMETRIC,
    KERAS_BORDER_EDGE
};
/* Makes dimension `axis` larger by so many places before and after. */
bool keras_padded(struct layer_call *call, uint32_t input, uint32_t axis, uint32_t before,
                  uint32_t after, enum keras_border border);

/* A picture (height x width x channels) in another size. */
struct keras_resize {
    uint32_t target[2];
    struct keras_filter filter; /* or the name "nearest" */
    bool crop, pad;             /* to the target's sides first */
    double fill;                /* where it is padded */
};
bool keras_resized(struct layer_call *call, uint32_t input, const struct keras_resize *resize);

/* The layer within the config of this one, at member `key`, as a call of its own: its weights are in
 * attribute `part` of this one's. */
bool keras_inner(struct layer_call *call, const char *key, const char *part,
                 struct layer_call *inner);

/* The square root; 0 for what has none. */
double keras_root(double x);

/* ---- activations ---- */

/* Applies an activation by its name to call->output. */
bool keras_activate(struct layer_call *call, const char *name);

/* max_value for x >= max_value, x for threshold <= x, slope * (x - threshold) below. */
bool keras_rectify(struct layer_call *call, double slope, double max_value, double threshold);

/* The first half of dimension `axis` times the sigmoid of the second. */
bool keras_gated(struct layer_call *call, uint32_t input, uint32_t axis);

/* An activation as attribute words. */
void keras_put_tail(uint32_t *words, const struct fovea_tail *tail);

/* The activation that config member `key` names, where it works number by number. */
bool keras_find_tail(struct layer_call *call, const char *key, struct fovea_tail *tail);

#endif
