"""The demo model behind what people put before a network, as JSON without weights (weights/demo/patterns.h5 has them).

    python tests/keras/demo_variants.py     (writes tests/golden/variants; tests/cli.sh runs each on seven photos)
"""
import json
import os

import keras
import numpy as np

L = keras.layers
ops = keras.ops
demo = keras.saving.load_model("weights/demo/patterns.h5", compile=False)
MEAN, VARIANCE = [127.5, 120.0, 110.0], [4096.0, 3600.0, 5000.0]
SPREAD = [v**0.5 for v in VARIANCE]
CAFFE = np.array([103.939, 116.779, 123.68], "float32")


SHAPES = {"channels_first": (3, 90, 120), "resizing": (180, 240, 3)}


def back(x, scale, offset):
    """To 0 to 1, which the demo model was trained on."""
    return L.Rescaling(scale, offset)(x)


VARIANTS = {
    "rescaling": lambda x: L.Rescaling(1 / 255)(x),
    "rescaling_signed": lambda x: back(L.Rescaling(1 / 127.5, -1)(x), 0.5, 0.5),
    "normalization": lambda x: back(L.Normalization(mean=MEAN, variance=VARIANCE)(x),
                                    [s / 255 for s in SPREAD], [m / 255 for m in MEAN]),
    "divided": lambda x: x / 255.0,
    "signed": lambda x: (x / 127.5 - 1 + 1) * 0.5,
    "multiplied": lambda x: ops.multiply(x, 1 / 255),
    "caffe": lambda x: (x[..., ::-1] - CAFFE + CAFFE)[..., ::-1] / 255.0,
    "bytes": lambda x: L.Rescaling(1 / 255)(ops.cast(x, "float32")),
    "resizing": lambda x: L.Rescaling(1 / 255)(L.Resizing(90, 120)(x)),
    "channels_first": lambda x: L.Rescaling(1 / 255)(L.Permute((2, 3, 1))(x)),
}
USUAL = {"trainable": True, "sparse": False, "ragged": False, "optional": False, "registered_name": None, "groups": 1,
         "dilation_rate": [1, 1]}


def shorter(part):
    """Without what is as usual, or about training only."""
    if isinstance(part, list):
        return [shorter(p) for p in part]
    if not isinstance(part, dict):
        return part
    return {k: shorter(v) for k, v in part.items() if not k.endswith(("initializer", "regularizer", "constraint"))
            and not (k in USUAL and v == USUAL[k]) and k not in ("build_config", "compile_config")}


os.makedirs("tests/golden/variants", exist_ok=True)
for name, before in VARIANTS.items():
    x = y = keras.Input(SHAPES.get(name, (90, 120, 3)), name="photo",
                        dtype="uint8" if name == "bytes" else "float32")
    y = before(y)
    for layer in demo.layers:
        if not isinstance(layer, L.InputLayer):
            y = layer(y)
    with open(f"tests/golden/variants/{name}.json", "w") as f:
        json.dump(shorter(json.loads(keras.Model(x, y, name=name).to_json())), f, separators=(",", ":"))
        f.write("\n")
