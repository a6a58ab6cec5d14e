#!/usr/bin/python3
"""Real Keras 3 writes tests/Lamina.Formats.Tests/Goldens/keras/keras3: models of all layers that Lamina has, with inputs and
the outputs that it computed. Run it once with each version, the newest first, which writes what the others are held against:

    KERAS_BACKEND=... python3 make_keras3_goldens.py
"""
import gzip
import json
import pathlib
import tempfile
import zipfile

import numpy as np

import keras
from keras import layers as L

OUT = pathlib.Path(__file__).resolve().parent.parent.parent / "Lamina.Formats.Tests" / "Goldens" / "keras" / "keras3"
NEWEST = (3, 16)
# These write a whole file of the model of all layers; the others its architecture alone, which is what changes.
WHOLE = ((3, 0), (3, 8), NEWEST)
VERSION = tuple(map(int, keras.__version__.split(".")[:2]))


def every():
    """Every layer class, each with something that is not its default; two inputs and outputs, a layer shared."""
    a, b = keras.Input((9, 8, 4), name="a"), keras.Input((9, 8, 4), name="b")
    x = L.Conv2D(4, (3, 2), strides=(2, 1), padding="same", groups=2, activation="gelu", kernel_regularizer="l2",
                 bias_regularizer=keras.regularizers.L1L2(0.1, 0.2), activity_regularizer="l1", kernel_constraint="max_norm",
                 kernel_initializer=keras.initializers.HeNormal(seed=3), bias_initializer=keras.initializers.Constant(0.1))(a)
    shared = L.Conv2D(4, 2, dilation_rate=2, use_bias=False, name="shared")
    x = L.BatchNormalization(momentum=0.9, epsilon=0.01, scale=False, beta_regularizer="l2", gamma_constraint="non_neg")(x)
    x = L.LeakyReLU(negative_slope=0.1)(x)
    y = L.Conv2D(4, (3, 2), strides=(2, 1), padding="same", activation="silu")(b)
    x, y = shared(x), shared(y)
    x = L.ReLU(max_value=6)(x)
    y = L.ReLU(negative_slope=0.2)(y)
    merged = L.Concatenate()([L.Add()([x, y]), L.Multiply()([x, y]), x + y])
    z = L.ZeroPadding2D(((1, 0), (0, 1)))(merged)
    z = L.MaxPooling2D((3, 2), strides=(2, 1), padding="same")(z)
    z = L.AveragePooling2D(2, strides=1, padding="same")(z)
    z = L.Rescaling(0.5, offset=0.25)(z)
    z = L.Activation("hard_sigmoid")(z)
    pooled = L.GlobalAveragePooling2D(keepdims=True)(z)
    z = L.Multiply()([z, pooled])
    z = L.Permute((3, 1, 2))(z)
    z = L.Flatten()(L.Reshape((4, 6, -1))(z))
    z = L.Dropout(0.25, seed=7)(L.Dense(5, activation="tanh")(z))
    return keras.Model([a, b], [L.Softmax()(L.Dense(3, use_bias=False)(z)), L.Dense(2, activation="sigmoid")(z)], name="every")


def walkthrough():
    """The tutorial's network with fewer channels and 4 classes."""
    i = keras.Input((64, 64, 3))
    x = i
    for filters, size, strides, ends in ((4, 11, 4, True), (8, 5, 1, True), (12, 3, 1, False), (12, 3, 1, False), (8, 3, 1, True)):
        x = L.Conv2D(filters, size, strides=strides, padding="same", activation="relu")(x)
        if ends:
            x = L.MaxPooling2D(3, 2)(L.BatchNormalization()(x))
    x = L.Dense(16, activation="relu")(L.Flatten()(x))
    x = L.Dropout(0.5)(L.Dense(16, activation="relu")(x))
    return keras.Model(i, L.Dense(4, activation="softmax")(x))


def sequential():
    return keras.Sequential([keras.Input((6, 6, 2)), L.Conv2D(3, 3), L.BatchNormalization(), L.LeakyReLU(), L.Flatten(),
                             L.Dense(4, activation="elu"), L.Dense(2, activation="softmax")])


