namespace Lamina.Quantization;

/// <summary>
/// The values that bytes represent: value = scale · byte + shift, separately for each channel (the last dimension).
/// </summary>
/// <param name="Scale">The scale of each channel; may be negative after a batch normalization.</param>
/// <param name="Shift">The shift of each channel.</param>
/// <param name="Zero">The byte that represents 0, if all channels have the same one.</param>
internal sealed record Code(double[] Scale, double[] Shift, byte Zero)
{
    public const int Levels = 255;

    /// <summary>
    /// Returns one code for all channels, in which a byte represents 0 exactly, so that padding is exact.
    /// </summary>
    public static Code Of(ValueRange range, int channels)
    {
        double min = Math.Min(range.Min, 0);
        double max = Math.Max(range.Max, 0);
        double scale = max > min ? (max - min) / Levels : 1;
        double zero = Math.Clamp(Math.Round(-min / scale), 0, Levels);
        return Uniform(scale, (byte)zero, channels);
    }

    /// <summary>Returns one code for all channels.</summary>
    public static Code Uniform(double scale, byte zero, int channels) =>
        new(Repeat(scale, channels), Repeat(-scale * zero, channels), zero);

    /// <summary>
    /// Returns a code for values of at least 0, each channel up to its own maximum. A channel that was never above 0
    /// gets the least maximum of the others: a larger one would be folded into the next weights and leave no bits for
    /// the others.
    /// </summary>
    public static Code OfMaxima(IReadOnlyList<double> maxima)
    {
        double least = maxima.Where(m => m > 0).DefaultIfEmpty(Levels).Min();
        return new([.. maxima.Select(m => (m > 0 ? m : least) / Levels)], new double[maxima.Count], 0);
    }

    /// <summary>
    /// Returns the code of the same bytes after a reshape or a slice that assigns them to other channels.
    /// </summary>
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

/// <summary>The values that a code must represent; values beyond are clipped.</summary>
internal readonly record struct ValueRange(double Min, double Max);

/// <summary>The results of calibration for op nodes.</summary>
internal interface IValueRanges
{
    /// <summary>Returns the range of all values of a slot.</summary>
    ValueRange Of(int slot);

    /// <summary>Returns the upper ends of the channels' ranges, for a slot whose values are at least 0.</summary>
    IReadOnlyList<double> MaximaOf(int slot);
}
