namespace Lamina;

/// <summary>
/// What a model of the <see cref="Zoo"/> is built for. What is left <see langword="null"/> is as the model's source has it:
/// <see cref="ZooMember"/> says what that is.
/// </summary>
public sealed record ZooOptions
{
    /// <summary>The number of classes, at least 1. ImageNet has 1000.</summary>
    public int? Classes { get; init; }

    /// <summary>The side of the square input images in pixels; the network's strides set the least that fits.</summary>
    public int? InputSize { get; init; }

    /// <summary>The input's channels, at least 1: 3 for colour.</summary>
    public int? Channels { get; init; }

    /// <summary>The probability that dropout zeroes a value, 0 to below 1.</summary>
    public double? Dropout { get; init; }
}
