"""The installed package, with whatever of numpy and Pillow is installed beside it: python test_fovea.py REPOSITORY"""

import array
import os
import struct
import sys
import tempfile
import threading
import unittest

import fovea

try:
    import numpy
except ImportError:
    numpy = None
try:
    import PIL.Image
except ImportError:
    PIL = None

ROOT = sys.argv.pop(1)
DEMO = os.path.join(ROOT, "weights", "demo")
CASES = os.path.join(ROOT, "tests", "golden", "conformance", "a")
with open(os.path.join(DEMO, "labels.txt"), encoding="utf-8") as file:
    LABELS = file.read().split()


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def npy(path, dtype=None):
    """The numbers of a little-endian .npy file, and its shape, without numpy."""
    data = read(path)
    length = struct.unpack("<H", data[8:10])[0]
    header = eval(data[10:10 + length])  # a dict of literals, from our own repository
    numbers = array.array({"<f4": "f", "<f8": "d"}[header["descr"]], data[10 + length:])
    return numbers, header["shape"]


def nested(numbers, shape):
    flat = list(numbers)
    for side in reversed(shape[1:]):
        flat = [flat[i:i + side] for i in range(0, len(flat), side)]
    return flat


def demo(**options):
    return fovea.convert(os.path.join(DEMO, "patterns.h5"), labels=LABELS, preprocess="keras-01",
                         resize="pil-bicubic", **options).model


