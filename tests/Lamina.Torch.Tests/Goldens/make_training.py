"""Makes the goldens of training: run with a Python that has torch and numpy (Debian 12: /usr/bin/python3).

Writes network.json, optimizers.json and losses.json beside itself; README.md documents their fields. Everything is
computed in float64 and stored as float32. Where a rule is torch's own, torch computes it; where it is Keras's or the
paper's, it is written out from the formula, and torch checks what it can.
"""

import base64
import json
import math
import os
import pathlib

os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
HERE = pathlib.Path(__file__).parent


def tensor(values):
    """A tensor as shape and float32 values, each with the fewest digits that give it back."""
    a = np.asarray(values, dtype=np.float64).astype(np.float32)
    return {"shape": list(a.shape), "values": [float(str(v)) for v in a.ravel()]}


def text(value, depth=0):
    """JSON with a line a tensor, so that a change of the goldens can be read."""
    if isinstance(value, dict) and not {"values", "base64", "rate"} & value.keys() or depth == 0:
        lines = [f"{' ' * (depth + 1)}{json.dumps(k)}: {text(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(" " * (depth + 1) + text(v, depth + 1) for v in value) + "\n" + " " * depth + "]"
    return json.dumps(value, separators=(",", ":"))


def write(name, content):
    path = HERE / name
    path.write_text(text(content) + "\n")
    print(name, path.stat().st_size)


# ---------------------------------------------------------------------------------------------------- the network

HEIGHT, WIDTH, CHANNELS = 28, 18, 3
FILTERS, KERNEL, STRIDE = 6, 7, 4
HIDDEN, CLASSES = 12, 5
SAMPLES, BATCH, STEPS = 16, 8, 10
RATE, MOMENTUM, BN_MOMENTUM, EPSILON = 0.05, 0.9, 0.99, 1e-3


def same(n, k, s):
    """Keras's 'same': the pixels before and after."""
    total = max(0, (math.ceil(n / s) - 1) * s + k - n)
    return total // 2, total - total // 2


def first_weights(rng):
    def draw(*shape, scale):
        return (rng.standard_normal(shape) * scale).astype(np.float32).astype(np.float64)

    flat = 3 * 2 * FILTERS
    return {
        "conv2d/kernel": draw(KERNEL, KERNEL, CHANNELS, FILTERS, scale=0.1),
        "conv2d/bias": draw(FILTERS, scale=0.1),
        "batch_normalization/gamma": 1 + draw(FILTERS, scale=0.2),
        "batch_normalization/beta": draw(FILTERS, scale=0.2),
        "batch_normalization/moving_mean": np.zeros(FILTERS),
        "batch_normalization/moving_variance": np.ones(FILTERS),
        "dense/kernel": draw(flat, HIDDEN, scale=0.2),
        "dense/bias": draw(HIDDEN, scale=0.1),
        "dense_1/kernel": draw(HIDDEN, CLASSES, scale=0.3),
        "dense_1/bias": draw(CLASSES, scale=0.1),
    }


def forward(w, x, moving=None):
    """Logits of images (N, H, W, C), and the batch's mean and biased variance where there are no moving averages."""
    top, bottom = same(HEIGHT, KERNEL, STRIDE)
    left, right = same(WIDTH, KERNEL, STRIDE)
    y = F.pad(x.permute(0, 3, 1, 2), (left, right, top, bottom))
    y = F.relu(F.conv2d(y, w["conv2d/kernel"].permute(3, 2, 0, 1), w["conv2d/bias"], stride=STRIDE))
    if moving is None:
        mean, variance = y.mean((0, 2, 3)), y.var((0, 2, 3), unbiased=False)
    else:
        mean, variance = moving
    count = y.numel() // FILTERS
    y = F.batch_norm(
        y, mean.detach().clone(), variance.detach().clone(), w["batch_normalization/gamma"],
        w["batch_normalization/beta"], training=moving is None, eps=EPSILON)
    y = F.max_pool2d(y, 3, 2)
    y = y.permute(0, 2, 3, 1).reshape(len(x), -1)
    y = F.relu(y @ w["dense/kernel"] + w["dense/bias"])
    return y @ w["dense_1/kernel"] + w["dense_1/bias"], mean.detach(), variance.detach(), count


