"""Makes the goldens of what Keras defines: losses with gradients, metrics, optimizers, schedules, regularizers and constraints.

Run with a Python that has Keras 3.16 with its numpy backend (KERAS_BACKEND=numpy). Writes keras.json beside itself;
README.md documents its fields. Everything is computed in float64. Gradients are central differences.
"""

import json
import pathlib

import keras
import numpy as np
from keras.src.backend.common import dtypes

# Keras narrows the results of most ops to float32, which differences of losses would not survive.
dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
HERE = pathlib.Path(__file__).parent


class InDouble:
    """A module whose classes compute in float64; the setting above does not reach losses and metrics."""

    def __init__(self, module):
        self.module = module

    def __getattr__(self, name):
        return lambda *arguments, **named: getattr(self.module, name)(*arguments, dtype="float64", **named)


def tensor(values):
    """A tensor as shape and values that float32 holds exactly enough."""
    a = np.asarray(values, dtype=np.float64)
    return {"shape": list(a.shape), "values": [float(np.float32(v)) for v in a.ravel()]}


def text(value, depth=0):
    """JSON with a line a tensor, so that a change of the goldens can be read."""
    if isinstance(value, dict) and "values" not in value:
        lines = [f"{' ' * (depth + 1)}{json.dumps(k)}: {text(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"
    return json.dumps(value, separators=(",", ":"))


def gradient(loss, target, output):
    h = 1e-5
    result = np.zeros_like(output)
    for i in np.ndindex(output.shape):
        up, down = output.copy(), output.copy()
        up[i] += h
        down[i] -= h
        result[i] = (float(loss(target, up)) - float(loss(target, down))) / (2 * h)
    return result


def losses():
    random = np.random.RandomState(7)
    single = lambda a: np.asarray(a, np.float32).astype(np.float64)
    values = single(random.randn(5, 4) * 1.5)
    others = single(random.randn(5, 4))
    rates = single(random.rand(5, 4) * 3 + 0.2)
    counts = single(random.randint(0, 4, (5, 4)))
    shares = random.rand(5, 4) + 0.05
    shares = single(shares / shares.sum(1, keepdims=True))
    soft = random.rand(5, 4) + 0.05
    soft = single(soft / soft.sum(1, keepdims=True))
    chances = single(random.rand(5, 4) * 0.9 + 0.05)
    binary = single(random.randint(0, 2, (5, 4)))
    hot = np.eye(4)[[1, 0, 3, 3, 2]]
    weights = single(random.rand(5) * 2)
    c = InDouble(keras.losses)
    cases = {
        "binary_crossentropy": (c.BinaryCrossentropy(), binary, chances),
        "binary_crossentropy smoothed": (c.BinaryCrossentropy(label_smoothing=0.2), binary, chances),
        "binary_crossentropy logits": (c.BinaryCrossentropy(from_logits=True), binary, values),
        "binary_focal_crossentropy": (c.BinaryFocalCrossentropy(), binary, chances),
        "binary_focal_crossentropy balanced": (
            c.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.3, gamma=1.5, label_smoothing=0.1),
            binary,
            chances,
        ),
        "binary_focal_crossentropy logits": (c.BinaryFocalCrossentropy(from_logits=True), binary, values),
        "categorical_focal_crossentropy": (c.CategoricalFocalCrossentropy(), hot, shares),
        "categorical_focal_crossentropy smoothed": (
            c.CategoricalFocalCrossentropy(alpha=0.4, gamma=3, label_smoothing=0.1),
            hot,
            shares,
        ),
        "categorical_focal_crossentropy logits": (c.CategoricalFocalCrossentropy(from_logits=True), hot, values),
        "categorical_crossentropy": (c.CategoricalCrossentropy(), soft, shares),
        "sparse_categorical_crossentropy": (c.SparseCategoricalCrossentropy(), np.argmax(hot, 1)[:, None] * 1.0, shares),
        "mean_squared_error": (c.MeanSquaredError(), others, values),
        "mean_absolute_error": (c.MeanAbsoluteError(), others, values),
        "mean_absolute_percentage_error": (c.MeanAbsolutePercentageError(), others, values),
        "mean_squared_logarithmic_error": (c.MeanSquaredLogarithmicError(), counts, rates),
        "huber": (c.Huber(), others, values),
        "huber wide": (c.Huber(delta=0.3), others, values),
        "log_cosh": (c.LogCosh(), others, values),
        "kl_divergence": (c.KLDivergence(), soft, shares),
        "cosine_similarity": (c.CosineSimilarity(), others, values),
        "poisson": (c.Poisson(), counts, rates),
        "hinge": (c.Hinge(), binary, values),
        "hinge signed": (c.Hinge(), binary * 2 - 1, values),
        "squared_hinge": (c.SquaredHinge(), binary, values),
        "categorical_hinge": (c.CategoricalHinge(), hot, values),
    }
    result = {}
    for name, (loss, target, output) in cases.items():
        weighted = lambda t, o: loss(t, o, sample_weight=weights)
        result[name] = {
            "target": tensor(target),
            "output": tensor(output),
            "loss": float(loss(target, output)),
            "gradient": tensor(gradient(loss, target, output)),
            "sampleWeights": tensor(weights),
            "weightedLoss": float(weighted(target, output)),
            "weightedGradient": tensor(gradient(weighted, target, output)),
        }
    return result


