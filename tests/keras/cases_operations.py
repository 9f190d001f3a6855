"""Every operation of raw.def, as keras.ops and as TensorFlow's function."""
import keras
import tensorflow as tf
from library import case

ops = keras.ops
THREE = ("keras", "h5")


def add(name, kinds, function, shape=(4, 5, 6), two=False):
    def build(K):
        x = K.Input(shape)
        if two:
            y = K.Input(shape)
            return K.Model([x, y], function(x, y))
        return K.Model(x, function(x))

    case(*kinds, name=name)(build)


for f in ("abs", "absolute", "celu", "elu", "erf", "exp", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh",
          "leaky_relu", "log_sigmoid", "log_softmax", "mish", "negative", "relu", "relu6", "selu", "sigmoid", "silu",
          "soft_shrink", "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "square",
          "squareplus", "tanh", "tanh_shrink", "ravel", "copy", "stop_gradient", "convert_to_tensor", "zeros_like",
          "ones_like"):
    if hasattr(ops, f):
        add(f"ops_{f}", THREE, lambda x, f=f: getattr(ops, f)(x))
for f in ("log", "log1p", "sqrt", "rsqrt", "reciprocal"):
    add(f"ops_{f}", THREE, lambda x, f=f: getattr(ops, f)(x * x + 0.5))
for f in ("max", "min", "mean", "sum", "std", "var", "amax", "amin"):
    for axis, keep in ((1, False), ((2, 3), True), (-1, False)):
        add(f"ops_{f}_{axis}_{keep}", THREE, lambda x, f=f, a=axis, k=keep: getattr(ops, f)(x, axis=a, keepdims=k))
for f in ("all", "any"):
    add(f"ops_{f}", THREE, lambda x, f=f: ops.where(getattr(ops, f)(x > -1, axis=2, keepdims=True), x, 0.5 * x))
for f in ("add", "subtract", "multiply", "maximum", "minimum"):
    add(f"ops_{f}", THREE, lambda x, y, f=f: getattr(ops, f)(x, y), two=True)
    add(f"ops_{f}_number", THREE, lambda x, f=f: getattr(ops, f)(0.75, x))
for f in ("divide", "true_divide"):
    add(f"ops_{f}", THREE, lambda x, y, f=f: getattr(ops, f)(x, y * y + 1), two=True)
add("ops_power", THREE, lambda x: ops.power(x * x + 0.1, 3))
for f in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
    add(f"ops_{f}", THREE, lambda x, y, f=f: ops.where(getattr(ops, f)(x, y), x, 2 * y), two=True)
for f in ("logical_and", "logical_or"):
    add(f"ops_{f}", THREE, lambda x, y, f=f: ops.where(getattr(ops, f)(x > 0, y > 0), x, y), two=True)
add("ops_logical_not", THREE, lambda x: ops.where(ops.logical_not(x > 0), x, 0.1 * x))
for name, function in {
        "cast": lambda x: ops.cast(x, "float32"),
        "clip": lambda x: ops.clip(x, -0.5, 0.25), "concatenate": lambda x: ops.concatenate([x, x * 2], axis=2),
        "expand_dims": lambda x: ops.expand_dims(x, 2), "flip": lambda x: ops.flip(x, axis=(1, 3)),
        "getitem": lambda x: x[:, 1:3, ::-1, 2], "glu": lambda x: ops.glu(x, axis=-1),
        "matmul": lambda x: ops.matmul(x, ops.swapaxes(x, 2, 3)), "moveaxis": lambda x: ops.moveaxis(x, 1, 3),
        "normalize": lambda x: ops.normalize(x, axis=-1), "repeat": lambda x: ops.repeat(x, 2, axis=2),
        "reshape": lambda x: ops.reshape(x, (-1, 10, 12)), "split": lambda x: ops.split(x, 2, axis=1)[1],
        "squeeze": lambda x: ops.squeeze(x[:, :1], axis=1), "stack": lambda x: ops.stack([x, x + 1], axis=2),
        "swapaxes": lambda x: ops.swapaxes(x, 1, 2), "tile": lambda x: ops.tile(x, (1, 1, 2, 1)),
        "transpose": lambda x: ops.transpose(x, (0, 3, 1, 2)), "threshold": lambda x: ops.threshold(x, 0.2, 0.0),
        "where": lambda x: ops.where(x > 0, x, -x)}.items():
    if hasattr(ops, name) or name == "getitem":
        add(f"ops_{name}", THREE, function)


