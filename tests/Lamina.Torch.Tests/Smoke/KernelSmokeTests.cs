using Lamina.Torch;
using static Lamina.Layers;

namespace Lamina.Tests.Smoke;

/// <summary>
/// Each kernel's backward against central differences of its own forward in float64 (libtorch's ops alone), and the
/// float32 run (our loops where there are any) against the float64 one.
/// </summary>
public class KernelSmokeTests
{
    private static readonly StepContext s_step = new(true, 7, 3);

    public static TheoryData<string> Cases => [.. Ops().Keys];

    private static Symbol In(params int[] shape) => Input(Shape.Of(shape.AsSpan(1)), shape[0]);

    private static Dictionary<string, (Func<Symbol> Build, int[]?[] Sizes)> Ops()
    {
        var cases = new Dictionary<string, (Func<Symbol>, int[]?[])>
        {
            ["conv"] = Conv([2, 7, 6, 4], [3, 2, 4, 6], (2, 1), new Pads2(1, 1, 0, 0), 1, 1, true),
            ["conv without bias"] = Conv([2, 7, 6, 4], [3, 3, 4, 6], 1, default, 1, 1, false),
            ["conv in groups"] = Conv([2, 7, 6, 4], [3, 3, 2, 6], 1, new Pads2(1, 1, 1, 1), 1, 2, true),
            ["conv dilated"] = Conv([2, 9, 9, 3], [3, 3, 3, 5], 1, default, 2, 1, true),
            ["conv asymmetric"] = Conv([2, 8, 9, 3], [5, 5, 3, 4], 2, new Pads2(1, 2, 0, 3), 1, 1, true),
            ["conv of one channel"] = Conv([3, 5, 5, 1], [3, 3, 1, 1], 1, new Pads2(1, 1, 1, 1), 1, 1, true),
            ["conv 1x1 image"] = Conv([3, 1, 1, 4], [1, 1, 4, 5], 1, default, 1, 1, true),
            ["linear"] = (
                () => Lamina.Ops.Linear(In(5, 4), In(4, 3), In(3)),
                [
                    [5, 4],
                    [4, 3],
                    [3],
                ]
            ),
            ["linear large"] = (
                () => Lamina.Ops.Linear(In(33, 70), In(70, 45), In(45)),
                [
                    [33, 70],
                    [70, 45],
                    [45],
                ]
            ),
            ["linear of one"] = (
                () => Lamina.Ops.Linear(In(1, 9), In(9, 1), In(1)),
                [
                    [1, 9],
                    [9, 1],
                    [1],
                ]
            ),
            ["linear rank 3"] = (
                () => Lamina.Ops.Linear(In(2, 5, 4), In(4, 3), null),
                [
                    [2, 5, 4],
                    [4, 3],
                ]
            ),
            ["max pool"] = (
                () => Lamina.Ops.MaxPool(In(2, 7, 7, 3), 3, 2),
                [
                    [2, 7, 7, 3],
                ]
            ),
            ["max pool padded"] = (
                () => Lamina.Ops.MaxPool(In(2, 7, 8, 9), 3, 2, new Pads2(1, 1, 0, 1)),
                [
                    [2, 7, 8, 9],
                ]
            ),
            ["max pool one channel"] = (
                () => Lamina.Ops.MaxPool(In(2, 6, 6, 1), 2, 2),
                [
                    [2, 6, 6, 1],
                ]
            ),
            ["average pool"] = (
                () => Lamina.Ops.AveragePool(In(2, 7, 7, 3), 3, 2, new Pads2(1, 1, 1, 1)),
                [
                    [2, 7, 7, 3],
                ]
            ),
            ["average pool padded"] = (
                () => Lamina.Ops.AveragePool(In(2, 6, 7, 3), 3, 2, new Pads2(0, 1, 2, 2)),
                [
                    [2, 6, 7, 3],
                ]
            ),
            ["lrn"] = (
                () => Lamina.Ops.LocalResponseNormalization(In(2, 2, 3, 11), 5, 0.3, 0.75, 2),
                [
                    [2, 2, 3, 11],
                ]
            ),
            ["lrn other power"] = (
                () => Lamina.Ops.LocalResponseNormalization(In(2, 2, 3, 19), 3, 0.5, 0.6, 1),
                [
                    [2, 2, 3, 19],
                ]
            ),
            ["softmax"] = (
                () => Lamina.Ops.Softmax(In(4, 7)),
                [
                    [4, 7],
                ]
            ),
            ["dropout"] = (
                () => Lamina.Ops.Dropout(In(4, 71), 0.4),
                [
                    [4, 71],
                ]
            ),
            ["reshape"] = (
                () => Lamina.Ops.Reshape(In(2, 3, 4, 5), [60]),
                [
                    [2, 3, 4, 5],
                ]
            ),
            ["transpose"] = (
                () => Lamina.Ops.Transpose(In(2, 3, 4, 5), 3, 1, 2),
                [
                    [2, 3, 4, 5],
                ]
            ),
            ["pad"] = (
                () => Lamina.Ops.Pad(In(2, 3, 4, 5), new Pads2(1, 0, 2, 3)),
                [
                    [2, 3, 4, 5],
                ]
            ),
            ["concat"] = (
                () => Lamina.Ops.Concat([In(2, 3, 4), In(2, 3, 2), In(2, 3, 1)]),
                [
                    [2, 3, 4],
                    [2, 3, 2],
                    [2, 3, 1],
                ]
            ),
            ["slice"] = (
                () => Lamina.Ops.Slice(In(2, 3, 7), 2, 1, 4),
                [
                    [2, 3, 7],
                ]
            ),
            ["add"] = (
                () => Lamina.Ops.Add(In(2, 3, 4), In(2, 1, 4), In(2, 3, 4)),
                [
                    [2, 3, 4],
                    [2, 1, 4],
                    [2, 3, 4],
                ]
            ),
            ["multiply"] = (
                () => Lamina.Ops.Multiply(In(2, 3, 4), In(2, 1, 4), In(2, 3, 4)),
                [
                    [2, 3, 4],
                    [2, 1, 4],
                    [2, 3, 4],
                ]
            ),
            ["rescale"] = (
                () => Lamina.Ops.Rescale(In(2, 5, 3), [2, 3, 4], [0.5f]),
                [
                    [2, 5, 3],
                ]
            ),
            ["mean"] = (
                () => Lamina.Ops.Mean(In(2, 3, 4, 5), [1, 2]),
                [
                    [2, 3, 4, 5],
                ]
            ),
            ["mean kept"] = (
                () => Lamina.Ops.Mean(In(2, 3, 4, 5), [3], true),
                [
                    [2, 3, 4, 5],
                ]
            ),
        };
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
        {
            cases[$"activation {kind}"] = (
                () => Lamina.Ops.Activate(In(3, 37), kind, 0.3),
                [
                    [3, 37],
                ]
            );
        }
        foreach (
            (bool scale, bool center) in ((bool, bool)[])[(true, true), (true, false), (false, true), (false, false)]
        )
        {
            List<int[]?> sizes =
            [
                [4, 3, 3, 5],
                null,
                null,
            ];
            sizes.AddRange(Enumerable.Repeat(new[] { 5 }, (scale ? 1 : 0) + (center ? 1 : 0)));
            cases[$"batch normalization {scale} {center}"] = (
                () => new BatchNormalizationNode(scale, center).Apply(In(4, 3, 3, 5)),
                [.. sizes]
            );
        }
        return cases;
    }

