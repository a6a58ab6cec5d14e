using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>An initializer with a normal distribution, redrawn beyond two standard deviations from the mean.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StdDev">The standard deviation before truncation.</param>
public sealed record TruncatedNormal(double Mean = 0, double StdDev = 0.05) : Initializer, IFromConfig<TruncatedNormal>
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) =>
        Draw.TruncatedNormal(values, Mean, StdDev, ref random);

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        new()
        {
            ["mean"] = Mean,
            ["stddev"] = StdDev,
            ["seed"] = Seed,
        };

    /// <inheritdoc/>
    public static TruncatedNormal FromConfig(LayerConfigReader config) =>
        new(config.Double("mean", 0), config.Double("stddev", 0.05));
}
