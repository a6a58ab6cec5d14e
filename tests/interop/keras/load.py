#!/usr/bin/python3
"""Real Keras loads what Lamina wrote, and must compute the same:

    load.py FOLDER...      (folders with io.json and model.keras, model.h5, weights.h5, keras3.weights.h5; those that are there)

Needs Keras 3 with a backend that predicts.
"""
import json
import pathlib
import sys

import numpy as np


import keras


@keras.saving.register_keras_serializable("Lamina")
class LocalResponseNormalization(keras.layers.Layer):
    def __init__(self, size=5, alpha=1e-4, beta=0.75, k=2.0, **kwargs):
        super().__init__(**kwargs)
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def call(self, x):
        half = self.size // 2
        padded = keras.ops.pad(keras.ops.square(x), [[0, 0]] * 3 + [[half, self.size - 1 - half]])
        sums = sum(padded[..., i:i + x.shape[-1]] for i in range(self.size))
        return x / (self.k + self.alpha * sums) ** self.beta

    def get_config(self):
        return {**super().get_config(), "size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}


@keras.saving.register_keras_serializable("Lamina")
class Slice(keras.layers.Layer):
    def __init__(self, start, size, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.start, self.size, self.axis = start, size, axis

    def call(self, x):
        return keras.ops.take(x, range(self.start, self.start + self.size), axis=self.axis)

    def get_config(self):
        return {**super().get_config(), "start": self.start, "size": self.size, "axis": self.axis}


# What Keras 3.16 itself does not do: crop outside of training; read several axes from an .h5; a class of Keras 3 in Keras 2's form.
NOT_IN_KERAS = {("layer-RandomCrop", "model.keras"), ("layer-RandomCrop", "model.h5"), ("layer-LayerNormalization", "model.h5"), ("formats-normalizations", "model.h5"),
                ("layer-UnitNormalization", "model.h5"), ("layer-AdaptiveAveragePooling2D", "model.h5")}


def arrays(items):
    return [np.array(i["values"], "float32").reshape(i["shape"]) for i in items]


def agree(model, inputs, outputs, what):
    results = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    results = results if isinstance(results, (list, tuple)) else [results]
    assert len(results) == len(outputs), (what, len(results))
    worst = max(float(np.abs(np.asarray(a) - b).max() / max(1e-30, np.abs(b).max())) for a, b in zip(results, outputs))
    print(f"{'ok      ' if worst < 1e-5 else 'DIFFERS '} {what}: {worst:.2g}")
    return worst < 1e-5


def main():
    good = True
    for name in sys.argv[1:]:
        folder = pathlib.Path(name)
        if not (folder / "io.json").exists():
            continue
        io = json.loads((folder / "io.json").read_text())
        inputs, outputs = arrays(io["inputs"]), arrays(io["outputs"])
        for file in ("model.keras", "model.h5"):
            if not (folder / file).exists() or (folder.name, file) in NOT_IN_KERAS:
                continue
            try:
                model = keras.models.load_model(folder / file, compile=False)
                good &= agree(model, inputs, outputs, f"{folder.name}/{file}")
            except Exception as e:
                good = False
                print(f"REFUSED  {folder.name}/{file}: {' '.join(str(e).split())[:300]}")
                continue
            for weights in ("weights.h5", "keras3.weights.h5", "model.weights.h5"):
                if (folder / weights).exists():
                    for w in model.weights:
                        w.assign(np.zeros(w.shape, "float32"))
                    try:
                        model.load_weights(folder / weights)
                        good &= agree(model, inputs, outputs, f"{folder.name}/{weights} into {file}")
                    except Exception as e:
                        good = False
                        print(f"REFUSED  {folder.name}/{weights}: {' '.join(str(e).split())[:300]}")
    sys.exit(0 if good else 1)


main()
