"""fovea.compare with real Keras: models that agree, and one whose layer does not."""

import sys
import tempfile
import unittest

import keras
import numpy

import fovea


def small(seed):
    keras.utils.set_random_seed(seed)
    layers = keras.layers
    model = keras.Sequential([
        layers.Input((24, 20, 3)), layers.Conv2D(8, 3, padding="same", name="first"),
        layers.BatchNormalization(name="norm"), layers.ReLU(name="relu"), layers.MaxPooling2D(name="pool"),
        layers.Conv2D(6, 3, activation="tanh", name="second"), layers.GlobalAveragePooling2D(name="mean"),
        layers.Dense(5, activation="softmax", name="answer")])
    return model


def branches():
    keras.utils.set_random_seed(5)
    layers = keras.layers
    one, two = keras.Input((8,), name="one"), keras.Input((4,), name="two")
    joined = layers.Concatenate(name="joined")([layers.Dense(6, activation="gelu", name="a")(one), two])
    return keras.Model([one, two], [layers.Dense(3, name="b")(joined), layers.Dense(2, name="c")(joined)])


class Compare(unittest.TestCase):
    def test_agrees(self):
        x = numpy.random.default_rng(2).random((24, 20, 3))
        found = fovea.compare(small(1), x)
        self.assertTrue(found, str(found))
        self.assertEqual(["first", "norm", "relu", "pool", "second", "mean", "answer"],
                         [layer.layer for layer in found.layers])
        self.assertLess(found.output, 1e-5)
        self.assertIn("7 layers agree", str(found))

    def test_names_the_first_layer_that_differs(self):
        for name in ("first", "second", "answer"):
            model = small(1)
            with tempfile.TemporaryDirectory() as folder:
                model.save(folder + "/model.keras")
                made = fovea.convert(folder + "/model.keras", fold=False).model
            layer = model.get_layer(name)
            weights = layer.get_weights()
            weights[0][..., 0] += 0.25
            layer.set_weights(weights)
            found = fovea.compare(model, numpy.full((1, 24, 20, 3), 0.5), made)
            self.assertFalse(found)
            self.assertEqual(name, found.first)
            self.assertIn(f"'{name}' is the first that differs", str(found))

    def test_folded_models(self):
        model = small(3)
        with tempfile.TemporaryDirectory() as folder:
            model.save(folder + "/model.keras")
            made = fovea.convert(folder + "/model.keras").model
        found = fovea.compare(model, numpy.full((24, 20, 3), 0.25), made)
        self.assertLess(found.output, 1e-5)

    def test_several_inputs(self):
        found = fovea.compare(branches(), [numpy.full(8, 0.5), numpy.full(4, -0.5)])
        self.assertTrue(found, str(found))
        self.assertIn("joined", [layer.layer for layer in found.layers])

    def test_predict_is_keras_predict(self):
        model, x = small(4), numpy.random.default_rng(3).random((5, 24, 20, 3)).astype("float32")
        with tempfile.TemporaryDirectory() as folder:
            model.save(folder + "/model.keras")
            made = fovea.convert(folder + "/model.keras").model
        with fovea.load(made) as ours:
            numpy.testing.assert_allclose(ours.predict(x), model.predict(x, verbose=0), atol=2e-6)
        pair = branches()
        with tempfile.TemporaryDirectory() as folder:
            pair.save(folder + "/model.keras")
            made = fovea.convert(folder + "/model.keras").model
        inputs = [numpy.ones((2, 8), "float32"), numpy.zeros((2, 4), "float32")]
        with fovea.load(made) as ours:
            for one, other in zip(ours.predict(inputs), pair.predict(inputs, verbose=0)):
                numpy.testing.assert_allclose(one, other, atol=2e-6)


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=0).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(bad != 0)
