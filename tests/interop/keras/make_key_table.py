#!/usr/bin/python3
"""Writes the table of the keys that each version of Keras puts into the configs of the layers that Lamina has:

    make_key_table.py KERAS_GIT_DIR > src/Lamina/Keras/keras-keys.tsv

KERAS_GIT_DIR is a clone of github.com/keras-team/keras with its tags (bare or not). The sources are parsed, not run, so
that versions that need TensorFlow are covered too. A line is class, key, default (JSON, or "required"), versions.
"""
import ast
import io
import json
import subprocess
import sys
import tarfile

CLASSES = ["Activation", "ActivityRegularization", "Add", "AlphaDropout", "Average", "AveragePooling2D", "BatchNormalization", "CenterCrop",
           "Concatenate", "Conv1D", "Conv2D", "Conv2DTranspose", "Cropping2D", "Dense", "DepthwiseConv2D", "Dot",
           "Dropout", "ELU", "Flatten", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling2D",
           "GlobalMaxPooling2D", "GroupNormalization", "Identity", "InputLayer", "LayerNormalization", "LeakyReLU",
           "MaxPooling2D", "Maximum", "Minimum", "Multiply", "Normalization", "PReLU", "Permute",
           "RMSNormalization", "RandomBrightness", "RandomContrast", "RandomCrop", "RandomFlip", "RandomRotation",
           "RandomTranslation", "RandomZoom", "ReLU", "RepeatVector", "Rescaling", "Reshape", "Resizing",
           "SeparableConv2D", "Softmax", "SpatialDropout2D", "Subtract", "UnitNormalization", "UpSampling2D",
           "ZeroPadding2D"]

# Every layer's config has them, and entries of models are read with them.
COMMON = {"name", "trainable", "dtype"}

# The constructor takes None and puts this in its place.
STANDS_FOR_NONE = {"data_format": "channels_last", "sparse": False, "ragged": False, "autocast": True}

# The last release of each minor version, and the head for a version that has no tag yet.
def versions(git):
    tags = subprocess.run(["git", "-C", git, "tag"], check=True, capture_output=True, text=True).stdout.split()
    last = {}
    for tag in tags:
        parts = tag.removeprefix("v").split(".")
        if len(parts) == 3 and all(p.isdigit() for p in parts):
            number = tuple(map(int, parts))
            if (2, 7) <= number[:2] and number > last.get(number[:2], ((),))[0]:
                last[number[:2]] = (number, tag)
    found = {minor: tag for minor, (_, tag) in sorted(last.items())}
    head = subprocess.run(["git", "-C", git, "grep", "-h", "-E", r"^__version__ = ", "HEAD", "--", "keras/src/version.py"],
                          capture_output=True, text=True).stdout
    if head:
        found.setdefault(tuple(map(int, head.split('"')[1].split(".")[:2])), "HEAD")
    return found


class Source:
    """The classes of one version, by name; where a name is defined twice, the one that is exported as a layer."""

    def __init__(self, git, tag):
        archive = subprocess.run(["git", "-C", git, "archive", tag, "keras"], check=True, capture_output=True).stdout
        self.classes, exported = {}, set()
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar:
                path = member.name
                if not path.endswith(".py") or "_test" in path or "/applications/" in path or "/api/" in path:
                    continue
                if not any(part in path for part in ("/layers/", "/engine/", "/ops/operation.py", "/legacy_tf_layers/")):
                    continue
                if "legacy_tf_layers" in path:
                    continue
                for node in ast.parse(tar.extractfile(member).read()).body:
                    if isinstance(node, ast.ClassDef):
                        is_layer = any(self._exports(d, f"keras.layers.{node.name}") for d in node.decorator_list)
                        if is_layer or node.name not in exported:
                            self.classes[node.name] = node
                            exported |= {node.name} if is_layer else set()

    @staticmethod
    def _exports(decorator, name):
        if not isinstance(decorator, ast.Call):
            return False
        return any(isinstance(c, ast.Constant) and c.value == name for a in decorator.args for c in ast.walk(a))

    def ancestry(self, name):
        found, queue = [], [name]
        while queue:
            node = self.classes.get(queue.pop(0))
            if node and node not in found:
                found.append(node)
                queue += [b.attr if isinstance(b, ast.Attribute) else getattr(b, "id", "") for b in node.bases]
        return found


def method(node, name):
    return next((m for m in node.body if isinstance(m, ast.FunctionDef) and m.name == name), None)


def keys_of(function):
    """The text keys of the dictionaries that a get_config makes, and of what it sets in them."""
    keys, gone = [], set()
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            keys += [k.value for k in node.keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                    keys.append(target.slice.value)
        elif isinstance(node, ast.Delete):
            gone |= {t.slice.value for t in node.targets if isinstance(t, ast.Subscript)}
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "pop":
            gone |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant)}
    return keys, gone


def defaults_of(function):
    arguments = function.args
    named = arguments.args[1:]
    result = {a.arg: "required" for a in named[:len(named) - len(arguments.defaults)]}
    values = list(zip(named[len(named) - len(arguments.defaults):], arguments.defaults))
    values += [(a, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults) if d is not None]
    for argument, value in values:
        try:
            result[argument.arg] = json.dumps(ast.literal_eval(value))
        except ValueError:
            result[argument.arg] = "required"
        # "Zeros" in some versions, "zeros" in others.
        if argument.arg.endswith("_initializer"):
            result[argument.arg] = result[argument.arg].lower()
    # Deprecated arguments: rms_scaling = kwargs.pop("rms_scaling", False)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "pop" and len(node.args) == 2:
            if all(isinstance(a, ast.Constant) for a in node.args):
                result.setdefault(node.args[0].value, json.dumps(node.args[1].value))
    return result


def table_of(source, name):
    """{key: default} of a class: keys of all its ancestors, the default of the nearest constructor that takes the key."""
    keys, gone, defaults = [], set(), {}
    for node in source.ancestry(name):
        if (config := method(node, "get_config")) is not None:
            own, without = keys_of(config)
            keys += own
            gone |= without
        if (constructor := method(node, "__init__")) is not None:
            for key, value in defaults_of(constructor).items():
                defaults.setdefault(key, value)
    result = {}
    for key in sorted(set(keys) - gone - COMMON):
        value = defaults.get(key, "null")
        if value == "null" and key in STANDS_FOR_NONE:
            value = json.dumps(STANDS_FOR_NONE[key])
        result[key] = value
    return result


def spans(numbers, order):
    """2.7-2.12 3.0-3.16, from the versions in which something holds."""
    text, at = [], [order.index(n) for n in numbers]
    while at:
        length = next((i for i in range(1, len(at)) if at[i] != at[0] + i), len(at))
        first, last = order[at[0]], order[at[length - 1]]
        text.append(".".join(map(str, first)) + ("" if first == last else "-" + ".".join(map(str, last))))
        at = at[length:]
    return " ".join(text)


def main():
    git = sys.argv[1]
    found = versions(git)
    lines = {}
    for number, tag in found.items():
        source = Source(git, tag)
        for name in CLASSES:
            table = table_of(source, name)
            # Later versions have more classes; a class of the first one must not be lost.
            if not table and name not in source.classes and any(k[0] == name for k in lines):
                sys.exit(f"{tag} has no {name}")
            for key, value in table.items():
                lines.setdefault((name, key, value), []).append(number)
    print("# class\tkey\tdefault\tversions of Keras; made by tests/interop/keras/make_key_table.py")
    for (name, key, value), numbers in sorted(lines.items()):
        print(f"{name}\t{key}\t{value}\t{spans(numbers, list(found))}")


main()
