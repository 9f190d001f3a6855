"""Models after quantize(): Keras rounds inputs of int8 layers as well, and so does fovea."""
import keras
import numpy as np
from library import case


def tokens(rng):
    return rng.integers(0, 12, (2, 7)).astype("float32")


def dense(K):
    x = K.Input((9, 8, 3))
    y = K.layers.Conv2D(4, 3, activation="relu")(x)
    y = K.layers.Dense(5, activation="relu", use_bias=False)(y)
    return K.Model(x, K.layers.Dense(3)(K.layers.Flatten()(y)))


def einsum(K):
    x = K.Input((5, 6))
    y = K.layers.EinsumDense("abc,cde->abde", (None, 4, 3), bias_axes="de")(x)
    return K.Model(x, K.layers.EinsumDense("abde,dec->abc", (None, 7))(y))


def embedding(K):
    x = K.Input((7,))
    return K.Model(x, K.layers.Dense(3)(K.layers.Embedding(12, 9)(x)))


def int4(block):
    config = keras.quantizers.Int4QuantizationConfig(block_size=block)
    return lambda model: model.quantize("int4", config=config)


for name, build, inputs in (("dense", dense, None), ("einsum", einsum, None), ("embedding", embedding, tokens)):
    for kind, after in {
            "int8": lambda model: model.quantize("int8"),
            "int8_weights": lambda model: model.quantize(
                "int8", config=keras.quantizers.Int8QuantizationConfig(activation_quantizer=None)),
            "int4": lambda model: model.quantize("int4"), "int4_blocks": int4(4), "int4_rows": int4(-1)}.items():
        case("keras", name=f"quantized_{name}_{kind}", inputs=inputs, after=after)(build)


def adapt(model):
    model.quantize("int8")
    model.layers[-1].enable_lora(2)


@case("h5", after=adapt)
def quantized_adapted(K):  # refused by name, as tests/hostile/convert/lora_int8.h5 is, which was made so
    x = K.Input((3,))
    return K.Model(x, K.layers.Dense(2)(x))
