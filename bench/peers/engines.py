"""One rival engine on one network: python engines.py ENGINE BASE THREADS SECONDS, prints the least time of a run in ms and
how far the answer is from fovea's (BASE.answer.npy), of the largest value or of 1.

Each engine is used as its own documentation says, with its defaults; what is set is the number of threads.
"""
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np


def onnxruntime(base, threads, picture, ending=".onnx"):
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = ort.InferenceSession(base + ending, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: np.ascontiguousarray(picture.transpose(2, 0, 1)[None])}
    return lambda: session.run(None, feed)[0]


def xnnpack(base, threads, picture, ending=".tflite"):
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(base + ending, num_threads=threads)
    interpreter.allocate_tensors()
    entry, end = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    if entry["dtype"] == np.int8:
        scale, zero = entry["quantization"]
        picture = np.clip(np.round(picture / scale) + zero, -128, 127)
    interpreter.set_tensor(entry["index"], picture[None].astype(entry["dtype"]))

    def run():
        interpreter.invoke()
        answer = interpreter.get_tensor(end["index"])
        if end["dtype"] != np.int8:
            return answer
        scale, zero = end["quantization"]
        return (answer.astype(np.float32) - zero) * scale
    return run


def ncnn(base, threads, picture):
    import ncnn as engine
    net = engine.Net()
    net.opt.num_threads = threads
    net.load_param(f"{base}.ncnn.param")
    net.load_model(f"{base}.ncnn.bin")
    # Copies: the views of numpy's memory that Mat takes end with it.
    entry = engine.Mat(np.ascontiguousarray(picture.transpose(2, 0, 1))).clone()

    def run():
        extractor = net.create_extractor()
        extractor.input("in0", entry)
        return np.array(extractor.extract("out0")[1])
    return run


def mnn(base, threads, picture):
    import MNN
    net = MNN.nn.load_module_from_file(f"{base}.mnn", [], [], runtime_manager=MNN.nn.create_runtime_manager(
        ({"numThread": threads, "backend": "CPU", "precision": "high"},)))
    entry = MNN.expr.convert(MNN.expr.const(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]).copy(),
                                            [1, picture.shape[2], *picture.shape[:2]], MNN.expr.NCHW), MNN.expr.NC4HW4)
    return lambda: np.array(MNN.expr.convert(net.forward([entry])[0], MNN.expr.NCHW).read())


def openvino(base, threads, picture, ending=".onnx"):
    import openvino as ov
    core = ov.Core()
    compiled = core.compile_model(base + ending, "CPU", {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY",
                                                         "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    request.set_input_tensor(ov.Tensor(np.ascontiguousarray(picture.transpose(2, 0, 1)[None])))

    def run():
        request.infer()
        return request.get_output_tensor().data
    return run


ENGINES = {
    "onnxruntime": onnxruntime,
    "xnnpack": xnnpack,
    "ncnn": ncnn,
    "mnn": mnn,
    "openvino": openvino,
    "onnxruntime-int8": lambda *a: onnxruntime(*a, ending=".int8.onnx"),
    "xnnpack-int8": lambda *a: xnnpack(*a, ending=".int8.tflite"),
    "openvino-int8": lambda *a: openvino(*a, ending=".int8.onnx"),
}

if __name__ == "__main__":
    engine, base, threads, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    run = ENGINES[engine](base, threads, np.load(f"{base}.npy"))
    answer, want = np.array(run()).ravel(), np.load(f"{base}.answer.npy").ravel()
    least, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        run()
        least = min(least, time.perf_counter() - begin)
    print(f"{1e3 * least:.4f} {np.abs(answer - want).max() / max(1, np.abs(want).max()):.2e}")
