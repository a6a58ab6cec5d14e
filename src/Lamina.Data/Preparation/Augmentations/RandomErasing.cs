using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The content of an erased rectangle.</summary>
public enum ErasingFill
{
    /// <summary>Noise: each value of each pixel is uniform from 0 to 255.</summary>
    Noise,

    /// <summary>Black.</summary>
    Zero,

    /// <summary>The mean color of the training set, which is 0 where preprocessing subtracts the mean.</summary>
    Mean,
}

/// <summary>
/// Erases a rectangle of random area, aspect ratio and position (Zhong et al. 2020; torchvision's RandomErasing). Up to
/// ten rectangles are drawn until one fits into the image; otherwise the image is not changed.
/// </summary>
/// <remarks>
/// Rectangles are filled before pixels are scaled and means subtracted. torchvision's value of 0, after normalization, is
/// <see cref="ErasingFill.Mean"/> here.
/// </remarks>
/// <param name="Probability">The probability that an image is changed, 0 to 1. Default: 0.5.</param>
/// <param name="Fill">The content of the rectangle. Default: noise, which the paper found best.</param>
public sealed record RandomErasing(double Probability = 0.5, ErasingFill Fill = ErasingFill.Noise) : Augmentation
{
    private const int Tries = 10;

    /// <summary>The range of the rectangle's area as a fraction of the image, above 0 to 1. Default: 0.02 to 0.33.</summary>
    public (double Min, double Max) Scale { get; init; } = (0.02, 0.33);

    /// <summary>The range of height ÷ width, above 0, log-uniform. Default: 0.3 to 3.3.</summary>
    public (double Min, double Max) Ratio { get; init; } = (0.3, 3.3);

    /// <summary>
    /// The mean of each channel, from 0 to 255, for <see cref="ErasingFill.Mean"/>; empty until
    /// <see cref="Augmentation.With"/> sets it.
    /// </summary>
    public IReadOnlyList<double> Mean { get; init; } = [];

    /// <inheritdoc/>
    public override bool ChangesPixels => Probability > 0;

    /// <inheritdoc/>
    public override bool NeedsStatistics => Fill == ErasingFill.Mean && Mean.Count == 0;

    /// <inheritdoc/>
    public override Augmentation With(DatasetStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        return NeedsStatistics ? this with { Mean = statistics.PixelMean } : this;
    }

    /// <inheritdoc/>
    public override void ChangePixels(Span<float> pixels, Size2 size, int channels, ref RandomStream random)
    {
        if (random.NextDouble() >= Probability)
        {
            return;
        }
        double area = (double)size.Height * size.Width;
        (double low, double high) = (Math.Log(Ratio.Min), Math.Log(Ratio.Max));
        for (int i = 0; i < Tries; i++)
        {
            double target = area * (Scale.Min + ((Scale.Max - Scale.Min) * random.NextDouble()));
            double aspect = Math.Exp(low + ((high - low) * random.NextDouble()));
            int height = (int)Math.Round(Math.Sqrt(target * aspect));
            int width = (int)Math.Round(Math.Sqrt(target / aspect));
            if (height < size.Height && width < size.Width)
            {
                int top = random.NextInt32(size.Height - height + 1);
                int left = random.NextInt32(size.Width - width + 1);
                for (int y = top; y < top + height; y++)
                {
                    int start = ((y * size.Width) + left) * channels;
                    Erase(pixels.Slice(start, width * channels), channels, ref random);
                }
                return;
            }
        }
    }

    /// <inheritdoc/>
    public override void Validate(Preprocessing? preprocessing = null)
    {
        Require(Probability is >= 0 and <= 1, $"Probability is {Probability}; it must be from 0 to 1.");
        Require(Enum.IsDefined(Fill), $"Fill is {Fill}; it must be Noise, Zero or Mean.");
        Require(
            Scale.Min > 0 && Scale.Min <= Scale.Max && Scale.Max <= 1,
            $"Scale is {Scale.Min} to {Scale.Max}; it must be an increasing range within (0, 1]."
        );
        Require(
            Ratio.Min > 0 && Ratio.Min <= Ratio.Max && double.IsFinite(Ratio.Max),
            $"Ratio is {Ratio.Min} to {Ratio.Max}; it must be an increasing range above 0."
        );
        Require(
            Mean is { Count: 0 or 1 or 3 } && Mean.All(double.IsFinite),
            "Mean must be empty, or 1 or 3 finite numbers."
        );
        if (preprocessing is not null && Fill == ErasingFill.Mean)
        {
            Require(Mean.Count > 0, "Mean is not set. Compute DatasetStatistics and call With.");
            Require(
                Mean.Count == preprocessing.Channels,
                $"has a Mean of {Mean.Count} channels for images of {preprocessing.Channels}."
            );
        }
    }

    /// <inheritdoc/>
    public override JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["name"] = "random_erasing",
            ["probability"] = Probability,
            ["scale"] = new JsonArray(Scale.Min, Scale.Max),
            ["ratio"] = new JsonArray(Ratio.Min, Ratio.Max),
            ["fill"] = Fill.ToString().ToLowerInvariant(),
        };
        if (Mean.Count > 0)
        {
            json["mean"] = new JsonArray([.. Mean.Select(m => JsonValue.Create(m))]);
        }
        return json;
    }

    /// <inheritdoc/>
    public bool Equals(RandomErasing? other) =>
        other is not null
        && (Probability, Fill, Scale, Ratio) == (other.Probability, other.Fill, other.Scale, other.Ratio)
        && Mean.SequenceEqual(other.Mean);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Probability, Fill, Scale, Ratio, Mean.Count);

    private void Erase(Span<float> line, int channels, ref RandomStream random)
    {
        for (int i = 0; i < line.Length; i++)
        {
            line[i] = Fill switch
            {
                ErasingFill.Noise => 255 * random.NextSingle(),
                ErasingFill.Mean => (float)Mean[i % channels],
                _ => 0,
            };
        }
    }
}
