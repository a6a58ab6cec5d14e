#!/usr/bin/env python3
"""Writes torch.onnx's files of small networks, with inputs and outputs: make_torch.py ZIP

torch.zip beside this was made with Debian's python3-torch 1.13.1 (/usr/bin/python3).
"""

import io
import sys
import zipfile

import torch
from torch import nn


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.SiLU())
        self.left = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.right = nn.Conv2d(8, 8, 1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.gate = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 8, 1), nn.Hardsigmoid())
        self.last = nn.Linear(16, 5, bias=False)

    def forward(self, x):
        x = self.stem(x)
        y = nn.functional.gelu(self.left(x)) + self.norm(self.right(x))
        y = y * self.gate(y)
        z = torch.cat([y.mean((2, 3)), nn.functional.leaky_relu(x, 0.1).mean((2, 3))], 1)
        return torch.softmax(self.last(z), -1)


def alexnet():
    return nn.Sequential(
        nn.Conv2d(3, 6, 5, 2, 2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, ceil_mode=True),
        nn.Conv2d(6, 8, 3, padding=1, groups=2),
        nn.ReLU(inplace=True),
        nn.AvgPool2d(3, 2, 1, count_include_pad=True),
        nn.AdaptiveAvgPool2d((1, 2)),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(16, 12),
        nn.ReLU6(),
        nn.Linear(12, 4),
    )


def unequal():
    return nn.Sequential(nn.ZeroPad2d((1, 0, 2, 1)), nn.Conv2d(3, 4, 3, (2, 1), dilation=(1, 1)), nn.PReLU(4), nn.Tanh())


def main(target):
    torch.manual_seed(3)
    networks = {"alexnet": (alexnet(), 19, 17), "branches": (Branches(), 17, 16), "unequal": (unequal(), 9, 10)}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:

        def put(name, content):
            packed.writestr(zipfile.ZipInfo(name, (2022, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)

        for name, (network, height, width) in networks.items():
            for module in network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    for values in (module.running_mean, module.running_var, module.weight.data, module.bias.data):
                        values.uniform_(0.5, 1.5)
            network.eval()
            x = torch.rand(2, 3, height, width) * 2 - 1
            for opset in (9, 11, 13, 17):
                # Hardsigmoid needs 14; from 11 on, torch computes ZeroPad2d's pads by nodes on shapes, which Lamina does not read.
                if (name == "branches" and opset < 14) or (name == "unequal" and opset > 9):
                    continue
                file = io.BytesIO()
                torch.onnx.export(
                    network,
                    x,
                    file,
                    opset_version=opset,
                    input_names=["images"],
                    output_names=["logits"],
                    dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}},
                )
                put(f"{name}-{opset}/model.onnx", file.getvalue())
                put(f"{name}-{opset}/x.f32", x.numpy().tobytes())
                put(f"{name}-{opset}/y.f32", network(x).detach().numpy().tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
