"""Layers of public tutorials that are no layers of Keras."""
import keras
from library import case

ops = keras.ops


def own(function):
    """A class of that name whose call is the function."""

    def call(self, x):
        return function(x)

    made = type(function.__name__, (keras.layers.Layer,), {"call": call})
    return keras.saving.register_keras_serializable("tutorial")(made)


@own
def Swish(x):
    return x * ops.sigmoid(x)


@own
def Mish(x):
    return x * ops.tanh(ops.softplus(x))


@own
def HSwish(x):
    return x * ops.relu6(x + 3) / 6


@own
def DropPath(x):
    return x


@own
def StochasticDepth(x):
    return x


@own
def ReLU6(x):
    return ops.relu6(x)


for layer in (Swish, Mish, HSwish, DropPath, StochasticDepth, ReLU6):
    def build(K, layer=layer):
        x = K.Input((9, 8, 3))
        return K.Model(x, K.layers.Conv2D(2, 1)(layer()(K.layers.Conv2D(4, 3)(x))))

    case("keras", "h5", name=f"custom_{layer.__name__}")(build)
