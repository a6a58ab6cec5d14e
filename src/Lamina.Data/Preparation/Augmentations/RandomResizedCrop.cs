using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Crops a window of random area, aspect ratio and position and resizes it to the input in one antialiased step (Szegedy
/// et al. 2015; torchvision's RandomResizedCrop). Up to ten windows are drawn until one fits into the image; otherwise the
/// largest central window with an allowed aspect ratio is used.
/// </summary>
public sealed record RandomResizedCrop : Augmentation
{
    private const int Tries = 10;

    /// <summary>The range of the window's area as a fraction of the image, above 0 to 1. Default: 0.08 to 1.</summary>
    public (double Min, double Max) Scale { get; init; } = (0.08, 1);

    /// <summary>The range of width ÷ height, above 0, log-uniform. Default: ¾ to 4/3.</summary>
    public (double Min, double Max) Ratio { get; init; } = (3 / 4.0, 4 / 3.0);

    /// <inheritdoc/>
    public override double Magnification => 1 / Math.Sqrt(Scale.Min * Math.Min(Ratio.Min, 1 / Ratio.Max));

    /// <inheritdoc/>
    public override void ChooseWindow(ref SampleWindow window, SampleFrame frame, ref RandomStream random)
    {
        (int imageHeight, int imageWidth) = frame.Image;
        double area = (double)imageHeight * imageWidth;
        (double low, double high) = (Math.Log(Ratio.Min), Math.Log(Ratio.Max));
        for (int i = 0; i < Tries; i++)
        {
            double target = area * Between(Scale.Min, Scale.Max, ref random);
            double aspect = Math.Exp(Between(low, high, ref random));
            int width = (int)Math.Round(Math.Sqrt(target * aspect));
            int height = (int)Math.Round(Math.Sqrt(target / aspect));
            if (width > 0 && width <= imageWidth && height > 0 && height <= imageHeight)
            {
                int top = random.NextInt32(imageHeight - height + 1);
                int left = random.NextInt32(imageWidth - width + 1);
                window = new SampleWindow(top, left, height, width) { Mirrored = window.Mirrored };
                return;
            }
        }
        window = Middle(imageHeight, imageWidth) with { Mirrored = window.Mirrored };
    }

    /// <inheritdoc/>
    public override void Validate(Preprocessing? preprocessing = null)
    {
        Require(
            Scale.Min > 0 && Scale.Min <= Scale.Max && Scale.Max <= 1,
            $"Scale is {Scale.Min} to {Scale.Max}; it must be an increasing range within (0, 1]."
        );
        Require(
            Ratio.Min > 0 && Ratio.Min <= Ratio.Max && double.IsFinite(Ratio.Max),
            $"Ratio is {Ratio.Min} to {Ratio.Max}; it must be an increasing range above 0."
        );
    }

    /// <inheritdoc/>
    public override JsonObject ToJson() =>
        new()
        {
            ["name"] = "random_resized_crop",
            ["scale"] = new JsonArray(Scale.Min, Scale.Max),
            ["ratio"] = new JsonArray(Ratio.Min, Ratio.Max),
        };

    private SampleWindow Middle(int imageHeight, int imageWidth)
    {
        double ratio = (double)imageWidth / imageHeight;
        int width = ratio > Ratio.Max ? Math.Max((int)Math.Round(imageHeight * Ratio.Max), 1) : imageWidth;
        int height = ratio < Ratio.Min ? Math.Max((int)Math.Round(imageWidth / Ratio.Min), 1) : imageHeight;
        return new SampleWindow((imageHeight - height) / 2, (imageWidth - width) / 2, height, width);
    }

    private static double Between(double min, double max, ref RandomStream random) =>
        min + ((max - min) * random.NextDouble());
}
