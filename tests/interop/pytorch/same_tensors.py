#!/usr/bin/env python3
"""same_tensors.py A.pth B.pth: whether two state dicts hold the same tensors in the same order, names apart if --unnamed."""

import sys

import torch

unnamed = "--unnamed" in sys.argv
a, b = (torch.load(path, weights_only=True) for path in [p for p in sys.argv[1:] if not p.startswith("--")])
if not unnamed and list(a) != list(b):
    sys.exit(f"names differ: {list(a)[:3]}… and {list(b)[:3]}…")
pairs = list(zip(a.values(), b.values()))
if len(a) != len(b) or not all(torch.equal(x, y) for x, y in pairs):
    sys.exit("tensors differ")
print(f"{len(pairs)} tensors are equal")
