"""How cases are made: a model is built twice, in float32, to be saved, and in float64, to answer."""
import glob
import json
import os
import re
import zipfile
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
import h5py
import keras
import numpy as np
import tensorflow as tf
import tf_keras

CASES = []
ALIASES = {"GroupQueryAttention": "GroupedQueryAttention"}  # as they are registered, and as fovea lists them
UNWRITTEN = ("MaxNumBoundingBoxes", "rsub", "rtruediv")
COVERED = set()  # classes, and TensorFlow's functions


def case(*kinds, name=None, inputs=None, after=None, edit=None):
    """Registers a function from a library (keras or tf_keras) to a model. kinds: "keras" and "h5" of Keras 3, "k2"
    of tf_keras. inputs: what its inputs are given, by a random generator. after: what is done to the model once it
    has its weights; then it answers in float32, as no model in float64 has been through the same. edit: what is done to each file that was written, by its
    path."""

    def register(build):
        CASES.append((name or build.__name__, kinds or ("keras", "h5"), build, inputs, after, edit))
        return build

    return register


def built(library, build, floatx):
    library.backend.clear_session()
    library.backend.set_floatx(floatx)
    if library is keras:
        keras.config.set_dtype_policy(floatx)
    library.utils.set_random_seed(11)
    return build(library)


def shake(model, rng):
    """Weights away from their ones and zeros; variances stay positive."""
    for w in model.weights:
        a = w.numpy()
        if not np.issubdtype(a.dtype, np.floating) or not a.shape:
            continue
        path = getattr(w, "path", w.name)
        noise = rng.uniform(0.5, 1.5, a.shape) if "variance" in path else a + rng.normal(
            0, 0.2 if a.ndim < 2 else 0.01, a.shape)
        w.assign(noise.astype(a.dtype))


def feed(model, rng, inputs):
    if inputs:
        given = inputs(rng)
        return given if isinstance(given, list) else [given]
    return [rng.normal(0, 1, [2] + [d or 7 for d in i.shape[1:]]).astype("float32") for i in model.inputs]


def note_classes(description):
    """The classes of all layers in a model's description, and TensorFlow's functions."""
    if isinstance(description, dict):
        if isinstance(description.get("class_name"), str):
            COVERED.add(description["class_name"])
        if isinstance(description.get("function"), str):
            COVERED.add(description["function"].split(".")[-1])
    for part in description.values() if isinstance(description, dict) else description:
        if isinstance(part, (dict, list)):
            note_classes(part)


def note_file(path):
    """The same of a file, .keras or .h5."""
    if path.endswith(".keras"):
        with zipfile.ZipFile(path) as f:
            note_classes(json.loads(f.read("config.json")))
    else:
        with h5py.File(path, "r") as f:
            config = f.attrs.get("model_config")
            if config is not None:
                note_classes(json.loads(config))


def answer(model, arrays):
    """What predict() gives, without the seconds it takes to trace a graph."""
    return keras.tree.flatten(model(arrays if len(arrays) > 1 else arrays[0], training=False))