@case(*THREE)
def ops_broadcast_to(K):
    x = K.Input(batch_shape=(2, 4, 5, 6))
    return K.Model(x, ops.broadcast_to(x[:, :1], (2, 4, 5, 6)))


if hasattr(ops, "depth_to_space"):
    add("ops_depth_to_space", THREE, lambda x: ops.depth_to_space(x, 2), (4, 6, 8))
    add("ops_space_to_depth", THREE, lambda x: ops.space_to_depth(x, 2), (4, 6, 3))
for name, function in {
        "abs": tf.abs, "erf": tf.math.erf, "exp": tf.exp, "elu": tf.nn.elu, "gelu": tf.nn.gelu, "identity": tf.identity,
        "leaky_relu": tf.nn.leaky_relu, "log": lambda x: tf.math.log(x * x + 1), "log1p": lambda x: tf.math.log1p(x * x),
        "log_sigmoid": tf.math.log_sigmoid, "log_softmax": tf.nn.log_softmax, "negative": tf.negative,
        "reciprocal": lambda x: tf.math.reciprocal(x * x + 1), "relu": tf.nn.relu, "relu6": tf.nn.relu6,
        "rsqrt": lambda x: tf.math.rsqrt(x * x + 1), "selu": tf.nn.selu, "sigmoid": tf.sigmoid, "silu": tf.nn.silu,
        "softmax": tf.nn.softmax, "softplus": tf.nn.softplus, "softsign": tf.nn.softsign, "sqrt": lambda x: tf.sqrt(x * x),
        "square": tf.square, "tanh": tf.tanh, "clip": lambda x: tf.clip_by_value(x, -0.5, 0.5),
        "concat": lambda x: tf.concat([x, 2 * x], 2), "expand_dims": lambda x: tf.expand_dims(x, 2),
        "reverse": lambda x: tf.reverse(x, [1]), "getitem": lambda x: x[:, 1:3, ::-1, 2],
        "matmul": lambda x: tf.matmul(x, x, transpose_b=True), "l2_normalize": lambda x: tf.math.l2_normalize(x, axis=-1),
        "repeat": lambda x: tf.repeat(x, 2, axis=2), "reshape": lambda x: tf.reshape(x, (-1, 10, 12)),
        "split": lambda x: tf.split(x, 2, axis=1)[1], "squeeze": lambda x: tf.squeeze(x[:, :1], axis=1),
        "stack": lambda x: tf.stack([x, x + 1.0], axis=2), "tile": lambda x: tf.tile(x, (1, 1, 2, 1)),
        "transpose": lambda x: tf.transpose(x, (0, 3, 1, 2)), "where": lambda x: tf.where(x > 0, x, -x),
        "zeros_like": tf.zeros_like, "ones_like": tf.ones_like, "pow": lambda x: tf.pow(x * x + 0.1, 3.0),
        "rsub": lambda x: 1.0 - x, "rtruediv": lambda x: 1.0 / (x * x + 1.0), "radd": lambda x: 2.0 + x,
        "rmul": lambda x: 2.0 * x, "std": lambda x: tf.math.reduce_std(x, axis=2),
        "variance": lambda x: tf.math.reduce_variance(x, axis=[1, 3]),
        "bool": lambda x: tf.where(tf.logical_and(x > 0, tf.logical_not(x > 1)), x, -x),
        "or": lambda x: tf.where(tf.logical_or(x > 1, x <= -1), x, -x)}.items():
    add(f"tf_{name}", ("k2",), function)
for f in ("max", "min", "mean", "sum"):
    for axis, keep in ((1, False), ([2, 3], True)):
        add(f"tf_reduce_{f}_{keep}", ("k2",), lambda x, f=f, a=axis, k=keep: getattr(tf, f"reduce_{f}")(x, a, k))
for f in ("add", "subtract", "multiply", "maximum", "minimum"):
    add(f"tf_{f}", ("k2",), lambda x, y, f=f: getattr(tf, f)(x, y), two=True)
for f in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
    add(f"tf_{f}", ("k2",), lambda x, y, f=f: tf.where(getattr(tf, f)(x, y), x, 2.0 * y), two=True)
add("tf_depth_to_space", ("k2",), lambda x: tf.nn.depth_to_space(x, 2), (4, 6, 8))
add("tf_space_to_depth", ("k2",), lambda x: tf.nn.space_to_depth(x, 2), (4, 6, 3))
