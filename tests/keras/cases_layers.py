"""Every layer, with its options: LAYER(**settings) on a tensor of a shape, as a model of one layer."""
import itertools

from library import case

BOTH = ("keras", "h5", "k2")
THREE = ("keras", "h5")


def layer(name, shape, *kinds, tag="", **settings):
    """Cases of one layer; lists among the settings that end in "_each" are taken one by one."""
    each = {k[:-5]: v for k, v in settings.items() if k.endswith("_each")}
    fixed = {k: v for k, v in settings.items() if not k.endswith("_each")}
    for choice in itertools.product(*each.values()):
        chosen = dict(zip(each, choice))
        words = "_".join([tag] * bool(tag) + ["".join(c for c in f"{v}" if c.isalnum()) for v in choice])

        def build(K, all=fixed | chosen):
            x = K.Input(shape)
            return K.Model(x, getattr(K.layers, name)(**all)(x))

        case(*(kinds or BOTH), name=f"{name}_{words}".rstrip("_"))(build)


line, picture, volume = (11, 3), (9, 8, 3), (5, 6, 4, 2)
for n, shape in ((1, line), (2, picture), (3, volume)):
    layer(f"Conv{n}D", shape, filters=4, kernel_size=3, padding_each=["valid", "same"], strides_each=[1, 2])
    layer(f"Conv{n}D", shape, filters=4, kernel_size=2, tag="dilated", dilation_rate=2, padding_each=["valid", "same"])
    layer(f"Conv{n}D", shape, filters=3, kernel_size=2, tag="bare", use_bias=False, activation="relu")
    layer(f"Conv{n}DTranspose", shape, filters=4, kernel_size_each=[1, 2, 3], padding_each=["valid", "same"],
          strides_each=[1, 2, 3])
    layer(f"Conv{n}DTranspose", shape, filters=3, kernel_size=3, tag="extra", strides=2, output_padding=1,
          padding_each=["valid", "same"])
    layer(f"MaxPooling{n}D", shape, *(THREE if n == 3 else BOTH), pool_size=2, padding_each=["valid", "same"],
          strides_each=[None, 1, 3])
    layer(f"AveragePooling{n}D", shape, pool_size=3, padding_each=["valid", "same"], strides_each=[None, 1, 2])
    for kind in ("Max", "Average"):
        layer(f"Global{kind}Pooling{n}D", shape, keepdims_each=[False, True])
    layer(f"ZeroPadding{n}D", shape, padding=2)
    layer(f"Cropping{n}D", shape, cropping=1)
    layer(f"UpSampling{n}D", shape, size=2)
    layer(f"SpatialDropout{n}D", shape, rate=0.5)
layer("Conv1D", line, filters=4, kernel_size=3, tag="causal", padding="causal", dilation_rate_each=[1, 2])
layer("Conv2D", (9, 8, 4), filters=6, kernel_size=3, tag="groups", groups_each=[2])
layer("Conv3DTranspose", volume, filters=3, kernel_size=(3, 2, 4), strides=(2, 1, 3), tag="uneven",
      padding_each=["valid", "same"], use_bias=False, activation="relu")
for n, shape in ((1, line), (2, picture)):
    layer(f"DepthwiseConv{n}D", shape, kernel_size=3, depth_multiplier_each=[1, 2], padding_each=["valid", "same"])
    layer(f"SeparableConv{n}D", shape, filters=5, kernel_size=3, depth_multiplier_each=[1, 2], strides_each=[1, 2])
layer("Dense", (7,), units=4, activation_each=[
    None, "relu", "sigmoid", "tanh", "softmax", "softplus", "softsign", "elu", "selu", "exponential", "gelu", "swish",
    "hard_sigmoid", "mish", "linear"])
layer("Dense", (7,), *THREE, units=4, tag="3", activation_each=[
    "relu6", "leaky_relu", "celu", "glu", "hard_tanh", "hard_shrink", "log_softmax", "log_sigmoid", "soft_shrink",
    "sparse_plus", "sparsemax", "squareplus", "tanh_shrink", "hard_silu", "sparse_sigmoid"])
