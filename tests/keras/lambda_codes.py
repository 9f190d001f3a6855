"""Code of lambdas as Keras 2 stores it, by the interpreter that runs this: rows of tests/unit/lambda_codes.def.

    (for v in 2.7 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13; do python$v tests/keras/lambda_codes.py; done) \
        | clang-format --assume-filename=.c > tests/unit/lambda_codes.def
"""
from __future__ import print_function

import codecs
import marshal
import sys

SOURCES = [
    "lambda x: x * 2 + 1",
    "lambda x: (-x / 4)[:, 1:5:2]",
    "lambda x: K.clip(x, min_value=2., max_value=5.)",
    "lambda x: K.sum(x, axis=1, keepdims=True)",
    "lambda x: x * math.sqrt(4.) + math.exp(0.) + math.log(1.) + float(0)",
    "lambda x: x * 1099511627776 / 1099511627776",
    "lambda x: x * (-4294967296) / 4294967296",
    "lambda x: (x - 1) ** 2",
    "lambda x: K.concatenate([x, K.reverse(x, axes=1)], axis=-1)",
    "lambda x: K.permute_dimensions(K.reshape(x, (-1, 2, 3)), pattern=(0, 2, 1))",
    "lambda x: K.repeat_elements(K.tile(K.pow(x[:, :3], a=2), n=(1, 2)), rep=2, axis=1)",
    "lambda x: K.relu(x - 3, alpha=0.5, max_value=2.)",
    "lambda x: tf.image.resize(tf.reshape(x, (-1, 2, 3, 1)), (3, 4), method='lanczos5')",
    "lambda x: tf.image.resize(tf.reshape(x, (-1, 2, 3, 1)), (3, 4), method='gaussian')",
    "lambda x: tf.image.resize(tf.reshape(x, (-1, 2, 3, 1)), (3, 4), method='mitchellcubic')",
]

for number, source in enumerate(SOURCES):
    code = marshal.dumps(eval(source).__code__)  # noqa: S307
    text = codecs.encode(code, "base64").decode("ascii").replace("\n", "")
    print('LAMBDA(%d, "%d.%d", "%s")' % (number, sys.version_info[0], sys.version_info[1], text))