def train(dtype, pixels, labels, start):
    w = {k: torch.tensor(v, dtype=dtype) for k, v in start.items()}
    trained = [k for k in w if "moving" not in k]
    velocity = {k: torch.zeros_like(w[k]) for k in trained}
    images = torch.tensor(pixels, dtype=dtype) / 128 - 1
    y = torch.tensor(labels)
    biased = w["batch_normalization/moving_variance"].clone()
    losses, accuracies, after_first, gradients = [], [], None, None
    for step in range(STEPS):
        rows = [(step * BATCH + i * 3) % SAMPLES for i in range(BATCH)]
        for k in trained:
            w[k] = w[k].detach().requires_grad_()
        logits, mean, variance, count = forward(w, images[rows])
        loss = F.cross_entropy(logits, y[rows])
        loss.backward()
        losses.append(loss.item())
        accuracies.append((logits.argmax(1) == y[rows]).double().mean().item())
        first = {k: w[k].grad.clone() for k in trained} if step == 0 else None
        for k in trained:
            # Keras: m = momentum · m − rate · g; w += m.
            velocity[k] = MOMENTUM * velocity[k] - RATE * w[k].grad
            w[k] = w[k].detach() + velocity[k]
        keep = BN_MOMENTUM
        name = "batch_normalization/moving_"
        w[name + "mean"] = w[name + "mean"] * keep + mean * (1 - keep)
        w[name + "variance"] = w[name + "variance"] * keep + variance * count / (count - 1) * (1 - keep)
        biased = biased * keep + variance * (1 - keep)
        if step == 0:
            gradients, after_first = first, {k: v.clone() for k, v in w.items()}
    moving = (w["batch_normalization/moving_mean"], w["batch_normalization/moving_variance"])
    with torch.no_grad():
        logits = forward(w, images, moving)[0]
    return {
        "losses": losses, "accuracies": accuracies, "gradients": gradients, "after_first": after_first, "final": w,
        "biased": biased, "logits": logits, "probabilities": F.softmax(logits, 1),
    }


def network():
    rng = np.random.default_rng(20120930)
    pixels = rng.integers(0, 256, (SAMPLES, HEIGHT, WIDTH, CHANNELS), dtype=np.uint8)
    labels = rng.integers(0, CLASSES, SAMPLES)
    start = first_weights(rng)
    r = train(torch.float64, pixels, labels, start)

    # A golden that float32 cannot follow would test luck: no maximum and no ReLU may flip in it.
    single = train(torch.float32, pixels, labels, start)
    worst = max(abs(a - b) for a, b in zip(r["losses"], single["losses"]))
    worst = max([worst] + [(r["final"][k] - single["final"][k]).abs().max().item() for k in start])
    print("float32 differs by", worst)
    assert worst < 3e-6
    assert r["losses"][-1] < r["losses"][0]

    named = lambda weights: {k: tensor(v.detach()) for k, v in weights.items()}
    write("network.json", {
        "pixels": {"shape": list(pixels.shape), "base64": base64.b64encode(pixels.tobytes()).decode()},
        "labels": labels.tolist(),
        "batches": [[(s * BATCH + i * 3) % SAMPLES for i in range(BATCH)] for s in range(STEPS)],
        "rate": RATE, "momentum": MOMENTUM,
        "initial": {k: tensor(v) for k, v in start.items()},
        "losses": r["losses"], "accuracies": r["accuracies"],
        "gradients": named(r["gradients"]),
        "afterFirstStep": named(r["after_first"]),
        "final": named(r["final"]),
        "finalBiasedMovingVariance": tensor(r["biased"]),
        "logits": tensor(r["logits"]), "probabilities": tensor(r["probabilities"]),
    })


# --------------------------------------------------------------------------------------------------- the optimizers

