"""Models whose files leave sizes open: converted without any, planned for those of the inputs."""
import keras
from library import case

BOTH = ("keras", "h5", "k2")


def picture(height, width, channels=3):
    return lambda rng: rng.normal(0, 1, (2, height, width, channels)).astype("float32")


def add(name, build, inputs, *kinds, shape=(None, None, 3)):
    def model(K):
        x = K.Input(shape)
        return K.Model(x, build(K.layers, x))

    case(*(kinds or BOTH), name=f"open_{name}", inputs=inputs)(model)


def conv(L, x, filters, **settings):
    return L.Conv2D(filters, 3, padding="same", activation="relu", **settings)(x)


def unet(L, x):
    a = conv(L, x, 4)
    b = conv(L, L.MaxPooling2D()(a), 6)
    c = conv(L, L.MaxPooling2D()(b), 8)
    b = conv(L, L.Concatenate()([L.Conv2DTranspose(6, 2, strides=2, padding="same")(c), b]), 6)
    a = conv(L, L.Concatenate()([L.UpSampling2D(2, interpolation="bilinear")(b), a]), 4)
    return L.Conv2D(1, 1, activation="sigmoid")(a)


def classifier(L, x):
    y = L.ReLU(6.0)(L.BatchNormalization()(L.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(L.Rescaling(1 / 127.5, -1)(x))))
    y = L.ReLU(6.0)(L.BatchNormalization()(L.DepthwiseConv2D(3, padding="same")(y)))
    return L.Dense(4, activation="softmax")(L.Dropout(0.2)(L.GlobalAveragePooling2D()(y)))


def squeeze(L, x):
    y = conv(L, x, 8)
    s = L.Dense(8, activation="sigmoid")(L.Dense(2, activation="relu")(L.Reshape((1, 1, 8))(L.GlobalAveragePooling2D()(y))))
    return L.GlobalMaxPooling2D()(L.Multiply()([y, s]))


def residual(L, x):
    y = conv(L, L.ZeroPadding2D(1)(x), 6, strides=2)
    y = L.Add()([y, L.Conv2D(6, 3, padding="same")(y)])
    return L.AveragePooling2D(2)(L.Cropping2D(1)(L.PReLU(shared_axes=[1, 2])(y)))


def normalized(L, x):
    y = L.LayerNormalization()(conv(L, x, 8))
    return L.Softmax()(L.SeparableConv2D(3, 3, padding="same")(L.GroupNormalization(2)(y)))


def pooled_by_operations(L, x):
    y = conv(L, x, 5)
    return keras.ops.mean(y, axis=(1, 2)) if L is keras.layers else L.GlobalAveragePooling2D()(y)


def operations(L, x):
    return conv(L, x / 127.5 - 1, 4) * 2 + 1


for name, build in {"unet": unet, "classifier": classifier, "squeeze": squeeze, "residual": residual,
                    "normalized": normalized, "pooled_by_operations": pooled_by_operations, "operations": operations}.items():
    for height, width in ((20, 32), (64, 36)):
        add(f"{name}_{height}", build, picture(height, width))
add("one_side", classifier, picture(24, 33), shape=(24, None, 3))
add("grey", unet, picture(40, 24, 1), shape=(None, None, 1))
for family in ("MobileNet", "ResNet50"):
    case("keras", "h5", name=f"open_{family}", inputs=picture(48, 64))(
        lambda K, f=family: getattr(K.applications, f)(weights=None, include_top=False, input_shape=(None, None, 3),
                                                        **({"alpha": 0.25} if f == "MobileNet" else {})))


def summed(L, x):
    return keras.ops.sum(conv(L, x, 5), axis=(1, 2)) / 100


add("summed", summed, picture(12, 9), "keras", "h5")
