namespace Lamina.Quantization;

/// <summary>What bytes stand for: value = scale · byte + shift, each channel (the last dimension) having its own.</summary>
/// <param name="Scale">Of each channel; may be negative after a batch normalisation.</param>
/// <param name="Shift">Of each channel.</param>
/// <param name="Zero">The byte that stands for 0, where one does in all channels.</param>
internal sealed record Code(double[] Scale, double[] Shift, byte Zero)
{
    public const int Levels = 255;

    /// <summary>One code for all channels, in which 0 is a byte exactly, so that padding is exact.</summary>
    public static Code Of(ValueRange range, int channels)
    {
        double min = Math.Min(range.Min, 0);
        double max = Math.Max(range.Max, 0);
        double scale = max > min ? (max - min) / Levels : 1;
        double zero = Math.Clamp(Math.Round(-min / scale), 0, Levels);
        return Uniform(scale, (byte)zero, channels);
    }

    /// <summary>One code for all channels.</summary>
    public static Code Uniform(double scale, byte zero, int channels) =>
        new(Repeat(scale, channels), Repeat(-scale * zero, channels), zero);

    /// <summary>
    /// Values of at least 0, each channel up to its own maximum. A channel that was never above 0 gets the least maximum of
    /// the others: a larger one would be folded into the next weights and leave no bits for theirs.
    /// </summary>
    public static Code OfMaxima(IReadOnlyList<double> maxima)
    {
        double least = maxima.Where(m => m > 0).DefaultIfEmpty(Levels).Min();
        return new([.. maxima.Select(m => (m > 0 ? m : least) / Levels)], new double[maxima.Count], 0);
    }

    /// <summary>The code of the same bytes where they stand for other channels: after a reshape or a slice.</summary>
    public Code Select(int channels, Func<int, int> source) =>
        new(
            [.. Enumerable.Range(0, channels).Select(c => Scale[source(c)])],
            [.. Enumerable.Range(0, channels).Select(c => Shift[source(c)])],
            Zero
        );

    private static double[] Repeat(double value, int count)
    {
        var values = new double[count];
        Array.Fill(values, value);
        return values;
    }
}

/// <summary>The values that a code has to hold; what lies beyond is cut off.</summary>
internal readonly record struct ValueRange(double Min, double Max);

/// <summary>What calibration found out about the values of op nodes.</summary>
internal interface IValueRanges
{
    /// <summary>The range of all of a slot's values.</summary>
    ValueRange Of(int slot);

    /// <summary>The upper ends of the channels' ranges, of a slot whose values are at least 0.</summary>
    IReadOnlyList<double> MaximaOf(int slot);
}
