using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Changes brightness, contrast, saturation and hue in random order, as torchvision's ColorJitter. The first three blend
/// the image with black, with its mean gray and with its own gray by a factor drawn uniformly from max(0, 1 − x) to 1 + x,
/// and clip values to 0 to 255; the hue is rotated by a fraction of the circle. Gray images change in brightness and
/// contrast only.
/// </summary>
/// <param name="Brightness">The largest distance of the factor from 1, at least 0. Default: 0, unchanged.</param>
/// <param name="Contrast">The largest distance of the factor from 1, at least 0. Default: 0, unchanged.</param>
/// <param name="Saturation">The largest distance of the factor from 1, at least 0. Default: 0, unchanged.</param>
/// <param name="Hue">The largest rotation of the hue in either direction, 0 to 0.5 of the circle. Default: 0, unchanged.</param>
public sealed record ColorJitter(double Brightness = 0, double Contrast = 0, double Saturation = 0, double Hue = 0)
    : Augmentation
{
    private const int Changes = 4;

    /// <inheritdoc/>
    public override bool ChangesPixels => Brightness > 0 || Contrast > 0 || Saturation > 0 || Hue > 0;

    /// <inheritdoc/>
    public override void ChangePixels(Span<float> pixels, Size2 size, int channels, ref RandomStream random)
    {
        Span<int> order = [0, 1, 2, 3];
        random.Shuffle(order);
        // All are drawn whether used or not, so that the strength of one does not shift the draws of another.
        Span<float> draws = stackalloc float[Changes];
        draws[0] = Factor(Brightness, ref random);
        draws[1] = Factor(Contrast, ref random);
        draws[2] = Factor(Saturation, ref random);
        draws[3] = (float)(Hue * ((2 * random.NextDouble()) - 1));
        foreach (int change in order)
        {
            switch (change)
            {
                case 0 when Brightness > 0:
                    PixelColors.Brightness(pixels, draws[0]);
                    break;
                case 1 when Contrast > 0:
                    PixelColors.Contrast(pixels, channels, draws[1]);
                    break;
                case 2 when Saturation > 0 && channels == 3:
                    PixelColors.Saturation(pixels, draws[2]);
                    break;
                case 3 when Hue > 0 && channels == 3:
                    PixelColors.Hue(pixels, draws[3]);
                    break;
                default:
                    break;
            }
        }
    }

    /// <inheritdoc/>
    public override void Validate(Preprocessing? preprocessing = null)
    {
        Require(Finite(Brightness), $"Brightness is {Brightness}; it must be a finite number, at least 0.");
        Require(Finite(Contrast), $"Contrast is {Contrast}; it must be a finite number, at least 0.");
        Require(Finite(Saturation), $"Saturation is {Saturation}; it must be a finite number, at least 0.");
        Require(Hue is >= 0 and <= 0.5, $"Hue is {Hue}; it must be from 0 to 0.5.");

        static bool Finite(double value) => value >= 0 && double.IsFinite(value);
    }

    /// <inheritdoc/>
    public override JsonObject ToJson() =>
        new()
        {
            ["name"] = "color_jitter",
            ["brightness"] = Brightness,
            ["contrast"] = Contrast,
            ["saturation"] = Saturation,
            ["hue"] = Hue,
        };

    private static float Factor(double strength, ref RandomStream random)
    {
        double low = Math.Max(0, 1 - strength);
        return (float)(low + ((1 + strength - low) * random.NextDouble()));
    }
}
