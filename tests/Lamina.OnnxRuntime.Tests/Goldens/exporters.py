"""Rewrites torch.onnx's graphs, without changing what matters to a reader of them, into what other exporters write.

Each dialect has the traits by which files of that exporter differ: how they flatten, bias, pad, name and normalize, which
operator set they use, and whether weights are among the inputs. Pads of dialects whose frameworks pad on one side only
are made so; what a file computes is what ONNX Runtime says of that file.
"""

import numpy
import onnx
from onnx import helper, numpy_helper


class Graph:
    """A model's graph, with what the dialects need to know of it."""

    def __init__(self, model):
        self.model = onnx.shape_inference.infer_shapes(model)
        self.graph = self.model.graph
        values = [*self.graph.value_info, *self.graph.input, *self.graph.output]
        self.shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in values}
        self.weights = {t.name: numpy_helper.to_array(t) for t in self.graph.initializer}

    def each(self, operator, make):
        """Replaces nodes of an operator by those that make() returns."""
        nodes = []
        for node in self.graph.node:
            nodes.extend(make(node) if node.op_type == operator else [node])
        del self.graph.node[:]
        self.graph.node.extend(nodes)

    def weight(self, name, values):
        self.weights[name] = values
        return name

    def finish(self, opset, ir, producer, listed=False):
        used = {i for n in self.graph.node for i in n.input}
        del self.graph.initializer[:], self.graph.value_info[:]
        for name, values in self.weights.items():
            if name in used:
                self.graph.initializer.append(numpy_helper.from_array(values, name))
        if listed:
            for tensor in self.graph.initializer:
                self.graph.input.append(helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims))
        model = helper.make_model(self.graph, opset_imports=[helper.make_opsetid("", opset)], producer_name=producer)
        model.ir_version = ir
        return model


def attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def remake(node, **changes):
    """The node with other attributes."""
    new = helper.make_node(node.op_type, node.input, node.output, node.name)
    for name, value in {**attributes(node), **changes}.items():
        if value is not None:
            new.attribute.append(helper.make_attribute(name, value))
    return new


def one_sided(node, before):
    """Windows that halve an even size: the padding is before it or after it, not both."""
    a = attributes(node)
    if a.get("strides") == [2, 2] and a.get("pads") == [1, 1, 1, 1] and a["kernel_shape"] == [3, 3]:
        return [remake(node, pads=[1, 1, 0, 0] if before else [0, 0, 1, 1])]
    return [node]


def window(graph, node):
    return graph.shapes[node.input[0]][2:]


def cntk(model):
    """CNTK 2.6: opset 8, a batch of 1, matrices that a Reshape of the parameter makes, poolings by the whole image."""
    g = Graph(model)
    for operator in ("Conv", "MaxPool"):
        g.each(operator, lambda n: [remake(m, auto_pad="NOTSET") for m in one_sided(n, before=True)])
    g.each(
        "GlobalAveragePool",
        lambda n: [
            helper.make_node(
                "AveragePool", n.input, n.output, "Pooling_" + n.output[0], kernel_shape=window(g, n), strides=[1, 1],
                pads=[0, 0, 0, 0], auto_pad="NOTSET", count_include_pad=0,
            )
        ],
    )  # fmt: skip
    g.each("BatchNormalization", lambda n: [remake(n, spatial=1, training_mode=None)])
    flattened = {}

    def flatten(node):
        flattened[node.output[0]] = g.shapes[node.input[0]][1:]
        shape = g.weight(node.output[0] + "_shape", numpy.array([1, numpy.prod(flattened[node.output[0]])]))
        return [helper.make_node("Reshape", [node.input[0], shape], node.output, node.output[0] + "_reshape0")]

    def times(node):
        kernel = g.weights[node.input[1]].T.copy()
        dims = [*flattened.get(node.input[0], [kernel.shape[0]]), kernel.shape[1]]
        weight = g.weight("Parameter_" + node.input[1], kernel.reshape(dims))
        shape = g.weight("Times_" + node.input[1], numpy.array(kernel.shape))
        bias = g.weight("Plus_" + node.input[2], g.weights[node.input[2]].reshape(1, -1))
        (matrix, product) = ("Matrix_" + node.input[1], "Times_" + node.output[0])
        return [
            helper.make_node("Reshape", [weight, shape], [matrix], matrix + "_reshape1"),
            helper.make_node("MatMul", [node.input[0], matrix], [product], product),
            helper.make_node("Add", [product, bias], node.output, "Plus_" + node.output[0]),
        ]

    g.each("Flatten", flatten)
    g.each("Gemm", times)
    return g.finish(8, 3, "CNTK")