class Package(unittest.TestCase):
    def test_seven_answers(self):
        with fovea.load(demo()) as model:
            for label in LABELS:
                best = model.classify(os.path.join(DEMO, label + ".jpg"), top=1)
                self.assertEqual([label], [best[0].label])
                print(f"{label:16} {best[0].label:16} {best[0].probability:.4f}")

    def test_threads_and_memory_do_not_change_the_answer(self):
        photo, blob, answers = read(DEMO, "parallel.jpg"), demo(), []
        for options in ({}, {"threads": 2}, {"small": True}):
            with fovea.load(blob, **options) as model:
                answers.append(model.classify(photo))
        self.assertEqual(answers[0], answers[1])
        for one, other in zip(answers[0], answers[2]):
            self.assertAlmostEqual(one.probability, other.probability, 5)

    def test_keras_answers_without_numpy(self):
        done = 0
        for name in sorted(os.listdir(CASES)):
            folder = os.path.join(CASES, name)
            if not all(os.path.exists(os.path.join(folder, f)) for f in ("model.h5", "input.npy", "output64.npy")):
                continue
            numbers, shape = npy(os.path.join(folder, "input.npy"))
            with fovea.load(fovea.convert(os.path.join(folder, "model.h5")).model) as model:
                batched = len(shape) > len(model.inputs[0].shape)
                given = model.predict(nested(numbers, shape))
            want, _ = npy(os.path.join(folder, "output64.npy"))
            have = numpy.asarray(given).reshape(-1).tolist() if numpy is not None else flat(given)
            self.assertEqual(len(want), len(have), name)
            worst = max(abs(a - b) for a, b in zip(want, have)) / max(1, max(map(abs, want)))
            self.assertLess(worst, 2e-5, name)
            done += batched
        self.assertGreater(done, 3)

    def test_what_is_told(self):
        model = fovea.load(demo())
        self.assertEqual([(90, 120, 3)], [put.shape for put in model.inputs])
        self.assertEqual(tuple(LABELS), model.outputs[0].labels)
        self.assertEqual("stated", model.inputs[0].recipe)
        self.assertEqual("patterns.h5", model.notes["source"])
        self.assertEqual("conv2d", model.layers[0].name)
        self.assertEqual(2332800, model.layers[0].macs)
        self.assertIn("90x120x3", repr(model))
        model.close()
        self.assertIn("closed", repr(model))

    def test_what_is_assumed_is_said(self):
        made = fovea.convert(os.path.join(DEMO, "patterns.h5"))
        self.assertEqual(3, len(made.said))
        with fovea.load(made.model) as model:
            self.assertEqual("open", model.inputs[0].recipe)
            with self.assertRaisesRegex(fovea.Error, "how photos were prepared") as caught:
                model.classify(os.path.join(DEMO, "parallel.jpg"))
            self.assertEqual("S-060", caught.exception.check)

    def test_batches(self):
        with fovea.load(demo()) as model:
            one = [[[0.5] * 3] * 120] * 90
            alone, two = model.predict(one), model.predict([one, one])
            self.assertEqual(7, len(alone))
            self.assertEqual(2, len(two))
            self.assertEqual(list(alone), list(two[1]))
            self.assertAlmostEqual(1, sum(alone), 5)

    def test_watch(self):
        with fovea.load(demo(fold=False), exact=True) as model:
            x = [[[0.25] * 3] * 120] * 90
            seen = model.watch(x)
            self.assertEqual(list(model.predict(x)), list(seen[-1][1]))
            self.assertEqual("conv2d", seen[0][0])

    def test_files_are_whole_or_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "model.fovea")
            with self.assertRaises(fovea.Error):
                fovea.convert(b"nothing", path)
            with self.assertRaises(OSError):
                fovea.convert(os.path.join(DEMO, "patterns.h5"), os.path.join(folder, "no", "model.fovea"))
            self.assertEqual([], os.listdir(folder))
            fovea.convert(os.path.join(DEMO, "patterns.h5"), path)
            self.assertEqual(["model.fovea"], os.listdir(folder))

    def test_refusals(self):
        good = demo()
        for bad in (b"", b"x" * 100, good[:-1], good + b"\0", good[:64] + b"\xff" * 64 + good[128:],
                    read(DEMO, "patterns.h5")):
            with self.assertRaises(fovea.Error):
                fovea.load(bad)
        later = good[:8] + bytes([99]) + good[9:]
        with self.assertRaises(fovea.Error):
            fovea.load(later)
        for threads in (0, 65, -1):
            with self.assertRaisesRegex(fovea.Error, "1 to 64"):
                fovea.load(good, threads=threads)
        for options in ({"preprocess": "keras"}, {"resize": "bicubic"}, {"scale": "x"}, {"mean": [1, 2]},
                        {"std": 0}, {"weights": "f8"}, {"threshold": 2}, {"labels": ["a", "b"]}, {"nonsense": "1"},
                        {"labels": ["a\nb"]}, {"input_shape": [0, 1]}):
            with self.assertRaises(fovea.Error, msg=options):
                fovea.convert(os.path.join(DEMO, "patterns.h5"), **options)
        with fovea.load(good) as model:
            for bad in ([1, 2], [[[0.0] * 3] * 120] * 89, [[[0.0] * 3] * 120] * 89 + [[[0.0] * 3] * 119]):
                with self.assertRaises((fovea.Error, ValueError)):
                    model.predict(bad)
            for bad in (b"", b"no photo", read(DEMO, "parallel.jpg")[:5000]):
                with self.assertRaises(fovea.Error):
                    model.classify(bad)
            with self.assertRaises(fovea.Error):
                model.classify(os.path.join(DEMO, "parallel.jpg"), top=0)

    def test_closed(self):
        model = fovea.load(demo())
        model.close()
        model.close()
        for call in (lambda: model.predict([[[0.0] * 3] * 120] * 90), lambda: model.classify(read(DEMO, "parallel.jpg"))):
            with self.assertRaisesRegex(fovea.Error, "closed"):
                call()
        others = [fovea.load(demo()) for _ in range(3)]
        with self.assertRaisesRegex(fovea.Error, "closed"):
            model.predict([[[0.0] * 3] * 120] * 90)
        for other in others:
            other.close()

    def test_two_threads(self):
        model, refused, right = fovea.load(demo()), [], []
        photo = read(DEMO, "starburst.jpg")

        def work():
            for _ in range(100):
                try:
                    right.append(model.classify(photo, top=1)[0].label)
                except fovea.Error as error:
                    refused.append(str(error))

        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual({"starburst"}, set(right))
        self.assertTrue(all("in use" in text for text in refused))
        self.assertEqual(400, len(right) + len(refused))

    @unittest.skipIf(numpy is None, "numpy is not installed")
    def test_numpy(self):
        with fovea.load(demo()) as model:
            x = numpy.random.default_rng(1).random((3, 90, 120, 3))
            answer = model.predict(x)
            self.assertEqual((3, 7), answer.shape)
            self.assertEqual(numpy.float32, answer.dtype)
            numpy.testing.assert_array_equal(answer[1], model.predict(x[1]))
            numpy.testing.assert_array_equal(answer, model.predict(x[:, :, ::-1][:, :, ::-1]))
            self.assertEqual((0, 7), model.predict(x[:0]).shape)
            grey = (x[0, :, :, 0] * 255).astype(numpy.uint8)
            self.assertEqual(model.classify(grey), model.classify(numpy.stack([grey] * 3, -1)))
            for bad in (x[0], grey[None, None], numpy.zeros((4, 4, 2), numpy.uint8), numpy.zeros((0, 4, 3), numpy.uint8)):
                with self.assertRaises(fovea.Error):
                    model.classify(bad)

    @unittest.skipIf(PIL is None, "Pillow is not installed")
    def test_pil(self):
        with fovea.load(demo()) as model:
            path = os.path.join(DEMO, "cobblestone.jpg")
            with PIL.Image.open(path) as image:
                self.assertEqual(model.classify(path)[0].label, model.classify(image)[0].label)
                self.assertEqual(model.classify(image), model.classify(image.convert("RGBA")))


def flat(x):
    return [y for part in x for y in flat(part)] if isinstance(x, list) else [x]


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad - len(result.skipped)} passed, {bad} failed")
    sys.exit(bad != 0)