    private static (Func<Symbol>, int[]?[]) Conv(
        int[] x,
        int[] kernel,
        Size2 strides,
        Pads2 pads,
        Size2 dilation,
        int groups,
        bool bias
    ) =>
        (
            () =>
                Lamina.Ops.Convolution(In(x), In(kernel), bias ? In(kernel[3]) : null, strides, pads, dilation, groups),
            // Kernels reach the engine as (filters, kh, kw, channels a group).
            bias
                ? [x, [kernel[3], kernel[0], kernel[1], kernel[2]], [kernel[3]]]
                : [x, [kernel[3], kernel[0], kernel[1], kernel[2]]]
        );

    [Theory]
    [MemberData(nameof(Cases))]
    public void Backward_follows_forward(string name)
    {
        (Func<Symbol> build, int[]?[] sizes) = Ops()[name];
        OpNode node = build().Producer;
        long before = Tensor.LiveTensors;
        var random = new RandomStream(1, RandomPurpose.User);
        double[]?[] values = new double[sizes.Length][];
        for (int i = 0; i < sizes.Length; i++)
        {
            values[i] = sizes[i] is { } s ? Draw(s.Aggregate(1, (a, b) => a * b), ref random) : null;
        }
        bool[] wanted = [.. sizes.Select(s => s is not null)];
        (double[] y, double[] weights, double[]?[] gradients) = Run(
            node,
            DType.Float64,
            values,
            sizes,
            wanted,
            ref random,
            null
        );
        (double[] y32, _, double[]?[] gradients32) = Run(
            node,
            DType.Float32,
            values,
            sizes,
            wanted,
            ref random,
            weights
        );
        AssertClose(y, y32, 2e-5);
        for (int i = 0; i < sizes.Length; i++)
        {
            if (!wanted[i])
            {
                continue;
            }
            AssertClose(gradients[i]!, gradients32[i]!, 1e-4);
            int stride = Math.Max(1, values[i]!.Length / 25);
            for (int j = 0; j < values[i]!.Length; j += stride)
            {
                const double h = 1e-5;
                double at = values[i]![j];
                values[i]![j] = at + h;
                double up = Loss(node, values, sizes, weights);
                values[i]![j] = at - h;
                double down = Loss(node, values, sizes, weights);
                values[i]![j] = at;
                Assert.Equal((up - down) / (2 * h), gradients[i]![j], 1e-6);
            }
        }
        Assert.Equal(before, Tensor.LiveTensors);
    }

