"""The benchmark's networks (cli/arch.c), for the formats that rivals read.

A network is written once, against a builder; Keras and Onnx are the builders. Both draw the same weights, so that all
engines compute the same answers: He's, from a generator with a fixed seed, in the order of the layers.
"""
import numpy as np

RELU, RELU6, SWISH, SIGMOID, LINEAR = "relu", "relu6", "swish", "sigmoid", "linear"


class Weights:
    """The same numbers for every builder that asks in the same order."""

    def __init__(self):
        self.draw = np.random.default_rng(1)

    def kernel(self, shape, inputs):
        return self.draw.normal(0, np.sqrt(2 / inputs), shape).astype(np.float32)

    def bias(self, outputs):
        return self.draw.uniform(-0.1, 0.1, outputs).astype(np.float32)


class Keras:
    def __init__(self, shape):
        import keras
        self.keras, self.layers, self.weights = keras, keras.layers, Weights()
        self.input = self.layers.Input(shape)

    def set(self, layer, value, kernel, outputs, inputs):
        result = layer(value)
        layer.set_weights([self.weights.kernel(kernel, inputs), self.weights.bias(outputs)])
        return result

    def act(self, v, kind):
        if kind == LINEAR:
            return v
        return self.layers.ReLU(6.0)(v) if kind == RELU6 else self.layers.Activation(kind)(v)

    def channels(self, v):
        return v.shape[-1]

    def conv(self, v, outputs, kernel, stride=1, act=RELU, same=True):
        inputs = self.channels(v)
        layer = self.layers.Conv2D(outputs, kernel, stride, padding="same" if same else "valid")
        return self.act(self.set(layer, v, (kernel, kernel, inputs, outputs), outputs, kernel * kernel * inputs), act)

    def depthwise(self, v, kernel, stride, act):
        inputs = self.channels(v)
        layer = self.layers.DepthwiseConv2D(kernel, stride, padding="same")
        return self.act(self.set(layer, v, (kernel, kernel, inputs, 1), inputs, kernel * kernel), act)

    def up(self, v, outputs):
        inputs = self.channels(v)
        layer = self.layers.Conv2DTranspose(outputs, 2, 2)
        return self.set(layer, v, (2, 2, outputs, inputs), outputs, inputs)

    def dense(self, v, outputs, act=LINEAR):
        inputs = self.channels(v)
        return self.act(self.set(self.layers.Dense(outputs), v, (inputs, outputs), outputs, inputs), act)

    def pad(self, v, before, after):
        return self.layers.ZeroPadding2D(((before, after), (before, after)))(v)

    def max_pool(self, v, kernel, stride, same=False):
        return self.layers.MaxPooling2D(kernel, stride, padding="same" if same else "valid")(v)

    def mean(self, v):
        return self.layers.GlobalAveragePooling2D()(v)

    def flatten(self, v):
        return self.layers.Flatten()(v)

    def scale(self, v, factors):
        return self.layers.Multiply()([v, self.layers.Reshape((1, 1, -1))(factors)])

    def add(self, a, b):
        return self.layers.Add()([a, b])

    def concat(self, a, b):
        return self.layers.Concatenate()([a, b])

    def softmax(self, v):
        return self.layers.Softmax()(v)

    def save(self, v, path):
        self.keras.Model(self.input, v).save(path)


