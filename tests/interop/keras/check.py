#!/usr/bin/python3
"""Looks into Keras files that Lamina wrote with h5py, and requires what Keras's loaders look for:

    check.py FOLDER...      (folders with model.keras, model.h5, weights.h5, keras3.weights.h5; those that are there)

Needs Debian's python3-h5py.
"""
import io
import json
import pathlib
import sys
import zipfile

import h5py
import numpy as np


def decode(names):
    return [n.decode() if hasattr(n, "decode") else n for n in names]


def names_of(group, attribute):
    """load_attributes_from_hdf5_group."""
    if attribute in group.attrs:
        return decode(group.attrs[attribute])
    names, i = [], 0
    while f"{attribute}{i}" in group.attrs:
        names += decode(group.attrs[f"{attribute}{i}"])
        i += 1
    return names


def legacy_weights(group):
    """{layer: [values]} as load_weights_from_hdf5_group reads them."""
    result = {}
    for layer in names_of(group, "layer_names"):
        g = group[layer]
        values = [np.asarray(g[w]) for w in names_of(g, "weight_names")]
        assert all(v.dtype == np.float32 for v in values)
        if values:
            result[layer] = values
    assert names_of(group["top_level_model_weights"], "weight_names") == []
    assert decode([group.attrs["keras_version"]])[0][:2] in ("2.", "3.")
    return result


def is_model(entry):
    return entry["class_name"] in ("Functional", "Sequential", "Model")


def snake(name):
    out = ""
    for i, c in enumerate(name):
        if c.isupper() and i and (name[i - 1].islower() or (i + 1 < len(name) and name[i + 1].islower())):
            out += "_"
        out += c.lower()
    return out


def keras3_weights(f, entry, path=""):
    """{layer: [values]} as saving_lib reads them, the layers from the architecture."""
    result, used = {}, {}
    for layer in entry["config"]["layers"]:
        name = snake(layer["class_name"])
        used[name] = used.get(name, -1) + 1
        name += f"_{used[name]}" if used[name] else ""
        inner = f"{path}layers/{name}"
        if is_model(layer):
            for key, values in keras3_weights(f, layer, inner + "/").items():
                result.setdefault(layer["config"]["name"], []).extend(values)
            continue
        group = f[inner]["vars"]
        values = [np.asarray(group[str(i)]) for i in range(len(group))]
        if values:
            result[layer["config"]["name"]] = values
    return result


def same(a, b, what):
    assert list(a) == list(b), (what, list(a), list(b))
    for layer in a:
        x = sorted(v.tobytes() for v in a[layer])
        y = sorted(v.tobytes() for v in b[layer])
        assert x == y, (what, layer)


def check(folder):
    seen = []
    legacy = None
    if (folder / "model.h5").exists():
        with h5py.File(folder / "model.h5") as f:
            config = json.loads(decode([f.attrs["model_config"]])[0])
            assert config["class_name"] in ("Functional", "Sequential")
            legacy = legacy_weights(f["model_weights"])
        seen.append("model.h5")
    if (folder / "weights.h5").exists():
        with h5py.File(folder / "weights.h5") as f:
            same(legacy or legacy_weights(f), legacy_weights(f), "weights.h5")
        seen.append("weights.h5")
    if (folder / "model.keras").exists():
        with zipfile.ZipFile(folder / "model.keras") as archive:
            assert archive.testzip() is None
            assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]
            assert json.loads(archive.read("metadata.json"))["keras_version"].startswith("3.")
            config = json.loads(archive.read("config.json"))
            modules = {"Functional": "keras.src.models.functional", "Sequential": "keras"}
            assert config["module"] == modules[config["class_name"]]
            with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as f:
                weights = keras3_weights(f, config)
            if legacy is not None:
                same(legacy, weights, "model.keras")
        seen.append("model.keras")
        if (folder / "keras3.weights.h5").exists():
            with h5py.File(folder / "keras3.weights.h5") as f:
                same(weights, keras3_weights(f, config), "keras3.weights.h5")
            seen.append("keras3.weights.h5")
    print("ok", folder.name, ", ".join(seen))


for name in sys.argv[1:]:
    check(pathlib.Path(name))
