namespace Lamina;

/// <summary>
/// Options for building a model of the <see cref="Zoo"/>. Values that are <see langword="null"/> have the defaults of the
/// model's source; see <see cref="ZooMember"/>.
/// </summary>
public sealed record ZooOptions
{
    /// <summary>The number of classes, at least 1. ImageNet has 1000.</summary>
    public int? Classes { get; init; }

    /// <summary>The side of the square input images in pixels, at least <see cref="ZooMember.MinInputSize"/>.</summary>
    public int? InputSize { get; init; }

    /// <summary>The number of input channels, at least 1; 3 for color.</summary>
    public int? Channels { get; init; }

    /// <summary>The probability that dropout zeroes a value, 0 to below 1.</summary>
    public double? Dropout { get; init; }
}