def optimizers():
    rng = np.random.default_rng(5)
    start = rng.standard_normal(7).astype(np.float32).astype(np.float64)
    gradients = [rng.standard_normal(7).astype(np.float32).astype(np.float64) for _ in range(5)]
    # A gradient of exactly 0, and one far from the others.
    for g in gradients:
        g[5], g[6] = 0, g[6] * np.float32(1e-4)

    def run(update):
        w, state, path = start.copy(), {}, []
        for t, g in enumerate(gradients, 1):
            w = update(w, g, state, t)
            path.append(tensor(w))
        return path, w

    def keras_sgd(rate, momentum=0.0, nesterov=False, decay=0.0):
        def update(w, g, s, t):
            w = w - w * decay * rate
            m = s["m"] = momentum * s.get("m", 0) - rate * g
            return w + (momentum * m - rate * g if nesterov else m)
        return update

    def torch_sgd(rate, momentum=0.0, nesterov=False, decay=0.0):
        def update(w, g, s, t):
            g = g + decay * w
            b = s["b"] = momentum * s["b"] + g if "b" in s else g
            return w - rate * (g + momentum * b if nesterov else b)
        return update

    def paper(rate, momentum, decay):
        def update(w, g, s, t):
            v = s["v"] = momentum * s.get("v", 0) - decay * rate * w - rate * g
            return w + v
        return update

    def adam(rate, beta1=0.9, beta2=0.999, epsilon=1e-7):
        def update(w, g, s, t):
            m = s["m"] = beta1 * s.get("m", 0) + (1 - beta1) * g
            v = s["v"] = beta2 * s.get("v", 0) + (1 - beta2) * g * g
            return w - rate * math.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(v) + epsilon)
        return update

    def adamw(rate, decay, beta1=0.9, beta2=0.999, epsilon=1e-7):
        step = adam(rate, beta1, beta2, epsilon)
        return lambda w, g, s, t: step(w - w * decay * rate, g, s, t)

    def lars(rate, trust, momentum=0.0, decay=0.0):
        def update(w, g, s, t):
            size = math.sqrt((w * w).sum())
            local = trust * size / (math.sqrt((g * g).sum()) + decay * size)
            v = s["v"] = momentum * s.get("v", 0) + rate * local * (g + decay * w)
            return w - v
        return update

    def by_torch(make):
        w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        optimizer = make([w])
        for g in gradients:
            w.grad = torch.tensor(g)
            optimizer.step()
        return w.detach().numpy()

    cases = {
        "keras_sgd": (dict(rate=0.1), keras_sgd, None),
        "keras_sgd_momentum": (dict(rate=0.1, momentum=0.9), keras_sgd,
                               lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
        "keras_sgd_nesterov": (dict(rate=0.1, momentum=0.9, nesterov=True), keras_sgd,
                               lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True)),
        "keras_sgd_decay": (dict(rate=0.1, momentum=0.9, decay=0.004), keras_sgd, None),
        "torch_sgd_decay": (dict(rate=0.1, momentum=0.9, decay=0.05), torch_sgd,
                            lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.05)),
        "torch_sgd_nesterov_decay": (dict(rate=0.1, momentum=0.9, nesterov=True, decay=0.05), torch_sgd,
                                     lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.05, nesterov=True)),
        "paper": (dict(rate=0.01, momentum=0.9, decay=0.0005), paper, None),
        "adam": (dict(rate=0.001), adam, None),
        "adam_large": (dict(rate=0.1, beta1=0.8, beta2=0.9, epsilon=1e-3), adam, None),
        "adamw": (dict(rate=0.01, decay=0.1), adamw, None),
        "lars": (dict(rate=4, trust=0.01, momentum=0.9, decay=0.0005), lars, None),
        "lars_plain": (dict(rate=2, trust=0.02, decay=0.05), lars, None),
    }
    result = {}
    for name, (options, rule, check) in cases.items():
        path, last = run(rule(**options))
        if check is not None:
            # At a constant rate Keras's and torch's momentum walk the same path.
            assert np.abs(last - by_torch(check)).max() < 1e-14, name
        result[name] = {"options": options, "weights": path}
    # torch's Adam adds epsilon after the correction of v: with the two epsilons matched step by step it is the same.
    torch_adam = by_torch(lambda p: torch.optim.Adam(p, 0.001, eps=1e-30))
    tiny = run(adam(0.001, epsilon=1e-30))[1]
    assert np.nanmax(np.abs(tiny - torch_adam)) < 1e-13
    torch_adamw = by_torch(lambda p: torch.optim.AdamW(p, 0.01, eps=1e-30, weight_decay=0.1))
    tiny = run(adamw(0.01, 0.1, epsilon=1e-30))[1]
    assert np.nanmax(np.abs(tiny - torch_adamw)) < 1e-13
    write("optimizers.json", {"initial": tensor(start), "gradients": [tensor(g) for g in gradients], "cases": result})


