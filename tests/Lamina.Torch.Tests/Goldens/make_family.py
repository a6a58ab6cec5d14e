"""Makes the goldens of the family: run with a Python that has torch 1.13 and numpy (Debian 12: /usr/bin/python3).

Writes family.json and lrn.json beside itself; README.md documents their fields. Weights and images are not stored but
made by `values`, which the tests write again in C#. PyTorch computes in float64, and once more in float32 to see that
no golden hangs on a rounding. Models are written out here from their sources, not from Lamina's.
"""

import json
import math
import os
import pathlib

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent
CLASSES, LABELS, RATE, SAMPLES, LAST = 10, [3, 7], 0.1, 6, 0.003
IMAGES, POSITIONS, COTANGENT = 1000, 2000, 3000


def bits(key, index):
    """32 well-mixed bits of each index: MurmurHash3's last steps."""
    h = np.asarray(index, dtype=np.uint32) + np.uint32(key * 0x9E3779B9 % 2**32)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def values(key, count, middle=0.0, reach=1.0):
    """float32 values from middle − reach to below middle + reach."""
    unit = (bits(key, np.arange(count, dtype=np.uint32)) >> np.uint32(8)) / 2.0**23 - 1
    return (middle + reach * unit).astype(np.float32)


class Net:
    """A network written once, run in float64 or float32: weights are made when first asked for, in Keras's layouts."""

    def __init__(self, dtype):
        self.dtype, self.weights, self.names, self.ranges, self.at = dtype, [], [], [], 0

    def begin(self, training):
        self.at, self.training = 0, training

    def weight(self, name, shape, middle=0.0, reach=None, trained=True):
        if self.at == len(self.weights):
            if reach is None:
                reach = math.sqrt(6 / math.prod(shape[:-1]))
            self.ranges.append((middle, reach))
            made = torch.tensor(values(self.at, math.prod(shape), middle, reach).reshape(shape), dtype=self.dtype)
            self.weights.append(made.requires_grad_() if trained else made)
            self.names.append(name)
        self.at += 1
        return self.weights[self.at - 1]

    def conv(self, x, filters, kernel, stride=1, pads=(0, 0), groups=1):
        """pads: before and after, on both axes."""
        w = self.weight("kernel", (kernel, kernel, x.shape[1] // groups, filters))
        b = self.weight("bias", (filters,), reach=0.1)
        x = F.pad(x, (pads[0], pads[1]) * 2)
        return F.relu(F.conv2d(x, w.permute(3, 2, 0, 1), b, stride=stride, groups=groups))

    def same(self, x, filters, kernel, stride=1):
        n = x.shape[2]
        total = max(0, (math.ceil(n / stride) - 1) * stride + kernel - n)
        return self.conv(x, filters, kernel, stride, (total // 2, total - total // 2))

    def bn(self, x):
        c = x.shape[1]
        gamma = self.weight("gamma", (c,), 1, 0.2)
        beta = self.weight("beta", (c,), 0, 0.2)
        mean = self.weight("moving_mean", (c,), 0.3, 0.2, trained=False)
        variance = self.weight("moving_variance", (c,), 1, 0.5, trained=False)
        # Keras's momentum 0.99 is PyTorch's 0.01.
        return F.batch_norm(x, mean, variance, gamma, beta, self.training, 0.01, 1e-3)

    def lrn(self, x, alpha, k):
        return F.local_response_norm(x, 5, alpha, 0.75, k)

    def dense(self, x, units, relu=True):
        # Small logits: a loss far from that of chance would only make the step's numbers large.
        w = self.weight("kernel", (x.shape[1], units), reach=None if relu else LAST)
        y = x @ w + self.weight("bias", (units,), reach=0.1)
        return F.relu(y) if relu else y

    def head(self, x):
        x = x.permute(0, 2, 3, 1).flatten(1)
        return self.dense(self.dense(self.dense(x, 4096), 4096), CLASSES, relu=False)


def pool(x):
    return F.max_pool2d(x, 3, 2)


def seed(n, x, fifth):
    x = pool(n.bn(n.same(x, 96, 11, 4)))
    x = pool(n.bn(n.same(x, 256, 5)))
    x = n.same(n.same(x, 384, 3), 384, 3)
    x = n.same(x, 256, 3) if fifth == 3 else n.same(x, 96, 11, 4)
    return n.head(pool(n.bn(x)))


def towers(n, x, first, norm):
    x = norm(n.conv(x, 96, 11, 4, first))
    x = norm(n.conv(x, 256, 5, 1, (2, 2), 2))
    x = n.conv(x, 384, 3, 1, (1, 1))
    x = n.conv(x, 384, 3, 1, (1, 1), 2)
    return n.head(pool(n.conv(x, 256, 3, 1, (1, 1), 2)))


def plain(n, x, widths, first):
    x = pool(n.conv(x, widths[0], 11, 4, (first, first)))
    x = pool(n.conv(x, widths[1], 5, 1, (2, 2)))
    for width in widths[2:]:
        x = n.conv(x, width, 3, 1, (1, 1))
    return pool(x)


# The paper's alpha 1e-4 is not divided by the 5 channels, PyTorch's and Caffe's is.
FAMILY = {
    "walkthrough": (99, 3, lambda n, x: seed(n, x, 3)),
    "listing": (153, 3, lambda n, x: seed(n, x, 11)),
    "paper": (99, 3, lambda n, x: towers(n, x, (0, 3), lambda y: pool(n.lrn(y, 5e-4, 2)))),
    "caffe": (99, 3, lambda n, x: towers(n, x, (0, 0), lambda y: pool(n.lrn(y, 1e-4, 1)))),
    "caffenet": (99, 3, lambda n, x: towers(n, x, (0, 0), lambda y: n.lrn(pool(y), 1e-4, 1))),
    "owt": (99, 3, lambda n, x: n.head(F.adaptive_avg_pool2d(plain(n, x, (64, 192, 384, 256, 256), 2), 6))),
    "d2l": (99, 1, lambda n, x: n.head(plain(n, x, (96, 256, 384, 384, 256), 1))),
}


# Images in which no maximum and no ReLU is so close that float32 decides otherwise than float64.
PICKED = {"listing": 1002}


def step(member, dtype):
    size, channels, forward = FAMILY[member]
    x = torch.tensor(values(PICKED.get(member, IMAGES), len(LABELS) * size * size * channels), dtype=dtype)
    x = x.reshape(len(LABELS), size, size, channels).permute(0, 3, 1, 2)
    net = Net(dtype)
    net.begin(training=False)
    probabilities = F.softmax(forward(net, x), 1).detach()
    net.begin(training=True)
    loss = F.cross_entropy(forward(net, x), torch.tensor(LABELS))
    loss.backward()
    rows = []
    for i, (name, w) in enumerate(zip(net.names, net.weights)):
        before = values_of(net, i)
        after = (w - RATE * w.grad).detach() if w.requires_grad else w
        at = (bits(POSITIONS + i, np.arange(SAMPLES)) % np.uint32(w.numel())).astype(int)
        rows.append({
            "name": name, "shape": list(w.shape), "moved": (after.double() - before).norm().item(),
            "samples": after.double().flatten()[torch.tensor(at)].tolist(),
        })
    return {"images": PICKED.get(member, IMAGES), "input": [size, size, channels], "probabilities": probabilities.double().flatten().tolist(),
            "loss": loss.item(), "weights": rows}


def values_of(net, i):
    """The weight before the step: batch normalisation moves its averages in place."""
    shape = net.weights[i].shape
    return torch.tensor(values(i, math.prod(shape), *net.ranges[i]).reshape(shape)).double()


def difference(a, b):
    """The largest difference of probabilities, loss and samples, and the largest relative one of the moves."""
    d = [abs(a["loss"] - b["loss"])] + [abs(p - q) for p, q in zip(a["probabilities"], b["probabilities"])]
    moved = 0
    for v, w in zip(a["weights"], b["weights"]):
        d += [abs(p - q) for p, q in zip(v["samples"], w["samples"])]
        moved = max(moved, abs(v["moved"] - w["moved"]) / v["moved"])
    return max(d), moved


def rounded(value, digits=9):
    if isinstance(value, float):
        return float(f"{value:.{digits}g}")
    if isinstance(value, list):
        return [rounded(v, digits) for v in value]
    return {k: rounded(v, digits) for k, v in value.items()} if isinstance(value, dict) else value


def lines(value, depth):
    """JSON with a line for each thing this deep."""
    if depth == 0:
        return json.dumps(value, separators=(",", ":"))
    if isinstance(value, dict):
        return "{\n" + ",\n".join(f"{json.dumps(k)}:{lines(v, depth - 1)}" for k, v in value.items()) + "\n}"
    return "[\n" + ",\n".join(lines(v, depth - 1) for v in value) + "\n]" if isinstance(value, list) else json.dumps(value)


def family():
    result = {}
    for member in FAMILY:
        result[member] = step(member, torch.float64)
        most, moved = difference(result[member], step(member, torch.float32))
        print(member, result[member]["loss"], "float32 differs by", most, moved, flush=True)
        assert most < 5e-6 and moved < 5e-5, "pick other images"
    (HERE / "family.json").write_text(lines(rounded(result), 3) + "\n")


def lrn():
    """Σ cotangent · y and its gradient, for each library's formula; PyTorch's by its own function too."""
    shape, n = (2, 3, 3, 11), 2 * 3 * 3 * 11
    cotangent = torch.tensor(values(COTANGENT, n)).double().reshape(shape)

    def neighbours(x, reach):
        squares = F.pad(x * x, (reach, reach))
        return sum(squares[..., i : i + shape[3]] for i in range(2 * reach + 1))

    formulas = {
        # Krizhevsky et al. 2012, section 3.3: n, alpha, beta, k.
        "paper": (dict(n=5, alpha=0.3, beta=0.75, k=2), lambda x: x / (2 + 0.3 * neighbours(x, 2)) ** 0.75),
        # Caffe's LRN layer: local_size, alpha, beta, k; alpha over local_size.
        "caffe": (dict(localSize=3, alpha=0.6, beta=0.5, k=1), lambda x: x / (1 + 0.6 / 3 * neighbours(x, 1)) ** 0.5),
        # torch.nn.LocalResponseNorm: size, alpha, beta, k; alpha over size.
        "pytorch": (dict(size=5, alpha=0.7, beta=0.75, k=1.5),
                    lambda x: F.local_response_norm(x.permute(0, 3, 1, 2), 5, 0.7, 0.75, 1.5).permute(0, 2, 3, 1)),
        # tf.nn.local_response_normalization: depth_radius, bias, alpha, beta; alpha undivided.
        "tensorflow": (dict(depthRadius=3, bias=0.5, alpha=0.2, beta=0.6),
                       lambda x: x / (0.5 + 0.2 * neighbours(x, 3)) ** 0.6),
    }
    result = {}
    for name, (numbers, formula) in formulas.items():
        x = torch.tensor(values(IMAGES, n, 0, 3)).double().reshape(shape).requires_grad_()
        y = formula(x)
        (y * cotangent).sum().backward()
        result[name] = {"numbers": numbers, "output": y.flatten().tolist(), "gradient": x.grad.flatten().tolist()}
    x = torch.tensor(values(IMAGES, n, 0, 3)).double().reshape(shape)
    by_formula = x / (1.5 + 0.7 / 5 * neighbours(x, 2)) ** 0.75
    assert (formulas["pytorch"][1](x) - by_formula).abs().max() < 1e-12
    (HERE / "lrn.json").write_text(lines(rounded(result), 2) + "\n")


lrn()
family()
