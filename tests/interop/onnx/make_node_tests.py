#!/usr/bin/env python3
"""Packs the ONNX project's own tests of the operators that Lamina reads: make_node_tests.py DATA ZIP

DATA is the folder that Debian's libonnx-testdata installs, /usr/share/libonnx-testdata/data. Tests of over 100 kB of data
(windows of one and three dimensions, which Lamina has not, and two more) are left out. Needs python3-onnx.
"""

import pathlib
import sys
import zipfile

import onnx

OPERATORS = set(
    """Add AveragePool BatchNormalization Cast Clip Concat Constant Conv Div Dropout Elu Erf Exp Flatten Gelu Gemm
    GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish Identity LRN LeakyRelu MatMul MaxPool Mean Mul PRelu Pad
    ReduceMean Relu Reshape Selu Sigmoid Slice Softmax Softplus Softsign Split Squeeze Sub Sum Tanh Transpose
    Unsqueeze""".split()
)


def main(data, target):
    tests = []
    for model in sorted(pathlib.Path(data).glob("*/*/model.onnx")):
        suite = model.parent.parent.name
        if suite not in ("node", "pytorch-converted", "pytorch-operator"):
            continue
        operators = {n.op_type for n in onnx.load(str(model)).graph.node}
        size = sum(p.stat().st_size for p in (model.parent / "test_data_set_0").glob("*.pb"))
        if not operators or not operators <= OPERATORS:
            continue
        if size > 100_000:
            print(f"left out: {suite}/{model.parent.name}, {size} bytes")
            continue
        tests.append(model.parent)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for test in tests:
            for path in [test / "model.onnx", *sorted((test / "test_data_set_0").glob("*.pb"))]:
                info = zipfile.ZipInfo(f"{test.parent.name}/{test.name}/{path.name}", (2022, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(info, path.read_bytes())
    print(f"{len(tests)} tests, {pathlib.Path(target).stat().st_size} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