# -------------------------------------------------------------------------------------------------------- the losses

def losses():
    rng = np.random.default_rng(9)
    n, classes = 6, 5
    logits = (rng.standard_normal((n, classes)) * 3).astype(np.float32)
    labels = rng.integers(0, classes, n)
    soft = rng.random((n, classes))
    soft = (soft / soft.sum(1, keepdims=True)).astype(np.float32)
    one_hot = np.eye(classes)[labels]
    probabilities = torch.softmax(torch.tensor(logits, dtype=torch.float64), 1).numpy().astype(np.float32)
    predictions = rng.standard_normal((n, 2, 3)).astype(np.float32)
    targets = rng.standard_normal((n, 2, 3)).astype(np.float32)
    extreme = np.array([[60, 0, 0, -60, 0], [-90, 90, 0, 0, 0]], dtype=np.float32)

    def case(output, f, target):
        x = torch.tensor(output, dtype=torch.float64, requires_grad=True)
        loss = f(x)
        loss.backward()
        return {"output": tensor(output), "target": tensor(target), "loss": loss.item(), "gradient": tensor(x.grad)}

    def from_probabilities(target, t):
        # Keras 2 divides a row by its sum before the logarithm (its sparse loss by a softmax of the logarithms). A
        # softmax's rows sum to 1, so the loss is the same without; the gradient is not, until the softmax's own
        # backward takes the difference out.
        t = torch.tensor(t, dtype=torch.float64)
        plain = case(probabilities, lambda p: -(t * torch.log(p)).sum(1).mean(), target)
        divided = case(probabilities, lambda p: -(t * torch.log(p / p.sum(1, keepdim=True))).sum(1).mean(), target)
        assert abs(plain["loss"] - divided["loss"]) < 1e-6
        return {**divided, "gradientWithoutDivision": plain["gradient"]}

    y = torch.tensor(labels)
    smoothing = 0.1
    smoothed = lambda f, target: {"labelSmoothing": smoothing, **case(logits, f, target)}
    smooth_hot = (1 - smoothing) * one_hot + smoothing / classes
    write("losses.json", {
        "sparseFromLogits": case(logits, lambda x: F.cross_entropy(x, y), labels),
        "sparseFromExtremeLogits": case(extreme, lambda x: F.cross_entropy(x, torch.tensor([3, 1])), [3, 1]),
        "sparseFromProbabilities": from_probabilities(labels, one_hot),
        "categoricalFromLogits": case(logits, lambda x: F.cross_entropy(x, torch.tensor(soft).double()), soft),
        "oneHotFromLogits": case(logits, lambda x: F.cross_entropy(x, torch.tensor(one_hot)), one_hot),
        "categoricalFromProbabilities": from_probabilities(soft, soft),
        "oneHotFromProbabilities": from_probabilities(one_hot, one_hot),
        "sparseSmoothedFromLogits": smoothed(lambda x: F.cross_entropy(x, y, label_smoothing=smoothing), labels),
        "categoricalSmoothedFromLogits": smoothed(
            lambda x: F.cross_entropy(x, torch.tensor(soft).double(), label_smoothing=smoothing), soft),
        "sparseSmoothedFromProbabilities": {
            "labelSmoothing": smoothing, **from_probabilities(labels, smooth_hot)},
        "meanSquaredError": case(predictions, lambda x: F.mse_loss(x, torch.tensor(targets).double()), targets),
    })


if __name__ == "__main__":
    network()
    optimizers()
    losses()
