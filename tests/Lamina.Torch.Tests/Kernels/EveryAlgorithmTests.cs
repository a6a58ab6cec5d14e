using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>
/// Every algorithm that can compute a convolution in inference, chosen or not, at every width, against float64. .NET emulates
/// the vectors that the processor lacks.
/// </summary>
public class EveryAlgorithmTests
{
    private static readonly Gen<(ConvolutionOp Op, int[] X, int[] Kernel)> s_convolutions =
        from batch in Gen.Int[1, 3]
        from height in Gen.Int[1, 11]
        from width in Gen.Int[1, 11]
        from window in Gen.Int[0, 3].Select(i => new[] { 1, 2, 3, 5 }[i])
        from strides in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 2])
        from dilation in Gen.Int[1, 2]
        from kind in Gen.Int[0, 2]
        from depth in Gen.Int[0, 3].Select(i => new[] { 1, 3, 16, 20 }[i])
        from filters in Gen.Int[0, 2].Select(i => new[] { 16, 32, 48 }[i])
        from sides in Gen.Int[0, 2].Array[4]
        let groups = kind switch
        {
            0 => 16 * ((depth % 3) + 1),
            1 => 2,
            _ => 1,
        }
        let channels = kind == 0 ? groups : depth * groups
        let outputs = kind == 0 ? groups : filters * groups
        where height + sides[0] + sides[1] > (window - 1) * dilation
        where width + sides[2] + sides[3] > (window - 1) * dilation
        select (
            new ConvolutionOp(strides, new Pads2(sides[0], sides[1], sides[2], sides[3]), dilation, groups),
            new[] { batch, height, width, channels },
            new[] { window, window, channels / groups, outputs }
        );

    [Fact]
    public void Random_convolutions_follow_their_definition_by_each_algorithm()
    {
        Dictionary<string, int> seen = [];
        s_convolutions
            .Fixed()
            .Sample(c => VectorWidths.Run(new Check(c.Op, c.X, c.Kernel, 0, seen)), iter: 120, threads: 1);
        // Each algorithm at each width: none was left out by the sizes that were drawn.
        Assert.Equal(12, seen.Count);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Values_that_are_not_finite_reach_the_outputs_that_read_them(double special)
    {
        Dictionary<string, int> seen = [];
        var pads = new Pads2(1, 1, 1, 1);
        VectorWidths.Run(new Check(new ConvolutionOp(1, pads, 1, 1), [2, 9, 9, 16], [3, 3, 16, 32], special, seen));
        VectorWidths.Run(new Check(new ConvolutionOp(1, pads, 1, 16), [2, 9, 9, 16], [3, 3, 1, 16], special, seen));
        VectorWidths.Run(new Check(new ConvolutionOp(2, pads, 1, 1), [1, 9, 9, 3], [5, 5, 3, 16], special, seen));
        Assert.Equal(12, seen.Count);
    }

    private sealed record Check(ConvolutionOp Op, int[] X, int[] Kernel, double Special, Dictionary<string, int> Seen)
        : IWidthTest
    {
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            Array64 x = Draw64.Uniform(X[1], X);
            if (Special != 0)
            {
                x.Values[x.Values.Length / 2] = Special;
            }
            Array64 kernel = Draw64.Uniform(Kernel[3], Kernel);
            Array64 bias = Draw64.Uniform(7, [Kernel[3]]);
            Array64 expected = Reference
                .Forward(Op, false, [x, kernel, bias])
                .Map(v => double.IsNaN(v) ? v : Math.Max(v, 0));
            (Shape input, Shape weight, Shape output) = (Shape.Of(X), Shape.Of(Kernel), Shape.Of(expected.Sizes));
            ConvolutionAlgorithm?[] all =
            [
                DepthwiseConvolution<TVector>.For(Op, input, weight, output),
                TileConvolution<TVector>.For(Op, input, weight, output),
                WinogradConvolution<TVector>.For(Op, input, weight, output),
                PatchConvolution<TVector>.For(Op, input, weight, output),
            ];
            foreach (ConvolutionAlgorithm algorithm in all.OfType<ConvolutionAlgorithm>())
            {
                string name = $"{algorithm.GetType().Name} of {TVector.Count}";
                Seen[name] = Seen.GetValueOrDefault(name) + 1;
                AssertSame(expected, Forward(algorithm, x, kernel, bias), name);
            }
        }

        private float[] Forward(ConvolutionAlgorithm algorithm, Array64 x, Array64 kernel, Array64 bias)
        {
            using Tensor images = KernelRun.ToEngine(Op, 0, x);
            using Tensor weight = KernelRun.ToEngine(Op, 1, kernel);
            using Tensor shift = KernelRun.ToEngine(Op, 2, bias);
            using Tensor packed = algorithm.PackForward(weight);
            using Tensor y = algorithm.Forward(images, packed, OutputStage.Of(shift, relu: true));
            return y.AsSpan().ToArray();
        }

        private void AssertSame(Array64 expected, float[] actual, string name)
        {
            Assert.Equal(expected.Values.Length, actual.Length);
            // Winograd's algorithm sums a tile's pixels first, so that all of a tile is lost.
            bool spreads = Special != 0 && name.StartsWith("Winograd", StringComparison.Ordinal);
            double largest = expected.Values.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
            for (int i = 0; i < actual.Length; i++)
            {
                (double e, double a) = (expected.Values[i], actual[i]);
                bool good =
                    (spreads && !double.IsFinite(a))
                    || (double.IsFinite(e) ? Math.Abs(e - a) <= 2e-5 * Math.Max(1, largest) : e.Equals(a));
                Assert.True(good, $"{name}: {a} at {i} instead of {e}");
            }
        }
    }
}
