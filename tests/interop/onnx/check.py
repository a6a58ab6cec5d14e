#!/usr/bin/env python3
"""Checks ONNX files by the ONNX project's own checker, with shape inference, and prints a line each.

check.py FILE...    Exits with 1 if a file fails, 2 if there is none. Needs python3-onnx.
"""

import sys

import onnx
import onnx.checker
import onnx.shape_inference


def shapes(values):
    return {v.name: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}


def check(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    if model.ir_version != 8 or [(o.domain, o.version) for o in model.opset_import] != [("", 17)]:
        raise ValueError(f"IR {model.ir_version}, opsets {model.opset_import}")
    # The shapes that the file declares for its outputs are those that ONNX infers without being told.
    told = shapes(model.graph.output)
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    inferred = shapes(onnx.shape_inference.infer_shapes(model, strict_mode=True).graph.output)
    for name, shape in told.items():
        known = inferred[name]
        if len(known) != len(shape) or any(k and s and k != s and isinstance(k, int) for k, s in zip(known, shape)):
            raise ValueError(f"output {name} is declared {shape}, and inferred {known}")
    return f"{len(model.graph.node)} nodes, {len(model.graph.initializer)} initializers"


def main(paths):
    failed = 0
    for path in paths:
        try:
            print(f"ok {path}: {check(path)}")
        except Exception as e:  # The checker raises many kinds.
            failed += 1
            print(f"FAILED {path}: {e}")
    print(f"{len(paths) - failed} of {len(paths)} files pass")
    return 2 if not paths else 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
