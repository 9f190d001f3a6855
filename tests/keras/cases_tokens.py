"""Categories, and pools of a stated number of outputs."""
import numpy as np
from library import case

BOTH = ("keras", "h5", "k2")


def tokens(rng):
    return rng.integers(0, 7, (3, 5)).astype("float32")


def column(rng):
    return rng.integers(0, 7, (3, 1)).astype("float32")


def real(rng):
    return np.append(rng.normal(1, 2, (3, 3)), [[0, 1, 2.5]] * 3, 1).astype("float32")


def one(name, shape, inputs, *kinds, **settings):
    def build(K):
        x = K.Input(shape)
        y = getattr(K.layers, name)(**settings)(x)
        return K.Model(x, y)

    words = "_".join("".join(c for c in f"{v}" if c.isalnum()) for v in settings.values())
    case(*(kinds or BOTH), name=f"{name}_{words}_{shape[-1]}", inputs=inputs)(build)


for mode in ("multi_hot", "count"):
    one("CategoryEncoding", (5,), tokens, num_tokens=7, output_mode=mode)
one("CategoryEncoding", (1,), column, num_tokens=7, output_mode="one_hot")
one("CategoryEncoding", (5,), tokens, "keras", "h5", num_tokens=7, output_mode="one_hot")
for mode in ("int", "multi_hot", "count"):
    one("Discretization", (6,), real, bin_boundaries=[0.0, 1.0, 2.5], output_mode=mode)
    one("IntegerLookup", (5,), tokens, vocabulary=[3, 5, 2], output_mode=mode)
one("IntegerLookup", (5,), tokens, vocabulary=[3, 5, 2], mask_token=0)
one("IntegerLookup", (5,), tokens, vocabulary=[3, 5, 2, 9, 8, 7], invert=True)
for n, shape in ((1, (11, 3)), (2, (9, 7, 3)), (3, (5, 6, 4, 2))):
    for kind in ("Average", "Max"):
        for size in (1, 2, 4):
            one(f"Adaptive{kind}Pooling{n}D", shape, None, "keras", "h5", output_size=size)
one("AdaptiveAveragePooling2D", (9, 7, 3), None, "keras", "h5", output_size=(4, 3))
