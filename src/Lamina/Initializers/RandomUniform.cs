using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// An initializer with a uniform distribution from <paramref name="MinVal"/> to below <paramref name="MaxVal"/>.
/// </summary>
/// <param name="MinVal">The lower bound, included.</param>
/// <param name="MaxVal">The upper bound, excluded.</param>
public sealed record RandomUniform(double MinVal = -0.05, double MaxVal = 0.05)
    : Initializer,
        IFromConfig<RandomUniform>
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) =>
        Draw.Uniform(values, MinVal, MaxVal, ref random);

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        new()
        {
            ["minval"] = MinVal,
            ["maxval"] = MaxVal,
            ["seed"] = Seed,
        };

    /// <inheritdoc/>
    public static RandomUniform FromConfig(LayerConfigReader config) =>
        new(config.Double("minval", -0.05), config.Double("maxval", 0.05));
}
