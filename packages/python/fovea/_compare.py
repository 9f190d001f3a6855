"""Which layer of a converted model first differs from Keras."""

import importlib
import math
import os
import tempfile
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from ._library import Error


class LayerDifference(NamedTuple):
    """A layer's largest difference, as a share of its largest absolute value (at least 1)."""
    layer: str
    difference: float


class Comparison(NamedTuple):
    """What compare found; printed, it is one sentence."""
    first: Optional[str]            #: the first layer beyond the tolerance; None: all agree
    layers: List[LayerDifference]   #: all that were compared, in the order of computation
    output: float                   #: the largest difference of the answers
    tolerance: float

    def __bool__(self) -> bool:
        """True where all agree."""
        return self.first is None

    def __str__(self) -> str:
        if self.first is None:
            return (f"{len(self.layers)} layers agree within {self.tolerance:g}; the answers differ by at most "
                    f"{self.output:.2g}")
        found = next(layer for layer in self.layers if layer.layer == self.first)
        return (f"layer '{self.first}' is the first that differs: by {found.difference:.2g} (allowed: "
                f"{self.tolerance:g}); the answers by {self.output:.2g}")


def compare(keras_model: Any, x: Any, model: Any = None, *, tolerance: float = 1e-4) -> Comparison:
    """Runs a Keras model and its conversion on ``x``, layer by layer, and names the first layer that differs.

    ``keras_model``: a built Keras model. ``x``: one element, or a batch of which the first counts (a list for several
    inputs), as the model takes it. ``model``: what to compare with, a path or the bytes of a converted model; None
    converts ``keras_model`` itself, with every layer kept as it is. Layers are compared where both have one of the
    same name and size (all but those that folding took away). Needs Keras and numpy, which the caller has.
    """
    import numpy

    from . import convert, load

    keras = importlib.import_module(type(keras_model).__module__.split(".")[0])
    if not hasattr(keras, "Model"):
        keras = importlib.import_module("keras")
    several = isinstance(x, (list, tuple))
    batches = [_batch(numpy, part, put) for part, put in zip(x if several else [x], keras_model.inputs)]
    if model is None:
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.keras" if int(keras.__version__.split(".")[0]) >= 3 else "model.h5")
            keras_model.save(path)
            model = convert(path, fold=False, preprocess="raw").model
    with load(model, exact=True) as ours:
        if len(ours.inputs) != len(batches):
            raise Error(f"the Keras model has {len(batches)} inputs, the other {len(ours.inputs)}")
        x = [batch[0].reshape(put.shape) for batch, put in zip(batches, ours.inputs)]
        seen = dict(ours.watch(x if len(x) > 1 else x[0]))  # of several steps of one layer the last
        answer = ours.predict(x if len(x) > 1 else x[0])
    theirs = _keras_layers(keras, keras_model, batches)
    layers = [LayerDifference(name, _difference(numpy, theirs[name], values)) for name, values in seen.items()
              if name in theirs and theirs[name].size == len(values)]
    outputs = _answers(keras_model, batches)
    pairs = zip(_list(outputs), answer if isinstance(answer, list) else [answer])
    output = max(_difference(numpy, numpy.asarray(a).reshape(-1), b.reshape(-1)) for a, b in pairs)
    bad = [layer.layer for layer in layers if not layer.difference <= tolerance]
    if not bad and not output <= tolerance:
        bad = [layers[-1].layer if layers else "output"]
        layers = layers or [LayerDifference("output", output)]
    return Comparison(bad[0] if bad else None, layers, output, tolerance)


def _list(x: Any) -> Sequence[Any]:
    if isinstance(x, dict):
        return list(x.values())
    return x if isinstance(x, (list, tuple)) else [x]


def _answers(keras_model: Any, batches: Sequence[Any]) -> Any:
    return keras_model.predict_on_batch(list(batches) if len(batches) > 1 else batches[0])


def _batch(numpy: Any, part: Any, put: Any) -> Any:
    """The first element, with a batch axis."""
    part = numpy.asarray(part, dtype=numpy.float32)
    return part[:1] if part.ndim == len(put.shape) else part[None]


def _keras_layers(keras: Any, keras_model: Any, batches: Sequence[Any]) -> Dict[str, Any]:
    """The output of each layer that has exactly one, flat."""
    import numpy

    names, tensors = [], []
    for layer in keras_model.layers:
        try:
            tensor = layer.output
        except (AttributeError, ValueError, RuntimeError):  # called several times, or never
            continue
        if not isinstance(tensor, (list, tuple, dict)):
            names.append(layer.name)
            tensors.append(tensor)
    inputs = keras_model.inputs if len(batches) > 1 else keras_model.inputs[0]
    outputs = _list(_answers(keras.Model(inputs, tensors), batches))
    return {name: numpy.asarray(output)[0].reshape(-1) for name, output in zip(names, outputs)}


def _difference(numpy: Any, theirs: Any, ours: Any) -> float:
    theirs, ours = numpy.asarray(theirs, numpy.float64), numpy.asarray(ours, numpy.float64)
    if theirs.size == 0:
        return 0.0
    scale = max(1.0, float(numpy.max(numpy.abs(theirs))))
    worst = float(numpy.max(numpy.abs(theirs - ours))) / scale
    return math.inf if math.isnan(worst) else worst