def make(folder, name, kinds, build, inputs, after, edit, manifest):
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    for library, kind in ((keras, "3"), (tf_keras, "2")):
        wanted = [k for k in kinds if (k == "k2") == (kind == "2")]
        if not wanted:
            continue
        model = built(library, build, "float32")
        shake(model, rng)
        exact = model
        if after:
            after(model)
        else:
            exact = built(library, build, "float64")
            if [w.shape for w in exact.get_weights()] != [w.shape for w in model.get_weights()]:
                raise ValueError("two models of one function differ")
            exact.set_weights(model.get_weights())
        arrays = feed(model, rng, inputs)
        case_name = f"g/{name}" if kind == "3" else f"g/{name}_k2"
        path = os.path.join(folder, "conformance", case_name)
        os.makedirs(path, exist_ok=True)
        for k in wanted:
            library.backend.set_floatx("float32")
            if library is keras:
                keras.config.set_dtype_policy("float32")
            file = os.path.join(path, "model." + ("keras" if k == "keras" else "h5"))
            model.save(file)
            if edit:
                edit(file)
            note_file(file)
        low = answer(model, arrays)
        try:
            high = answer(exact, [a if after else a.astype("float64") for a in arrays])
        except (tf.errors.OpError, TypeError):  # TensorFlow does not have everything in float64
            high = low
        entry = {"inputs": [], "outputs": [], "f32_relerr": 0.0}
        # Adaptations are within their kernels in .keras files; a wrapper's vectors, and what was edited, are not counted.
        if not edit and not any(getattr(layer, "lora_enabled", False) or "Spectral" in type(layer).__name__
                                for layer in model.layers):
            entry["parameters"] = model.count_params()
        for i, a in enumerate(arrays):
            file = "input.npy" if len(arrays) == 1 else f"input_{i}.npy"
            np.save(os.path.join(path, file), a.astype("float32"))
            entry["inputs"].append({"file": file})
        for o, (a, b) in enumerate(zip(low, high)):
            stem = "output" if len(high) == 1 else f"output_{o}"
            b = np.asarray(b, "float64")
            np.save(os.path.join(path, stem.replace("output", "output64") + ".npy"), b)
            entry["outputs"].append({"file": stem + ".npy"})
            scale = max(1, np.abs(b).max())
            entry["f32_relerr"] = max(entry["f32_relerr"], float(np.abs(np.asarray(a) - b).max() / scale))
        manifest[case_name] = entry


def tell_covered(root):
    """Which rows of layers.def and raw.def the models have, or those of tests/golden, which older versions wrote; other
    names of the same classes aside. What no known version of Keras writes is told apart."""
    golden = os.path.join(root, "tests", "golden", "conformance", "**")
    for path in glob.glob(os.path.join(golden, "*.keras"), recursive=True) + glob.glob(
            os.path.join(golden, "*.h5"), recursive=True):
        note_file(path)
    COVERED.update(ALIASES.get(c, c) for c in list(COVERED))
    named = {"layers.def": r'^[A-Z_]+\("(\w+)"', "raw.def": r'^RAW\("(\w*)", "([\w|]*)"'}
    for file, pattern in named.items():
        with open(os.path.join(root, "convert", "keras", file)) as f:
            rows = [[w for g in m.groups() for w in g.split("|") if w]
                    for m in re.finditer(pattern, f.read(), re.M)]
        rows = [r for r in rows if not re.match("Avg|Global(Avg|MaxPool[123])|MaxPool[123]", r[0])]
        rows = [r for r in rows if r[0] not in UNWRITTEN]
        missing = [r[0] for r in rows if not COVERED.intersection(r)]
        print(f"{file}: {len(rows) - len(missing)} of {len(rows)}" + "; not in any model: " * bool(missing) +
              " ".join(missing))


def make_all(folder, words, third=None):
    """Cases whose name has one of the words in it; all without words. third: a number that chooses a third of
    them. Gives how many could not be made."""
    manifest, failed = {}, 0
    for name, kinds, build, inputs, after, edit in CASES:
        if words and not any(w in name for w in words):
            continue
        if third is not None and (zlib.crc32(name.encode()) + third) % 3:
            continue
        try:
            make(folder, name, kinds, build, inputs, after, edit, manifest)
        except Exception as error:
            failed += 1
            print(f"not made: {name}: {type(error).__name__}: {str(error)[:300]}")
    os.makedirs(os.path.join(folder, "conformance"), exist_ok=True)
    with open(os.path.join(folder, "conformance", "manifest.json"), "w") as f:
        json.dump(manifest, f, indent=1)
    os.makedirs(os.path.join(folder, "real"), exist_ok=True)
    with open(os.path.join(folder, "real", "manifest.json"), "w") as f:
        f.write("{}")
    return failed
