#!/usr/bin/env python3
"""Writes networks of PyTorch with random weights, an image for each and what they say of it, for ../run.

make_models.py FOLDER     Writes NAME.pth, NAME.png, NAME.txt (classes), NAME.probabilities.json, NAME.io.json (as
../tfjs/check.mjs reads it). Needs python3-torch; owt is torchvision's own alexnet and needs python3-torchvision.
"""

import json
import random
import struct
import sys
import zlib

import torch
from torch import nn
from torch.nn import functional as F

# As Keras's BatchNormalization has it; a state dict does not say.
EPSILON = 1e-3


class Walkthrough(nn.Module):
    """Keras's 'same' paddings by hand: strides of 4 over 11 pixels need one more after than before."""

    def __init__(self, size, classes):
        super().__init__()
        self.conv = nn.ModuleList([
            nn.Conv2d(3, 96, 11, stride=4), nn.Conv2d(96, 256, 5, padding=2), nn.Conv2d(256, 384, 3, padding=1),
            nn.Conv2d(384, 384, 3, padding=1), nn.Conv2d(384, 256, 3, padding=1),
        ])
        self.norm = nn.ModuleList([nn.BatchNorm2d(c, eps=EPSILON) for c in (96, 256, 256)])
        side = -(-size // 4)
        for _ in range(3):
            side = (side - 3) // 2 + 1
        self.dense = nn.ModuleList([nn.Linear(256 * side * side, 4096), nn.Linear(4096, 4096), nn.Linear(4096, classes)])
        self.size = size

    def forward(self, x):
        total = max(0, (-(-self.size // 4) - 1) * 4 + 11 - self.size)
        before = total // 2
        x = F.relu(self.conv[0](F.pad(x, (before, total - before, before, total - before))))
        x = F.max_pool2d(self.norm[0](x), 3, 2)
        x = F.max_pool2d(self.norm[1](F.relu(self.conv[1](x))), 3, 2)
        x = F.relu(self.conv[3](F.relu(self.conv[2](x))))
        x = F.max_pool2d(self.norm[2](F.relu(self.conv[4](x))), 3, 2)
        x = F.relu(self.dense[1](F.relu(self.dense[0](x.flatten(1)))))
        return self.dense[2](x)

    def state_dict(self, *args, **kwargs):
        # In the order in which the layers stand in the network.
        named = super().state_dict(*args, **kwargs)
        order = ["conv.0", "norm.0", "conv.1", "norm.1", "conv.2", "conv.3", "conv.4", "norm.2", "dense."]
        return {k: v for part in order for k, v in named.items() if k.startswith(part)}


class Paper(nn.Module):
    """Krizhevsky et al. 2012: two groups, local response normalisation, zeros after the images and not before."""

    def __init__(self, size, classes):
        super().__init__()
        side = (size + 3 - 11) // 4 + 1
        for _ in range(3):
            side = (side - 3) // 2 + 1
        self.layers = nn.ModuleList([
            nn.Conv2d(3, 96, 11, stride=4), nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.Conv2d(256, 384, 3, padding=1),
            nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.Conv2d(384, 256, 3, padding=1, groups=2),
            nn.Linear(256 * side * side, 4096), nn.Linear(4096, 4096), nn.Linear(4096, classes),
        ])

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            if i == 0:
                x = F.pad(x, (0, 3, 0, 3))
            if i == 5:
                x = x.flatten(1)
            x = layer(x)
            if i < 7:
                x = F.relu(x)
            if i < 2:
                x = F.local_response_norm(x, 5, alpha=5e-4, beta=0.75, k=2.0)
            if i in (0, 1, 4):
                x = F.max_pool2d(x, 3, 2)
        return x


def owt(size, classes):
    import torchvision

    return torchvision.models.alexnet(num_classes=classes)


MODELS = {"owt": (owt, 224, 1000), "walkthrough": (Walkthrough, 64, 10), "paper": (Paper, 96, 12)}


def write_png(path, pixels, size):
    rows = b"".join(b"\0" + bytes(v for x in range(size) for v in pixels[y][x]) for y in range(size))

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def dump(tensor):
    return [{"shape": list(tensor.shape), "values": [float(f"{v:.9g}") for v in tensor.flatten().tolist()]}]


def main(folder):
    torch.manual_seed(1)
    draw = random.Random(1)
    for name, (make, size, classes) in MODELS.items():
        try:
            model = make(size, classes).eval()
        except ImportError as e:
            print(f"skipped {name}: {e}")
            continue
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                for tensor, low, high in ((module.weight, 0.5, 1.5), (module.bias, -0.5, 0.5),
                                          (module.running_mean, -0.2, 0.2), (module.running_var, 0.5, 1.5)):
                    nn.init.uniform_(tensor, low, high)
        # Scores that differ, not a thousand times the same.
        last = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
        nn.init.normal_(last.weight, std=0.3)
        pixels = [[[draw.randrange(256) for _ in range(3)] for _ in range(size)] for _ in range(size)]
        x = torch.tensor(pixels, dtype=torch.float32)[None] / 255
        with torch.no_grad():
            y = torch.softmax(model(x.permute(0, 3, 1, 2)), 1)
        torch.save(model.state_dict(), f"{folder}/{name}.pth")
        write_png(f"{folder}/{name}.png", pixels, size)
        with open(f"{folder}/{name}.txt", "w") as file:
            file.writelines(f"class {i}\n" for i in range(classes))
        with open(f"{folder}/{name}.probabilities.json", "w") as file:
            json.dump(y[0].tolist(), file)
        with open(f"{folder}/{name}.io.json", "w") as file:
            json.dump({"inputs": dump(x), "outputs": dump(y)}, file)
        print(f"made {name}: {sum(p.numel() for p in model.parameters())} parameters, best {y.max().item():.3f}")


if __name__ == "__main__":
    main(sys.argv[1])
