using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Changes the color and intensity of the light (Krizhevsky et al. 2012, section 4.1): adds Σ αᵢ σᵢ pᵢ to every pixel,
/// where pᵢ are the principal components of the training set's colors, σᵢ their standard deviations in pixel values, and
/// each αᵢ is drawn from N(0, Std) once per image. On gray images it adds α σ.
/// </summary>
/// <remarks>
/// The paper multiplies by the eigenvalues, which are variances and depend on the unit of the pixels: 0.1 of one is
/// hundreds of levels in 0 to 255 and about one in 0 to 1. The standard deviation, their root, has the unit of the pixels.
/// </remarks>
/// <param name="Std">The standard deviation of α, at least 0. Default: 0.1.</param>
/// <param name="Components">
/// The components of the training set; <see langword="null"/> until <see cref="Augmentation.With"/> sets them.
/// </param>
public sealed record PcaLighting(double Std = 0.1, ColorComponents? Components = null) : Augmentation
{
    /// <inheritdoc/>
    public override bool ChangesPixels => true;

    /// <inheritdoc/>
    public override bool NeedsStatistics => Components is null;

    /// <inheritdoc/>
    public override Augmentation With(DatasetStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        return this with { Components = statistics.Components };
    }

    /// <inheritdoc/>
    public override void ChangePixels(Span<float> pixels, Size2 size, int channels, ref RandomStream random)
    {
        ColorComponents components =
            Components
            ?? throw new ConfigException(
                "PcaLighting: Components are not set. Call With with the training set's statistics."
            );
        Span<double> shift = stackalloc double[channels];
        shift.Clear();
        for (int i = 0; i < channels; i++)
        {
            double length = Std * random.NextNormal() * components.Deviations[i];
            for (int c = 0; c < channels; c++)
            {
                shift[c] += length * components.Vectors[i][c];
            }
        }
        for (int c = 0; c < channels; c++)
        {
            var add = (float)shift[c];
            for (int i = c; i < pixels.Length; i += channels)
            {
                pixels[i] += add;
            }
        }
    }

    /// <inheritdoc/>
    public override void Validate(Preprocessing? preprocessing = null)
    {
        Require(Std >= 0 && double.IsFinite(Std), $"Std is {Std}; it must be a finite number, at least 0.");
        Components?.Validate();
        if (preprocessing is not null)
        {
            Require(Components is not null, "Components are not set. Compute DatasetStatistics and call With.");
            Require(
                Components!.Deviations.Count == preprocessing.Channels,
                $"has components of {Components.Deviations.Count} channels for images of {preprocessing.Channels}."
            );
        }
    }

    /// <inheritdoc/>
    public override JsonObject ToJson()
    {
        var json = new JsonObject { ["name"] = "pca_lighting", ["std"] = Std };
        if (Components is not null)
        {
            json["components"] = Components.ToJson();
        }
        return json;
    }
}
