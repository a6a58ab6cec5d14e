"""Makes imagenet/meta.mat and meta-plain.mat: three classes and a group, as in the development kit of ILSVRC-2012.

Run with Debian's python3-scipy: /usr/bin/python3 make_imagenet.py. The IDs are in another order than the WordNet IDs, as in
the kit, and one name is not ASCII.
"""

import pathlib

import numpy
from scipy.io import savemat

FIELDS = [
    "ILSVRC2012_ID",
    "WNID",
    "words",
    "gloss",
    "num_children",
    "children",
    "wordnet_height",
    "num_train_images",
]
ROWS = [
    (1.0, "n03000001", "Höhle", "a hollow in the ground", 0.0, [], 0.0, 732.0),
    (2.0, "n01000001", "tench, Tinca tinca", "freshwater fish", 0.0, [], 0.0, 300.5),
    (3.0, "n02000001", "crane", "", 0.0, [], 0.0, 1300.0),
    (4.0, "n00000001", "group", "a group of classes", 2.0, [1.0, 2.0], 1.0, 0.0),
]

synsets = numpy.empty((len(ROWS), 1), dtype=[(f, object) for f in FIELDS])
for i, row in enumerate(ROWS):
    for field, value in zip(FIELDS, row):
        synsets[i, 0][field] = numpy.array(value, dtype=float) if isinstance(value, list) else value

folder = pathlib.Path(__file__).parent / "imagenet"
other = numpy.arange(6, dtype=numpy.int16).reshape(2, 3)
savemat(folder / "meta.mat", {"other": other, "synsets": synsets}, do_compression=True)
savemat(folder / "meta-plain.mat", {"other": other, "synsets": synsets}, do_compression=False)
