using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>An initializer with a truncated normal distribution of variance 2 / fanIn (He et al. 2015).</summary>
public sealed record HeNormal()
    : VarianceScaling(2, FanMode.FanIn, ScalingDistribution.TruncatedNormal),
        IFromConfig<HeNormal>
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["seed"] = Seed };

    /// <inheritdoc/>
    public static new HeNormal FromConfig(LayerConfigReader config) => new();
}
