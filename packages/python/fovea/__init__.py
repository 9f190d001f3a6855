"""fovea: runs trained Keras CNNs without Keras.

    fovea.convert("model.keras", "model.fovea", labels=[...], preprocess="keras-01")
    model = fovea.load("model.fovea")
    model.classify("photo.jpg")
    model.predict(x)

numpy is used where it is installed, and not needed.
"""

import array
import ctypes
import os
from typing import Any, BinaryIO, List, NamedTuple, Optional, Sequence, Tuple, Union

from ._library import Answer, Error, Failure, Watcher, call, library

try:
    import numpy as _numpy
except ImportError:
    _numpy = None

__all__ = ["Class", "Conversion", "Error", "Input", "Layer", "Model", "Output", "compare", "convert", "load"]

PathOrBytes = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview]


class Class(NamedTuple):
    """One class of an answer; ``label`` is None where the model has none."""
    index: int
    label: Optional[str]
    probability: float


class Input(NamedTuple):
    """An input: its shape without the batch and, for pictures, how they are prepared ("" for others)."""
    name: str
    shape: Tuple[int, ...]
    resize: str
    fit: str
    colour: str
    recipe: str  #: "stated", "assumed", or "open": then photos are refused


class Output(NamedTuple):
    """An output: its shape without the batch, and its labels."""
    name: str
    shape: Tuple[int, ...]
    labels: Tuple[str, ...]


class Layer(NamedTuple):
    """A step of the model as it is computed."""
    name: str
    op: str
    shape: Tuple[int, ...]
    macs: int
    weights: int
    type: str    #: of the weights: "f32", "f16", "" for none
    way: str     #: "direct", "winograd", ...
    kernel: str


class Conversion(NamedTuple):
    """What convert made: the model's bytes, and what it had to assume (one sentence each)."""
    model: bytes
    said: Tuple[str, ...]


def _shape(text: str) -> Tuple[int, ...]:
    return tuple(int(side) for side in text.split(",") if side)


def _read(source: PathOrBytes) -> bytes:
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    with open(source, "rb") as file:
        return file.read()


def convert(source: PathOrBytes, target: Union[str, "os.PathLike[str]", None] = None, *,
            labels: Optional[Sequence[str]] = None, preprocess: Optional[str] = None, resize: Optional[str] = None,
            fit: Optional[str] = None, colour: Optional[str] = None, scale: Optional[float] = None,
            mean: Optional[Sequence[float]] = None, std: Optional[Sequence[float]] = None,
            weights: Optional[str] = None, threshold: Optional[float] = None,
            input_shape: Optional[Sequence[int]] = None, config: Optional[PathOrBytes] = None,
            fold: bool = True, **more: str) -> Conversion:
    """Converts a Keras file (.keras, .h5, .hdf5; a path or its bytes) into a model.

    ``target``: the file to write, whole or not at all; None: only the returned bytes. ``labels``: names of the first
    output's classes. ``preprocess`` ("keras-01", "keras-tf", "raw", ...), ``resize`` ("pil-bicubic", ...), ``fit``,
    ``colour``, ``scale``, ``mean``, ``std``: how photos were prepared in training; they are kept in the model.
    ``weights``: "f16" halves the file. ``config``: the model's JSON, for files of weights alone. Other options have the
    names of ``fovea convert --help``. Raises Error, naming layer and reason, for what cannot be converted exactly.
    """
    wishes = []

    def wish(key: str, value: Any) -> None:
        if value is None:
            return
        text = ",".join(repr(float(v)) for v in value) if key in ("mean", "std") and not isinstance(value, str) \
            and hasattr(value, "__iter__") else str(value)
        if "\n" in text or "\0" in text:
            raise Error(f"{key} holds a line end or a NUL: {text!r}")
        wishes.append(f"{key}={text}")

    if isinstance(labels, str):
        raise TypeError("labels is a sequence of names, not one text")
    for label in labels or ():
        wish("label", label)
    if not isinstance(source, (bytes, bytearray, memoryview)):
        wish("source", os.path.basename(os.fspath(source)).replace("\n", "?"))
    for key, value in dict(preprocess=preprocess, resize=resize, fit=fit, colour=colour, scale=scale, mean=mean,
                           std=std, weights=weights, threshold=threshold, fold=None if fold else "no",
                           **more).items():
        wish(key.replace("_", "-"), value)
    if input_shape is not None:
        wish("input-shape", ",".join(str(int(side)) for side in input_shape))
    data, description = _read(source), _read(config) if config is not None else b""
    size, said = ctypes.c_size_t(), ctypes.create_string_buffer(1024)
    made = call("convert", data, len(data), "\n".join(wishes).encode(), description, len(description),
                ctypes.byref(size), said, len(said))
    try:
        model = ctypes.string_at(made, size.value)
    finally:
        library.fovea_handle_free(made)
    if target is not None:
        _write_whole(target, model)
    return Conversion(model, tuple(said.value.decode("utf-8", "replace").splitlines()))


