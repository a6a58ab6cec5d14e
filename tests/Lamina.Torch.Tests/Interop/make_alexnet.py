"""Makes alexnet.json: run with a Python that has torch 1.13 and torchvision 0.14 (Debian 12: /usr/bin/python3).

torchvision's alexnet, and the paper's network as PyTorch modules, with weights and images made by the formula of
../Goldens/make_family.py instead of stored: the test makes the same state dicts, in PyTorch's layouts, writes them as
.pth files and loads those. Stored are the state dicts' names and shapes and the probabilities, computed in float64.
"""

import json
import math
import os
import pathlib

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import torch
import torchvision
from torch import nn

HERE = pathlib.Path(__file__).parent
CLASSES, IMAGES, IMAGE_KEY = 10, 2, 1000


def values(key, count, reach=1.0):
    """float32 values from −reach to below reach: MurmurHash3's last steps of each index."""
    h = np.arange(count, dtype=np.uint32) + np.uint32(key * 0x9E3779B9 % 2**32)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return (reach * ((h >> np.uint32(8)) / 2.0**23 - 1)).astype(np.float32)


def paper():
    def lrn():
        return nn.LocalResponseNorm(5, 5e-4, 0.75, 2.0)

    return nn.Sequential(
        nn.ZeroPad2d((0, 3, 0, 3)), nn.Conv2d(3, 96, 11, 4), nn.ReLU(), lrn(), nn.MaxPool2d(3, 2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2), nn.ReLU(), lrn(), nn.MaxPool2d(3, 2),
        nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 384, 3, padding=1, groups=2), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1, groups=2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Flatten(),
        nn.Linear(9216, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, CLASSES),
    )


result = {}
for name, net in {"owt": torchvision.models.alexnet(num_classes=CLASSES), "paper": paper()}.items():
    net = net.double().eval()
    state = net.state_dict()
    tensors = []
    for i, (key, tensor) in enumerate(state.items()):
        reach = 0.1 if tensor.dim() == 1 else math.sqrt(6 / math.prod(tensor.shape[1:]))
        reach *= 0.3 if tensor.shape[0] == CLASSES else 1
        tensor.copy_(torch.tensor(values(i, tensor.numel(), reach)).reshape(tensor.shape))
        tensors.append({"name": key, "shape": list(tensor.shape), "reach": reach})
    x = torch.tensor(values(IMAGE_KEY, IMAGES * 224 * 224 * 3)).double().reshape(IMAGES, 224, 224, 3).permute(0, 3, 1, 2)
    with torch.no_grad():
        probabilities = torch.softmax(net(x), 1)
        single = torch.softmax(net.float()(x.float()), 1).double()
    off = ((single - probabilities).abs() / probabilities).max().item()
    print(name, probabilities, "float32 differs by", off)
    assert off < 5e-6
    result[name] = {"tensors": tensors, "probabilities": [float(f"{p:.9g}") for p in probabilities.flatten().tolist()]}
text = json.dumps(result, separators=(",", ":")).replace("},{", "},\n{").replace('}],"', '}],\n"').replace(']},"', ']},\n"')
(HERE / "alexnet.json").write_text(text + "\n")
