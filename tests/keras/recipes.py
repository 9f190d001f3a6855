"""Writes small models that tell, or do not tell, which numbers they take: <range>_<how>.keras or .h5.

    python recipes.py FOLDER

bytes: 0..255; unit: 0..1; signed: -1..1; open: nothing is said. tests/cli.sh holds what convert reads from
them against these names. Weights are random.
"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import tensorflow as tf
import tf_keras
from keras import layers

keras.utils.set_random_seed(3)
folder = sys.argv[1]


def head(x, lib=layers):
    return lib.Dense(2)(lib.GlobalAveragePooling2D()(lib.Conv2D(2, 3)(x)))


def save(name, start, shape=(8, 8, 3), lib=layers, module=keras, kind="keras", **settings):
    inputs = module.Input(shape, **settings)
    model = module.Model(inputs, start(inputs))
    model.save(os.path.join(folder, f"{name}.{kind}"))


def normalization(mean, variance):
    return lambda x: head(layers.Normalization(mean=mean, variance=variance)(x))


def batch_normalization(mean, variance):
    def build(x):
        layer = layers.BatchNormalization()
        y = layer(x)
        layer.moving_mean.assign(mean)
        layer.moving_variance.assign(variance)
        return head(y)

    return build


three = [0.485, 0.456, 0.406]
save("bytes_rescaling", lambda x: head(layers.Rescaling(1 / 255)(x)))
save("bytes_rescaling_offset", lambda x: head(layers.Rescaling(1 / 127.5, -1)(x)))
save("bytes_divide_ops", lambda x: head(x / 127.5 - 1))
save("bytes_normalization", normalization([123.7, 116.3, 103.5], [3400.0, 3300.0, 3290.0]))
save("bytes_rescaling_normalization",
     lambda x: normalization(three, [0.0524, 0.0502, 0.0506])(layers.Rescaling(1 / 255)(x)))
save("bytes_caffe", lambda x: head(x[..., ::-1] - keras.ops.convert_to_tensor([103.9, 116.8, 123.7])))
save("bytes_after_flip", lambda x: head(layers.Rescaling(1 / 255)(layers.RandomFlip()(x))))
save("bytes_after_resizing", lambda x: head(layers.Rescaling(1 / 255)(layers.Resizing(6, 6)(x))))
save("bytes_uint8", lambda x: head(keras.ops.cast(x, "float32") * 0.01), dtype="uint8")
save("bytes_batch_normalization", batch_normalization([120.0, 110, 100], [4000.0, 3900, 3800]))
save("bytes_sixty_four", lambda x: head((x - 128) / 64))
save("unit_normalization", normalization(three, [0.0524, 0.0502, 0.0506]))
save("unit_centred", lambda x: head(layers.Rescaling(2.0, -1)(x)))
save("unit_times_255", lambda x: head(layers.Rescaling(255.0)(x)))
save("unit_batch_normalization", batch_normalization([0.48, 0.45, 0.4], [0.07, 0.07, 0.08]))
save("unit_inverted", lambda x: head(1 - x))
save("signed_to_unit", lambda x: head((x + 1) / 2))
save("signed_to_bytes", lambda x: head((x + 1) * 127.5))
save("open_conv", head)
save("open_batch_normalization", batch_normalization([0.0, 0, 0], [1.0, 1, 1]))
save("open_contradiction",
     lambda x: head(layers.Concatenate()([layers.Rescaling(1 / 255)(x), layers.Rescaling(2.0, -1)(x)])))
save("open_skipped", lambda x: head(layers.Concatenate()([layers.Rescaling(1 / 255)(x), layers.ReLU()(x)])))
save("bytes_grey_rows", lambda x: layers.Dense(2)(layers.Flatten()(x / 255)), shape=(8, 6))
save("bytes_channels_first",
     lambda x: layers.Dense(2)(layers.Flatten()(
         layers.Conv2D(2, 3, data_format="channels_first")(layers.Rescaling(1 / 255)(x)))), shape=(3, 8, 6))

old = tf_keras.layers
for mode, module in [("caffe", tf_keras.applications.resnet50), ("torch", tf_keras.applications.densenet),
                     ("tf", tf_keras.applications.mobilenet_v2)]:
    save(f"bytes_preprocess_{mode}_k2", lambda x: head(module.preprocess_input(x), old), module=tf_keras,
         kind="h5")
save("bytes_rescaling_k2", lambda x: head(old.Rescaling(1 / 255)(x), old), module=tf_keras, kind="h5")
save("bytes_divide_k2", lambda x: head(tf.cast(x, tf.float32) / 255.0, old), module=tf_keras, kind="h5",
     dtype="uint8")
save("open_conv_k2", lambda x: head(x, old), module=tf_keras, kind="h5")
