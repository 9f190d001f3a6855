"""Random models, as tests/random/random --save wrote them, by Keras itself: does it answer the same?

    KERAS_BACKEND=numpy python ask_keras.py LIST    lines of the list: a .keras file and the number of fovea's answer

Prints what differs and what Keras does not load; the last line counts. Exit code 1: an answer differs.
"""
import sys

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="", name="CustomScaleLayer")
class CustomScaleLayer(keras.layers.Layer):
    """keras.applications.inception_resnet_v2's."""

    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, inputs):
        return inputs[0] + inputs[1] * self.scale


def numbers(index, shape):
    count = int(np.prod(shape, dtype=np.int64))
    places = np.arange(count, dtype=np.uint64)
    values = ((places * 7919 + index * 31) % 997).astype(np.float32) / np.float32(498) - np.float32(1)
    return values.reshape((1, *shape))


def digest(outputs):
    """As digest_of in ways.c."""
    values = np.concatenate([np.asarray(o, dtype=np.float64).reshape(-1) for o in outputs])
    factors = 1 + (np.arange(values.size) * 37 % 101) / 101
    return float((factors * values).sum() + (factors * np.abs(values)).sum()) / max(values.size, 1)


def main():
    same = different = unread = 0
    for line in open(sys.argv[1]):
        path, number = line.split()
        try:
            model = keras.saving.load_model(path, compile=False, safe_mode=False)
            inputs = [numbers(i, tensor.shape[1:]) for i, tensor in enumerate(model.inputs)]
            outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
        except Exception as error:  # of any layer
            unread += 1
            print(f"{path}: not by Keras: {str(error).strip().splitlines()[0][:200] if str(error) else type(error)}")
            continue
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        answer = digest(outputs)
        if abs(answer - float(number)) <= 1e-4 * max(1, abs(answer)):
            same += 1
        else:
            different += 1
            print(f"{path}: Keras {answer:.7g}, fovea {number}")
    print(f"keras: {same} the same, {different} different, {unread} not read")
    return different > 0


if __name__ == "__main__":
    sys.exit(main())
