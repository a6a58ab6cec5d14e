using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Mirrors images horizontally at random.</summary>
/// <param name="Probability">The probability that an image is mirrored, 0 to 1. Default: 0.5.</param>
public sealed record RandomFlip(double Probability = 0.5) : Augmentation
{
    /// <inheritdoc/>
    public override void ChooseWindow(ref SampleWindow window, SampleFrame frame, ref RandomStream random) =>
        window.Mirrored ^= random.NextDouble() < Probability;

    /// <inheritdoc/>
    public override void Validate(Preprocessing? preprocessing = null) =>
        Require(Probability is >= 0 and <= 1, $"Probability is {Probability}; it must be from 0 to 1.");

    /// <inheritdoc/>
    public override JsonObject ToJson() => new() { ["name"] = "random_flip", ["probability"] = Probability };
}
