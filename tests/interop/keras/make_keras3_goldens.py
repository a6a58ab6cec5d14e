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


def convolutions():
    """The further convolutions, each with something that is not its default."""
    i = keras.Input((9, 8, 4))
    a = L.DepthwiseConv2D((3, 2), strides=2, padding="same", depth_multiplier=2, activation="relu", depthwise_regularizer="l2")(i)
    b = L.SeparableConv2D(5, 3, padding="same", dilation_rate=2, depth_multiplier=2, activation="tanh", pointwise_constraint="max_norm")(i)
    c = L.Conv2DTranspose(3, (3, 2), strides=2, padding="same", activation="elu")(a)
    d = L.Conv2DTranspose(2, 4, strides=(1, 3), use_bias=False)(b)
    e = L.Conv2DTranspose(2, 3, strides=2, padding="valid", output_padding=(1, 0))(a)
    g = L.Conv2DTranspose(2, 3, padding="same", dilation_rate=2)(a)
    s = L.Reshape((-1, 4))(i)
    q = L.Conv1D(3, 4, strides=2, padding="causal", activation="sigmoid")(s)
    r = L.Conv1D(4, 3, padding="same", dilation_rate=2, groups=2, use_bias=False)(s)
    return keras.Model(i, [L.GlobalMaxPooling2D()(c), L.GlobalMaxPooling2D(keepdims=True)(d), L.Cropping2D(((1, 2), (0, 1)))(e), g, q, r],
                       name="convolutions")


def normalizations():
    i = keras.Input((5, 4, 6))
    x = L.LayerNormalization(epsilon=0.01)(i)
    y = L.LayerNormalization(axis=[1, 3], center=False, gamma_regularizer="l1")(i)
    z = L.GroupNormalization(groups=3, scale=False)(i)
    w = L.GroupNormalization(groups=-1, axis=1)(i)
    u = L.UnitNormalization(axis=[2, 3])(L.RMSNormalization()(i))
    n = L.Normalization(axis=-1)
    n.adapt(np.arange(600, dtype="float32").reshape(5, 5, 4, 6) % 17)
    m = L.Normalization(axis=None, mean=3.0, variance=4.0, invert=True)(n(i))
    return keras.Model(i, [x, y, z, w, u, m], name="normalizations")


def merging():
    a, b, c = keras.Input((4, 3), name="a"), keras.Input((4, 3), name="b"), keras.Input((3,), name="c")
    v = L.Subtract()([a, b])
    x = L.PReLU(shared_axes=[1])(L.Average()([a, b, v]))
    y = L.ELU()(L.Maximum()([a, b]))
    z = L.ReLU(max_value=3, negative_slope=0.2, threshold=1.5)(L.Minimum()([v, b]))
    d = L.Dot(axes=(2, 1))([L.Permute((2, 1))(x), y])
    e = L.Dot(axes=-1, normalize=True)([c, L.Dense(3)(c)])
    r = L.Identity()(L.RepeatVector(5)(c))
    n = L.GaussianNoise(0.1)(L.GaussianDropout(0.2)(L.AlphaDropout(0.1)(z)))
    return keras.Model([a, b, c], [x, y, n, d, e, r, L.Dot(axes=(1, 2))([c, a])], name="merging")


def further():
    """Classes that came to Lamina after the others."""
    i = keras.Input((7, 6, 4))
    x = L.ActivityRegularization(l1=0.01, l2=0.02)(i)
    y = L.Dense(4, kernel_initializer=keras.initializers.Identity(gain=2.0))(x)
    return keras.Model(i, [L.AdaptiveAveragePooling2D((3, 4))(y), L.AdaptiveAveragePooling2D(9)(x), L.SpatialDropout2D(0.3)(y)], name="further")


def activations():
    """Not glu, whose output shape Keras 3.16 misprints, nor sparsemax, whose rows do not sum to 1 there."""
    i = keras.Input((3, 4))
    names = ["celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu", "log_sigmoid",
             "log_softmax", "mish", "relu6", "selu", "silu", "soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "tanh_shrink"]
    x = L.Rescaling(0.5, offset=-2.2)(i)
    return keras.Model(i, [L.Activation(n)(x) for n in names], name="activations")


def preprocessing():
    """Layers of images, and those that are random in training, as they predict."""
    i = keras.Input((7, 6, 3))
    x = L.RandomFlip("horizontal")(L.RandomRotation(0.1, fill_mode="wrap")(i))
    x = L.RandomTranslation(0.1, (-0.2, 0.1), fill_mode="constant", fill_value=2.0)(L.RandomZoom((-0.2, 0.3), interpolation="nearest")(x))
    x = L.RandomBrightness(0.1, value_range=(0, 9))(L.RandomContrast(0.2)(x))
    x = L.SpatialDropout2D(0.3, seed=4)(x)
    outputs = [L.UpSampling2D((2, 3))(x), L.CenterCrop(4, 3)(x), L.CenterCrop(9, 5)(x)]
    outputs += [L.UpSampling2D(2, interpolation=k)(x) for k in ("bilinear", "bicubic", "lanczos3", "lanczos5")]
    outputs += [L.Resizing(4, 9, interpolation=k)(x) for k in ("nearest", "bilinear", "bicubic")]
    outputs += [L.Resizing(3, 4, antialias=True)(x), L.Resizing(5, 3, crop_to_aspect_ratio=True)(x),
                L.Resizing(4, 9, pad_to_aspect_ratio=True, fill_value=1.5)(x)]
    return keras.Model(i, outputs, name="preprocessing")


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
        if "normalization" in getattr(w, "path", w.name) and w.name in ("count", "mean", "variance"):
            continue
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


def augmentations():
    """Layers that are random in training, with ranges of one value: what they do to images then."""
    x = np.random.RandomState(5).randint(0, 10, (2, 7, 6, 2)).astype("float32")
    cases = {
        "rotation": L.RandomRotation((0.07, 0.07)),
        "rotation constant": L.RandomRotation((-0.2, -0.2), fill_mode="constant", fill_value=3.0),
        "rotation nearest": L.RandomRotation((0.11, 0.11), fill_mode="nearest", interpolation="nearest"),
        "translation": L.RandomTranslation((0.2, 0.2), (-0.4, -0.4)),
        "translation wrap": L.RandomTranslation((0.25, 0.25), (0.35, 0.35), fill_mode="wrap"),
        "zoom": L.RandomZoom((0.3, 0.3), (-0.2, -0.2)),
        "zoom same": L.RandomZoom((-0.4, -0.4), fill_mode="nearest"),
        "brightness": L.RandomBrightness((0.3, 0.3), value_range=(0, 9)),
    }
    outputs = {name: arrays([layer(x, training=True)])[0] for name, layer in cases.items()}
    folder = OUT / "augmentations"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "io.json").write_text(json.dumps({"inputs": arrays([x]), "outputs": list(outputs.values()), "names": list(outputs)},
                                               separators=(",", ":")))


NEW = (convolutions, normalizations, merging, further, activations, preprocessing)

if VERSION == NEWEST:
    augmentations()
for build in (every, walkthrough, sequential, nested, wrapped, half, mixed, *NEW) if VERSION == NEWEST else (every,):
    make(build)
