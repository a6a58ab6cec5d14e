"""Makes gradients.json: gradients of the network of network.json after its ten steps, in inference, by PyTorch's autograd.

Run it with the Python of make_training.py, after it. Everything is computed in float64 and stored as float32.
"""

import base64
import json

import numpy as np
import torch
import torch.nn.functional as F

from make_training import EPSILON, HEIGHT, HERE, KERNEL, STRIDE, WIDTH, same, tensor, write

IMAGES, CLASS = 2, 3


class GuidedRelu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g.clamp(min=0) * (x > 0)


def forward(w, x, relu):
    top, bottom = same(HEIGHT, KERNEL, STRIDE)
    left, right = same(WIDTH, KERNEL, STRIDE)
    y = F.pad(x.permute(0, 3, 1, 2), (left, right, top, bottom))
    maps = relu(F.conv2d(y, w["conv2d/kernel"].permute(3, 2, 0, 1), w["conv2d/bias"], stride=STRIDE))
    name = "batch_normalization/"
    y = F.batch_norm(maps, w[name + "moving_mean"], w[name + "moving_variance"], w[name + "gamma"], w[name + "beta"],
                     training=False, eps=EPSILON)
    y = F.max_pool2d(y, 3, 2).permute(0, 2, 3, 1).reshape(len(x), -1)
    y = relu(y @ w["dense/kernel"] + w["dense/bias"])
    return y @ w["dense_1/kernel"] + w["dense_1/bias"], maps


def main():
    golden = json.loads((HERE / "network.json").read_text())
    w = {
        k: torch.tensor(np.reshape(v["values"], v["shape"]), dtype=torch.float64, requires_grad="moving" not in k)
        for k, v in golden["final"].items()
    }
    pixels = golden["pixels"]
    bytes_ = np.frombuffer(base64.b64decode(pixels["base64"]), dtype=np.uint8).reshape(pixels["shape"])
    x = (torch.tensor(bytes_[:IMAGES].copy(), dtype=torch.float64) / 128 - 1).requires_grad_()
    logits, maps = forward(w, x, F.relu)
    names = ["conv2d/kernel", "batch_normalization/gamma", "dense/kernel", "dense_1/bias"]
    of = torch.autograd.grad(logits[:, CLASS].sum(), [x, maps] + [w[n] for n in names])
    guided = torch.autograd.grad(forward(w, x, GuidedRelu.apply)[0][:, CLASS].sum(), x)[0]
    write("gradients.json", {
        "images": IMAGES, "class": CLASS,
        "input": tensor(of[0]), "guided": tensor(guided), "maps": tensor(of[1].permute(0, 2, 3, 1)),
        "weights": {n: tensor(g) for n, g in zip(names, of[2:])},
    })


if __name__ == "__main__":
    main()