def nested():
    """A model applied twice, which holds a Sequential; the whole wrapped in a Sequential."""
    i = keras.Input((6, 6, 3))
    head = keras.Sequential([keras.Input((4, 4, 2)), L.Flatten(), L.Dense(3)], name="head")
    tower = keras.Model(i, head(L.Conv2D(2, 3, activation="softplus")(i)), name="tower")
    a, b = keras.Input((6, 6, 3)), keras.Input((6, 6, 3))
    s = keras.Sequential([keras.Input((3,)), L.Dense(2, activation="tanh"), L.BatchNormalization()], name="last")
    return keras.Model([a, b], s(L.add([tower(a), tower(b)])), name="nested")


def wrapped():
    i = keras.Input((6, 6, 3), name="inner")
    inner = keras.Model(i, L.Flatten()(L.Conv2D(2, 3, activation="relu")(i)), name="inner_model")
    return keras.Sequential([keras.Input((6, 6, 3)), L.Rescaling([1 / 255, 2 / 255, 0.5], offset=[0.0, -1.0, 0.25]), inner, L.Dense(2)], name="wrapped")


def half():
    """A model of float16: its weights and what it computes."""
    keras.config.set_dtype_policy("float16")
    try:
        i = keras.Input((6, 6, 1), dtype="uint8")
        return keras.Model(i, L.Dense(3)(L.Flatten()(L.Rescaling(1 / 255)(i))), name="half")
    finally:
        keras.config.set_dtype_policy("float32")


def mixed():
    i = keras.Input((5,))
    x = L.Dense(4, activation=L.ReLU(max_value=6), dtype="mixed_float16")(i)
    return keras.Model(i, L.Dense(3, activation=keras.activations.leaky_relu)(x), name="mixed")


def summary(model):
    lines = []
    model.summary(print_fn=lambda s, **_: lines.append(s))
    return "\n".join(lines)


def arrays(items):
    return [{"shape": list(a.shape), "values": [int(v) if v == int(v) else float(v) for v in np.asarray(a, "float32").ravel()]} for a in items]


def clear():
    try:
        keras.utils.clear_session()
    except AttributeError:
        from keras.backend.common.global_state import clear_session
        clear_session()


def save(model, path):
    """A .keras as Keras wrote it, zipped again to be smaller and the same on any day."""
    with tempfile.TemporaryDirectory() as folder:
        model.save(f"{folder}/m.keras")
        with zipfile.ZipFile(f"{folder}/m.keras") as source, zipfile.ZipFile(path, "w") as target:
            for name in source.namelist():
                info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                target.writestr(info, source.read(name), zipfile.ZIP_DEFLATED, 9)


def make(build):
    name = build.__name__
    clear()
    random = np.random.RandomState(11)
    model = build()
    for w in model.weights:
        value = random.standard_normal(w.shape) * 0.4
        w.assign(np.abs(value) + 0.5 if "variance" in getattr(w, "path", w.name) else value)
    # Digits, which are short to write down.
    batch = 1 if name == "walkthrough" else 2
    inputs = [random.randint(0, 10, (batch, *t.shape[1:])).astype(t.dtype) for t in model.inputs]
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    outputs = [np.asarray(o, "float32") for o in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    if VERSION == NEWEST:
        io = {"inputs": arrays(inputs), "outputs": arrays(outputs)}
        (folder / "io.json").write_text(json.dumps(io, separators=(",", ":")))
        (folder / "summary.txt").write_text(summary(model))
        if name in ("nested", "wrapped"):
            model.save(folder / "model.h5")
    known = json.loads((folder / "io.json").read_text())["outputs"]
    worst = max(float(np.abs(o.ravel() - k["values"]).max()) for o, k in zip(outputs, known))
    assert worst < 1e-6, (name, worst)
    version = ".".join(map(str, VERSION))
    if VERSION in WHOLE:
        save(model, folder / (f"keras-{version}.keras" if name == "every" else "model.keras"))
    else:
        (folder / f"keras-{version}.json.gz").write_bytes(gzip.compress(model.to_json().encode(), 9, mtime=0))
    print(version, name, model.count_params(), f"{worst:.2g}")


for build in (every, walkthrough, sequential, nested, wrapped, half, mixed) if VERSION == NEWEST else (every,):
    make(build)
