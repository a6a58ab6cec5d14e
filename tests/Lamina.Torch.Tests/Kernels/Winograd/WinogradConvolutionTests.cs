using CsCheck;

namespace Lamina.Torch.Tests.Kernels.Winograd;

/// <summary>Against libtorch's direct convolution, which ConvolutionKernelTests hold to the definition.</summary>
public class WinogradConvolutionTests
{
    internal sealed record Case(
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
        select new Case(batch, height, width, taps, channels * groups, filters * groups, groups, pads, seed);

    [Fact]
    public void Any_convolution_and_its_gradients_are_the_direct_ones() =>
        s_cases.Fixed().Sample(Check, iter: 60, threads: 1);

    [Theory]
    [InlineData(4, 27, 5, 96, 256, 1)]
    [InlineData(4, 27, 5, 96, 256, 2)]
    [InlineData(5, 13, 3, 256, 384, 1)]
    [InlineData(1, 13, 3, 384, 384, 2)]
    public void The_convolutions_of_AlexNet_are_the_direct_ones(
        int batch,
        int size,
        int taps,
        int channels,
        int filters,
        int groups
    )
    {
        int pad = taps / 2;
        Check(new Case(batch, size, size, taps, channels, filters, groups, new Pads2(pad, pad, pad, pad), 1));
    }

    [Fact]
    public void An_image_s_output_does_not_depend_on_the_batch_around_it()
    {
        var c = new Case(9, 13, 13, 3, 32, 48, 1, new Pads2(1, 1, 1, 1), 5);
        WinogradConvolution winograd = Create(c);
        using Tensor x = Draw(1, 9, 13, 13, 32);
        using Tensor weight = Draw(2, 48, 3, 3, 32);
        using Tensor packed = winograd.PackForward(weight);
        using Tensor together = winograd.Forward(x, packed, null, relu: false);
        int one = 13 * 13 * 32;
        for (int i = 0; i < 9; i++)
        {
            using Tensor image = Tensor.FromSpan(x.AsSpan().Slice(i * one, one), [1, 13, 13, 32]);
            using Tensor alone = winograd.Forward(image, packed, null, relu: false);
            int length = (int)alone.Count;
            // Alone and together an image lies differently in tiles: equal to rounding, not to the bit.
            AssertClose(alone.AsSpan(), together.AsSpan().Slice(i * length, length), 9 * 32);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void The_number_of_threads_changes_nothing(int threads)
    {
        var c = new Case(6, 13, 13, 3, 64, 96, 1, new Pads2(1, 1, 1, 1), 3);
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

    [Fact]
    public void Bias_and_ReLU_come_with_it()
    {
        var c = new Case(2, 9, 9, 3, 16, 32, 1, new Pads2(1, 1, 1, 1), 3);
        WinogradConvolution winograd = Create(c);
        using Tensor x = Draw(1, 2, 9, 9, 16);
        using Tensor weight = Draw(2, 32, 3, 3, 16);
        using Tensor bias = Draw(3, 32);
        using Tensor packed = winograd.PackForward(weight);
        using Tensor plain = winograd.Forward(x, packed, null, relu: false);
        using Tensor fused = winograd.Forward(x, packed, bias, relu: true);
        Span<float> expected = plain.WriteSpan();
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = MathF.Max(0, expected[i] + bias.AsSpan()[i % 32]);
        }
        Assert.Contains(0f, expected.ToArray());
        Assert.Equal(expected.ToArray(), fused.AsSpan().ToArray());
    }

    [Fact]
    public void What_does_not_fit_is_left_to_libtorch()
    {
        Shape x = new(null, 9, 9, 32);
        Assert.NotNull(For((1, 1), (1, 1), x, 3));
        Assert.Null(For((2, 2), (1, 1), x, 3));
        Assert.Null(For((1, 1), (2, 2), x, 3));
        Assert.Null(For((1, 1), (1, 1), x, 4));
        Assert.Null(For((1, 1), (1, 1), new Shape(null, 9, 9, 24), 3));

        static WinogradConvolution? For(Size2 strides, Size2 dilation, Shape x, int taps)
        {
            var op = new ConvolutionOp(strides, Pads2.None, dilation, 1);
            Shape kernel = Shape.Of(taps, taps, x[3]!.Value, 32);
            return WinogradConvolution.For(op, x, kernel, op.InferShape([x, kernel]));
        }
    }

    private static void Check(Case c)
    {
        WinogradConvolution winograd = Create(c);
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
        WinogradConvolution winograd = Create(c);
        using Tensor x = Draw(c.Seed, c.Batch, c.Height, c.Width, c.Channels);
        using Tensor weight = Draw(c.Seed + 1, c.Filters, c.Taps, c.Taps, c.Channels / c.Groups);
        using Tensor forward = winograd.PackForward(weight);
        using Tensor backward = winograd.PackBackward(weight);
        using Tensor y = winograd.Forward(x, forward, null, relu: false);
        using Tensor gradient = Draw(c.Seed + 2, [.. y.SizesArray]);
        using Tensor dx = winograd.InputGradient(gradient, backward);
        using Tensor dw = winograd.WeightGradient(x, gradient);
        return [y.AsSpan().ToArray(), dx.AsSpan().ToArray(), dw.AsSpan().ToArray()];
    }

    private static WinogradConvolution Create(Case c)
    {
        var op = new ConvolutionOp((1, 1), c.Pads, (1, 1), c.Groups);
        var x = new Shape(null, c.Height, c.Width, c.Channels);
        Shape kernel = Shape.Of(c.Taps, c.Taps, c.Channels / c.Groups, c.Filters);
        return WinogradConvolution.For(op, x, kernel, op.InferShape([x, kernel]))!;
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
