using CsCheck;

namespace Lamina.Torch.Tests.Kernels.Patches;

/// <summary>Against libtorch's direct convolution, which ConvolutionKernelTests hold to the definition.</summary>
public class PatchConvolutionTests
{
    internal sealed record Case(
        int Bits,
        int Batch,
        Size2 Input,
        Size2 Kernel,
        Size2 Strides,
        int Channels,
        int Filters,
        Pads2 Pads,
        int Seed
    );

    private static readonly Gen<Case> s_cases =
        from bits in Gen.OneOf([.. VectorWidths.All.Select(Gen.Const)])
        from batch in Gen.Int[1, 5]
        from input in Gen.Int[1, 20].Array[2]
        from kernel in Gen.Int[1, 7].Array[2]
        from strides in Gen.Int[1, 4].Array[2]
        from channels in Gen.Int[1, bits == 128 ? 3 : 5]
        from filters in Gen.OneOf([.. new[] { 16, 32, 48, 80 }.Select(Gen.Const)])
        from sides in Gen.Int[0, 8].Array[4]
        from seed in Gen.Int[0, 1000]
        let pads = new Pads2(sides[0], sides[1], sides[2], sides[3])
        where input[0] + pads.Top + pads.Bottom >= kernel[0]
        where input[1] + pads.Left + pads.Right >= kernel[1]
        where kernel[0] * kernel[1] * channels >= 16
        // There libtorch 2.10 is wrong: see ConvolutionKernel.
        where
            channels > 1 || strides[0] == strides[1] || (input[1] + pads.Left + pads.Right - kernel[1]) / strides[1] > 0
        select new Case(
            bits,
            batch,
            (input[0], input[1]),
            (kernel[0], kernel[1]),
            (strides[0], strides[1]),
            channels,
            filters,
            pads,
            seed
        );

    [Fact]
    public void Any_convolution_and_its_kernel_s_gradient_are_the_direct_ones() =>
        s_cases.Fixed().Sample(Check, iter: 120, threads: 1);

    [Theory]
    [InlineData(128, 3, 227, 0, 0)]
    [InlineData(256, 3, 227, 0, 0)]
    [InlineData(512, 3, 227, 0, 0)]
    [InlineData(128, 2, 224, 3, 4)]
    [InlineData(256, 2, 224, 3, 4)]
    [InlineData(512, 2, 224, 3, 4)]
    [InlineData(128, 1, 64, 3, 4)]
    [InlineData(256, 1, 64, 3, 4)]
    [InlineData(512, 1, 64, 3, 4)]
    public void The_first_convolution_of_AlexNet_is_the_direct_one(
        int bits,
        int batch,
        int size,
        int before,
        int after
    ) =>
        Check(new Case(bits, batch, (size, size), (11, 11), (4, 4), 3, 96, new Pads2(before, after, before, after), 1));

    [Theory]
    [InlineData(128, 2)]
    [InlineData(256, 2)]
    [InlineData(256, 3)]
    [InlineData(512, 3)]
    public void The_number_of_threads_changes_nothing(int bits, int threads)
    {
        var c = new Case(bits, 5, (31, 29), (7, 5), (2, 3), 3, 48, new Pads2(3, 2, 1, 0), 3);
        int before = TorchLibrary.Threads;
        try
        {
            TorchLibrary.SetThreads(1);
            float[][] alone = Results(c);
            TorchLibrary.SetThreads(threads);
            Assert.Equal(alone, Results(c));
        }
        finally
        {
            TorchLibrary.SetThreads(before);
        }
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void Bias_and_ReLU_come_with_it(int bits)
    {
        var c = new Case(bits, 2, (9, 9), (3, 3), (1, 1), 3, 32, new Pads2(1, 1, 1, 1), 3);
        ConvolutionAlgorithm patches = Create(c)!;
        using Tensor x = Draw(1, 2, 9, 9, 3);
        using Tensor weight = Draw(2, 32, 3, 3, 3);
        using Tensor bias = Draw(3, 32);
        using Tensor packed = patches.PackForward(weight);
        using Tensor plain = patches.Forward(x, packed, default);
        using Tensor fused = patches.Forward(x, packed, OutputStage.Of(bias, relu: true));
        float[] expected = plain.AsSpan().ToArray();
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = MathF.Max(0, expected[i] + bias.AsSpan()[i % 32]);
        }
        Assert.Contains(0f, expected);
        Assert.Equal(expected, fused.AsSpan().ToArray());
    }

