"""Cases of pictures, operations and wrappers."""
import keras
import numpy as np
import tensorflow as tf
from library import case

ops = keras.ops


def wrap(build, shape=(9, 8, 3)):
    def made(K):
        x = K.Input(shape)
        y = build(K, x)
        return K.Model(x, y)

    return made


for interpolation in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"):
    for size in ((12, 10), (5, 4), (18, 16)):
        for antialias in (False, True):
            if interpolation == "bicubic" and not antialias:
                continue  # TensorFlow's table against the formula: see bicubic_k2
            tag = f"{interpolation}_{size[0]}_{'aa' if antialias else 'plain'}"
            case("keras", "h5", name=f"resizing_{tag}")(wrap(
                lambda K, x, i=interpolation, s=size, a=antialias: K.layers.Resizing(*s, interpolation=i, antialias=a)(x)))
            case("keras", "h5", name=f"ops_resize_{tag}")(wrap(
                lambda K, x, i=interpolation, s=size, a=antialias: ops.image.resize(x, s, interpolation=i, antialias=a)))
for method in ("bilinear", "nearest", "bicubic", "area", "gaussian", "lanczos3", "mitchellcubic"):
    case("k2", name=f"tf_resize_{method}")(wrap(lambda K, x, m=method: tf.image.resize(x, (13, 11), method=m)))
    case("k2", name=f"tf_resize_{method}_down")(wrap(
        lambda K, x, m=method: tf.image.resize(x, (5, 6), method=m, antialias=m not in ("nearest", "area"))))
for f in ("resize_bilinear", "resize_nearest_neighbor"):
    for corners in (False, True):
        case("k2", name=f"v1_{f}_{corners}")(wrap(lambda K, x, f=f, c=corners: getattr(tf.compat.v1.image, f)(
            x, (13, 11), align_corners=c)))
for interpolation in ("bilinear", "bicubic"):
    case("k2", name=f"up_sampling_{interpolation}")(wrap(
        lambda K, x, i=interpolation: K.layers.UpSampling2D(2, interpolation=i)(x)))
case("keras", "h5", name="up_sampling_lanczos")(wrap(lambda K, x: K.layers.UpSampling2D((2, 3), interpolation="lanczos3")(x)))
case("keras", "h5", name="resizing_crop")(wrap(lambda K, x: K.layers.Resizing(4, 8, crop_to_aspect_ratio=True)(x)))
case("keras", "h5", name="resizing_pad")(wrap(lambda K, x: K.layers.Resizing(4, 10, pad_to_aspect_ratio=True, fill_value=0.5)(x)))
case("keras", "h5", name="resizing_pad_high")(wrap(lambda K, x: K.layers.Resizing(12, 6, pad_to_aspect_ratio=True)(x)))
for mode in ("reflect", "symmetric", "constant"):
    case("keras", "h5", name=f"ops_pad_{mode}")(wrap(lambda K, x, m=mode: ops.pad(x, ((0, 0), (1, 2), (3, 0), (0, 1)), mode=m)))
    case("k2", name=f"tf_pad_{mode}")(wrap(lambda K, x, m=mode: tf.pad(x, ((0, 0), (1, 2), (3, 0), (0, 1)), mode=m.upper())))
case("keras", name="ops_pad_value")(wrap(lambda K, x: ops.pad(x, ((0, 0), (1, 2), (3, 0), (0, 0)), constant_values=2.5)))
case("keras", "h5", name="ops_max_pool")(wrap(lambda K, x: ops.max_pool(x, 2, padding="same")))
case("keras", "h5", name="ops_max_pool_strides")(wrap(lambda K, x: ops.max_pool(x, (3, 2), strides=(2, 1))))
case("keras", "h5", name="ops_average_pool")(wrap(lambda K, x: ops.average_pool(x, (3, 2), strides=2, padding="same")))
case("keras", name="ops_pool_1d")(wrap(lambda K, x: ops.average_pool(x, 3, strides=2), shape=(10, 4)))
for f in ("max_pool2d", "avg_pool2d", "max_pool"):
    for padding in ("SAME", "VALID"):
        case("k2", name=f"tf_{f}_{padding}")(wrap(lambda K, x, f=f, p=padding: getattr(tf.nn, f)(x, [1, 3, 2, 1], [1, 2, 2, 1], p)))
case("k2", name="tf_avg_pool_1d")(wrap(lambda K, x: tf.nn.avg_pool1d(x, 2, 2, "VALID"), shape=(10, 3)))
case("keras", "h5", name="extract_patches")(wrap(lambda K, x: ops.image.extract_patches(x, (3, 2))))
case("keras", "h5", name="extract_patches_same")(wrap(lambda K, x: ops.image.extract_patches(x, 3, strides=2, padding="same")))
case("keras", "h5", name="extract_patches_rate")(wrap(lambda K, x: ops.image.extract_patches(x, 2, strides=1, dilation_rate=2)))
case("k2", name="tf_extract_patches")(wrap(
    lambda K, x: tf.image.extract_patches(x, [1, 3, 3, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID")))
case("keras", "h5", name="ops_argmax")(wrap(lambda K, x: ops.cast(ops.argmax(x, axis=-1), x.dtype)))
case("keras", "h5", name="ops_argmin_keep")(wrap(lambda K, x: ops.cast(ops.argmin(x, axis=1, keepdims=True), x.dtype)))
case("k2", name="tf_argmax")(wrap(lambda K, x: tf.cast(tf.argmax(x, axis=2), x.dtype)))
case("keras", "h5", name="ops_one_hot")(wrap(lambda K, x: ops.one_hot(ops.argmax(x, axis=-1), 3, dtype=x.dtype)))
case("k2", name="tf_one_hot")(wrap(lambda K, x: tf.one_hot(tf.argmax(x, axis=-1), 4, dtype=x.dtype)))
case("k2", name="tf_bias_add")(wrap(lambda K, x: tf.nn.bias_add(x, [0.5, -1, 2.0])))
case("keras", "h5", name="dropout_training")(wrap(lambda K, x: K.layers.Dropout(0.5)(x, training=True)))
case("keras", "h5", name="bn_training")(wrap(lambda K, x: K.layers.BatchNormalization()(x, training=True)))
case("keras", "h5", name="spectral_normalization")(wrap(
    lambda K, x: K.layers.SpectralNormalization(K.layers.Conv2D(4, 3))(x)))
case("keras", "h5", name="spectral_normalization_first")(wrap(
    lambda K, x: K.layers.SpectralNormalization(K.layers.Dense(4))(x)))


@case("keras", "h5", "k2")
def numpy_flags(K):
    x = K.Input((6, 5, 3))
    return K.Model(x, K.layers.Dense(3, use_bias=0)(K.layers.BatchNormalization(scale=1, center=0)(x)))


@case("k2")
def sync_batch_normalization(K):
    x = K.Input((6, 5, 3))
    return K.Model(x, K.layers.experimental.SyncBatchNormalization()(x))
