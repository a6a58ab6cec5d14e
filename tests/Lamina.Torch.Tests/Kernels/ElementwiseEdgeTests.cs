using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>Values and gradients at poles, kinks and ties, as PyTorch 2 defines them.</summary>
public class ElementwiseEdgeTests
{
    private const double Inf = double.PositiveInfinity;
    private const double NaN = double.NaN;

    [Fact]
    public void Functions_at_their_poles()
    {
        Unary(UnaryKind.Log, [0, -1, NaN, Inf], [-Inf, NaN, NaN, Inf], [Inf, -1, NaN, 0]);
        Unary(UnaryKind.Sqrt, [0, -1, Inf], [0, NaN, Inf], [Inf, NaN, 0]);
        Unary(UnaryKind.Log1p, [-1, -2], [-Inf, NaN], [Inf, -1]);
        Unary(UnaryKind.Absolute, [0, NaN, -Inf], [0, NaN, Inf], [0, 0, -1]);
        Unary(UnaryKind.Exp, [-Inf, Inf, NaN, 200], [0, Inf, NaN, Inf], [0, Inf, NaN, Inf]);
        Unary(UnaryKind.Square, [Inf, NaN], [Inf, NaN], [Inf, NaN]);
        Check(
            new UnaryOp(UnaryKind.Sign),
            [
                [0, NaN, -Inf, 3],
            ],
            [0, 0, -1, 1]
        );
    }

    [Fact]
    public void Clipping_passes_NaN_and_the_gradient_at_its_bounds() =>
        Check(
            new ClipOp(-1, 1),
            [
                [-2, -1, 0, 1, 2, NaN],
            ],
            [-1, -1, 0, 1, 1, NaN],
            [
                [0, 1, 1, 1, 0, 0],
            ]
        );

    [Fact]
    public void Equal_operands_share_the_gradient_and_NaN_wins()
    {
        double[] a = [1, 2, 2, NaN, 1, -Inf];
        double[] b = [2, 2, 1, 1, NaN, Inf];
        Check(
            new BinaryOp(BinaryKind.Maximum),
            [a, b],
            [2, 2, 2, NaN, NaN, Inf],
            [
                [0, .5, 1, 1, 1, 0],
                [1, .5, 0, 1, 1, 1],
            ]
        );
        Check(
            new BinaryOp(BinaryKind.Minimum),
            [a, b],
            [1, 2, 1, NaN, NaN, -Inf],
            [
                [1, .5, 0, 1, 1, 1],
                [0, .5, 1, 1, 1, 0],
            ]
        );
    }

    [Fact]
    public void Powers_of_zero_and_of_negative_numbers() =>
        Check(
            new BinaryOp(BinaryKind.Power),
            [
                [0, 0, 0, -2, -2, 3],
                [0, 2, .5, 2, .5, 0],
            ],
            [1, 0, 0, 4, NaN, 1],
            [
                [0, 0, Inf, -4, NaN, 0],
                [0, 0, 0, NaN, NaN, Math.Log(3)],
            ]
        );

    [Fact]
    public void Division_by_zero() =>
        Check(
            new BinaryOp(BinaryKind.Divide),
            [
                [1, 0, -1, 1],
                [0, 0, 0, Inf],
            ],
            [Inf, NaN, -Inf, 0],
            [
                [Inf, Inf, Inf, 0],
                [-Inf, NaN, Inf, 0],
            ]
        );

    [Fact]
    public void NaN_compares_as_neither()
    {
        double[] a = [NaN, 1, NaN, Inf];
        double[] b = [1, NaN, NaN, Inf];
        Check(new BinaryOp(BinaryKind.Equal), [a, b], [0, 0, 0, 1]);
        Check(new BinaryOp(BinaryKind.NotEqual), [a, b], [1, 1, 1, 0]);
        Check(new BinaryOp(BinaryKind.GreaterEqual), [a, b], [0, 0, 0, 1]);
        Check(new BinaryOp(BinaryKind.Less), [a, b], [0, 0, 0, 0]);
    }

    [Fact]
    public void Elements_that_are_not_chosen_do_not_matter() =>
        Check(
            new WhereOp(),
            [
                [1, 0, NaN, 0],
                [1, NaN, 3, Inf],
                [NaN, 2, NaN, 4],
            ],
            [1, 2, 3, 4],
            [null, [1, 0, 1, 0], [0, 1, 0, 1]]
        );

    [Fact]
    public void Extremes_share_the_gradient_evenly_and_NaN_wins()
    {
        var max = new ReduceOp(ReduceKind.Max, [1], false);
        Check(
            max,
            [
                [3, 1, 3, 3],
            ],
            [3],
            [
                [1 / 3.0, 0, 1 / 3.0, 1 / 3.0],
            ]
        );
        Check(
            max,
            [
                [3, NaN, 1],
            ],
            [NaN],
            [
                [NaN, NaN, NaN],
            ]
        );
        Check(
            new ReduceOp(ReduceKind.Min, [1], false),
            [
                [1, 1, Inf],
            ],
            [1],
            [
                [.5, .5, 0],
            ]
        );
        Check(
            new ArgMaxOp(1),
            [
                [3, NaN, NaN],
            ],
            [1]
        );
    }

    [Fact]
    public void Sums_of_exponentials_do_not_overflow()
    {
        var op = new ReduceOp(ReduceKind.LogSumExp, [1], false);
        Check(
            op,
            [
                [1000, 1000],
            ],
            [1000 + Math.Log(2)],
            [
                [.5, .5],
            ]
        );
        Check(
            op,
            [
                [-Inf, -Inf],
            ],
            [-Inf],
            [
                [0, 0],
            ]
        );
        Check(
            op,
            [
                [-Inf, 1],
            ],
            [1],
            [
                [0, 1],
            ]
        );
        Check(
            new LogSoftmaxOp(),
            [
                [1000, 0],
            ],
            [0, -1000],
            [
                [-1, 1],
            ],
            [0, 1]
        );
    }

    private static void Unary(UnaryKind kind, double[] x, double[] y, double[] gradient) =>
        Check(new UnaryOp(kind), [x], y, [gradient]);

    // One row of each input; gradients for a cotangent of ones, or the one given.
    private static void Check(
        Op op,
        double[][] inputs,
        double[] output,
        double[]?[]? gradients = null,
        double[]? given = null
    )
    {
        Array64[] rows = [.. inputs.Select(x => new Array64([1, x.Length], x))];
        OpNode node = OpLayer.Node(op, [.. rows.Select(r => r.Sizes)], 0, true);
        bool[] wanted = [.. inputs.Select((_, i) => gradients?[i] is not null)];
        int[] sizes = node.Shape.WithBatch(1).ToArray();
        given ??= [.. Enumerable.Repeat(1.0, output.Length)];
        foreach (Device device in TestDevices.All)
        {
            var cotangent = new Array64(sizes, given);
            KernelRun run = KernelRun.Of(device, node, rows, true, wanted, overwrite: false, cotangent);
            Same(output, run.Output.Values);
            for (int i = 0; i < inputs.Length; i++)
            {
                if (gradients?[i] is { } expected)
                {
                    Same(expected, run.Gradients[i]!.Values);
                }
            }
        }
    }

    private static void Same(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], double.IsFinite(expected[i]) ? 1e-5 * (1 + Math.Abs(expected[i])) : 0);
        }
    }
}
