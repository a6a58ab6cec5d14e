namespace Lamina;

/// <summary>
/// A part of local response normalization as PyTorch writes it: the squares of images with one more dimension, in which
/// neighboring channels are averaged, times alpha, plus k, to the power of beta.
/// </summary>
/// <param name="X">The images that are squared, and finally divided.</param>
/// <param name="Sample">The dimensions of a sample in the file, with or without one of 1 before the channels.</param>
internal sealed record ChannelMean(ImportedValue X, int[] Sample)
{
    /// <summary>The zeros before the first channel.</summary>
    public int Before { get; init; }

    /// <summary>The zeros after the last channel.</summary>
    public int After { get; init; }

    /// <summary>The number of channels that are averaged; 0 before they are.</summary>
    public int Size { get; init; }

    public double Alpha { get; init; } = 1;

    public double Bias { get; init; }

    /// <summary>The exponent; <see langword="null"/> before there is one.</summary>
    public double? Beta { get; init; }

    /// <summary>
    /// <see langword="true"/> if the channels are averaged, and the dimensions are those of the images again.
    /// </summary>
    public bool IsAveraged => Size > 0 && Sample.AsSpan().SequenceEqual(X.Sample);
}