class Onnx:
    """NCHW, the batch stated as 1; values are (name, shape without batch, channels first)."""

    def __init__(self, shape):
        import onnx
        self.onnx, self.weights = onnx, Weights()
        self.nodes, self.arrays = [], []
        self.input = ("picture", (shape[2], shape[0], shape[1]))

    def array(self, numbers):
        name = f"w{len(self.arrays)}"
        self.arrays.append(self.onnx.numpy_helper.from_array(np.ascontiguousarray(numbers), name))
        return name

    def node(self, op, values, shape, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(op, values, [name], f"{op}{len(self.nodes)}", **attributes))
        return name, tuple(shape)

    def act(self, v, kind):
        if kind == LINEAR:
            return v
        if kind == RELU6:
            zero, six = self.array(np.float32(0)), self.array(np.float32(6))
            return self.node("Clip", [v[0], zero, six], v[1])
        if kind == SWISH:
            return self.node("Mul", [v[0], self.node("Sigmoid", [v[0]], v[1])[0]], v[1])
        return self.node({RELU: "Relu", SIGMOID: "Sigmoid"}[kind], [v[0]], v[1])

    def channels(self, v):
        return v[1][0]

    @staticmethod
    def window(v, kernel, stride, same):
        """Keras' places: the odd border is behind."""
        sizes = [-(-s // stride) if same else (s - kernel) // stride + 1 for s in v[1][1:]]
        borders = [max((o - 1) * stride + kernel - s, 0) if same else 0 for o, s in zip(sizes, v[1][1:])]
        return sizes, [b // 2 for b in borders] + [b - b // 2 for b in borders]

    def conv(self, v, outputs, kernel, stride=1, act=RELU, same=True):
        inputs = self.channels(v)
        w = self.weights.kernel((kernel, kernel, inputs, outputs), kernel * kernel * inputs).transpose(3, 2, 0, 1)
        sizes, pads = self.window(v, kernel, stride, same)
        return self.act(self.node("Conv", [v[0], self.array(w), self.array(self.weights.bias(outputs))], [outputs, *sizes],
                                  kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=pads), act)

    def depthwise(self, v, kernel, stride, act):
        inputs = self.channels(v)
        w = self.weights.kernel((kernel, kernel, inputs, 1), kernel * kernel).transpose(2, 3, 0, 1)
        sizes, pads = self.window(v, kernel, stride, True)
        return self.act(self.node("Conv", [v[0], self.array(w), self.array(self.weights.bias(inputs))], [inputs, *sizes],
                                  kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=pads, group=inputs), act)

    def up(self, v, outputs):
        inputs = self.channels(v)
        w = self.weights.kernel((2, 2, outputs, inputs), inputs).transpose(3, 2, 0, 1)
        return self.node("ConvTranspose", [v[0], self.array(w), self.array(self.weights.bias(outputs))],
                         [outputs, 2 * v[1][1], 2 * v[1][2]], kernel_shape=[2, 2], strides=[2, 2])

    def dense(self, v, outputs, act=LINEAR):
        inputs = self.channels(v)
        w = self.weights.kernel((inputs, outputs), inputs)
        if len(v) > 2:  # flattened channels first: the weights are put in that order
            c, h, width = v[2]
            w = w.reshape(h, width, c, outputs).transpose(2, 0, 1, 3).reshape(inputs, outputs)
        return self.act(self.node("Gemm", [v[0], self.array(w.T), self.array(self.weights.bias(outputs))], [outputs],
                                  transB=1), act)

    def pad(self, v, before, after):
        pads = self.array(np.array([0, 0, before, before, 0, 0, after, after], np.int64))
        return self.node("Pad", [v[0], pads], [v[1][0], *(s + before + after for s in v[1][1:])])

    def max_pool(self, v, kernel, stride, same=False):
        sizes, pads = self.window(v, kernel, stride, same)
        return self.node("MaxPool", [v[0]], [v[1][0], *sizes], kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=pads)

    def mean(self, v):
        v = self.node("GlobalAveragePool", [v[0]], [v[1][0], 1, 1])
        return self.node("Flatten", [v[0]], [v[1][0]])

    def flatten(self, v):
        return (*self.node("Flatten", [v[0]], [int(np.prod(v[1]))]), v[1])

    def scale(self, v, factors):
        shape = self.array(np.array([1, self.channels(v), 1, 1], np.int64))
        return self.node("Mul", [v[0], self.node("Reshape", [factors[0], shape], v[1])[0]], v[1])

    def add(self, a, b):
        return self.node("Add", [a[0], b[0]], a[1])

    def concat(self, a, b):
        return self.node("Concat", [a[0], b[0]], [a[1][0] + b[1][0], *a[1][1:]], axis=1)

    def softmax(self, v):
        return self.node("Softmax", [v[0]], v[1], axis=1)

    def save(self, v, path):
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        graph = helper.make_graph(self.nodes, "network", [helper.make_tensor_value_info(self.input[0], kind, [1, *self.input[1]])],
                                  [helper.make_tensor_value_info(v[0], kind, [1, *v[1]])], self.arrays)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        self.onnx.checker.check_model(model)
        self.onnx.save(model, path)


def seed(b, v):
    for channels in (32, 64):
        v = b.conv(b.conv(v, channels, 3), channels, 3)
        v = b.max_pool(v, 2, 2)
    return b.softmax(b.dense(b.dense(b.flatten(v), 128, RELU), 7))


def thousand(b, v):
    return b.softmax(b.dense(b.mean(v), 1000))


def mobilenet(b, v):
    v = b.conv(v, 32, 3, 2, RELU6)
    for outputs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]:
        v = b.conv(b.depthwise(v, 3, stride, RELU6), outputs, 1, 1, RELU6)
    return thousand(b, v)


def mobilenetv2(b, v):
    v = b.conv(v, 32, 3, 2, RELU6)
    for factor, outputs, count, stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1),
                                           (6, 160, 3, 2), (6, 320, 1, 1)]:
        for n in range(count):
            before = v
            if factor > 1:
                v = b.conv(v, factor * b.channels(v), 1, 1, RELU6)
            v = b.conv(b.depthwise(v, 3, 1 if n else stride, RELU6), outputs, 1, 1, LINEAR)
            v = b.add(before, v) if n else v
    return thousand(b, b.conv(v, 1280, 1, 1, RELU6))


