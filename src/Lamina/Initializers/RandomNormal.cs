using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>An initializer with a normal distribution.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StdDev">The standard deviation.</param>
public sealed record RandomNormal(double Mean = 0, double StdDev = 0.05) : Initializer, IFromConfig<RandomNormal>
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random)
    {
        foreach (ref float value in values)
        {
            value = (float)(Mean + (StdDev * random.NextNormal()));
        }
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        new()
        {
            ["mean"] = Mean,
            ["stddev"] = StdDev,
            ["seed"] = Seed,
        };

    /// <inheritdoc/>
    public static RandomNormal FromConfig(LayerConfigReader config) =>
        new(config.Double("mean", 0), config.Double("stddev", 0.05));
}
