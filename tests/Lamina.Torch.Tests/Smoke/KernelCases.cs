using static Lamina.Layers;

namespace Lamina.Tests.Smoke;

/// <summary>Ops at work in small: how to record one, and its inputs' sizes (none for stored statistics).</summary>
internal static class KernelCases
{
    private static Symbol In(params int[] shape) => Input(Shape.Of(shape.AsSpan(1)), shape[0]);

    public static Dictionary<string, (Func<Symbol> Build, int[]?[] Sizes)> All()
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
                () => Ops.Linear(In(5, 4), In(4, 3), In(3)),
                [
                    [5, 4],
                    [4, 3],
                    [3],
                ]
            ),
            ["linear large"] = (
                () => Ops.Linear(In(33, 70), In(70, 45), In(45)),
                [
                    [33, 70],
                    [70, 45],
                    [45],
                ]
            ),
            ["linear of one"] = (
                () => Ops.Linear(In(1, 9), In(9, 1), In(1)),
                [
                    [1, 9],
                    [9, 1],
                    [1],
                ]
            ),
            ["linear rank 3"] = (
                () => Ops.Linear(In(2, 5, 4), In(4, 3), null),
                [
                    [2, 5, 4],
                    [4, 3],
                ]
            ),
            ["max pool"] = (
                () => Ops.MaxPool(In(2, 7, 7, 3), 3, 2),
                [
                    [2, 7, 7, 3],
                ]
            ),
            ["max pool padded"] = (
                () => Ops.MaxPool(In(2, 7, 8, 9), 3, 2, new Pads2(1, 1, 0, 1)),
                [
                    [2, 7, 8, 9],
                ]
            ),
            ["max pool one channel"] = (
                () => Ops.MaxPool(In(2, 6, 6, 1), 2, 2),
                [
                    [2, 6, 6, 1],
                ]
            ),
            ["average pool"] = (
                () => Ops.AveragePool(In(2, 7, 7, 3), 3, 2, new Pads2(1, 1, 1, 1)),
                [
                    [2, 7, 7, 3],
                ]
            ),
            ["average pool padded"] = (
                () => Ops.AveragePool(In(2, 6, 7, 3), 3, 2, new Pads2(0, 1, 2, 2)),
                [
                    [2, 6, 7, 3],
                ]
            ),
            ["adaptive average pool"] = (
                () => Ops.AdaptiveAveragePool(In(2, 7, 3, 5), (3, 4)),
                [
                    [2, 7, 3, 5],
                ]
            ),
            ["lrn"] = (
                () => Ops.LocalResponseNormalization(In(2, 2, 3, 11), 5, 0.3, 0.75, 2),
                [
                    [2, 2, 3, 11],
                ]
            ),
            ["lrn other power"] = (
                () => Ops.LocalResponseNormalization(In(2, 2, 3, 19), 3, 0.5, 0.6, 1),
                [
                    [2, 2, 3, 19],
                ]
            ),
            ["softmax"] = (
                () => Ops.Softmax(In(4, 7)),
                [
                    [4, 7],
                ]
            ),
            ["dropout"] = (
                () => Ops.Dropout(In(4, 71), 0.4),
                [
                    [4, 71],
                ]
            ),
            ["reshape"] = (
                () => Ops.Reshape(In(2, 3, 4, 5), [60]),
                [
                    [2, 3, 4, 5],
                ]
            ),
            ["transpose"] = (
                () => Ops.Transpose(In(2, 3, 4, 5), 3, 1, 2),
                [
                    [2, 3, 4, 5],
                ]
            ),
            ["pad"] = (
                () => Ops.Pad(In(2, 3, 4, 5), new Pads2(1, 0, 2, 3)),
                [
                    [2, 3, 4, 5],
                ]
            ),
            ["concat"] = (
                () => Ops.Concat([In(2, 3, 4), In(2, 3, 2), In(2, 3, 1)]),
                [
                    [2, 3, 4],
                    [2, 3, 2],
                    [2, 3, 1],
                ]
            ),
            ["slice"] = (
                () => Ops.Slice(In(2, 3, 7), 2, 1, 4),
                [
                    [2, 3, 7],
                ]
            ),
            ["add"] = (
                () => Ops.Add(In(2, 3, 4), In(2, 1, 4), In(2, 3, 4)),
                [
                    [2, 3, 4],
                    [2, 1, 4],
                    [2, 3, 4],
                ]
            ),
            ["multiply"] = (
                () => Ops.Multiply(In(2, 3, 4), In(2, 1, 4), In(2, 3, 4)),
                [
                    [2, 3, 4],
                    [2, 1, 4],
                    [2, 3, 4],
                ]
            ),
            ["rescale"] = (
                () => Ops.Rescale(In(2, 5, 3), [2, 3, 4], [0.5f]),
                [
                    [2, 5, 3],
                ]
            ),
            ["mean"] = (
                () => Ops.Mean(In(2, 3, 4, 5), [1, 2]),
                [
                    [2, 3, 4, 5],
                ]
            ),
            ["mean kept"] = (
                () => Ops.Mean(In(2, 3, 4, 5), [3], true),
                [
                    [2, 3, 4, 5],
                ]
            ),
        };
        foreach (ActivationKind kind in Enum.GetValues<ActivationKind>())
        {
            cases[$"activation {kind}"] = (
                () => Ops.Activate(In(3, 37), kind, 0.3),
                [
                    [3, 37],
                ]
            );
        }
        cases["batch normalization frozen"] = (
            () => new BatchNormalizationNode(true, true) { Trainable = false }.Apply(In(4, 3, 3, 5)),
            [
                [4, 3, 3, 5],
                null,
                null,
                [5],
                [5],
            ]
        );
        cases["batch normalization of rows"] = (
            () => new BatchNormalizationNode(true, true).Apply(In(9, 2, 5)),
            [
                [9, 2, 5],
                null,
                null,
                [5],
                [5],
            ]
        );
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
            () => Ops.Convolution(In(x), In(kernel), bias ? In(kernel[3]) : null, strides, pads, dilation, groups),
            // Kernels reach the engine as (filters, kh, kw, channels a group).
            bias
                ? [x, [kernel[3], kernel[0], kernel[1], kernel[2]], [kernel[3]]]
                : [x, [kernel[3], kernel[0], kernel[1], kernel[2]]]
        );

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
            Ops.BatchNormalization(inputs[0], _mean!, _variance!, _gamma, _beta, 0.9, 1e-3, false);

        public override System.Text.Json.Nodes.JsonObject GetConfig() => [];
    }
}