def metrics():
    random = np.random.RandomState(3)
    single = lambda a: np.asarray(a, np.float32).astype(np.float64)
    chances = single(random.rand(24, 3))
    binary = single(random.randint(0, 2, (24, 3)))
    # Some scores equal a threshold of AUC's, where it matters which side they count on.
    chances[:4, 0] = single([0, 1, 0.5, 0.25])
    shares = random.rand(24, 3)
    shares = single(shares / shares.sum(1, keepdims=True))
    hot = np.eye(3)[random.randint(0, 3, 24)]
    one, target = chances[:, :1], binary[:, :1]
    weights = single(random.rand(24) * 2)
    m = InDouble(keras.metrics)
    cases = {
        "accuracy of one unit": (lambda: m.BinaryAccuracy(), target, one),
        "accuracy of regression": (lambda: m.BinaryAccuracy(), single(random.randn(24, 1)), one),
        "binary_accuracy": (lambda: m.BinaryAccuracy(), binary, chances),
        "binary_accuracy at 0.3": (lambda: m.BinaryAccuracy(threshold=0.3), binary, chances),
        "accuracy": (lambda: m.CategoricalAccuracy(), hot, shares),
        "top_2_accuracy": (lambda: m.TopKCategoricalAccuracy(k=2), hot, shares),
        "precision": (lambda: m.Precision(), binary, chances),
        "precision at 0.7": (lambda: m.Precision(thresholds=0.7), binary, chances),
        "precision of class 1": (lambda: m.Precision(class_id=1), binary, chances),
        "precision of top 2": (lambda: m.Precision(top_k=2), hot, shares),
        "recall": (lambda: m.Recall(), binary, chances),
        "recall of class 2, top 1": (lambda: m.Recall(top_k=1, class_id=2), hot, shares),
        "true_positives": (lambda: m.TruePositives(), binary, chances),
        "false_positives": (lambda: m.FalsePositives(), binary, chances),
        "true_negatives": (lambda: m.TrueNegatives(), binary, chances),
        "false_negatives": (lambda: m.FalseNegatives(), binary, chances),
        "auc": (lambda: m.AUC(), binary, chances),
        "auc of 11": (lambda: m.AUC(num_thresholds=11), binary, chances),
        "auc pr": (lambda: m.AUC(curve="PR"), binary, chances),
        "f1 macro": (lambda: m.F1Score(average="macro"), hot, shares),
        "f1 micro": (lambda: m.F1Score(average="micro"), hot, shares),
        "f1 weighted": (lambda: m.F1Score(average="weighted"), hot, shares),
        "f2 at 0.4": (lambda: m.FBetaScore(average="macro", beta=2.0, threshold=0.4), binary, chances),
        "root_mean_squared_error": (lambda: m.RootMeanSquaredError(), binary, chances),
        "mae": (lambda: m.MeanAbsoluteError(), binary, chances),
        "cosine_similarity": (lambda: m.MeanMetricWrapper(keras.losses.cosine_similarity), binary + 0.5, chances),
    }
    result = {}
    for name, (make, target, output) in cases.items():
        plain, weighted = make(), make()
        for part in (slice(0, 10), slice(10, 24)):
            plain.update_state(target[part], output[part])
            weighted.update_state(target[part], output[part], sample_weight=weights[part])
        result[name] = {
            "target": tensor(target),
            "output": tensor(output),
            "sampleWeights": tensor(weights),
            "result": float(plain.result()),
            "weightedResult": float(weighted.result()),
        }
    return result


