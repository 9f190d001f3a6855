"""Lambdas as people write them, by this interpreter."""
import keras
import numpy as np
import tensorflow as tf
import tf_keras
from library import case

K = tf_keras.backend
ops = keras.ops
np_mean = [0.485, 0.456, 0.406]


def lam(function, shape=(6, 5, 3), **settings):
    return lambda L: (lambda x: L.Model(x, L.layers.Lambda(function, **settings)(x)))(L.Input(shape))


three = 3.0
both = {
    "scale": lambda x: x / 127.5 - 1,
    "divide": lambda x: x / 255.0,
    "slice": lambda x: x[:, 1:4, ::-1, :2],
    "slice_channel": lambda x: x[:, :, :, 0:1],
    "one_channel": lambda x: x[..., 1],
    "new_axis": lambda x: x[:, None],
    "negative_power": lambda x: -(x**2) + 3 * x,
    "reverse": lambda x: x[..., ::-1] * 2 - np_mean[0] if False else x[..., ::-1] * 2 - 0.485,
    "reciprocal": lambda x: 1.0 / (1.5 + x * x),
    "shape": lambda x: x * x.shape[2],
    "compare": lambda x: x * 0.5 + 2 * (x * 3 - 1),
}
del both["reverse"]
for name, function in both.items():
    case("keras", "h5", "k2", name=f"lambda_{name}")(lam(function))
backend = {
    "sum": lambda x: K.sum(x, axis=-1),
    "mean_keep": lambda x: K.mean(x, axis=[1, 2], keepdims=True),
    "expand": lambda x: K.expand_dims(x, -1),
    "l2": lambda x: K.l2_normalize(x, axis=-1),
    "abs_sqrt": lambda x: K.sqrt(K.abs(x) + 1e-6),
    "clip": lambda x: K.clip(x, 0.0, 1.0),
    "softmax": lambda x: K.softmax(x),
    "relu6": lambda x: K.relu(x, max_value=6),
    "tf_resize": lambda x: tf.image.resize(x, (12, 10)),
    "tf_reduce": lambda x: tf.reduce_max(x, axis=3, keepdims=True),
    "tf_nested": lambda x: tf.nn.relu(tf.math.square(x) - 0.5),
    "flatten": lambda x: K.batch_flatten(x),
    "reshape": lambda x: tf.reshape(x, (-1, 30, 3)),
    "reshape_shape": lambda x: K.reshape(x, (-1, K.int_shape(x)[1] * 5, 3)),
    "permute": lambda x: K.permute_dimensions(x, (0, 3, 1, 2)),
    "concat": lambda x: K.concatenate([x, x * 2], axis=-1),
    "tile": lambda x: tf.tile(x, [1, 1, 2, 1]),
    "pad": lambda x: tf.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]], "REFLECT"),
    "constant": lambda x: x - tf.constant([0.1, 0.2, 0.3]) if False else x - [0.1, 0.2, 0.3],
    "depth_to_space": lambda x: tf.nn.depth_to_space(tf.concat([x, x, x, x], -1), 2),
    "argmax": lambda x: K.cast(K.argmax(x), "float32"),
    "max_pool": lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"),
    "less": lambda x: K.cast(x > 0.2, K.floatx()) if False else tf.where(x > 0.2, x, x * 0.1),
}
del backend["constant"], backend["less"], backend["argmax"]
for name, function in backend.items():
    case("k2", name=f"lambda_k_{name}")(lam(function))
operations = {
    "mean": lambda x: ops.mean(x, axis=(1, 2)),
    "concatenate": lambda x: ops.concatenate([x, ops.abs(x)], axis=-1),
    "matmul": lambda x: ops.matmul(x, ops.transpose(x, (0, 1, 3, 2))),
    "where": lambda x: ops.where(x > 0, x, 0.1 * x),
    "norm": lambda x: x / (ops.sqrt(ops.sum(ops.square(x), axis=-1, keepdims=True)) + 1e-6),
    "stack": lambda x: ops.stack([x[..., 0], x[..., 1]], axis=-1),
    "resize": lambda x: ops.image.resize(x, (9, 9)),
}
for name, function in operations.items():
    case("keras", "h5", name=f"lambda_ops_{name}")(lam(function))


@case("k2")
def lambda_distance(L):
    a, b = L.Input((8,)), L.Input((8,))
    d = L.layers.Lambda(lambda t: K.sqrt(K.maximum(K.sum(K.square(t[0] - t[1]), axis=1, keepdims=True), 1e-7)))([a, b])
    return L.Model([a, b], d)


@case("keras", "h5", "k2")
def lambda_abs_difference(L):
    a, b = L.Input((8,)), L.Input((8,))
    return L.Model([a, b], L.layers.Lambda(lambda t: abs(t[0] - t[1]))([a, b]))


@case("keras", "h5", "k2")
def lambda_arguments(L):
    x = L.Input((6, 5, 3))
    return L.Model(x, L.layers.Lambda(lambda x, scale, shift=0.25: x * scale + shift, arguments={"scale": 1.5})(x))


@case("keras", "h5", "k2")
def lambda_closure(L):
    factor, first = 2.5, 1
    x = L.Input((6, 5, 3))
    return L.Model(x, L.layers.Lambda(lambda x: x[:, first:] * factor)(x))


@case("k2")
def lambda_residual(L):
    x = L.Input((6, 5, 3))
    y = L.layers.Conv2D(3, 3, padding="same")(x)
    return L.Model(x, L.layers.Lambda(lambda inputs, scale: inputs[0] + inputs[1] * scale, arguments={"scale": 0.17})([x, y]))