    [Theory]
    [InlineData(128, 4)]
    [InlineData(256, 8)]
    [InlineData(512, 16)]
    public void What_does_not_fit_is_left_to_libtorch(int bits, int lanes)
    {
        var c = new Case(bits, 1, (9, 20), (3, 3), (1, 1), 3, 32, Pads2.None, 3);
        Assert.NotNull(Create(c));
        Assert.Null(Create(c with { Channels = lanes }));
        Assert.Null(Create(c with { Filters = lanes + (lanes / 2) }));
        Assert.Null(Create(c with { Channels = 1, Kernel = (1, lanes - 1) }));
    }

    private static void Check(Case c)
    {
        ConvolutionAlgorithm patches = Create(c)!;
        float[][] ours = Results(c);
        using Tensor x = Images(c);
        using Tensor padded = PaddingCopies.ByDispatcher.Pad(x, c.Pads);
        using Tensor view = Layout.ToChannelsFirst(padded);
        using Tensor weight = Kernel(c);
        using Tensor kernel = Layout.ToChannelsFirst(weight);
        long[] strides = [c.Strides.Height, c.Strides.Width];
        using Tensor direct = Layout.TakeChannelsLast(Aten.Convolution(view, kernel, null, strides, [0, 0], [1, 1], 1));
        Close(direct.AsSpan(), ours[0], c.Kernel.Height * c.Kernel.Width * c.Channels);
        using Tensor gradient = Draw(c.Seed + 2, [.. direct.Sizes]);
        using Tensor slope = Layout.ToChannelsFirst(gradient);
        var gradients = new Tensor?[3];
        Aten.ConvolutionBackward(slope, view, kernel, strides, [0, 0], [1, 1], 1, [false, true, false], gradients);
        using Tensor ofKernel = Layout.TakeChannelsLast(gradients[1]!);
        Close(ofKernel.AsSpan(), ours[1], direct.Count / c.Filters);
        gradients[0]?.Dispose();
        gradients[2]?.Dispose();
    }

    private static float[][] Results(Case c)
    {
        ConvolutionAlgorithm patches = Create(c)!;
        using Tensor x = Images(c);
        using Tensor weight = Kernel(c);
        using Tensor packed = patches.PackForward(weight);
        using Tensor y = patches.Forward(x, packed, default);
        using Tensor gradient = Draw(c.Seed + 2, [.. y.Sizes]);
        using Tensor ofKernel = patches.WeightGradient(x, gradient);
        return [y.AsSpan().ToArray(), ofKernel.AsSpan().ToArray()];
    }

    private static ConvolutionAlgorithm? Create(Case c)
    {
        var op = new ConvolutionOp(c.Strides, c.Pads, (1, 1), 1);
        Shape x = new(null, c.Input.Height, c.Input.Width, c.Channels);
        Shape kernel = Shape.Of(c.Kernel.Height, c.Kernel.Width, c.Channels, c.Filters);
        Shape y = op.InferShape([x, kernel]);
        return c.Bits switch
        {
            512 => PatchConvolution<Floats512>.For(op, x, kernel, y),
            256 => PatchConvolution<Floats256>.For(op, x, kernel, y),
            _ => PatchConvolution<Floats128>.For(op, x, kernel, y),
        };
    }

    private static Tensor Images(Case c) => Draw(c.Seed, c.Batch, c.Input.Height, c.Input.Width, c.Channels);

    private static Tensor Kernel(Case c) => Draw(c.Seed + 1, c.Filters, c.Kernel.Height, c.Kernel.Width, c.Channels);

    private static Tensor Draw(int seed, params long[] sizes)
    {
        Tensor result = Tensor.Empty(sizes);
        var stream = new RandomStream(seed, RandomPurpose.User);
        foreach (ref float value in result.WriteSpan())
        {
            value = (2 * stream.NextSingle()) - 1;
        }
        return result;
    }

    // Sums of so many products of numbers up to 1: rounding grows with the root of their count.
    private static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, long terms)
    {
        Assert.Equal(expected.Length, actual.Length);
        float most = 6e-6f * MathF.Sqrt(terms) + 1e-6f;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(MathF.Abs(expected[i] - actual[i]) <= most, $"{expected[i]} and {actual[i]} at {i}");
        }
    }
}
