using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>An initializer whose variance is scale / fan (Glorot &amp; Bengio 2010; He et al. 2015).</summary>
/// <param name="Scale">The factor, above 0.</param>
/// <param name="Mode">The fan.</param>
/// <param name="Distribution">The distribution.</param>
public record VarianceScaling(double Scale, FanMode Mode, ScalingDistribution Distribution)
    : Initializer,
        IFromConfig<VarianceScaling>
{
    // The standard deviation of a standard normal truncated at ±2.
    private const double TruncatedDeviation = 0.87962566103423978;

    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random)
    {
        (double fanIn, double fanOut) = Fans(shape);
        double fan = Mode switch
        {
            FanMode.FanIn => fanIn,
            FanMode.FanOut => fanOut,
            _ => (fanIn + fanOut) / 2,
        };
        double variance = Scale / Math.Max(1, fan);
        if (Distribution == ScalingDistribution.Uniform)
        {
            double limit = Math.Sqrt(3 * variance);
            Draw.Uniform(values, -limit, limit, ref random);
        }
        else
        {
            Draw.TruncatedNormal(values, 0, Math.Sqrt(variance) / TruncatedDeviation, ref random);
        }
    }

    /// <inheritdoc/>
    public override JsonObject GetConfig() =>
        new()
        {
            ["scale"] = Scale,
            ["mode"] = InitializerConfig.NameOf(Mode),
            ["distribution"] = InitializerConfig.NameOf(Distribution),
            ["seed"] = Seed,
        };

    /// <inheritdoc/>
    public static VarianceScaling FromConfig(LayerConfigReader config) =>
        new(
            config.Double("scale", 1),
            config.Choice("mode", FanMode.FanIn, InitializerConfig.NameOf),
            config.Choice("distribution", ScalingDistribution.TruncatedNormal, InitializerConfig.NameOf)
        );
}
