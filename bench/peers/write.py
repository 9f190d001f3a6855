"""Writes every network for every engine: python write.py FOVEA FOLDER

FOLDER/NAME.h5 .onnx .tflite .mnn .ncnn.param/.ncnn.bin .fovea, and the 8-bit ones .int8.onnx .int8.tflite .i8.fovea; input.NAME.npy.
What is there already is left as it is.
"""
import contextlib
import io
import os
import subprocess
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np

from networks import NETWORKS, Keras, Onnx, picture

fovea, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def calibration(shape):
    draw = np.random.default_rng(3)
    return [draw.uniform(0, 1, (1, *shape)).astype(np.float32) for _ in range(16)]


def write_keras(network, shape, path):
    builder = Keras(shape)
    builder.save(network(builder, builder.input), path)


def write_onnx(network, shape, path):
    builder = Onnx(shape)
    builder.save(network(builder, builder.input), path)


def write_tflite(base, path, samples=None):
    import keras
    import tensorflow as tf
    converter = tf.lite.TFLiteConverter.from_keras_model(keras.models.load_model(f"{base}.h5", compile=False))
    if samples:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([sample] for sample in samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    with contextlib.redirect_stdout(io.StringIO()):
        model = converter.convert()
    with open(path, "wb") as file:
        file.write(model)


def write_int8_onnx(base, path, samples):
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.left = [{"picture": np.ascontiguousarray(s.transpose(0, 3, 1, 2))} for s in samples]

        def get_next(self):
            return self.left.pop() if self.left else None

    quantize_static(f"{base}.onnx", path, Reader(), quant_format=QuantFormat.QDQ, per_channel=True,
                    activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)


def write_ncnn(base, shape, path):
    work = f"{base}.pnnx"
    os.makedirs(work, exist_ok=True)
    scripts = os.path.dirname(sys.executable)
    run(f"{scripts}/pnnx", f"{base}.onnx", f"inputshape=[1,{shape[2]},{shape[0]},{shape[1]}]", "fp16=0",
        f"ncnnparam={base}.ncnn.param", f"ncnnbin={path}", f"pnnxparam={work}/p", f"pnnxbin={work}/b", f"pnnxpy={work}/p.py",
        f"ncnnpy={work}/n.py", f"pnnxonnx={work}/p.onnx")


def write_mnn(base, path):
    run(sys.executable, "-m", "MNN.tools.mnnconvert", "-f", "ONNX", "--modelFile", f"{base}.onnx", "--MNNModel", path,
        "--bizCode", "fovea")


for network, shape in NETWORKS.items():
    base = os.path.join(folder, network.__name__)
    samples = calibration(shape)
    np.save(f"{base}.npy", picture(shape))
    np.save(f"{base}.samples.npy", np.concatenate(samples))
    jobs = {
        ".h5": lambda path: write_keras(network, shape, path),
        ".onnx": lambda path: write_onnx(network, shape, path),
        ".tflite": lambda path: write_tflite(base, path),
        ".int8.tflite": lambda path: write_tflite(base, path, samples),
        ".int8.onnx": lambda path: write_int8_onnx(base, path, samples),
        ".mnn": lambda path: write_mnn(base, path),
        ".ncnn.bin": lambda path: write_ncnn(base, shape, path),
        ".fovea": lambda path: run(fovea, "convert", f"{base}.h5", "-o", path),
        ".i8.fovea": lambda path: run(fovea, "convert", f"{base}.h5", "-o", path, "--weights", "i8", "--calibrate",
                                      f"{base}.samples.npy", "--keep-agreement", "0"),
    }
    for ending, write in jobs.items():
        if not os.path.exists(base + ending):
            print(network.__name__ + ending, flush=True)
            write(base + ending)
