namespace Lamina;

/// <summary>An image with a model's prediction: a tile of <see cref="RunPictures.Predictions"/>.</summary>
/// <param name="Pixels">The image's bytes, row by row, channels interleaved: (height, width, channels).</param>
/// <param name="Height">The image's height in pixels.</param>
/// <param name="Width">The image's width in pixels.</param>
/// <param name="Channels">1 for grey, 3 for RGB, 4 for RGBA (not premultiplied).</param>
/// <param name="Label">The true class's name; <see langword="null"/> if it is not known.</param>
/// <param name="Top">The best classes, best first, with probabilities 0 to 1; five at most are drawn.</param>
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
    /// <see langword="true"/> if the best class is the true one; <see langword="null"/> if either is not known.
    /// </summary>
    public bool? IsRight => Label is null || Top.Count == 0 ? null : Top[0].Name == Label;
}

/// <summary>A class and the probability that a model predicts for it.</summary>
/// <param name="Name">The class's name.</param>
/// <param name="Probability">0 to 1.</param>
public readonly record struct ClassProbability(string Name, double Probability);
