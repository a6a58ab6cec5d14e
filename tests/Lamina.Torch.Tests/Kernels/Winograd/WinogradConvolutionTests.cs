using CsCheck;

namespace Lamina.Torch.Tests.Kernels.Winograd;

/// <summary>Against libtorch's direct convolution, which ConvolutionKernelTests hold to the definition.</summary>
public class WinogradConvolutionTests
{
    internal sealed record Case(
        int Bits,
        int Batch,
        int Height,
        int Width,
        int Taps,
        int Channels,
        int Filters,
        int Groups,
        Pads2 Pads,
        int Seed
    );

    private static readonly Gen<Case> s_cases =
        from bits in Gen.OneOf([.. VectorWidths.All.Select(Gen.Const)])
        from batch in Gen.Int[1, 9]
        from height in Gen.Int[1, 17]
        from width in Gen.Int[1, 17]
        from taps in Gen.OneOf([.. new[] { 3, 5 }.Select(Gen.Const)])
        from channels in Gen.OneOf([.. new[] { 16, 32, 48 }.Select(Gen.Const)])
        from filters in Gen.OneOf([.. new[] { 16, 32, 80 }.Select(Gen.Const)])
        from groups in Gen.Int[1, 2]
        from sides in Gen.Int[0, 4].Array[4]
        from seed in Gen.Int[0, 1000]
        let pads = new Pads2(
            Math.Min(sides[0], taps - 1),
            Math.Min(sides[1], taps - 1),
            Math.Min(sides[2], taps - 1),
            Math.Min(sides[3], taps - 1)
        )
        where height + pads.Top + pads.Bottom >= taps
        where width + pads.Left + pads.Right >= taps
        select new Case(bits, batch, height, width, taps, channels * groups, filters * groups, groups, pads, seed);

    [Fact]
    public void Any_convolution_and_its_gradients_are_the_direct_ones() =>
        s_cases.Fixed().Sample(Check, iter: 90, threads: 1);

    [Theory]
    [InlineData(128, 4, 27, 5, 96, 256, 1)]
    [InlineData(256, 4, 27, 5, 96, 256, 1)]
    [InlineData(512, 4, 27, 5, 96, 256, 1)]
    [InlineData(128, 4, 27, 5, 96, 256, 2)]
    [InlineData(256, 4, 27, 5, 96, 256, 2)]
    [InlineData(512, 4, 27, 5, 96, 256, 2)]
    [InlineData(128, 5, 13, 3, 256, 384, 1)]
    [InlineData(256, 5, 13, 3, 256, 384, 1)]
    [InlineData(512, 5, 13, 3, 256, 384, 1)]
    [InlineData(128, 1, 13, 3, 384, 384, 2)]
    [InlineData(256, 1, 13, 3, 384, 384, 2)]
    [InlineData(512, 1, 13, 3, 384, 384, 2)]
    public void The_convolutions_of_AlexNet_are_the_direct_ones(
        int bits,
        int batch,
        int size,
        int taps,
        int channels,
        int filters,
        int groups
    )
    {
        int pad = taps / 2;
        Check(new Case(bits, batch, size, size, taps, channels, filters, groups, new Pads2(pad, pad, pad, pad), 1));
    }

    [Theory]
    [InlineData(128)]
    [InlineData(256)]
    [InlineData(512)]
    public void An_image_s_output_does_not_depend_on_the_batch_around_it(int bits)
    {
        var c = new Case(bits, 9, 13, 13, 3, 32, 48, 1, new Pads2(1, 1, 1, 1), 5);
        ConvolutionAlgorithm winograd = Create(c);
        using Tensor x = Draw(1, 9, 13, 13, 32);
        using Tensor weight = Draw(2, 48, 3, 3, 32);
        using Tensor packed = winograd.PackForward(weight);
        using Tensor together = winograd.Forward(x, packed, default);
        int one = 13 * 13 * 32;
        for (int i = 0; i < 9; i++)
        {
            using Tensor image = Tensor.FromSpan(x.AsSpan().Slice(i * one, one), [1, 13, 13, 32]);
            using Tensor alone = winograd.Forward(image, packed, default);
            int length = (int)alone.Count;
            // Alone and together an image lies differently in tiles: equal to rounding, not to the bit.
            AssertClose(alone.AsSpan(), together.AsSpan().Slice(i * length, length), 9 * 32);
        }
    }

    [Theory]
    [InlineData(128, 2)]
    [InlineData(256, 2)]
    [InlineData(256, 3)]
    [InlineData(512, 3)]
    public void The_number_of_threads_changes_nothing(int bits, int threads)
    {
        var c = new Case(bits, 6, 13, 13, 3, 64, 96, 1, new Pads2(1, 1, 1, 1), 3);
        int before = TorchLibrary.Threads;
        try
        {
            TorchLibrary.SetThreads(1);
            float[][] alone = Results(c);
            TorchLibrary.SetThreads(threads);
            float[][] shared = Results(c);
            Assert.Equal(alone, shared);
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
        var c = new Case(bits, 2, 9, 9, 3, 16, 32, 1, new Pads2(1, 1, 1, 1), 3);
        ConvolutionAlgorithm winograd = Create(c);
        using Tensor x = Draw(1, 2, 9, 9, 16);
        using Tensor weight = Draw(2, 32, 3, 3, 16);
        using Tensor bias = Draw(3, 32);
        using Tensor packed = winograd.PackForward(weight);
        using Tensor plain = winograd.Forward(x, packed, default);
        using Tensor fused = winograd.Forward(x, packed, OutputStage.Of(bias, relu: true));
        Span<float> expected = plain.WriteSpan();
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = MathF.Max(0, expected[i] + bias.AsSpan()[i % 32]);
        }
        Assert.Contains(0f, expected.ToArray());
        Assert.Equal(expected.ToArray(), fused.AsSpan().ToArray());
    }

