#!/usr/bin/env python3
"""Writes torchvision's networks, made narrow, as several exporters write them: make_pretrained.py ZIP

pretrained.zip beside this was made with Debian's python3-torch 1.13, python3-torchvision 0.14 and python3-onnx 1.12
(/usr/bin/python3). Weights are random and of few values, which keeps the archive small.
"""

import io
import sys
import zipfile

import onnx
import torch
import torchvision.models as zoo
from torch import nn
from torchvision.models.googlenet import BasicConv2d
from torchvision.ops.misc import SqueezeExcitation

import exporters

CLASSES = 5


def narrow(network, factor):
    """The same network with a fraction of the channels everywhere but in the images and the classes."""

    def fewer(count, kept):
        return count if count == kept else max(1, count // factor)

    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            whole, rest = module.in_channels, fewer(module.in_channels, 3)
            filters = fewer(module.out_channels, 1000)
            filters = CLASSES if filters == 1000 else filters
            module.groups = rest if module.groups == whole and whole > 1 else min(module.groups, rest)
            size = (filters, rest // module.groups, *module.kernel_size)
            module.weight = nn.Parameter(torch.empty(size))
            module.bias = nn.Parameter(torch.empty(filters)) if module.bias is not None else None
            module.in_channels, module.out_channels = rest, filters
        elif isinstance(module, nn.BatchNorm2d):
            count = fewer(module.num_features, 3)
            module.__init__(count, module.eps, module.momentum)
        elif isinstance(module, nn.Linear):
            units = CLASSES if module.out_features == 1000 else fewer(module.out_features, 0)
            module.__init__(fewer(module.in_features, 0), units, module.bias is not None)
    return network


def fill(network):
    """Weights of three values for each layer, spread so that activations keep their size; statistics all but 0 and 1."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            fan = module.weight[0].numel()
            values = torch.randint(-1, 2, module.weight.shape).float()
            module.weight.data = values * (2.0 ** round(float(torch.log2(torch.tensor((2 / fan) ** 0.5)))))
            if module.bias is not None:
                module.bias.data = torch.randint(-3, 4, module.bias.shape).float() / 16
        elif isinstance(module, nn.BatchNorm2d):
            count = module.num_features
            for name, low, high in (("running_mean", -3, 4), ("bias", -3, 4), ("running_var", 6, 12), ("weight", 6, 12)):
                getattr(module, name).data = torch.randint(low, high, (count,)).float() / 8
    return network.eval()


def tame(network, side):
    """Scales the head so that the classes' scores are neither all alike nor beyond what a softmax tells apart."""
    head = [m for m in network.modules() if isinstance(m, (nn.Linear, nn.Conv2d))][-1]
    with torch.no_grad():
        scores = network(torch.rand(4, 3, side, side) * 2 - 1)
        head.weight.data *= 2.0 ** round(float(torch.log2(1 / scores.std())))
    return network


class Normalization(torch.autograd.Function):
    """Local response normalization as ONNX's own operator, which torch.onnx writes as a dozen."""

    @staticmethod
    def forward(context, x):
        return nn.functional.local_response_norm(x, 5, 1e-1, 0.75, 1.0)

    @staticmethod
    def symbolic(g, x):
        return g.op("LRN", x, size_i=5, alpha_f=1e-1, beta_f=0.75, bias_f=1.0).setType(x.type())


class LocalResponse(nn.Module):
    def forward(self, x):
        return Normalization.apply(x)


def plain_googlenet():
    """GoogLeNet as published in 2014: local response normalization, no batch normalization, pools rounded up."""
    network = zoo.googlenet(weights=None, init_weights=False, aux_logits=False)
    for module in list(network.modules()):
        if isinstance(module, BasicConv2d):
            old = module.conv
            window = (old.kernel_size, old.stride, old.padding)
            (module.conv, module.bn) = (nn.Conv2d(old.in_channels, old.out_channels, *window), nn.Identity())
    network.maxpool1 = nn.Sequential(network.maxpool1, LocalResponse())
    network.conv3 = nn.Sequential(network.conv3, LocalResponse())
    return network


def efficientnet_lite():
    """EfficientNet-lite0: no squeeze and excitation, relu6, and the first and last blocks' widths as they are."""
    network = zoo.efficientnet_b0(weights=None)
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, SqueezeExcitation):
                setattr(module, name, nn.Identity())
            elif isinstance(child, nn.SiLU):
                setattr(module, name, nn.ReLU6())
    return network


def vgg(make):
    network = make(weights=None)
    network.avgpool = nn.AdaptiveAvgPool2d(2)
    network.classifier[0] = nn.Linear(512 * 4, 4096)
    return network


class Features(nn.Module):
    """A network without its head."""

    def __init__(self, network):
        super().__init__()
        network.fc = nn.Identity()
        self.network = network

    def forward(self, x):
        return self.network(x)


def torch_13(export):
    return export(13)


def torch_17(export):
    return export(17)


def torch_7(export):
    return export(7)


def cntk(export):
    return exporters.cntk(export(9, batch=1))


def caffe2(export):
    return exporters.caffe2(export(9, batch=1))


def caffe2_features(export):
    return exporters.caffe2(export(9, batch=1), probabilities=False)


def mxnet(export):
    return exporters.mxnet(export(9, batch=1))


def tf2onnx(export):
    return exporters.tf2onnx(export(9))


def tf2onnx_11(export):
    return exporters.tf2onnx(export(11, batch=1), 11)


# The network, the fraction of its width, the side of its input, and who writes it.
NETWORKS = {
    "resnet18": (lambda: zoo.resnet18(weights=None), 16, 64, [cntk, torch_13]),
    "resnet18-features": (lambda: Features(zoo.resnet18(weights=None)), 16, 64, [cntk]),
    "resnet34": (lambda: zoo.resnet34(weights=None), 16, 64, [mxnet]),
    "resnet50": (lambda: zoo.resnet50(weights=None), 16, 64, [caffe2, tf2onnx]),
    "squeezenet": (lambda: zoo.squeezenet1_1(weights=None), 8, 64, [torch_7, caffe2_features]),
    "mobilenet-v2": (lambda: zoo.mobilenet_v2(weights=None), 8, 64, [mxnet, torch_17]),
    "vgg16": (lambda: vgg(zoo.vgg16), 32, 64, [cntk, torch_13, tf2onnx]),
    "densenet121": (lambda: zoo.densenet121(weights=None), 16, 64, [caffe2, torch_13]),
    "googlenet": (plain_googlenet, 16, 64, [caffe2]),
    "googlenet-bn": (lambda: zoo.googlenet(weights=None, init_weights=False, aux_logits=False), 16, 64, [torch_17]),
    "efficientnet-lite": (efficientnet_lite, 8, 64, [tf2onnx_11]),
    # Others of torchvision's.
    "shufflenet-v2": (lambda: zoo.shufflenet_v2_x0_5(weights=None), 8, 64, [torch_13]),
    "mobilenet-v3": (lambda: zoo.mobilenet_v3_small(weights=None), 8, 64, [torch_17]),
    "efficientnet-b0": (lambda: zoo.efficientnet_b0(weights=None), 8, 64, [torch_13]),
    "mnasnet": (lambda: zoo.mnasnet0_5(weights=None), 8, 64, [torch_13]),
    "regnet": (lambda: zoo.regnet_y_400mf(weights=None), 8, 64, [torch_13]),
    "inception-v3": (lambda: zoo.inception_v3(weights=None, init_weights=False, aux_logits=False), 16, 96, [torch_13]),
}


def export(network, side, opset, batch=None):
    file = io.BytesIO()
    torch.onnx.export(
        network,
        torch.rand(1, 3, side, side),
        file,
        opset_version=opset,
        input_names=["data"],
        output_names=["output"],
        # Else torch.onnx multiplies normalizations into convolutions, which other exporters leave.
        training=torch.onnx.TrainingMode.PRESERVE if opset == 9 else torch.onnx.TrainingMode.EVAL,
        dynamic_axes=None if batch else {"data": {0: "batch"}, "output": {0: "batch"}},
    )
    return onnx.load_from_string(file.getvalue())


def check(model):
    # CNTK's and Caffe2's version of the format wants all weights among the inputs, and CNTK does not list them.
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.ir_version = 8
    onnx.checker.check_model(copy)


def main(target):
    torch.manual_seed(11)
    with zipfile.ZipFile(target, "w") as packed:
        for name, (make, factor, side, writers) in NETWORKS.items():
            network = tame(fill(narrow(make(), factor)), side)
            for writer in writers:
                model = writer(lambda opset, batch=None: export(network, side, opset, batch))
                check(model)
                entry = zipfile.ZipInfo(f"{name}/{writer.__name__}.onnx", (2022, 1, 1, 0, 0, 0))
                packed.writestr(entry, model.SerializeToString(), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    main(*sys.argv[1:])