def squeezenet(b, v):
    v = b.conv(b.pad(v, 1, 2), 64, 3, 2, RELU, same=False)
    v = b.max_pool(v, 3, 2)
    for squeeze, expand, pool in [(16, 64, 0), (16, 64, 1), (32, 128, 0), (32, 128, 1), (48, 192, 0), (48, 192, 0),
                                  (64, 256, 0), (64, 256, 0)]:
        v = b.conv(v, squeeze, 1)
        v = b.concat(b.conv(v, expand, 1), b.conv(v, expand, 3))
        v = b.max_pool(v, 3, 2, same=True) if pool else v
    return b.softmax(b.mean(b.conv(v, 1000, 1)))


def resnet50(b, v):
    v = b.max_pool(b.conv(v, 64, 7, 2), 3, 2, same=True)
    for stage, count in enumerate((3, 4, 6, 3)):
        width = 64 << stage
        for n in range(count):
            stride = 2 if n == 0 and stage else 1
            before = v if n else b.conv(v, 4 * width, 1, stride, LINEAR)
            v = b.conv(b.conv(b.conv(v, width, 1), width, 3, stride), 4 * width, 1, 1, LINEAR)
            v = b.act(b.add(before, v), RELU)
    return thousand(b, v)


def efficientnetb0(b, v):
    v = b.conv(v, 32, 3, 2, SWISH)
    for factor, outputs, count, stride, kernel in [(1, 16, 1, 1, 3), (6, 24, 2, 2, 3), (6, 40, 2, 2, 5), (6, 80, 3, 2, 3),
                                                   (6, 112, 3, 1, 5), (6, 192, 4, 2, 5), (6, 320, 1, 1, 3)]:
        for n in range(count):
            before, inputs = v, b.channels(v)
            if factor > 1:
                v = b.conv(v, factor * inputs, 1, 1, SWISH)
            v = b.depthwise(v, kernel, 1 if n else stride, SWISH)
            v = b.scale(v, b.dense(b.dense(b.mean(v), inputs // 4, SWISH), b.channels(v), SIGMOID))
            v = b.conv(v, outputs, 1, 1, LINEAR)
            v = b.add(v, before) if n else v
    return thousand(b, b.conv(v, 1280, 1, 1, SWISH))


def unet(b, v):
    skips = []
    for level in range(5):
        v = b.conv(b.conv(v, 16 << level, 3), 16 << level, 3)
        if level < 4:
            skips.append(v)
            v = b.max_pool(v, 2, 2)
    for level in reversed(range(4)):
        v = b.concat(b.up(v, 16 << level), skips[level])
        v = b.conv(b.conv(v, 16 << level, 3), 16 << level, 3)
    return b.conv(v, 1, 1, 1, SIGMOID)


NETWORKS = {seed: (90, 120, 3), mobilenet: (224, 224, 3), mobilenetv2: (224, 224, 3), squeezenet: (224, 224, 3),
            resnet50: (224, 224, 3), efficientnetb0: (224, 224, 3), unet: (128, 128, 1)}


def picture(shape):
    """The input that every engine gets."""
    return np.random.default_rng(2).uniform(0, 1, shape).astype(np.float32)
