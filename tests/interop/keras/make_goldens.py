#!/usr/bin/python3
"""Makes tests/Lamina.Formats.Tests/Goldens/keras: the models of Goldens/tfjs (architecture, weights) in Keras's own files,
laid out by h5py as Keras 2.12 and Keras 3 lay them out. Inputs and outputs are tfjs's (io.json there).

Needs Debian's python3-h5py and python3-numpy: /usr/bin/python3 make_goldens.py
"""
import copy
import io
import json
import pathlib
import shutil
import zipfile

import h5py
import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
GOLDENS = HERE.parent.parent / "Lamina.Formats.Tests" / "Goldens"

INITIALIZERS = {"kernel_initializer": "GlorotUniform", "bias_initializer": "Zeros", "beta_initializer": "Zeros",
                "gamma_initializer": "Ones", "moving_mean_initializer": "Zeros", "moving_variance_initializer": "Ones"}


def read_tfjs(name):
    folder = GOLDENS / "tfjs" / name
    root = json.loads((folder / "model.json").read_text())
    weights = {}
    for group in root["weightsManifest"]:
        data = b"".join((folder / p).read_bytes() for p in group["paths"])
        at = 0
        for w in group["weights"]:
            count = int(np.prod(w["shape"]))
            weights[w["name"]] = np.frombuffer(data, "<f4", count, at).reshape(w["shape"])
            at += 4 * count
    return root["modelTopology"], weights


def is_model(entry):
    return entry["class_name"] in ("Model", "Functional", "Sequential")


def layers_of(entry):
    return entry["config"]["layers"]


def first_input_shape(entry):
    return entry["config"]["batch_input_shape"]


def python_config(entry, keras3):
    """A layer's config as Keras writes it: what tfjs leaves out is put in."""
    c = copy.deepcopy(entry["config"])
    kind = entry["class_name"]
    c.pop("batch_input_shape", None) if kind != "InputLayer" else None
    c["trainable"] = True
    c["dtype"] = ({"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
                   "registered_name": None} if keras3 else "float32")
    for key, cls in INITIALIZERS.items():
        if key in c:
            c[key] = {"module": "keras.initializers", "class_name": cls,
                      "config": {"seed": None} if cls == "GlorotUniform" else {}, "registered_name": None}
    if kind == "Conv2D":
        c["groups"] = 1
        # Acts on training alone.
        c["kernel_regularizer"] = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 1e-4},
                                   "registered_name": None}
    if kind == "BatchNormalization":
        c["axis"] = 3 if keras3 else [3]
        if keras3:
            c["synchronized"] = False
    if kind == "GlobalAveragePooling2D":
        c["keepdims"] = False
    if kind == "LeakyReLU" and keras3:
        c["negative_slope"] = c.pop("alpha")
    if kind == "ReLU":
        c.setdefault("negative_slope", 0.0)
        c.setdefault("threshold", 0.0)
    if kind == "InputLayer":
        c.pop("trainable")
        c["ragged"] = False
        if keras3:
            c["batch_shape"] = c.pop("batch_input_shape")
    return c


def keras2(entry):
    if not is_model(entry):
        return {"class_name": entry["class_name"], "config": python_config(entry, False)}
    config = copy.deepcopy({k: v for k, v in entry["config"].items() if k != "layers"})
    config["trainable"] = True
    config["layers"] = []
    kind = "Sequential" if entry["class_name"] == "Sequential" else "Functional"
    for i, layer in enumerate(layers_of(entry)):
        if kind == "Sequential":
            if i == 0:
                config["layers"].append({"class_name": "InputLayer", "config": {
                    "batch_input_shape": first_input_shape(layer), "dtype": "float32", "sparse": False, "ragged": False,
                    "name": layer["config"]["name"] + "_input"}})
            config["layers"].append(keras2(layer))
        else:
            written = keras2(layer)
            written["name"] = layer["name"]
            written["inbound_nodes"] = layer["inbound_nodes"]
            config["layers"].append(written)
    return {"class_name": kind, "config": config}


def shapes(entry, known):
    """The output shape of each layer, where the arguments of a call say it; Keras checks it, readers need not."""
    return known.get(entry, [None])


