#!/usr/bin/env python3
"""Writes torch.onnx's files of networks whose shapes are computed by nodes: make_torch_shapes.py ZIP

torch-shapes.zip beside this was made with Debian's python3-torch 1.13 (/usr/bin/python3). Networks under refused/ have
no counterpart in Lamina, and no inputs and outputs.
"""

import io
import sys
import zipfile

import torch
from torch import nn
from torch.nn import functional as F


class Call(nn.Module):
    """A convolution, a function of what it makes, and what follows."""

    def __init__(self, function, *last):
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, 1, 1)
        self.function = function
        self.last = nn.Sequential(*last)

    def forward(self, x):
        return self.last(self.function(self.first(x)))


class PaperAlexNet(nn.Module):
    """AlexNet's order of layers, with PyTorch's own normalization and the tutorial's view(x.size(0), -1)."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 5, 2),
            nn.ReLU(),
            nn.LocalResponseNorm(5, alpha=0.5, beta=0.75, k=2),
            nn.MaxPool2d(3, 2),
            nn.ZeroPad2d(1),
            nn.Conv2d(6, 8, 3, groups=2),
            nn.ReLU(),
            nn.LocalResponseNorm(3, alpha=0.1, beta=0.5, k=1),
            nn.MaxPool2d(3, 2),
        )
        self.classifier = nn.Sequential(nn.Dropout(), nn.Linear(8 * 1 * 2, 5), nn.Softmax(1))

    def forward(self, x):
        x = self.features(x)
        return self.classifier(x.view(x.size(0), -1))


def shuffle(x):
    n, c, h, w = x.size()
    return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, -1, h, w)


def patches(x):
    """einops' "n c (h a) (w b) -> n (a b c) h w"."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(n, -1, h // 2, w // 2)


def halves(x):
    a, b = x.chunk(2, 1)
    return a * torch.sigmoid(b)


def parts(x):
    a, b, c = x.split([1, 2, 1], 1)
    return torch.cat([c, a, b], 1)


def crop(x):
    return x[:, :, 1 : x.size(2) - 1, : x.size(3) // 2]


def tokens(x):
    return x.flatten(2).transpose(1, 2)




IMAGES = [nn.Conv2d(4, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 2 * 4, 3)]

NETWORKS = {
    "paper": PaperAlexNet(),
    "zero-pad": Call(nn.ZeroPad2d((1, 0, 2, 1)), nn.Conv2d(4, 2, 3)),
    "constant-pad": Call(lambda x: F.pad(x, (0, 1, 2, 0), value=0.0), nn.Conv2d(4, 2, 3)),
    "rows-pad": Call(lambda x: F.pad(x, (0, 0, 1, 1), value=0.0), nn.MaxPool2d(2)),
    "lrn": Call(nn.LocalResponseNorm(3, alpha=0.7, beta=1.5, k=0.5)),
    "view": Call(lambda x: x.view(x.size(0), -1), nn.Linear(4 * 24, 3)),
    "view-known": Call(lambda x: x.view(-1, 4 * 4 * 6), nn.Linear(4 * 24, 3)),
    "view-both": Call(lambda x: x.view(x.size(0), x.size(1) * x.size(2) * x.size(3)), nn.Linear(4 * 24, 3)),
    "flatten": Call(lambda x: torch.flatten(x, 1), nn.Linear(4 * 24, 3)),
    "reshape": Call(lambda x: x.reshape(x.shape[0], -1, 2), nn.Linear(2, 3)),
    "unflatten": Call(lambda x: x.view(x.size(0), 2, 2, *x.shape[2:]).flatten(1, 2), *IMAGES),
    "shuffle": Call(shuffle, *IMAGES),
    "patches": Call(patches, nn.Conv2d(16, 2, 1)),
    "halves": Call(halves, nn.Conv2d(2, 2, 3)),
    "parts": Call(parts, *IMAGES),
    "crop": Call(crop, nn.Conv2d(4, 2, 1)),
    "tokens": Call(tokens, nn.Linear(4, 3)),
    "mean": Call(lambda x: x.mean((2, 3)), nn.Linear(4, 3)),
    "pooled": Call(lambda x: F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1), nn.Linear(4, 3)),
    "adaptive-max": Call(nn.AdaptiveMaxPool2d((2, 3)), nn.Flatten(), nn.Linear(24, 3)),
}

REFUSED = {
    "nonzero-pad": Call(nn.ConstantPad2d(1, 0.5)),
    "reflection-pad": Call(nn.ReflectionPad2d(1)),
    "interpolate": Call(lambda x: F.interpolate(x, scale_factor=2)),
    "transposed": Call(nn.ConvTranspose2d(4, 2, 2, 2)),
    "even-lrn": Call(nn.LocalResponseNorm(4)),
    "batch-into-channels": Call(lambda x: x.view(x.size(0) * 2, 2, x.size(2), x.size(3))),
    "whole-batch": Call(lambda x: x.view(-1)),
    "expand": Call(lambda x: x[:, :1].expand(x.size(0), 4, x.size(2), x.size(3)) + x),
}


def export(network, x, opset):
    file = io.BytesIO()
    torch.onnx.export(
        network,
        x,
        file,
        opset_version=opset,
        input_names=["images"],
        output_names=["result"],
        dynamic_axes={"images": {0: "batch"}, "result": {0: "batch"}},
    )
    return file.getvalue()


def main(target):
    torch.manual_seed(5)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:

        def put(name, content):
            packed.writestr(zipfile.ZipInfo(name, (2022, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)

        for name, network in NETWORKS.items():
            network.eval()
            x = torch.rand(2, 3, *((19, 27) if name == "paper" else (4, 6))) * 2 - 1
            put(f"{name}/x.f32", x.numpy().tobytes())
            put(f"{name}/y.f32", network(x).detach().numpy().tobytes())
            for opset in (9, 11, 13, 17):
                # Slices between computed ends need 10; the archive stays small.
                if (name == "crop" and opset < 10) or (opset == 11 and "pad" not in name and "lrn" not in name):
                    continue
                put(f"{name}/{opset}.onnx", export(network, x, opset))
        for name, network in REFUSED.items():
            put(f"refused/{name}.onnx", export(network.eval(), torch.rand(2, 3, 4, 6), 13))


if __name__ == "__main__":
    main(*sys.argv[1:])