    private static double[] Draw(int count, ref RandomStream random)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = (float)((random.NextDouble() * 4) - 2);
        }
        return values;
    }

    private static Tensor[] Tensors(OpNode node, DType type, double[]?[] values, int[]?[] sizes)
    {
        var tensors = new Tensor[sizes.Length];
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] is not { } s)
            {
                // The stored mean and variance.
                tensors[i] = Tensor.Empty([node.Inputs[i].Shape[0]!.Value], type);
                tensors[i].Fill(i - 1);
                continue;
            }
            tensors[i] = Tensor.Empty([.. s.Select(d => (long)d)], type);
            if (type == DType.Float64)
            {
                values[i].CopyTo(tensors[i].Elements<double>());
            }
            else
            {
                tensors[i].CopyFrom([.. values[i]!.Select(v => (float)v)]);
            }
        }
        return tensors;
    }

    private static double[] Read(Tensor tensor)
    {
        using Tensor copy = Tensor.Empty(tensor.Sizes, DType.Float64);
        copy.CopyFrom(tensor);
        return copy.Elements<double>().ToArray();
    }

    private static double Loss(OpNode node, double[]?[] values, int[]?[] sizes, double[] weights)
    {
        Kernel kernel = KernelFactory.Create(node);
        Tensor[] inputs = Tensors(node, DType.Float64, values, sizes);
        using Tensor y = kernel.Forward(s_step, inputs, false);
        double loss = Read(y).Zip(weights, (a, b) => a * b).Sum();
        kernel.Release();
        foreach (Tensor input in inputs)
        {
            input.Dispose();
        }
        return loss;
    }

    private static (double[] Y, double[] Weights, double[]?[] Gradients) Run(
        OpNode node,
        DType type,
        double[]?[] values,
        int[]?[] sizes,
        bool[] wanted,
        ref RandomStream random,
        double[]? weights
    )
    {
        Kernel kernel = KernelFactory.Create(node);
        Tensor[] inputs = Tensors(node, type, values, sizes);
        using Tensor y = kernel.Forward(s_step, inputs, false);
        Assert.True(y.IsContiguous);
        Assert.Equal(node.Shape.ToArray().Select(d => (long)d), y.Sizes.ToArray());
        weights ??= Draw((int)y.Count, ref random);
        double[] output = Read(y);
        Tensor g = Tensor.Empty(y.Sizes, type);
        using (Tensor source = Tensor.Empty(y.Sizes, DType.Float64))
        {
            weights.CopyTo(source.Elements<double>());
            g.CopyFrom(source);
        }
        var given = new Tensor?[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            given[i] = kernel.BackwardReadsInput(i) ? inputs[i] : null;
        }
        var results = new Tensor?[inputs.Length];
        kernel.Backward(s_step, given, kernel.BackwardReadsOutput ? y : null, g, wanted, results);
        var gradients = new double[]?[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            Assert.Equal(wanted[i], results[i] is not null);
            if (results[i] is { } result)
            {
                Assert.True(result.IsContiguous);
                Assert.Equal(inputs[i].Sizes.ToArray(), result.Sizes.ToArray());
                gradients[i] = Read(result);
                result.Dispose();
            }
        }
        kernel.Release();
        foreach (Tensor input in inputs)
        {
            input.Dispose();
        }
        return (output, weights, gradients);
    }

    private static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], tolerance * (1 + Math.Abs(expected[i])));
        }
    }

    private sealed class BatchNormalizationNode(bool scale, bool center) : Layer(null)
    {
        private Weight? _mean;
        private Weight? _variance;
        private Weight? _gamma;
        private Weight? _beta;

        protected override void Build(IReadOnlyList<Shape> inputs)
        {
            Shape shape = Shape.Of(inputs[0][^1]!.Value);
            _gamma = scale ? AddWeight("gamma", shape, "ones") : null;
            _beta = center ? AddWeight("beta", shape, "zeros") : null;
            _mean = AddWeight("moving_mean", shape, "zeros", trainable: false);
            _variance = AddWeight("moving_variance", shape, "ones", trainable: false);
        }

        protected override Symbol Call(IReadOnlyList<Symbol> inputs) =>
            Lamina.Ops.BatchNormalization(inputs[0], _mean!, _variance!, _gamma, _beta, 0.9, 1e-3, false);

        public override System.Text.Json.Nodes.JsonObject GetConfig() => [];
    }
}