def keras3(entry):
    if not is_model(entry):
        return {"module": "keras.layers", "class_name": entry["class_name"], "config": python_config(entry, True),
                "registered_name": None}
    kind = "Sequential" if entry["class_name"] == "Sequential" else "Functional"
    source = entry["config"]
    config = {"name": source["name"], "trainable": True}
    if kind == "Sequential":
        config["dtype"] = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"},
                           "registered_name": None}
        shape = first_input_shape(source["layers"][0])
        config["layers"] = [{"module": "keras.layers", "class_name": "InputLayer", "config": {
            "batch_shape": shape, "dtype": "float32", "sparse": False, "ragged": False,
            "name": source["layers"][0]["config"]["name"] + "_input"}, "registered_name": None}]
        config["layers"] += [keras3(layer) for layer in source["layers"]]
        config["build_input_shape"] = shape
        return {"module": "keras", "class_name": kind, "config": config, "registered_name": None,
                "build_config": {"input_shape": shape}}
    models = {layer["name"]: layer["class_name"] for layer in source["layers"] if is_model(layer)}

    def tensor(reference):
        name, node, output = reference[:3]
        # tfjs counts a nested model's nodes from 1, as Keras 2 does; the history of a tensor in Keras 3 from 0.
        return {"class_name": "__keras_tensor__", "config": {
            "shape": [None], "dtype": "float32",
            "keras_history": [name, node - (1 if name in models else 0), output]}}

    def end(reference):
        name, node, output = reference
        return [name, node - (1 if models.get(name) == "Sequential" else 0), output]

    config["layers"] = []
    for layer in source["layers"]:
        written = keras3(layer)
        written["name"] = layer["name"]
        written["inbound_nodes"] = []
        for node in layer["inbound_nodes"]:
            tensors = [tensor(r) for r in node]
            listed = layer["class_name"] in ("Add", "Multiply", "Concatenate")
            kwargs = {"mask": None} if layer["class_name"] == "BatchNormalization" else {}
            written["inbound_nodes"].append({"args": [tensors] if listed else tensors, "kwargs": kwargs})
        config["layers"].append(written)
    for key in ("input_layers", "output_layers"):
        ends = [end(r) for r in source[key]]
        config[key] = ends[0] if len(ends) == 1 else ends
    return {"module": "keras", "class_name": "Functional", "config": config, "registered_name": "Functional",
            "build_config": {"input_shape": None}}


def weights_of(entry, weights):
    """(trained, not trained) of a layer: (name, values)."""
    if is_model(entry):
        parts = [weights_of(layer, weights) for layer in layers_of(entry)]
        return sum((p[0] for p in parts), []), sum((p[1] for p in parts), [])
    name = entry["config"]["name"]
    found = {k.split("/")[1].split("_", 1)[0] if False else k: v for k, v in weights.items() if k.startswith(name + "/")}
    trained, moving = [], []
    for part in ("kernel", "gamma", "beta", "bias"):
        key = f"{name}/{part}"
        if key in found:
            trained.append((key, found[key]))
    for part in ("moving_mean", "moving_variance"):
        key = f"{name}/{part}"
        if key in found:
            moving.append((key, found[key]))
    assert len(found) == len(trained) + len(moving), (name, list(found))
    return trained, moving


