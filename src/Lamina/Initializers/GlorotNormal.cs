using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// An initializer with a truncated normal distribution of variance 2 / (fanIn + fanOut) (Glorot &amp; Bengio 2010).
/// </summary>
public sealed record GlorotNormal()
    : VarianceScaling(1, FanMode.FanAvg, ScalingDistribution.TruncatedNormal),
        IFromConfig<GlorotNormal>
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["seed"] = Seed };

    /// <inheritdoc/>
    public static new GlorotNormal FromConfig(LayerConfigReader config) => new();
}
