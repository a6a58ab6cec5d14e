#!/usr/bin/env python3
"""same_outputs.py EXPECTED.json PREDICTED.json: probabilities as PyTorch and as `alexnet predict --json` tell them."""

import json
import sys

expected = json.load(open(sys.argv[1]))
predicted = json.load(open(sys.argv[2]))[0]["predictions"]
if len(predicted) != len(expected):
    sys.exit(f"{len(predicted)} classes, expected {len(expected)}")
scale = max(expected)
worst = max(abs(expected[p["index"]] - p["probability"]) for p in predicted) / scale
print(f"differ by {worst:.1e}")
sys.exit(0 if worst <= 1e-5 else 1)
