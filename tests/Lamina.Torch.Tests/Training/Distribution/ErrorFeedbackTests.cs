namespace Lamina.Torch.Tests.Training.Distribution;

/// <summary>Rounding to bfloat16, and what it leaves out.</summary>
public class ErrorFeedbackTests
{
    [Theory]
    [InlineData(0x3F800000u, 0x3F80)] // 1
    [InlineData(0x3F808000u, 0x3F80)] // half a unit above: to even
    [InlineData(0x3F818000u, 0x3F82)] // half a unit above an odd one: up
    [InlineData(0x3F808001u, 0x3F81)]
    [InlineData(0xBF808001u, 0xBF81)]
    [InlineData(0x7F7FFFFFu, 0x7F80)] // the greatest float32: infinity
    [InlineData(0x7F800000u, 0x7F80)]
    [InlineData(0x7F800001u, 0x7FC0)] // a NaN whose upper bits are those of infinity
    [InlineData(0x80000000u, 0x8000)]
    [InlineData(0x00000001u, 0x0000)]
    public void Rounding_is_to_nearest_even(uint bits, int expected)
    {
        float value = BitConverter.UInt32BitsToSingle(bits);
        Assert.Equal(expected, BFloat16Values.Round(value));
        // The wide loop, and the rest of it.
        float[] many = [.. Enumerable.Repeat(value, 21)];
        var rounded = new ushort[21];
        BFloat16Values.Round(many, rounded);
        Assert.All(rounded, r => Assert.Equal(expected, r));
        var widened = new float[21];
        BFloat16Values.Widen(rounded, widened);
        Assert.All(widened, w => Assert.Equal((uint)expected << 16, BitConverter.SingleToUInt32Bits(w)));
    }

    [Fact]
    public void What_was_sent_and_the_remainder_are_what_came_in()
    {
        // Multiples of 1/1024 below 8: all sums are exact in float32.
        float[] values = [.. Enumerable.Range(0, 2500).Select(i => ((i * 631 % 16_001) - 8000) / 1024f)];
        var remainders = new float[values.Length];
        var sent = new ushort[values.Length];
        var total = new double[values.Length];
        const int steps = 50;
        for (int step = 0; step < steps; step++)
        {
            ErrorFeedback.Round(values, remainders, sent);
            for (int i = 0; i < total.Length; i++)
            {
                total[i] += BFloat16Values.Widen(sent[i]);
            }
        }
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal((double)steps * values[i], total[i] + remainders[i]);
            // Half a unit of a bfloat16 below 16.
            Assert.InRange(Math.Abs(remainders[i]), 0, 1 / 32.0);
        }
    }

    [Fact]
    public void An_infinite_gradient_leaves_no_remainder()
    {
        float[] remainders = [1, 1, 1];
        ErrorFeedback.Round([float.PositiveInfinity, float.NaN, 2], remainders, new ushort[3]);
        Assert.Equal([0, 0, 0], remainders);
    }
}
