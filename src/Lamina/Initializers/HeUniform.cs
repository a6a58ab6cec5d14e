using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>An initializer with a uniform distribution within ±√(6 / fanIn) (He et al. 2015).</summary>
public sealed record HeUniform()
    : VarianceScaling(2, FanMode.FanIn, ScalingDistribution.Uniform),
        IFromConfig<HeUniform>
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["seed"] = Seed };

    /// <inheritdoc/>
    public static new HeUniform FromConfig(LayerConfigReader config) => new();
}