def _write_whole(target: Union[str, "os.PathLike[str]"], content: bytes) -> None:
    draft = f"{os.fspath(target)}.{os.getpid()}.part"
    try:
        with open(draft, "wb") as file:
            file.write(content)
        os.replace(draft, target)
    except BaseException:
        if os.path.exists(draft):
            os.unlink(draft)
        raise


def load(source: PathOrBytes, *, threads: int = 1, small: bool = False, exact: bool = False) -> "Model":
    """Opens a model that convert wrote: a path, or its bytes.

    ``threads``: 1 to 64. ``small``: little memory rather than speed. ``exact``: sums in the layers' own order, no
    Winograd and no Strassen. Raises Error for bytes that are not a model of this version.
    """
    return Model(source, threads=threads, small=small, exact=exact)


class Model:
    """A model in use; close() or ``with`` frees its memory. For one thread at a time: another gets an Error."""

    def __init__(self, source: PathOrBytes, *, threads: int = 1, small: bool = False, exact: bool = False):
        self._handle = 0
        data = _read(source)
        if not 1 <= threads <= 64:
            raise Error("threads must be 1 to 64")
        self._handle = call("open", data, len(data), threads, (2 if small else 0) | (4 if exact else 0))
        self._describe()

    def _describe(self) -> None:
        length = call("describe", self._handle, None, 0)
        text = ctypes.create_string_buffer(length + 1)
        call("describe", self._handle, text, length + 1)
        self.inputs: List[Input] = []  #: what predict takes
        self.outputs: List[Output] = []  #: what predict gives
        self.layers: List[Layer] = []  #: the steps, in order
        self.notes = {}  #: where the model came from: "source", "keras", "converter"
        for line in text.value.decode().splitlines():
            kind, *fields = line.split("\t")
            if kind == "model":
                #: bytes of the model; bytes it needs to run; instruction set of its kernels
                self.size, self.memory, self.isa = int(fields[0]), int(fields[1]), fields[3]
            elif kind == "input":
                self.inputs.append(Input(fields[0], _shape(fields[1]), *fields[2:6]))
            elif kind == "output":
                self.outputs.append(Output(fields[0], _shape(fields[1]), ()))
            elif kind == "label":
                output = self.outputs[int(fields[0])]
                self.outputs[int(fields[0])] = output._replace(labels=output.labels + (fields[1],))
            elif kind == "note":
                self.notes[fields[0]] = fields[1]
            elif kind == "layer":
                self.layers.append(Layer(fields[0], fields[1], _shape(fields[2]), int(fields[3]), int(fields[4]),
                                         *fields[5:8]))
        self._taken = call("inputs", self._handle)
        self._given = call("outputs", self._handle)

    def predict(self, x: Any) -> Any:
        """The outputs for ``x``, as Keras' predict gives them.

        ``x``: an array (numpy, or anything with the buffer protocol or nested sequences of numbers) with or without a
        batch axis in front; for several inputs a list or tuple of them. Gives an array (a list of arrays where there
        are several outputs) with a batch axis if ``x`` had one: numpy arrays where numpy is installed, else nested
        lists. Raises Error for shapes that do not fit.
        """
        several = len(self.inputs) > 1
        parts = list(x) if several else [x]
        if len(parts) != len(self.inputs):
            raise Error(f"the model has {len(self.inputs)} inputs, not {len(parts)}")
        flat, batches = zip(*(_floats(part, put) for part, put in zip(parts, self.inputs)))
        if len(set(batches)) != 1:
            raise Error("the inputs' batches differ in size")
        rows = [self._run(flat, i) for i in range(1 if batches[0] is None else batches[0])]
        outputs, start = [], 0
        for output in self.outputs:
            count = _product(output.shape)
            taken = [row[start:start + count] for row in rows]
            outputs.append(_shaped(taken, output.shape, batches[0]))
            start += count
        return outputs if len(outputs) > 1 else outputs[0]

    def _run(self, flat: Sequence[Any], index: int) -> Any:
        values = (ctypes.c_float * self._given)()
        floats = b"".join(memoryview(part).cast("B")[4 * index * count:4 * (index + 1) * count]
                          for part, count in zip(flat, (_product(put.shape) for put in self.inputs)))
        answer = Answer(values=values, room=self._given)
        call("predict", self._handle, floats, len(floats) // 4, ctypes.byref(answer))
        return array.array("f", bytes(values))

    def classify(self, photo: Any, *, top: int = 5) -> List[Class]:
        """The ``top`` best classes for a photo, prepared as the model says.

        ``photo``: a path or the bytes of a JPEG, PNG, BMP, PGM or PPM file; a PIL image (its pixels as they are); or a
        numpy array of bytes, (height, width), (height, width, 3) RGB or (height, width, 4) RGBA.
        """
        if not isinstance(top, int) or top < 1:
            raise Error("top must be at least 1")
        top = min(top, self._given + 1)
        answer = Answer(index=(ctypes.c_uint32 * top)(), probability=(ctypes.c_float * top)(), top=top)
        if hasattr(photo, "convert") and hasattr(photo, "tobytes"):
            image = photo if photo.mode in ("L", "RGB", "RGBA") else photo.convert("RGB")
            pixels, (width, height) = image.tobytes(), image.size
            channels = {"L": 1, "RGB": 3, "RGBA": 4}[image.mode]
            self._pixels(pixels, width, height, channels, answer)
        elif hasattr(photo, "__array_interface__"):
            pixels, width, height, channels = _pixels_of(photo)
            self._pixels(pixels, width, height, channels, answer)
        else:
            data = _read(photo)
            call("photo", self._handle, data, len(data), ctypes.byref(answer))
        labels = self.outputs[0].labels
        return [Class(answer.index[i], labels[answer.index[i]] if answer.index[i] < len(labels) else None,
                      answer.probability[i]) for i in range(answer.found)]

    def _pixels(self, pixels: bytes, width: int, height: int, channels: int, answer: Answer) -> None:
        call("pixels", self._handle, pixels, len(pixels), width, height, width * channels,
             {1: 0, 3: 1, 4: 3}[channels], ctypes.byref(answer))

    def watch(self, x: Any) -> List[Tuple[str, "array.array[float]"]]:
        """Runs one element layer by layer: each layer's name and its output, flat, in the order of computation."""
        several = len(self.inputs) > 1
        flat = [_floats(part, put)[0] for part, put in zip(x if several else [x], self.inputs)]
        floats = b"".join(bytes(memoryview(part).cast("B")[:4 * _product(put.shape)])
                          for part, put in zip(flat, self.inputs))
        seen: List[Tuple[str, "array.array[float]"]] = []

        def see(_context: Any, name: bytes, values: Any, count: int) -> None:
            seen.append((name.decode("utf-8", "replace"), array.array("f", ctypes.string_at(values, 4 * count))))

        call("watch", self._handle, floats, len(floats) // 4, Watcher(see), None)
        return seen

    def close(self) -> None:
        """Frees the memory. Any later call raises Error; closing twice does not."""
        handle = self._handle
        if handle:
            call("close", handle)  # in use by another thread: an Error, and still open
            self._handle = 0

    def __enter__(self) -> "Model":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", 0):
            library.fovea_handle_close(self._handle, ctypes.byref(Failure()))

    def __repr__(self) -> str:
        if not self._handle:
            return "<fovea.Model, closed>"
        shapes = ", ".join("x".join(map(str, put.shape)) for put in self.inputs)
        return f"<fovea.Model {shapes}, {len(self.layers)} layers, {self.size} bytes>"


def _product(shape: Sequence[int]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count


def _nested_shape(x: Any) -> Tuple[int, ...]:
    shape = []
    while isinstance(x, (list, tuple)):
        shape.append(len(x))
        if not x:
            break
        x = x[0]
    return tuple(shape)


def _flatten(x: Any, shape: Sequence[int], into: "array.array[float]") -> None:
    if not shape:
        into.append(float(x))
        return
    if not isinstance(x, (list, tuple)) or len(x) != shape[0]:
        raise Error("the numbers given are not a block: lists of one level differ in length")
    for part in x:
        _flatten(part, shape[1:], into)


def _floats(x: Any, put: Input) -> Tuple[Any, Optional[int]]:
    """The numbers as floats in a row, and the size of the batch; None: no batch axis."""
    if _numpy is not None:
        numbers = _numpy.ascontiguousarray(x, dtype=_numpy.float32)
        shape, flat = tuple(numbers.shape), numbers.reshape(-1).data
    elif isinstance(x, (list, tuple)):
        shape, flat = _nested_shape(x), array.array("f")
        _flatten(x, shape, flat)
    elif isinstance(x, (int, float)):
        shape, flat = (), array.array("f", [x])
    else:
        view = memoryview(x)
        shape = tuple(view.shape or ())
        flat = array.array("f", _numbers(view))
    if shape == put.shape:
        return flat, None
    if len(shape) == len(put.shape) + 1 and shape[1:] == put.shape:
        return flat, shape[0]
    raise Error(f"the input '{put.name}' takes {put.shape}, or batches of it, not {shape}")


def _numbers(view: memoryview) -> Sequence[float]:
    if view.ndim == 1:
        return view.tolist()
    flat = array.array("f")
    _flatten(view.tolist(), view.shape, flat)
    return flat


def _shaped(rows: Sequence["array.array[float]"], shape: Tuple[int, ...], batch: Optional[int]) -> Any:
    whole = shape if batch is None else (batch,) + shape
    if _numpy is not None:
        return _numpy.concatenate([_numpy.frombuffer(row, _numpy.float32) for row in rows] or
                                  [_numpy.zeros(0, _numpy.float32)]).reshape(whole)
    flat: List[Any] = [value for row in rows for value in row]
    for side in reversed(whole[1:]):
        flat = [flat[i:i + side] for i in range(0, len(flat), side)]
    return flat if whole else flat[0]


def _pixels_of(photo: Any) -> Tuple[bytes, int, int, int]:
    interface = photo.__array_interface__
    shape = tuple(interface["shape"])
    channels = shape[2] if len(shape) == 3 else 1
    if interface["typestr"][1:] != "u1" or len(shape) not in (2, 3) or channels not in (1, 3, 4):
        raise Error(f"pixels are bytes, (height, width) or (height, width, 1, 3 or 4), not {interface['typestr']} "
                    f"of {shape}")
    return photo.tobytes(), shape[1], shape[0], channels


from ._compare import compare  # noqa: E402  (needs what stands above)
