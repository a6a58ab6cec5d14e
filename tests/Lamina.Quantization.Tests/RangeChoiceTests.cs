namespace Lamina.Quantization.Tests;

/// <summary>Ranges of values whose distributions are known.</summary>
public class RangeChoiceTests
{
    [Fact]
    public void Min_and_max_keep_all()
    {
        ValueRange range = Of(QuantizationMethod.MinMax, [-3, 1e-20f, 700, 2]);
        Assert.Equal(new ValueRange(-3, 700), range);
        Assert.Equal(new ValueRange(0, 0), Of(QuantizationMethod.Entropy, [0, 0, 0]));
    }

    [Fact]
    public void A_percentile_cuts_the_outermost_share()
    {
        // 0.0001 … 1: 99 % of them end at 0.99, within a bin.
        float[] uniform = [.. Enumerable.Range(1, 10_000).Select(i => i / 10_000f)];
        Assert.InRange(Of(QuantizationMethod.Percentile, uniform, 99).Max, .99, .991);
        ValueRange both = Of(QuantizationMethod.Percentile, [.. uniform, .. uniform.Select(v => -v)], 99);
        Assert.InRange(both.Max, .99, .991);
        Assert.InRange(both.Min, -.991, -.99);
        Assert.Equal(1, Of(QuantizationMethod.Percentile, uniform, 100).Max);
    }

    [Fact]
    public void Entropy_keeps_what_is_even_and_cuts_what_is_far()
    {
        float[] uniform = [.. Enumerable.Range(1, 20_000).Select(i => i / 20_000f)];
        Assert.InRange(Of(QuantizationMethod.Entropy, uniform).Max, .97, 1);
        // Half a normal distribution with one value a thousand times as far.
        var random = new RandomStream(5, RandomPurpose.User);
        float[] normal = [.. Enumerable.Range(0, 50_000).Select(_ => (float)Math.Abs(random.NextNormal())), 40];
        Assert.InRange(Of(QuantizationMethod.Entropy, normal).Max, 3.2, 8);
        Assert.Equal(40, Of(QuantizationMethod.MinMax, normal).Max);
        // A third of the values alike are no reason to cut the others off.
        float[] plain = [.. normal.SkipLast(1).Select((v, i) => i % 3 == 0 ? .1f : v)];
        Assert.InRange(Of(QuantizationMethod.Entropy, plain).Max, 3, 8);
    }

    [Fact]
    public void A_code_has_a_byte_for_zero()
    {
        Code code = Code.Of(new ValueRange(-1, 3), 2);
        Assert.Equal(64, code.Zero);
        Assert.Equal(0, (code.Scale[1] * code.Zero) + code.Shift[1], 1e-12);
        Assert.Equal(4.0 / 255, code.Scale[0], 1e-12);
        Assert.Equal(0, Code.Of(new ValueRange(2, 3), 1).Zero);
        Assert.Equal(255, Code.Of(new ValueRange(-3, -2), 1).Zero);
        Assert.Equal(1, Code.Of(new ValueRange(0, 0), 1).Scale[0]);
    }

    private static ValueRange Of(QuantizationMethod method, float[] values, double percentile = 99.99)
    {
        var above = new Histogram();
        var below = new Histogram();
        foreach (float value in values)
        {
            (value >= 0 ? above : below).Add(Math.Abs(value));
        }
        return RangeChoice.Of(above, below, method, percentile);
    }
}
