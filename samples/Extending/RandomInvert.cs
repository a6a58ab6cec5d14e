using System.Text.Json.Nodes;
using Lamina;

namespace Extending;

/// <summary>Inverts some images.</summary>
/// <param name="Probability">The probability that an image is inverted, 0 to 1.</param>
internal sealed record RandomInvert(double Probability = 0.1) : Augmentation
{
    public override bool ChangesPixels => true;

    public override void ChangePixels(Span<float> pixels, Size2 size, int channels, ref RandomStream random)
    {
        if (random.NextDouble() >= Probability)
        {
            return;
        }
        foreach (ref float pixel in pixels)
        {
            pixel = 255 - pixel;
        }
    }

    public override JsonObject ToJson() => new() { ["name"] = "random_invert", ["probability"] = Probability };

    /// <summary>Creates the augmentation from its JSON: <c>Augmentation.Register("random_invert", RandomInvert.Read)</c>.</summary>
    public static RandomInvert Read(JsonObject json) => new(json["probability"]!.GetValue<double>());
}
