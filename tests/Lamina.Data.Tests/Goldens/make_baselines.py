"""Writes baselines.json: the accuracy of the nearest neighbor on the shipped Fashion-MNIST, by numpy.

Run with Debian's python3-numpy: /usr/bin/python3 make_baselines.py.
"""

import gzip
import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
DATA = HERE.parents[2] / "data" / "fashion-mnist"


def read(name, header):
    with gzip.open(DATA / f"{name}-ubyte.gz") as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def part(name):
    labels = read(f"{name}-labels-idx1", 8)
    return read(f"{name}-images-idx3", 16).reshape(len(labels), -1).astype(np.int64), labels


def accuracy(train, train_labels, test, test_labels):
    right = 0
    for image, label in zip(test, test_labels):
        # argmin returns the first of equal distances.
        right += train_labels[np.argmin(((train - image) ** 2).sum(axis=1))] == label
    return int(right) / len(test)


train, train_labels = part("train")
test, test_labels = part("t10k")
result = {
    "all": accuracy(train, train_labels, test, test_labels),
    "every_tenth_by_every_fifth": accuracy(train[::10], train_labels[::10], test[::5], test_labels[::5]),
}
(HERE / "baselines.json").write_text(json.dumps(result, indent=1) + "\n")