layer("Dense", picture, units=4, tag="picture")
layer("EinsumDense", (5, 6), equation="abc,cd->abd", output_shape=(None, 4), bias_axes_each=[None, "d"])
layer("EinsumDense", (5, 6), tag="heads", equation="abc,cde->abde", output_shape=(None, 4, 2), bias_axes="de")
layer("BatchNormalization", picture, axis_each=[-1, 1], scale_each=[True, False])
layer("LayerNormalization", picture, axis_each=[-1, (1, 2, 3), 1], center_each=[True, False])
layer("GroupNormalization", (6, 5, 8), groups_each=[1, 2, 8, -1])
layer("UnitNormalization", picture, axis_each=[-1, 1])
layer("RMSNormalization", picture, *THREE)
layer("Rescaling", picture, scale=0.1, offset=-1.5)
layer("Normalization", picture, mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 2.0])
layer("Normalization", picture, *THREE, tag="invert", mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 2.0], invert=True)
for name, settings in {
        "ReLU": [{}, {"max_value": 1.0}, {"negative_slope": 0.25, "threshold": 0.1}], "LeakyReLU": [{}], "PReLU": [
            {}, {"shared_axes": [1, 2]}], "ELU": [{}, {"alpha": 0.5}], "Softmax": [{}, {"axis": 1}],
        "Dropout": [{"rate": 0.5}], "GaussianNoise": [{"stddev": 0.1}], "GaussianDropout": [{"rate": 0.5}],
        "ActivityRegularization": [{}], "Flatten": [{}], "Permute": [{"dims": (3, 1, 2)}],
        "Reshape": [{"target_shape": (-1, 6)}], "CenterCrop": [{"height": 5, "width": 6}],
        "Resizing": [{"height": 5, "width": 12}, {"height": 5, "width": 12, "interpolation": "nearest"}],
        "RandomFlip": [{}], "RandomZoom": [{"height_factor": 0.1}],
        "RandomContrast": [{"factor": 0.1}], "RandomTranslation": [{"height_factor": 0.1, "width_factor": 0.1}],
        "RandomCrop": [{"height": 5, "width": 6}]}.items():
    for i, s in enumerate(settings):
        layer(name, picture, tag=str(i), **s)
for name, settings in {
        "AlphaDropout": {"rate": 0.5}, "RandomErasing": {}, "RandomGrayscale": {}, "RandomHue": {"factor": 0.1},
        "RandomInvert": {}, "RandomShear": {"x_factor": 0.1},
        "RandomPerspective": {}, "RandomGaussianBlur": {}, "RandomElasticTransform": {},
        "RandomColorJitter": {}, "RandomRotation": {"factor": 0.1}, "RandAugment": {}, "AugMix": {},
        "MixUp": {}, "CutMix": {}}.items():
    layer(name, picture, *THREE, **settings)
# Keras 3 cannot write these into an .h5 file.
for name, settings in {
        "RandomBrightness": {"factor": 0.1, "value_range": (0, 1)}, "RandomColorDegeneration": {"factor": 0.1},
        "RandomPosterization": {"factor": 4}, "RandomSaturation": {"factor": 0.1}, "RandomSharpness": {"factor": 0.1}}.items():
    layer(name, picture, "keras", **settings)
layer("RandomBrightness", picture, "k2", factor=0.1, value_range=(0, 1))
for name in ("RandomHeight", "RandomWidth"):  # which have no float64
    def random_side(K, n=name):
        x = K.Input(picture)
        return K.Model(x, getattr(K.layers, n)(0.1)(x))

    case("k2", name=name, after=lambda model: None)(random_side)
layer("ThresholdedReLU", picture, "k2", theta=0.3)
layer("Identity", picture)
layer("RepeatVector", (6,), n=3)
layer("UpSampling2D", picture, size=(2, 3), interpolation_each=["nearest", "bilinear"])


def merge(name, shapes, *kinds, tag="", **settings):
    def build(K):
        xs = [K.Input(s) for s in shapes]
        return K.Model(xs, getattr(K.layers, name)(**settings)(xs))

    case(*(kinds or BOTH), name=f"{name}_{tag}".rstrip("_"))(build)


for name in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
    merge(name, [(4, 5)] * 3)
    merge(name, [(4, 5), (1, 5)], tag="broadcast")
merge("Subtract", [(4, 5)] * 2)
merge("Concatenate", [(4, 5), (4, 3)])
merge("Concatenate", [(4, 5), (2, 5)], tag="axis", axis=1)
for i, (shapes, axes) in enumerate([([(6,), (6,)], 1), ([(4, 5), (3, 5)], 2), ([(4, 5), (4, 3)], (1, 1))]):
    merge("Dot", shapes, tag=f"{i}", axes=axes)
    merge("Dot", shapes, tag=f"{i}_normal", axes=axes, normalize=True)


def adapted(K):
    x = K.Input((6, 5, 3))
    y = K.layers.Conv2D(4, 3)(x)
    y = K.layers.EinsumDense("abcd,de->abce", (None, None, 5), bias_axes="e")(y)
    model = K.Model(x, K.layers.Dense(3)(y))
    for layer in model.layers[1:]:
        layer.enable_lora(2, lora_alpha=3)
    return model


case(*THREE, name="lora")(adapted)


def adapted_table(K):
    x = K.Input((7,))
    model = K.Model(x, K.layers.Embedding(12, 5)(x))
    model.layers[1].enable_lora(2)
    return model


case(*THREE, name="lora_embedding", inputs=lambda rng: rng.integers(0, 12, (2, 7)).astype("float32"))(adapted_table)
