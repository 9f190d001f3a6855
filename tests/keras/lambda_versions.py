r"""Bytecode of Lambdas by the interpreter that runs this, of any version from 2.7 on: "version name base64" a line.

    (for v in 2.7 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13; do python$v tests/keras/lambda_versions.py; done) \
        > tests/golden/lambda_versions.txt

tests/unit/test_lambda_versions.c holds that each version's makes the same model.
"""
import base64
import marshal
import sys


def several_steps(x):
    a = x * 2
    b = a + x
    return b * a - b


FUNCTIONS = {
    "scale": lambda x: x / 127.5 - 1,
    "slice": lambda x: x[:, 1:4, ::-1, :2],
    "slice_channel": lambda x: x[:, :, :, 0:1],
    "one_channel": lambda x: x[..., 1],
    "new_axis": lambda x: x[:, None],
    "power": lambda x: -(x**2) + 3 * x,
    "reciprocal": lambda x: 1.0 / (1.5 + x * x),
    "shape": lambda x: x * x.shape[2],
    "get_shape": lambda x: x.get_shape()[1] * x,
    "nested": lambda x: x * 0.5 + 2 * (x * 3 - 1),
    "floor": lambda x: x * (7 // 2),
    "large": lambda x: x * 70000 + 1e10,
    "absolute": lambda x: abs(-x),
    "several_steps": several_steps,
    "sum": lambda x: K.sum(x, axis=-1),
    "mean": lambda x: K.mean(x, axis=[1, 2], keepdims=True),
    "l2": lambda x: K.l2_normalize(x, axis=-1),
    "root": lambda x: K.sqrt(K.abs(x) + 1e-6),
    "clip": lambda x: K.clip(x, 0.0, 1.0),
    "relu6": lambda x: K.relu(x, max_value=6),
    "flatten": lambda x: K.batch_flatten(x),
    "int_shape": lambda x: K.reshape(x, (-1, K.int_shape(x)[1] * 5, 3)),
    "permute": lambda x: K.permute_dimensions(x, (0, 3, 1, 2)),
    "concat": lambda x: K.concatenate([x, x * 2], axis=-1),
    "resize": lambda x: tf.image.resize(x, (12, 10)),
    "max": lambda x: tf.reduce_max(x, axis=3, keepdims=True),
    "nested_names": lambda x: tf.nn.relu(tf.math.square(x) - 0.5),
    "reshape": lambda x: tf.reshape(x, (-1, 30, 3)),
    "tile": lambda x: tf.tile(x, [1, 1, 2, 1]),
    "pad": lambda x: tf.pad(x, [[0, 0], [1, 1], [2, 2], [0, 0]], "REFLECT"),
    "list": lambda x: x - [0.1, 0.2, 0.3],
    "pool": lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"),
    "where": lambda x: tf.where(x > 0.2, x, x * 0.1),
    "where_at_most": lambda x: tf.where(x <= 0, x, -x),
    "where_at_least": lambda x: tf.where(x >= 0.5, x, -x),
}
for name in sorted(FUNCTIONS):
    code = base64.b64encode(marshal.dumps(FUNCTIONS[name].__code__)).decode("ascii")
    sys.stdout.write("%d.%d %s %s\n" % (sys.version_info[0], sys.version_info[1], name, code))