def caffe2(model, probabilities=True):
    """Caffe2: opset 9, a batch of 1, weights among the inputs, sums, masks of dropout, scales as products, and a softmax."""
    g = Graph(model)
    g.each("MaxPool", lambda n: one_sided(n, before=False))
    g.each("Add", lambda n: [helper.make_node("Sum", n.input, n.output, n.name)])
    g.each("Dropout", lambda n: [helper.make_node("Dropout", n.input, [n.output[0], n.output[0] + "_mask"], n.name)])

    def scaled(node):
        # Caffe normalizes in one layer and scales in the next; the dimensions for images come from nodes.
        (scale, bias) = node.input[1:3]
        count = g.weights[scale].shape
        names = [g.weight(f"{node.output[0]}_{n}", numpy.full(count, v, "float32")) for n, v in (("one", 1), ("zero", 0))]
        mid = [f"{node.output[0]}_{i}" for i in range(2)]
        (wide, high) = (scale + "_wide", bias + "_wide")
        normalized = helper.make_node(node.op_type, [node.input[0], *names, *node.input[3:]], [mid[0]], node.name)
        normalized.attribute.extend(a for a in node.attribute if a.name != "training_mode")
        return [
            normalized,
            helper.make_node("Unsqueeze", [scale], [wide], axes=[1, 2]),
            helper.make_node("Mul", [mid[0], wide], [mid[1]]),
            helper.make_node("Unsqueeze", [bias], [high], axes=[1, 2]),
            helper.make_node("Add", [mid[1], high], node.output),
        ]

    g.each("BatchNormalization", scaled)

    def flatten(node):
        shape = g.weight("OC2_DUMMY_" + node.output[0], numpy.array([1, numpy.prod(g.shapes[node.input[0]][1:])]))
        return [helper.make_node("Reshape", [node.input[0], shape], node.output)]

    g.each("Flatten", flatten)
    if probabilities:
        last = g.graph.output[0].name
        g.each("Gemm", lambda n: [helper.make_node(n.op_type, n.input, ["logits" if n.output[0] == last else n.output[0]], **attributes(n))])
        g.graph.node.append(helper.make_node("Softmax", ["logits"], [last]))
    return g.finish(9, 3, "onnx-caffe2", listed=True)


def mxnet(model):
    """MXNet: opset 8, weights among the inputs, a last convolution that a Reshape flattens, or Flatten and Gemm."""
    g = Graph(model)
    g.each("BatchNormalization", lambda n: [remake(n, spatial=1, training_mode=None)])
    shape = g.weight("reshape_attr_tensor", numpy.array([0, -1]))

    def flatten(node):
        return [helper.make_node("Reshape", [node.input[0], shape], node.output, node.output[0] + "_reshape")]

    last = {n.input[0] for n in g.graph.node if n.op_type == "Gemm"}
    g.each("Flatten", lambda n: flatten(n) if n.output[0] in last else [n])
    return g.finish(8, 3, "mxnet", listed=True)


def tf2onnx(model, opset=9):
    """tf2onnx: images (N, H, W, C) that a Transpose turns, biases as sums, Squeeze or ReduceMean, MatMul and a softmax."""
    g = Graph(model)
    data = g.graph.input[0]
    dims = data.type.tensor_type.shape.dim
    (n, c, h, w) = (dims[0].dim_value or "unk__1", *(d.dim_value for d in list(dims)[1:]))
    (name, output) = (data.name, g.graph.output[0].name)
    for operator in ("Conv", "MaxPool"):
        g.each(operator, lambda n: one_sided(n, before=False))
    g.each("BatchNormalization", lambda n: [remake(n, training_mode=None)])

    def bias(node):
        if len(node.input) < 3:
            return [node]
        plain = helper.make_node("Conv", node.input[:2], [node.output[0] + ":0"], node.name, **attributes(node))
        wide = g.weight(node.input[2] + "__reshaped", g.weights[node.input[2]].reshape(1, -1, 1, 1))
        return [plain, helper.make_node("Add", [plain.output[0], wide], node.output)]

    g.each("Conv", bias)
    flattened = {n.input[0]: n.output[0] for n in g.graph.node if n.op_type == "Flatten"}

    def pool(node):
        if node.output[0] not in flattened:
            return [node]
        squeezed = [flattened[node.output[0]]]
        if opset < 11:
            return [helper.make_node("ReduceMean", node.input, squeezed, axes=[2, 3], keepdims=0)]
        return [node, helper.make_node("Squeeze", node.output, squeezed, axes=[2, 3])]

    def flatten(node):
        if len(g.shapes[node.input[0]]) == 4 and g.shapes[node.input[0]][2:] == [1, 1]:
            return []
        # Features come in TensorFlow's order, so the rows of the next matrix do too.
        (turned, shape) = (node.output[0] + "_nhwc", node.output[0] + "_shape")
        g.weight(shape, numpy.array([-1, numpy.prod(g.shapes[node.input[0]][1:])]))
        return [
            helper.make_node("Transpose", node.input, [turned], perm=[0, 2, 3, 1]),
            helper.make_node("Reshape", [turned, shape], node.output),
        ]

    def dense(node):
        kernel = g.weight(node.input[1] + "_t", g.weights[node.input[1]].T.copy())
        product = node.output[0] + "_MatMul"
        end = "BiasAdd:0" if node.output[0] == output else node.output[0]
        return [helper.make_node("MatMul", [node.input[0], kernel], [product]), helper.make_node("Add", [product, node.input[2]], [end])]

    g.each("GlobalAveragePool", pool)
    g.each("Flatten", flatten)
    g.each("Gemm", dense)
    g.each("Softmax", lambda n: [n])
    g.graph.node.append(helper.make_node("Softmax", ["BiasAdd:0"], [output], axis=1))
    g.graph.node.insert(0, helper.make_node("Transpose", ["images:0"], [name], "images__2", perm=[0, 3, 1, 2]))
    g.graph.input[0].CopyFrom(helper.make_tensor_value_info("images:0", onnx.TensorProto.FLOAT, [n, h, w, c]))
    return g.finish(opset, 4, "tf2onnx")
