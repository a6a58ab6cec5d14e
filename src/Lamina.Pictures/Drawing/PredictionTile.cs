namespace Lamina;

/// <summary>An image with a model's prediction: a tile of <see cref="RunPictures.Predictions"/>.</summary>
/// <param name="Pixels">The image's bytes, row by row, channels interleaved: (height, width, channels).</param>
/// <param name="Height">The image's height in pixels.</param>
/// <param name="Width">The image's width in pixels.</param>
/// <param name="Channels">The number of channels: 1 for gray, 3 for RGB, 4 for RGBA (not premultiplied).</param>
/// <param name="Label">The name of the true class; <see langword="null"/> if unknown.</param>
/// <param name="Top">The most probable classes, best first, with probabilities 0 to 1; at most five are drawn.</param>
public sealed record PredictionTile(
    ReadOnlyMemory<byte> Pixels,
    int Height,
    int Width,
    int Channels,
    string? Label,
    IReadOnlyList<ClassProbability> Top
)
{
    /// <summary>
    /// <see langword="true"/> if the most probable class is the true one; <see langword="null"/> if either is unknown.
    /// </summary>
    public bool? IsRight => Label is null || Top.Count == 0 ? null : Top[0].Name == Label;
}

/// <summary>A class and its predicted probability.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Probability">The probability, 0 to 1.</param>
public readonly record struct ClassProbability(string Name, double Probability);
