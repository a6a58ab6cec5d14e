using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// An initializer with a uniform distribution within ±√(6 / (fanIn + fanOut)). This is Keras's default for kernels
/// (Glorot &amp; Bengio 2010).
/// </summary>
public sealed record GlorotUniform()
    : VarianceScaling(1, FanMode.FanAvg, ScalingDistribution.Uniform),
        IFromConfig<GlorotUniform>
{
    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["seed"] = Seed };

    /// <inheritdoc/>
    public static new GlorotUniform FromConfig(LayerConfigReader config) => new();
}
