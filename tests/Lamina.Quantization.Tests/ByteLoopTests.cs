using Lamina.Torch;

namespace Lamina.Quantization.Tests;

/// <summary>The loops over bytes against scalar ones, bit for bit.</summary>
public class ByteLoopTests
{
    [Theory]
    [InlineData(3, false)]
    [InlineData(64, true)]
    [InlineData(96, true)]
    [InlineData(131, true)]
    public void Floats_become_bytes_with_padding(int channels, bool perChannel)
    {
        const int Height = 5;
        const int Width = 4;
        var pads = new Pads2(1, 2, 3, 1);
        float[] values = Draw.Floats(1, 2 * Height * Width * channels, -3, 5);
        values[0] = float.NaN;
        values[1] = float.PositiveInfinity;
        values[2] = float.NegativeInfinity;
        ChannelMap map = Map(perChannel ? channels : 1, 17, 60);
        using Tensor x = Tensor.FromSpan(values, [2, Height, Width, channels]);
        using Tensor y = ByteLoops.FromFloats(x, map, pads, 77);
        AssertImages(y, Height, Width, channels, pads, 77, i => Coded(values[i], map, i % channels));
        Assert.Equal([0, 255, 0], y.Elements<byte>().Slice((((1 * 8) + 3) * channels), 3).ToArray());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(200)]
    public void Bytes_become_bytes_of_another_code_with_padding(int channels)
    {
        const int Height = 3;
        const int Width = 6;
        var pads = new Pads2(2, 2, 1, 1);
        using Tensor x = Draw.Bytes(2, 2, Height, Width, channels);
        byte[] bytes = x.Elements<byte>().ToArray();
        ChannelMap map = Map(channels, .9f, 20);
        using Tensor y = ByteLoops.Remap(x, map, pads, 9);
        AssertImages(y, Height, Width, channels, pads, 9, i => Coded(bytes[i], map, i % channels));
        using Tensor padded = ByteLoops.Pad(x, pads, 5);
        AssertImages(padded, Height, Width, channels, pads, 5, i => bytes[i]);
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(300, 300)]
    public void Bytes_become_floats(int channels, int maps)
    {
        using Tensor x = Draw.Bytes(3, 7, channels);
        byte[] bytes = x.Elements<byte>().ToArray();
        ChannelMap map = Map(maps, .01f, -1);
        using Tensor y = ByteLoops.ToFloats(x, map);
        float[] expected =
        [
            .. bytes.Select(
                (b, i) =>
                    MathF.FusedMultiplyAdd(b, map.Multiplier[i % channels % maps], map.Offset[i % channels % maps])
            ),
        ];
        Assert.Equal(expected, y.AsSpan().ToArray());
    }

    [Theory]
    [InlineData(13, 64, 3, 2, 0, 0)]
    [InlineData(9, 70, 3, 2, 1, 1)]
    [InlineData(8, 5, 2, 2, 0, 1)]
    [InlineData(7, 24, 3, 2, 0, 0)]
    [InlineData(5, 130, 3, 1, 2, 0)]
    public void Pooling_takes_the_largest_byte_or_the_smallest(
        int size,
        int channels,
        int window,
        int stride,
        int before,
        int after
    )
    {
        var op = new MaxPoolOp(window, stride, new Pads2(before, after, before, after));
        int outputs = ((size + before + after - window) / stride) + 1;
        using Tensor x = Draw.Bytes(4, 2, size, size, channels);
        byte[] bytes = x.Elements<byte>().ToArray();
        sbyte[] complement = [.. Enumerable.Range(0, channels).Select(c => (sbyte)(c % 3 == 1 ? -1 : 0))];
        foreach (sbyte[]? mask in (sbyte[]?[])[null, complement])
        {
            using Tensor y = BytePooling.Max(x, op, outputs, outputs, mask);
            byte[] pooled = y.Elements<byte>().ToArray();
            for (int i = 0; i < pooled.Length; i++)
            {
                int c = i % channels;
                int left = (i / channels % outputs * stride) - before;
                int top = (i / channels / outputs % outputs * stride) - before;
                int n = i / channels / outputs / outputs;
                IEnumerable<byte> seen =
                    from iy in Enumerable.Range(top, window)
                    from ix in Enumerable.Range(left, window)
                    where iy >= 0 && ix >= 0 && iy < size && ix < size
                    select bytes[(((((n * size) + iy) * size) + ix) * channels) + c];
                Assert.Equal(mask?[c] == -1 ? seen.Min() : seen.Max(), pooled[i]);
            }
        }
    }

    private static ChannelMap Map(int channels, float multiplier, float offset) =>
        new(
            [.. Enumerable.Range(0, channels).Select(c => multiplier * (1 + (c % 5 * .3f)) * (c % 7 == 6 ? -1 : 1))],
            [.. Enumerable.Range(0, channels).Select(c => offset + c % 11)]
        );

    private static byte Coded(float x, ChannelMap map, int channel)
    {
        int c = map.Multiplier.Length == 1 ? 0 : channel;
        float y = MathF.FusedMultiplyAdd(x, map.Multiplier[c], map.Offset[c]);
        return float.IsNaN(y) ? (byte)0 : Draw.Round(y);
    }

    private static void AssertImages(
        Tensor y,
        int height,
        int width,
        int channels,
        Pads2 pads,
        byte pad,
        Func<int, byte> expected
    )
    {
        int outerHeight = height + pads.Top + pads.Bottom;
        int outerWidth = width + pads.Left + pads.Right;
        Assert.Equal([2, outerHeight, outerWidth, channels], y.Sizes.ToArray());
        byte[] bytes = y.Elements<byte>().ToArray();
        for (int i = 0; i < bytes.Length; i++)
        {
            int c = i % channels;
            int ix = (i / channels % outerWidth) - pads.Left;
            int iy = (i / channels / outerWidth % outerHeight) - pads.Top;
            int n = i / channels / outerWidth / outerHeight;
            bool inside = ix >= 0 && iy >= 0 && ix < width && iy < height;
            int at = (((((n * height) + iy) * width) + ix) * channels) + c;
            Assert.True(bytes[i] == (inside ? expected(at) : pad), $"byte {i} is {bytes[i]}");
        }
    }
}