def optimizers():
    random = np.random.RandomState(11)
    initial = np.float32(random.randn(7)).astype(np.float64)
    gradients = [np.float32(random.randn(7)).astype(np.float64) for _ in range(5)]
    for g in gradients:
        g[5] = 0
        g[6] *= 1e-4
    o = keras.optimizers
    rate = 0.05
    cases = {
        "rmsprop": o.RMSprop(rate),
        "rmsprop momentum": o.RMSprop(rate, rho=0.8, momentum=0.7),
        "rmsprop centered": o.RMSprop(rate, centered=True, epsilon=1e-3),
        "rmsprop centered momentum": o.RMSprop(rate, momentum=0.5, centered=True, epsilon=1e-3),
        "rmsprop decay": o.RMSprop(rate, weight_decay=0.1),
        "adagrad": o.Adagrad(rate),
        "adagrad own": o.Adagrad(rate, initial_accumulator_value=0.5, weight_decay=0.1),
        "adadelta": o.Adadelta(rate * 20),
        "adadelta own": o.Adadelta(rate * 20, rho=0.8, epsilon=1e-3, weight_decay=0.01),
        "nadam": o.Nadam(rate),
        "nadam own": o.Nadam(rate, beta_1=0.8, beta_2=0.9, weight_decay=0.1),
        "adamax": o.Adamax(rate),
        "adamax own": o.Adamax(rate, beta_1=0.8, beta_2=0.9, weight_decay=0.1),
        "lion": o.Lion(rate),
        "lion own": o.Lion(rate, beta_1=0.5, beta_2=0.8, weight_decay=0.1),
        "lamb": o.Lamb(rate),
        "lamb own": o.Lamb(rate, beta_1=0.8, beta_2=0.9, weight_decay=0.1),
    }
    result = {}
    for name, optimizer in cases.items():
        variable = keras.Variable(initial, dtype="float64")
        optimizer.build([variable])
        steps = []
        for g in gradients:
            optimizer.apply([g], [variable])
            steps.append(np.array(variable))
        kept = {k: v for k, v in optimizer.get_config().items() if isinstance(v, (int, float, bool))}
        kept = {k: v for k, v in kept.items() if k not in ("use_ema", "ema_momentum", "jit_compile")}
        result[name] = {"options": json.dumps(kept), "weights": [tensor(s) for s in steps]}
    return {"initial": tensor(initial), "gradients": [tensor(g) for g in gradients], "cases": result}


def schedules():
    s = keras.optimizers.schedules
    updates = [0, 1, 2, 3, 5, 9, 10, 11, 20, 29, 30, 31, 57, 100, 250]
    cases = {
        "exponential": s.ExponentialDecay(0.1, 10, 0.5),
        "exponential staircase": s.ExponentialDecay(0.1, 10, 0.5, staircase=True),
        "inverse time": s.InverseTimeDecay(0.1, 10, 0.5),
        "inverse time staircase": s.InverseTimeDecay(0.1, 10, 0.5, staircase=True),
        "polynomial": s.PolynomialDecay(0.1, 30, 0.01, power=2),
        "piecewise": s.PiecewiseConstantDecay([10, 30], [1.0, 0.5, 0.1]),
        "cosine": s.CosineDecay(0.1, 30, alpha=0.1),
        "cosine warm-up": s.CosineDecay(0.01, 30, alpha=0.1, warmup_target=0.2, warmup_steps=10),
        "restarts": s.CosineDecayRestarts(0.1, 10),
        "restarts own": s.CosineDecayRestarts(0.1, 10, t_mul=1.5, m_mul=0.8, alpha=0.1),
        "restarts even": s.CosineDecayRestarts(0.1, 10, t_mul=1.0, m_mul=0.9),
    }
    return {
        "updates": {"values": updates},
        "cases": {name: {"values": [float(case(np.float64(u))) for u in updates]} for name, case in cases.items()},
    }


def penalties():
    random = np.random.RandomState(13)
    dense = np.float32(random.randn(3, 4)).astype(np.float64)
    convolution = np.float32(random.randn(2, 3, 2, 3)).astype(np.float64)
    r = keras.regularizers
    regularizers = {
        "l1": r.L1(0.1),
        "l2": r.L2(0.2),
        "l1_l2": r.L1L2(0.3, 0.4),
        "orthogonal rows": r.OrthogonalRegularizer(0.5),
        "orthogonal columns": r.OrthogonalRegularizer(0.5, mode="columns"),
    }
    c = keras.constraints
    constraints = {
        "max_norm": (c.MaxNorm(1.1), dense),
        "max_norm of filters": (c.MaxNorm(2.5, axis=[0, 1, 2]), convolution),
        "min_max_norm": (c.MinMaxNorm(1.2, 1.6), dense),
        "min_max_norm by and by": (c.MinMaxNorm(1.2, 1.6, rate=0.3, axis=1), dense),
        "non_neg": (c.NonNeg(), dense),
        "unit_norm": (c.UnitNorm(), dense),
        "unit_norm of filters": (c.UnitNorm(axis=[0, 1, 2]), convolution),
    }
    return {
        "weight": tensor(dense),
        "regularizers": {n: {"penalty": float(f(dense))} for n, f in regularizers.items()},
        "constraints": {n: {"weight": tensor(w), "result": tensor(np.array(f(w)))} for n, (f, w) in constraints.items()},
    }


content = {
    "losses": losses(),
    "metrics": metrics(),
    "optimizers": optimizers(),
    "schedules": schedules(),
    "penalties": penalties(),
}
(HERE / "keras.json").write_text(text(content) + "\n")
