using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>Convolutions and dense ops with the ops after them in one step, against float64 references.</summary>
public class EpilogueTests
{
    private static readonly StepContext s_inference = new(false, 0, 0);

    private static readonly Gen<Epilogue> s_epilogues =
        from first in Gen.Bool
        from scale in Gen.Bool
        from center in Gen.Bool
        from adds in Gen.Bool
        from cap in Gen.Int[0, 3].Select(i => new float?[] { null, float.PositiveInfinity, 6, 0.25f }[i])
        from last in Gen.Bool
        let normalization = new BatchNormalizationOp(0.9, 1e-3, scale, center, true)
        select new Epilogue
        {
            Normalization = first ? normalization : null,
            Adds = adds,
            Cap = cap,
            LastNormalization = last ? normalization with { HasScale = !scale } : null,
        };

    private static readonly Gen<(ConvolutionOp Op, int[] X, int[] Kernel, bool Bias)> s_convolutions =
        from batch in Gen.Int[1, 3]
        from height in Gen.Int[1, 15]
        from width in Gen.Int[1, 15]
        from window in Gen.Select(
            Gen.Int[0, 3].Select(i => new[] { 1, 2, 3, 5 }[i]),
            Gen.Int[0, 3].Select(i => new[] { 1, 2, 3, 5 }[i])
        )
        from strides in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3])
        from dilation in Gen.Int[1, 2]
        from kind in Gen.Int[0, 3]
        from depth in Gen.Int[0, 4].Select(i => new[] { 1, 3, 8, 16, 40 }[i])
        from filters in Gen.Int[0, 4].Select(i => new[] { 5, 8, 16, 24, 56 }[i])
        from sides in Gen.Int[0, 3].Array[4]
        from bias in Gen.Bool
        let groups = kind switch
        {
            0 => depth * 8,
            1 => 2,
            _ => 1,
        }
        let channels = kind == 0 ? depth * 8 : depth * groups
        let outputs = kind == 0 ? channels : filters * groups
        where height + sides[0] + sides[1] > (window.Item1 - 1) * dilation
        where width + sides[2] + sides[3] > (window.Item2 - 1) * dilation
        select (
            new ConvolutionOp(strides, new Pads2(sides[0], sides[1], sides[2], sides[3]), dilation, groups),
            new[] { batch, height, width, channels },
            new[] { window.Item1, window.Item2, channels / groups, outputs },
            bias
        );

    [Fact]
    public void Any_convolution_with_any_epilogue_follows_the_definition_of_its_ops() =>
        Gen.Select(s_convolutions, s_epilogues)
            .Fixed()
            .Sample((c, epilogue) => Check(c.Op, c.X, c.Kernel, c.Bias, epilogue, 0), iter: 150, threads: 1);

    public static TheoryData<string, int[], int[], int, int, int> Named =>
        new()
        {
            // x, kernel, stride, pad, groups
            { "pointwise", [2, 7, 7, 64], [1, 1, 64, 40], 1, 0, 1 },
            { "pointwise with strides", [1, 9, 9, 32], [1, 1, 32, 64], 2, 0, 1 },
            { "Winograd", [2, 14, 14, 32], [3, 3, 32, 48], 1, 1, 1 },
            { "few large pixels", [1, 3, 3, 64], [3, 3, 64, 64], 1, 1, 1 },
            { "first layer", [1, 30, 30, 3], [7, 7, 3, 64], 2, 3, 1 },
            { "depthwise", [2, 14, 14, 72], [3, 3, 1, 72], 1, 1, 72 },
            { "depthwise with strides", [2, 15, 15, 24], [3, 3, 1, 24], 2, 1, 24 },
            { "groups", [1, 13, 13, 32], [5, 5, 16, 32], 1, 2, 2 },
            { "filters that fill no vector", [1, 6, 6, 16], [3, 3, 16, 10], 1, 1, 1 },
        };

    [Theory]
    [MemberData(nameof(Named))]
    public void Values_that_are_not_finite_pass_through(
        string name,
        int[] x,
        int[] kernel,
        int stride,
        int pad,
        int groups
    )
    {
        var op = new ConvolutionOp(stride, new Pads2(pad, pad, pad, pad), 1, groups);
        var normalization = new BatchNormalizationOp(0.9, 1e-3, true, true, true);
        foreach (
            Epilogue epilogue in (ReadOnlySpan<Epilogue>)
                [
                    Epilogue.Relu,
                    new()
                    {
                        Normalization = normalization,
                        Adds = true,
                        Cap = 6,
                    },
                    new() { Cap = float.PositiveInfinity, LastNormalization = normalization },
                ]
        )
        {
            foreach (double special in (ReadOnlySpan<double>)[0, double.NaN, double.PositiveInfinity])
            {
                Check(op, x, kernel, true, epilogue, special);
            }
        }
        Assert.NotEmpty(name);
    }

    [Fact]
    public void A_dense_op_with_any_epilogue_follows_the_definition_of_its_ops() =>
        Gen.Select(s_epilogues, Gen.Int[1, 20], Gen.Bool)
            .Fixed()
            .Sample(
                (epilogue, rows, bias) =>
                {
                    Array64 a = Draw64.Uniform(rows, [rows, 19]);
                    Array64 b = Draw64.Uniform(rows + 1, [19, 21]);
                    Array64[] own = bias ? [a, b, Draw64.Uniform(rows + 2, [21])] : [a, b];
                    Check(new LinearOp(), own, epilogue, 1e-5);
                },
                iter: 60,
                threads: 1
            );

    private static void Check(ConvolutionOp op, int[] x, int[] kernel, bool bias, Epilogue epilogue, double special)
    {
        Array64 images = Draw64.Uniform(x.Length + x[1], x);
        if (special != 0)
        {
            images.Values[images.Values.Length / 2] = special;
        }
        Array64[] own =
        [
            images,
            Draw64.Uniform(kernel[3], kernel),
            .. bias ? [Draw64.Uniform(7, [kernel[3]])] : Array.Empty<Array64>(),
        ];
        Check(op, own, epilogue, 2e-5);
    }

    private static void Check(Op op, Array64[] own, Epilogue epilogue, double tolerance)
    {
        Array64 expected = Reference.Forward(op, false, own);
        int channels = expected.Sizes[^1];
        List<Array64> inputs = [.. own];
        expected = Normalized(expected, epilogue.Normalization, 11, inputs);
        if (epilogue.Adds)
        {
            Array64 added = Draw64.Uniform(13, expected.Sizes);
            inputs.Add(added);
            expected = new Array64(expected.Sizes, [.. expected.Values.Zip(added.Values, (a, b) => a + b)]);
        }
        if (epilogue.Cap is { } cap)
        {
            expected = expected.Map(v => double.IsNaN(v) ? v : Math.Clamp(v, 0, cap));
        }
        expected = Normalized(expected, epilogue.LastNormalization, 17, inputs);
        OpNode node = OpLayer.Node(op, [.. own.Select(i => i.Sizes)], own.Length - 1, true);
        foreach (TestBackend backend in TestBackend.All.SkipLast(1))
        {
            using Kernel kernel = backend.Kernels.Create(
                node,
                new KernelRequest { Inference = true, Epilogue = epilogue == Epilogue.None ? null : epilogue }
            );
            Array64 actual = KernelRun.Forward(kernel, inputs, s_inference);
            AssertSame(
                expected,
                actual,
                tolerance,
                $"{kernel.Algorithm} at {backend}, {epilogue}, channels {channels}"
            );
        }
    }

    private static void AssertSame(Array64 expected, Array64 actual, double tolerance, string what)
    {
        Assert.Equal(expected.Sizes, actual.Sizes);
        double largest = expected.Values.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
        bool spreads = what.Contains("Winograd", StringComparison.Ordinal);
        for (int i = 0; i < expected.Values.Length; i++)
        {
            (double e, double a) = (expected.Values[i], actual.Values[i]);
            // Winograd's algorithm sums a tile's pixels first, so that all of a tile is lost.
            bool good =
                double.IsFinite(e)
                    ? Math.Abs(e - a) <= tolerance * Math.Max(1, largest) || (spreads && !double.IsFinite(a))
                : double.IsNaN(e) ? double.IsNaN(a)
                : e.Equals(a) || (spreads && !double.IsFinite(a));
            Assert.True(good, $"{what}: {a} at {i} instead of {e}");
        }
    }

    private static Array64 Normalized(Array64 x, BatchNormalizationOp? op, int seed, List<Array64> inputs)
    {
        if (op is null)
        {
            return x;
        }
        int[] channels = [x.Sizes[^1]];
        Array64[] weights =
        [
            Draw64.Uniform(seed, channels),
            Draw64.Uniform(seed + 1, channels, 0.1, 2),
            .. op.HasScale ? [Draw64.Uniform(seed + 2, channels)] : Array.Empty<Array64>(),
            .. op.HasCenter ? [Draw64.Uniform(seed + 3, channels)] : Array.Empty<Array64>(),
        ];
        inputs.AddRange(weights);
        return Reference.Forward(op, false, [x, .. weights]);
    }
}