def write_legacy(group, entry, weights, options=None, dtype="<f4", chunk_names=None, version="2.12.0"):
    """save_weights_to_hdf5_group. Keras 3 names weights by their paths, Keras 2 by TensorFlow's tensors."""
    names = [layer["config"]["name"].encode() for layer in layers_of(entry)]
    if chunk_names:
        for i in range(0, len(names), chunk_names):
            group.attrs[f"layer_names{i // chunk_names}"] = names[i:i + chunk_names]
    else:
        group.attrs["layer_names"] = names
    group.attrs["backend"] = "tensorflow".encode("utf8")
    group.attrs["keras_version"] = version.encode("utf8")
    for layer in sorted(layers_of(entry), key=lambda e: e["config"]["name"]):
        g = group.create_group(layer["config"]["name"])
        trained, moving = weights_of(layer, weights)
        stored = [(f"{n}:0", v) for n, v in trained + moving]
        if version.startswith("3"):
            inside = f"{layer['config']['name']}/" if is_model(layer) else ""
            stored = [(inside + n, v) for n, v in trained + moving]
        g.attrs["weight_names"] = [n.encode() for n, _ in stored]
        for name, value in stored:
            extra = dict(options or {})
            if extra.pop("chunks", None):
                extra["chunks"] = tuple(max(1, (d + 1) // 2) for d in value.shape)
            g.create_dataset(name, data=value.astype(dtype), **extra)
    top = group.create_group("top_level_model_weights")
    top.attrs["weight_names"] = []


def write_legacy_model(f, entry, weights, **more):
    f.attrs["keras_version"] = "2.12.0".encode("utf8")
    f.attrs["backend"] = "tensorflow".encode("utf8")
    f.attrs["model_config"] = json.dumps(keras2(entry)).encode("utf8")
    write_legacy(f.create_group("model_weights"), entry, weights, **more)


def without_modules(value):
    """Keras 3 writes .h5 with its own nodes, but without modules around layers."""
    if isinstance(value, list):
        return [without_modules(v) for v in value]
    if isinstance(value, dict):
        keep = value.get("class_name") == "DTypePolicy"
        return {k: without_modules(v) for k, v in value.items()
                if keep or k not in ("module", "registered_name", "build_config")}
    return value


def write_keras3_legacy_model(f, entry, weights):
    f.attrs["keras_version"] = "3.3.3".encode("utf8")
    f.attrs["backend"] = "tensorflow".encode("utf8")
    f.attrs["model_config"] = json.dumps(without_modules(keras3(entry))).encode("utf8")
    write_legacy(f.create_group("model_weights"), entry, weights, version="3.3.3")


def snake(class_name):
    known = {"Conv2D": "conv2d", "Dense": "dense", "BatchNormalization": "batch_normalization", "Model": "functional",
             "Functional": "functional", "Sequential": "sequential", "InputLayer": "input_layer",
             "MaxPooling2D": "max_pooling2d", "AveragePooling2D": "average_pooling2d", "Dropout": "dropout",
             "ZeroPadding2D": "zero_padding2d", "LeakyReLU": "leaky_re_lu", "ReLU": "re_lu", "Flatten": "flatten",
             "GlobalAveragePooling2D": "global_average_pooling2d", "Reshape": "reshape", "Softmax": "softmax",
             "Add": "add", "Multiply": "multiply", "Concatenate": "concatenate", "Activation": "activation"}
    return known[class_name]


def write_keras3(f, entry, weights, path="", dtype="<f4", layers="layers"):
    """_save_state of saving_lib: layers by class and number, their variables by number."""
    f.create_group(f"{path}vars")
    used = {}
    for layer in layers_of(entry):
        name = snake(layer["class_name"])
        if name in used:
            used[name] += 1
            name = f"{name}_{used[name]}"
        else:
            used[name] = 0
        inner = f"{path}{layers}/{name}/"
        if is_model(layer):
            write_keras3(f, layer, weights, inner, dtype, layers)
            continue
        trained, moving = weights_of(layer, weights)
        group = f.create_group(f"{inner}vars")
        for i, (_, value) in enumerate(trained + moving):
            group[f"{i}"] = value.astype(dtype)
        if layer["class_name"] == "Dropout":
            f.create_group(f"{inner}seed_generator/vars")["0"] = np.array([1337, 0], "uint32")


def write_archive(path, entry, weights, compression=zipfile.ZIP_STORED):
    h5 = io.BytesIO()
    with h5py.File(h5, "w") as f:
        write_keras3(f, entry, weights)
    when = (1980, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (("metadata.json", json.dumps({"keras_version": "3.3.3", "date_saved": "2024-06-01@12:00:00"})),
                           ("config.json", json.dumps({**keras3(entry), "compile_config": None})),
                           ("model.weights.h5", h5.getvalue())):
            archive.writestr(zipfile.ZipInfo(name, when), data, compression)


TINY = {"class_name": "Sequential", "config": {"name": "tiny", "layers": [
    {"class_name": "Dense", "config": {"name": "dense", "units": 2, "activation": "relu", "use_bias": True,
                                       "batch_input_shape": [None, 3]}}]}}


def tiny():
    """The smallest models, to be damaged byte by byte, and files that mean harm."""
    weights = {"dense/kernel": np.arange(6, dtype="<f4").reshape(3, 2), "dense/bias": np.array([-1, 1], "<f4")}
    out = GOLDENS / "keras" / "tiny"
    out.mkdir()
    with h5py.File(out / "model.h5", "w") as f:
        write_legacy_model(f, TINY, weights)
    with h5py.File(out / "latest.h5", "w", libver="latest") as f:
        write_legacy_model(f, TINY, weights, options={"chunks": True, "compression": "gzip"})
    with h5py.File(out / "gzip.h5", "w") as f:
        write_legacy_model(f, TINY, weights, options={"chunks": True, "compression": "gzip", "shuffle": True})
    write_archive(out / "model.keras", TINY, weights)

    def hostile(name, change, libver="earliest"):
        with h5py.File(out / f"hostile-{name}.h5", "w", libver=libver) as f:
            write_legacy_model(f, TINY, weights)
            group = f["model_weights/dense/dense"]
            del group["kernel:0"]
            change(f, group)

    def huge(f, group):
        group.create_dataset("kernel:0", (2**62,), "<f4", chunks=(1024,))

    def huge_right_rank(f, group):
        group.create_dataset("kernel:0", (2**31, 2**31), "<f8", chunks=(1, 1))

    def external_link(f, group):
        group["kernel:0"] = h5py.ExternalLink("model.h5", "/model_weights/dense/dense/kernel:0")

    def soft_cycle(f, group):
        group["kernel:0"] = h5py.SoftLink("/model_weights/dense/dense/kernel:0")

    def hard_cycle(f, group):
        group["kernel:0"] = f["model_weights"]

    def external_file(f, group):
        group.create_dataset("kernel:0", (3, 2), "<f4", external=[("/etc/passwd", 0, 24)])

    def virtual(f, group):
        layout = h5py.VirtualLayout((3, 2), "<f4")
        layout[:] = h5py.VirtualSource("model.h5", "model_weights/dense/dense/kernel:0", (3, 2))
        group.create_virtual_dataset("kernel:0", layout)

    def text(f, group):
        group.create_dataset("kernel:0", data=np.array([[b"a", b"b"]] * 3))

    def other_filter(f, group):
        group.create_dataset("kernel:0", data=weights["dense/kernel"], chunks=(3, 2), compression="lzf")

    for change in (huge, huge_right_rank, external_link, soft_cycle, hard_cycle, external_file, text, other_filter):
        hostile(change.__name__, change)
    hostile("virtual", virtual, "latest")
    # A model of 2^26 weights that are all zeros, in a few kilobytes.
    bomb = copy.deepcopy(TINY)
    bomb["config"]["layers"][0]["config"].update(units=8192, batch_input_shape=[None, 8192])
    with h5py.File(out / "hostile-bomb.h5", "w") as f:
        write_legacy_model(f, bomb, {"dense/bias": np.zeros(8192, "<f4")})
        group = f["model_weights/dense/dense"]
        group.create_dataset("kernel:0", (8192, 8192), "<f4", chunks=(4096, 4096), compression="gzip")[:4096, :4096] = 0
        f["model_weights/dense"].attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]


def main():
    for old in (GOLDENS / "keras").glob("*"):
        # Keras's own files are make_keras3_goldens.py's.
        if old.is_dir() and old.name != "keras3":
            shutil.rmtree(old)
    for name in ("cnn", "sequential", "graph"):
        entry, weights = read_tfjs(name)
        out = GOLDENS / "keras" / name
        out.mkdir(parents=True)
        with h5py.File(out / "model.h5", "w") as f:
            write_legacy_model(f, entry, weights)
        with h5py.File(out / "keras3-model.h5", "w") as f:
            write_keras3_legacy_model(f, entry, weights)
        with h5py.File(out / "legacy-weights.h5", "w") as f:
            write_legacy(f, entry, weights)
        with h5py.File(out / "keras3.weights.h5", "w") as f:
            write_keras3(f, entry, weights)
        write_archive(out / "model.keras", entry, weights)
    entry, weights = read_tfjs("cnn")
    out = GOLDENS / "keras" / "cnn"
    # The forms that HDF5 itself can have.
    with h5py.File(out / "gzip.h5", "w") as f:
        write_legacy_model(f, entry, weights, options={"chunks": True, "compression": "gzip", "shuffle": True,
                                                       "fletcher32": True}, dtype=">f8")
    with h5py.File(out / "latest.h5", "w", libver="latest") as f:
        write_legacy_model(f, entry, weights, chunk_names=4, options={"chunks": True, "compression": "gzip"})
    with h5py.File(out / "latest-plain.h5", "w", libver="latest") as f:
        write_legacy_model(f, entry, weights, options={"chunks": True}, dtype="<f8")
    with h5py.File(out / "half.weights.h5", "w") as f:
        write_keras3(f, entry, weights, dtype="<f2")
    with h5py.File(out / "keras2-13.weights.h5", "w") as f:
        write_keras3(f, entry, weights, layers="_layer_checkpoint_dependencies")
    write_archive(out / "deflated.keras", entry, weights, zipfile.ZIP_DEFLATED)
    tiny()
    # Many links and attributes, which newer files keep in heaps.
    many = GOLDENS / "keras" / "many.h5"
    with h5py.File(many, "w", libver="latest") as f:
        for i in range(120):
            f.create_group(f"layer_{i:03}").attrs["number"] = f"{i}"
            f.attrs[f"layer_names{i}"] = [f"layer_{i:03}".encode()]


main()