    [Theory]
    [InlineData(128, 4)]
    [InlineData(256, 8)]
    [InlineData(512, 16)]
    public void What_does_not_fit_is_left_to_libtorch(int bits, int lanes)
    {
        var c = new Case(bits, 1, 9, 9, 3, 2 * lanes, 3 * lanes, 1, Pads2.None, 1);
        Assert.NotNull(Create(c));
        Assert.Null(Create(c, strides: (2, 2)));
        Assert.Null(Create(c, dilation: (2, 2)));
        Assert.Null(Create(c with { Taps = 4 }));
        Assert.Null(Create(c with { Channels = lanes + (lanes / 2) }));
        Assert.Null(Create(c with { Filters = lanes / 2 }));
    }

    private static void Check(Case c)
    {
        ConvolutionAlgorithm winograd = Create(c);
        float[][] got = Results(c);
        using Tensor x = Draw(c.Seed, c.Batch, c.Height, c.Width, c.Channels);
        using Tensor weight = Draw(c.Seed + 1, c.Filters, c.Taps, c.Taps, c.Channels / c.Groups);
        using Tensor padded = PaddingCopies.ByDispatcher.Pad(x, c.Pads);
        using Tensor images = Layout.ToChannelsFirst(padded);
        using Tensor kernel = Layout.ToChannelsFirst(weight);
        using Tensor direct = Layout.TakeChannelsLast(
            Aten.Convolution(images, kernel, null, [1, 1], [0, 0], [1, 1], c.Groups)
        );
        using Tensor gradient = Draw(c.Seed + 2, [.. direct.SizesArray]);
        using Tensor g = Layout.ToChannelsFirst(gradient);
        var gradients = new Tensor?[3];
        Aten.ConvolutionBackward(g, images, kernel, [1, 1], [0, 0], [1, 1], c.Groups, [true, true, false], gradients);
        using Tensor dPadded = Layout.TakeChannelsLast(gradients[0]!);
        using Tensor dx = PaddingCopies.ByDispatcher.Crop(dPadded, c.Pads);
        using Tensor dw = Layout.TakeChannelsLast(gradients[1]!);
        gradients[2]?.Dispose();
        int taps = c.Taps * c.Taps;
        AssertClose(direct.AsSpan(), got[0], taps * c.Channels / c.Groups);
        AssertClose(dx.AsSpan(), got[1], taps * c.Filters / c.Groups);
        AssertClose(dw.AsSpan(), got[2], direct.Sizes[0] * direct.Sizes[1] * direct.Sizes[2]);
    }

    private static float[][] Results(Case c)
    {
        ConvolutionAlgorithm winograd = Create(c);
        using Tensor x = Draw(c.Seed, c.Batch, c.Height, c.Width, c.Channels);
        using Tensor weight = Draw(c.Seed + 1, c.Filters, c.Taps, c.Taps, c.Channels / c.Groups);
        using Tensor forward = winograd.PackForward(weight);
        using Tensor backward = winograd.PackBackward(weight);
        using Tensor y = winograd.Forward(x, forward, default);
        using Tensor gradient = Draw(c.Seed + 2, [.. y.SizesArray]);
        using Tensor dx = winograd.InputGradient(gradient, backward);
        using Tensor dw = winograd.WeightGradient(x, gradient);
        return [y.AsSpan().ToArray(), dx.AsSpan().ToArray(), dw.AsSpan().ToArray()];
    }

    private static ConvolutionAlgorithm Create(Case c) => Create(c, (1, 1), (1, 1))!;

    private static ConvolutionAlgorithm? Create(Case c, Size2? strides = null, Size2? dilation = null)
    {
        var op = new ConvolutionOp(strides ?? (1, 1), c.Pads, dilation ?? (1, 1), c.Groups);
        var x = new Shape(null, c.Height, c.Width, c.Channels);
        Shape kernel = Shape.Of(c.Taps, c.Taps, c.Channels / c.Groups, c.Filters);
        Shape y = op.InferShape([x, kernel]);
        return c.Bits switch
        {
            512 => WinogradConvolution<Floats512>.For(op, x, kernel, y),
            256 => WinogradConvolution<Floats256>.For(op, x, kernel, y),
            _ => WinogradConvolution<Floats128>.For(op, x, kernel, y),
        };
    }

    private static Tensor Draw(int seed, params long[] sizes)
    {
        var random = new RandomStream(seed, RandomPurpose.User);
        Tensor result = Tensor.Empty(sizes);
        foreach (ref float value in result.WriteSpan())
        {
            value = (2 * random.NextSingle()) - 1;
        }
        return result;
    }

    // Products of two values between -1 and 1 vary by 1/9: a sum of n of them has a deviation of √n / 3.
    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> got, long terms)
    {
        Assert.Equal(expected.Length, got.Length);
        double deviation = Math.Sqrt(terms) / 3;
        double worst = 0;
        double squares = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = Math.Abs((double)expected[i] - got[i]) / deviation;
            worst = Math.Max(worst, error);
            squares += error * error;
        }
        double mean = Math.Sqrt(squares / expected.Length);
        Assert.True(mean <= 1e-5 && worst <= 2e-4, $"{mean:0.0e0} of the deviation, {worst:0.0e0} at worst");
    }
}
