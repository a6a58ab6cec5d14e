#!/usr/bin/python3
"""Prints the public names of Keras that docs/keras.md does not mention; none are left without a reason:

    missing_names.py KERAS_SOURCE      (a checkout of github.com/keras-team/keras; it is parsed, not run)
"""
import ast
import pathlib
import re
import sys

MODULES = ("layers", "losses", "metrics", "optimizers", "optimizers/schedules", "callbacks", "initializers", "regularizers",
           "constraints", "activations")
# Base classes and containers of Keras's own, and names that only repeat a class.
PLUMBING = {"Callback", "CallbackList", "Constraint", "Initializer", "InputSpec", "Layer", "LearningRateSchedule", "Loss", "Metric",
            "Optimizer", "OptimizerMap", "Regularizer", "deserialize", "get", "legacy", "schedules", "serialize"}
ALIASES = re.compile(r"(AvgPool|Convolution|GlobalAvgPool|GlobalMaxPool|MaxPool|SeparableConvolution|DepthwiseConvolution)\dD(Transpose)?|.*Initializer|InputLayer")


def names(folder, module):
    tree = ast.parse((folder / "keras" / "api" / module / "__init__.py").read_text())
    found = {a.asname or a.name for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) for a in n.names} - PLUMBING
    # Functions repeat the classes, but for activations.
    return found if module == "activations" else {n for n in found if n[0].isupper() and not ALIASES.fullmatch(n)}


def main():
    page = pathlib.Path(__file__).resolve().parent.parent.parent.parent / "docs" / "keras.md"
    words = set(re.findall(r"[A-Za-z0-9_]+", page.read_text()))
    missing = False
    for module in MODULES:
        found = names(pathlib.Path(sys.argv[1]), module)
        left = sorted(found - words)
        missing |= bool(left)
        print(f"{module}: {len(found)} names" + (f", missing: {', '.join(left)}" if left else ""))
    sys.exit(1 if missing else 0)


main()
