"""Debian's PyTorch 1.13 (python3-torch) as a worker process of the bench; the only argument is the request's JSON.

Variant "plain" is PyTorch as written; "tuned" has the images and the model in channels_last, which is its best on a CPU.
The bench sets OMP_NUM_THREADS and OPENBLAS_CORETYPE: without them this build runs one thread and OpenBLAS's oldest kernels.
"""
import json
import os
import resource
import signal
import struct
import sys
import time

import numpy
import torch
from torch import nn


def read_weights(folder):
    """The tensors by name; each is read into memory of its own, so that nothing else is held."""
    tensors = {}
    with open(os.path.join(folder, "peer-weights.safetensors"), "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            file.seek(8 + length + begin)
            values = numpy.fromfile(file, dtype=numpy.float32, count=(end - begin) // 4)
            tensors[name] = torch.from_numpy(values).reshape(entry["shape"])
    return tensors


def modules(layer, check):
    kind = layer["kind"]
    if kind == "convolution":
        before, after = layer["padBefore"], layer["padAfter"]
        if before != after:
            yield nn.ZeroPad2d((before, after, before, after)), False
        padding = before if before == after else 0
        yield nn.Conv2d(
            layer["inputs"], layer["outputs"], layer["window"], layer["strides"], padding, groups=layer["groups"]
        ), True
    elif kind == "dense":
        yield nn.Linear(layer["inputs"], layer["outputs"]), True
    elif kind == "batch_normalization":
        yield nn.BatchNorm2d(layer["outputs"], layer["epsilon"], 1 - layer["momentum"]), True
    elif kind == "relu":
        yield nn.ReLU(), False
    elif kind == "response_normalization":
        yield nn.LocalResponseNorm(layer["window"], layer["alpha"], layer["beta"], layer["k"]), False
    elif kind == "max_pool":
        yield nn.MaxPool2d(layer["window"], layer["strides"]), False
    elif kind == "adaptive_average_pool":
        yield nn.AdaptiveAvgPool2d(layer["window"]), False
    elif kind == "flatten":
        yield nn.Flatten(), False
    elif kind == "dropout":
        yield nn.Dropout(0 if check else layer["rate"]), False
    else:
        raise ValueError(f"PyTorch's peer has no layer '{kind}'.")


class Work:
    def __init__(self, request):
        folder, batch = request["folder"], request["batch"]
        with open(os.path.join(folder, "peer-model.json"), encoding="utf-8") as file:
            model = json.load(file)
        weights = read_weights(folder)
        layers = []
        for layer in model["layers"]:
            for module, weighed in modules(layer, request["check"]):
                if weighed:
                    own = {n: weights[f"{layer['name']}.{n}"] for n in module.state_dict() if n != "num_batches_tracked"}
                    module.load_state_dict(own, strict=False)
                layers.append(module)
        self.model = nn.Sequential(*layers)
        side, channels = model["input"], model["channels"]
        images = numpy.fromfile(os.path.join(folder, "peer-images.f32"), dtype=numpy.float32)
        images = images.reshape(-1, side, side, channels)[numpy.arange(batch) % 32]
        self.images = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
        if request["variant"] == "tuned":
            self.images = self.images.contiguous(memory_format=torch.channels_last)
            self.model = self.model.to(memory_format=torch.channels_last)
        self.labels = torch.tensor([i * 7 % model["classes"] for i in range(batch)])
        self.training = request["kind"] == "train"
        self.batch = batch
        if self.training:
            self.model.train()
            self.optimizer = torch.optim.SGD(self.model.parameters(), lr=request["learningRate"], momentum=0.9)
        else:
            self.model.eval()
        if not request["check"]:
            self.run()

    def run(self):
        return self.step() if self.training else float(self.probabilities()[0, 0])

    def step(self):
        self.optimizer.zero_grad()
        loss = nn.functional.cross_entropy(self.model(self.images), self.labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def probabilities(self):
        with torch.no_grad():
            return torch.softmax(self.model(self.images), 1).numpy()

    def output(self, path):
        self.model.eval()
        self.probabilities().astype(numpy.float32).tofile(path)
        self.model.train(self.training)


class Files:
    """torch.load and torch.save of a state dict."""

    def __init__(self, request):
        self.kind, self.batch = request["kind"], 1
        self.path = os.path.join(request["folder"], "weights.pth")
        self.target = os.path.join(request["folder"], "saved-by-pytorch.pth")
        self.tensors = torch.load(self.path) if self.kind == "pth-save" else None
        self.run()

    def run(self):
        if self.kind == "pth-load":
            torch.load(self.path)
        else:
            torch.save(self.tensors, self.target)
        return 0


def peak_bytes():
    # Not getrusage's, which begins with what the parent had.
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024


def page_faults():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_minflt + usage.ru_majflt


def timed(work, seconds):
    faults, processor, start, runs = page_faults(), time.process_time(), time.perf_counter(), 0
    while True:
        value = work.run()
        runs += 1
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            break
    return {
        "runs": runs,
        "seconds": elapsed,
        "work": work.batch,
        "value": value,
        "peakBytes": peak_bytes(),
        "pageFaults": page_faults() - faults,
        "processorSeconds": time.process_time() - processor,
    }


def answer(reply):
    print(json.dumps(reply), flush=True)


def main():
    # Ctrl-C goes to the whole group; the bench ends its workers itself.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        if "OMP_NUM_THREADS" in os.environ:
            torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        request = json.loads(sys.argv[1])
        work = Files(request) if request["kind"] in ("pth-load", "pth-save") else Work(request)
        answer({"work": work.batch})
        for line in sys.stdin:
            command, argument = line.strip().split(" ", 1)
            if command == "run":
                answer(timed(work, float(argument)))
            elif command == "output":
                work.output(argument)
                answer({})
            else:
                raise ValueError(f"'{line.strip()}' is no command.")
    except Exception as error:  # Whatever it was, the bench shows it where the figure would be.
        answer({"error": f"{type(error).__name__}: {error}"})
        sys.exit(1)


main()
