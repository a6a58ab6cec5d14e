using CsCheck;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>Convolutions computed together by rows, against the same convolutions one after another.</summary>
public class RowChainTests
{
    private static readonly Gen<Chain> s_chains =
        from batch in Gen.Int[1, 3]
        from size in Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40])
        from channels in Gen.Int[1, 3].Select(n => n * 16)
        from before in Gen.Bool
        from after in Gen.Bool
        from kernel in Gen.Select(Gen.Int[0, 2].Select(i => (2 * i) + 1), Gen.Int[0, 2].Select(i => (2 * i) + 1))
        from strides in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3])
        from dilation in Gen.Int[1, 2]
        from pads in Gen.Int[0, 4].Array[4]
        from adds in Gen.Bool
        where before || after
        where size.Item1 + pads[0] + pads[1] > (kernel.Item1 - 1) * dilation
        where size.Item2 + pads[2] + pads[3] > (kernel.Item2 - 1) * dilation
        select new Chain(
            [batch, size.Item1, size.Item2, 24],
            before,
            new ConvolutionOp(strides, new Pads2(pads[0], pads[1], pads[2], pads[3]), dilation, channels),
            kernel,
            after,
            adds
        );

    [Fact]
    public void A_chain_has_the_bits_of_its_parts_one_after_another() =>
        s_chains.Fixed().Sample(VectorWidths.Run, iter: 100, threads: 1);

    [Fact]
    public void Rows_of_an_image_that_exceeds_the_buffer_are_computed_in_many_steps()
    {
        var window = new ConvolutionOp(2, new Pads2(0, 1, 0, 1), 1, 96);
        VectorWidths.Run(new Chain([1, 112, 112, 16], true, window, (3, 3), true, false));
    }

    private sealed record Chain(
        int[] X,
        bool Before,
        ConvolutionOp Window,
        (int Height, int Width) Kernel,
        bool After,
        bool Adds
    ) : IWidthTest
    {
        private static readonly ConvolutionOp s_pointwise = new(1, Pads2.None, 1, 1);

        /// <inheritdoc/>
        public void Run<TVector>()
            where TVector : unmanaged, IFloats<TVector>
        {
            int channels = Window.Groups;
            List<Part> parts = [];
            int[] at = [.. X];
            if (Before)
            {
                parts.Add(Part.Of<TVector>(s_pointwise, ref at, (1, 1), channels, adds: false));
            }
            at[3] = channels;
            int[] first = Before ? X : [.. X[..3], channels];
            parts.Add(Part.Of<TVector>(Window, ref at, Kernel, channels, Adds && !After));
            if (After)
            {
                parts.Add(Part.Of<TVector>(s_pointwise, ref at, (1, 1), 32, Adds));
            }
            using Tensor x = Draw(first, 1);
            Tensor expected = x.Duplicate();
            foreach (Part part in parts)
            {
                Tensor next = part.Algorithm.Forward(expected, part.Weights.Packed, part.Weights.Stage);
                expected.Dispose();
                expected = next;
            }
            using Tensor actual = Tensor.Empty([.. at.Select(s => (long)s)]);
            new RowChain([.. parts.Select(p => p.Algorithm.Rows!)]).Run(x, [.. parts.Select(p => p.Weights)], actual);
            Assert.Equal(expected.AsSpan().ToArray(), actual.AsSpan().ToArray());
            expected.Dispose();
            parts.ForEach(p => p.Dispose());
        }
    }

    private static Tensor Draw(int[] sizes, int seed) =>
        Tensor.FromSpan(Draw64.Uniform(seed, sizes).ToSingles(), [.. sizes.Select(s => (long)s)]);

    private sealed record Part(ConvolutionAlgorithm Algorithm, RowWeights Weights, Tensor Bias, Tensor? Added)
        : IDisposable
    {
        public static unsafe Part Of<TVector>(
            ConvolutionOp op,
            ref int[] at,
            (int Height, int Width) kernel,
            int filters,
            bool adds
        )
            where TVector : unmanaged, IFloats<TVector>
        {
            var input = Shape.Of(at);
            var window = Shape.Of(kernel.Height, kernel.Width, at[3] / op.Groups, filters);
            Shape output = op.InferShape([input, window]);
            at = [.. output.ToArray()];
            ConvolutionAlgorithm algorithm =
                op.Groups > 1
                    ? DepthwiseConvolution<TVector>.For(op, input, window, output)!
                    : TileConvolution<TVector>.For(op, input, window, output)!;
            using Tensor weight = Draw([filters, kernel.Height, kernel.Width, input[3]!.Value / op.Groups], filters);
            Tensor bias = Draw([filters], 3);
            Tensor? added = adds ? Draw(at, 4) : null;
            var stage = new OutputStage
            {
                Shift = bias.ReadData,
                Added = added is null ? null : added.ReadData,
                Rectifies = !adds,
                Cap = adds ? 0 : 0.8f,
            };
            return new Part(algorithm, new RowWeights(algorithm.PackForward(weight), stage), bias, added);
        }

        public void Dispose()
        {
            Weights.Packed.Dispose();
            Bias.Dispose();
            Added?.Dispose();
        }
    }
}
