"""keras.applications with random weights, as small as they go."""
import keras
from library import case

families = {
    "ConvNeXtTiny": 32, "DenseNet121": 32, "EfficientNetB0": 32, "EfficientNetV2B0": 32, "InceptionResNetV2": 75,
    "InceptionV3": 75, "MobileNet": 32, "MobileNetV2": 32, "MobileNetV3Small": 32, "MobileNetV3Large": 32,
    "NASNetMobile": 64, "ResNet50": 32, "ResNet50V2": 32, "VGG16": 32, "Xception": 71,
}
for family, size in families.items():
    case("keras", "h5", name=f"application_{family}")(
        lambda K, f=family, s=size: getattr(K.applications, f)(
            weights=None, input_shape=(s, s, 3), classes=5, include_top=True))
