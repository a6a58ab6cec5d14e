using CsCheck;
using Lamina.Torch.Tests.References;

namespace Lamina.Torch.Tests.Kernels;

public class ConvolutionKernelTests
{
    internal sealed record Case(int[] X, int[] Kernel, bool Bias, ConvolutionOp Op, int Seed)
    {
        public Array64[] Inputs =>
            Bias
                ? [Draw64.Uniform(Seed, X), Draw64.Uniform(Seed + 1, Kernel), Draw64.Uniform(Seed + 2, [Kernel[3]])]
                : [Draw64.Uniform(Seed, X), Draw64.Uniform(Seed + 1, Kernel)];

        public int Weights => Bias ? 2 : 1;

        public override string ToString() =>
            $"x ({string.Join(", ", X)}), kernel ({string.Join(", ", Kernel)}), bias {Bias}, {Op}, seed {Seed}";
    }

    private static readonly Gen<Case> s_cases =
        from batch in Gen.Int[1, 3]
        from height in Gen.Int[1, 9]
        from width in Gen.Int[1, 9]
        from window in Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4])
        from strides in Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3])
        from dilation in Gen.Select(Gen.Int[1, 2], Gen.Int[1, 2])
        from groups in Gen.Int[1, 3]
        from depth in Gen.Int[1, 3]
        from filters in Gen.Int[1, 3]
        from bias in Gen.Bool
        from kind in Gen.Int[0, 2]
        from sides in Gen.Int[0, 3].Array[4]
        from seed in Gen.Int[0, 1000]
        let pads = kind switch
        {
            0 => Pads2.None,
            1 => Pads2.Same(height, width, window, strides, dilation),
            _ => new Pads2(sides[0], sides[1], sides[2], sides[3]),
        }
        where height + pads.Top + pads.Bottom > (window.Item1 - 1) * dilation.Item1
        where width + pads.Left + pads.Right > (window.Item2 - 1) * dilation.Item2
        select new Case(
            [batch, height, width, groups * depth],
            [window.Item1, window.Item2, depth, groups * filters],
            bias,
            new ConvolutionOp(strides, pads, dilation, groups),
            seed
        );

    [Fact]
    public void Any_convolution_follows_its_definition() =>
        s_cases
            .Fixed()
            .Sample(c => new KernelCheck(c.Op, c.Inputs) { Weights = c.Weights }.Run(), iter: 80, threads: 1);

    public static TheoryData<string, int[], int[], int, int[], int> Named =>
        new()
        {
            // x, kernel, stride, pads, groups
            { "conv1 of the walkthrough, smaller", [1, 30, 30, 3], [11, 11, 3, 8], 4, [3, 4, 3, 4], 1 },
            { "conv1 of the paper, smaller", [1, 32, 32, 3], [11, 11, 3, 8], 4, [0, 3, 0, 3], 1 },
            { "channels of a vector's width", [2, 6, 6, 16], [3, 3, 16, 32], 1, [1, 1, 1, 1], 1 },
            { "two groups", [2, 6, 6, 16], [5, 5, 8, 32], 1, [2, 2, 2, 2], 2 },
            { "depthwise", [2, 7, 7, 8], [3, 3, 1, 8], 2, [0, 1, 0, 1], 8 },
            { "depthwise, twice", [2, 7, 7, 4], [3, 3, 1, 8], 1, [1, 1, 1, 1], 4 },
            { "one pixel", [3, 1, 1, 5], [3, 3, 5, 4], 1, [1, 1, 1, 1], 1 },
            { "one channel to one", [2, 5, 4, 1], [2, 3, 1, 1], 1, [0, 1, 1, 1], 1 },
            { "pointwise", [2, 4, 5, 7], [1, 1, 7, 3], 1, [0, 0, 0, 0], 1 },
            { "pointwise with gaps", [2, 5, 5, 4], [1, 1, 4, 3], 2, [0, 0, 0, 0], 1 },
            { "strides beyond the window", [2, 9, 9, 2], [2, 2, 2, 3], 4, [0, 0, 0, 0], 1 },
            { "whole image", [2, 4, 4, 3], [4, 4, 3, 6], 1, [0, 0, 0, 0], 1 },
            { "padding as wide as the window", [1, 3, 3, 2], [2, 2, 2, 2], 1, [2, 3, 0, 2], 1 },
        };

    [Theory]
    [MemberData(nameof(Named))]
    public void Notable_convolutions_follow_their_definition(
        string name,
        int[] x,
        int[] kernel,
        int stride,
        int[] pads,
        int groups
    )
    {
        var op = new ConvolutionOp(stride, new Pads2(pads[0], pads[1], pads[2], pads[3]), 1, groups);
        foreach (bool bias in (bool[])[true, false])
        {
            var c = new Case(x, kernel, bias, op, name.Length);
            new KernelCheck(op, c.Inputs) { Weights = c.Weights }.Run();
        }
    }

    [Fact]
    public void One_channel_to_one_column_with_unlike_strides_follows_its_definition()
    {
        // oneDNN steps the rows of these wrongly if the images are channels last.
        foreach (
            (int kernelHeight, int kernelWidth, int across) in (ReadOnlySpan<(int, int, int)>)
                [(1, 2, 3), (3, 3, 2), (2, 2, 3)]
        )
        {
            foreach (int filters in (ReadOnlySpan<int>)[1, 2, 8])
            {
                var op = new ConvolutionOp((1, across), Pads2.None, 1, 1);
                var c = new Case([2, 7, 3, 1], [kernelHeight, kernelWidth, 1, filters], true, op, filters);
                new KernelCheck(op, c.Inputs) { Weights = 2 }.Run();
                OpNode node = OpLayer.Node(op, [.. c.Inputs.Select(x => x.Sizes)], 2, true);
                Array64 positive = Reference.Forward(op, false, c.Inputs).Map(v => Math.Max(0, v));
                foreach (Device device in TestDevices.All)
                {
                    KernelCheck.AssertClose(positive, KernelRun.Infer(device, node, c.Inputs, true), 1e-5, "fused");
                }
            }
        }
    }

    [Fact]
    public void A_fused_relu_is_the_relu_of_the_output() =>
        s_cases
            .Fixed()
            .Sample(
                c =>
                {
                    OpNode node = OpLayer.Node(c.Op, [.. c.Inputs.Select(x => x.Sizes)], c.Weights, true);
                    Array64 expected = Reference.Forward(c.Op, false, c.Inputs);
                    foreach (Device device in TestDevices.All)
                    {
                        KernelCheck.AssertClose(
                            expected,
                            KernelRun.Infer(device, node, c.Inputs, false),
                            1e-5,
                            "plain"
                        );
                        Array64 positive = expected.Map(v => Math.Max(0, v));
                        // Of all values: where few are positive they may be the small ones.
                        double share = expected.Values.Max(Math.Abs) / Math.Max(1e-3, positive.Values.Max());
                        KernelCheck.AssertClose(
                            positive,
                            KernelRun.Infer(device, node, c.Inputs, true),
                            1e-5 * Math.Max(1, share),
                            "fused"
                        );
                    }
                },
                iter: 40,
                threads: 1
            );
}
