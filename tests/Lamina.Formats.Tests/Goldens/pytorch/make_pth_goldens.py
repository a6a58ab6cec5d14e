"""Makes the .pth goldens: run with a Python that has torch 1.13 (Debian 12: /usr/bin/python3 with python3-torch).

Writes files of torch.save beside itself, and expected.json: for each file that is read, its state dict as PyTorch sees it.
"""

import collections
import json
import os
import pathlib

import torch

HERE = pathlib.Path(__file__).parent
torch.manual_seed(5)
expected = {}


def save(name, value, weights=None, **how):
    """weights: the state dict in it, if it is not the value itself; False for files that are refused."""
    torch.save(value, HERE / name, **how)
    if weights is not False:
        assert type(torch.load(HERE / name)) is type(value)
        expected[name] = {
            k: {
                "dtype": str(t.dtype).removeprefix("torch."),
                "shape": list(t.shape),
                "values": [] if t.is_complex() else t.detach().double().flatten().tolist(),
            }
            for k, t in (value if weights is None else weights).items()
        }


t = torch.arange(24.0).reshape(2, 3, 4)
d = collections.OrderedDict

numbers = torch.tensor([0.0, 1.0, -2.5, 0.1, 65504.0, 1e-7])
save("dtypes.pth", d(
    float32=numbers, float64=numbers.double() / 3, float16=numbers.half(), bfloat16=numbers.bfloat16(),
    int64=torch.tensor([-(2**40), 7]), int32=torch.tensor([-(2**20), 7], dtype=torch.int32),
    int16=torch.tensor([-300, 7], dtype=torch.int16), int8=torch.tensor([-128, 127], dtype=torch.int8),
    uint8=torch.tensor([0, 255], dtype=torch.uint8), bool=torch.tensor([True, False, True]), scalar=torch.tensor(2.5),
))
save("complex.pth", d(weight=torch.ones(2), wave=torch.ones(2, dtype=torch.complex64)))

base = torch.arange(60.0)
save("strides.pth", d(
    contiguous=t, transposed=t.permute(2, 0, 1), matrix=base.reshape(6, 10).t(), offset=base[10:34].reshape(4, 6),
    column=base.reshape(6, 10)[:, 3], every_third=base[1::3], expanded=torch.tensor([1.0, 2.0]).expand(3, 2),
    one=torch.tensor([3.0]).expand(2, 2), block=base.reshape(6, 10)[1:4, 2:5], narrow=base.reshape(6, 1, 10)[2:3],
    channels_last=torch.arange(48.0).reshape(2, 3, 2, 4).contiguous(memory_format=torch.channels_last),
    half=torch.arange(12).half().reshape(3, 4).t(), windows=base.as_strided((4, 5), (2, 1), 7),
))
tied = torch.randn(4, 3)
save("shared.pth", d([("encoder.weight", tied), ("decoder.weight", tied), ("decoder.row", tied[2]), ("decoder.t", tied.t())]))

inner = d([("features.0.weight", torch.randn(2, 1, 3, 3)), ("features.0.bias", torch.randn(2))])
wrapped = d([(f"module.{k}", v) for k, v in inner.items()])
save("nested.pth", {"epoch": 90, "arch": "alexnet", "best": 0.5, "state_dict": wrapped,
                    "optimizer": {"state": {0: {"momentum_buffer": torch.ones(2)}}, "param_groups": [{"lr": 0.1, "params": [0]}]}}, inner)
save("model.pth", {"model": {"state_dict": inner}}, inner)
save("parameters.pth", d([("weight", torch.nn.Parameter(torch.randn(2, 2))), ("bias", torch.nn.Parameter(torch.randn(2), requires_grad=False))]))
for protocol in (3, 4, 5):
    save(f"protocol{protocol}.pth", d(inner), pickle_protocol=protocol)

net = torch.nn.Sequential(d(conv=torch.nn.Conv2d(2, 4, 3, groups=2), norm=torch.nn.BatchNorm2d(4), flatten=torch.nn.Flatten(),
                            norm1=torch.nn.BatchNorm1d(16), relu=torch.nn.ReLU(), head=torch.nn.Linear(16, 3)))
net(torch.randn(5, 2, 4, 4))
save("network.pth", net.state_dict())
net.eval()
pixels = torch.randn(2, 2, 4, 4)
expected["network.pth"]["input"] = {"dtype": "float32", "shape": [2, 4, 4, 2], "values": pixels.permute(0, 2, 3, 1).flatten().tolist()}
expected["network.pth"]["output"] = {"dtype": "float32", "shape": [2, 3], "values": net(pixels).detach().flatten().tolist()}


# What is refused.
class Command:
    def __reduce__(self):
        return os.system, ("touch /tmp/lamina-was-here",)


save("legacy.pth", d(inner), False, _use_new_zipfile_serialization=False)
save("module.pth", torch.nn.Linear(2, 1), False)
save("system.pth", Command(), False)
save("system_inside.pth", d([("weight", torch.ones(1)), ("x", Command())]), False)
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), str(HERE / "script.pth"))
save("empty.pth", {"epoch": 1}, False)

text = json.dumps(expected, indent=None, separators=(",", ":")).replace('},"', '},\n"')
(HERE / "expected.json").write_text(text + "\n")
