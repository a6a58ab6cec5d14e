using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The number of connections that a variance-scaling initializer divides by.</summary>
public enum FanMode
{
    /// <summary>The number of inputs of a unit.</summary>
    FanIn,

    /// <summary>The number of outputs of a unit.</summary>
    FanOut,

    /// <summary>The mean of both.</summary>
    FanAvg,
}

/// <summary>The distribution that a variance-scaling initializer draws from.</summary>
public enum ScalingDistribution
{
    /// <summary>
    /// The normal distribution, truncated at two standard deviations and widened to keep the variance.
    /// </summary>
    TruncatedNormal,

    /// <summary>The uniform distribution.</summary>
    Uniform,
}

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
