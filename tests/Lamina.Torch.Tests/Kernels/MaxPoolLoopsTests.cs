using CsCheck;

namespace Lamina.Torch.Tests.Kernels;

/// <summary>Our max pooling, bit for bit libtorch's: of ties the first counts, of NaN the last.</summary>
public sealed class MaxPoolLoopsTests
{
    private static readonly Gen<(MaxPoolOp Op, long[] Sizes, int Seed)> s_cases =
        from window in Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5])
        from strides in Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4])
        from top in Gen.Int[0, window.Item1 / 2]
        from left in Gen.Int[0, window.Item2 / 2]
        from height in Gen.Int[window.Item1, 12]
        from width in Gen.Int[window.Item2, 12]
        from channels in Gen.OneOf(Gen.Int[1, 5], Gen.Int[14, 18], Gen.Int[31, 34])
        from batch in Gen.Int[1, 3]
        from seed in Gen.Int[0, 10_000]
        let pads = new Pads2(top, top, left, left)
        select (new MaxPoolOp(window, strides, pads), (long[])[batch, height, width, channels], seed);

    [Fact]
    public void Both_ways_give_the_bits_of_libtorch() =>
        s_cases.Fixed().Sample(c => Same(c.Op, c.Sizes, c.Seed), iter: 200, threads: 1);

    [Fact]
    public void Images_of_many_rows_are_divided_among_threads() =>
        Same(new MaxPoolOp(3, 2, Pads2.None), [2, 55, 55, 96], 1);

    private static bool Same(MaxPoolOp op, long[] sizes, int seed)
    {
        using Tensor x = Tensor.FromSpan(Values(sizes, seed), sizes);
        long[] window = [op.Window.Height, op.Window.Width];
        long[] strides = [op.Strides.Height, op.Strides.Width];
        long[] padding = [op.Pads.Top, op.Pads.Left];
        using Tensor first = Layout.ToChannelsFirst(x);
        (Tensor pooled, Tensor indices) = Aten.MaxPool(first, window, strides, padding);
        using Tensor expected = Layout.TakeChannelsLast(pooled);
        using Tensor y = Tensor.Empty(expected.Sizes);
        using Tensor places = Tensor.Empty(expected.Sizes, DType.UInt8);
        MaxPoolLoops.Forward(x, y, places, op);
        Assert.Equal(Bits(expected), Bits(y));
        using Tensor unasked = Tensor.Empty(expected.Sizes);
        MaxPoolLoops.Forward(x, unasked, null, op);
        Assert.Equal(Bits(expected), Bits(unasked));

        using Tensor gradient = Tensor.FromSpan(Values(expected.Sizes, seed + 1, special: false), expected.Sizes);
        using Tensor expectedGradient = Tensor.Zeros(sizes);
        using (Tensor g = Layout.ToChannelsFirst(gradient))
        using (Tensor result = Layout.ToChannelsFirst(expectedGradient))
        using (indices)
        {
            Aten.MaxPoolBackward(g, indices, result, window, strides, padding);
        }
        using Tensor ours = Tensor.Empty(sizes);
        ours.Fill(7);
        MaxPoolLoops.Backward(gradient, places, ours, op);
        Assert.Equal(Bits(expectedGradient), Bits(ours));
        return true;
    }

    // Few values, so that most windows have ties; now and then what is no number.
    private static float[] Values(ReadOnlySpan<long> sizes, int seed, bool special = true)
    {
        var stream = new RandomStream(seed, RandomPurpose.User);
        long count = 1;
        foreach (long size in sizes)
        {
            count *= size;
        }
        var values = new float[count];
        foreach (ref float value in values.AsSpan())
        {
            value = !special
                ? stream.NextSingle() - 0.5f
                : stream.NextInt32(40) switch
                {
                    0 => float.NaN,
                    1 => float.NegativeInfinity,
                    2 => float.PositiveInfinity,
                    var v => (v % 4) - 2,
                };
        }
        return values;
    }

    // -0 and 0 are one value where nothing was added.
    private static int[] Bits(Tensor tensor) =>
        [.. tensor.AsSpan().ToArray().Select(v => BitConverter.SingleToInt32Bits(v == 0 ? 0 : v))];
}
