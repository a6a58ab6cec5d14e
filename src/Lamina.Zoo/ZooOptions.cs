namespace Lamina;

/// <summary>What a model of the <see cref="Zoo"/> is built for.</summary>
public sealed record ZooOptions
{
    /// <summary>The number of classes, at least 1. ImageNet has 1000.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>The side of the square input images in pixels; the network's strides set the least that fits.</summary>
    public int InputSize { get; init; } = 224;

    /// <summary>The input's channels, at least 1: 3 for colour.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>The probability that dropout zeroes a value, 0 to below 1.</summary>
    public double Dropout { get; init; } = 0.5;
}
