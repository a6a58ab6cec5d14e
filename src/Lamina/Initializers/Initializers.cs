namespace Lamina;

/// <summary>Every element is 0.</summary>
public sealed record Zeros : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Clear();
}

/// <summary>Every element is 1.</summary>
public sealed record Ones : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Fill(1);
}

/// <summary>Every element is the same.</summary>
/// <param name="Value">The value.</param>
public sealed record Constant(double Value = 0) : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Fill((float)Value);
}

/// <summary>Uniform from <paramref name="MinVal"/> to below <paramref name="MaxVal"/>.</summary>
/// <param name="MinVal">The least value.</param>
/// <param name="MaxVal">The bound above.</param>
public sealed record RandomUniform(double MinVal = -0.05, double MaxVal = 0.05) : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) =>
        Draw.Uniform(values, MinVal, MaxVal, ref random);
}

/// <summary>Normal.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StdDev">The standard deviation.</param>
public sealed record RandomNormal(double Mean = 0, double StdDev = 0.05) : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random)
    {
        foreach (ref float value in values)
        {
            value = (float)(Mean + (StdDev * random.NextNormal()));
        }
    }
}

/// <summary>Normal, drawn again where it falls more than two standard deviations from the mean.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StdDev">The standard deviation before truncation.</param>
public sealed record TruncatedNormal(double Mean = 0, double StdDev = 0.05) : Initializer
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) =>
        Draw.TruncatedNormal(values, Mean, StdDev, ref random);
}

/// <summary>How a variance-scaling initializer counts connections.</summary>
public enum FanMode
{
    /// <summary>Those into a unit.</summary>
    FanIn,

    /// <summary>Those out of a unit.</summary>
    FanOut,

    /// <summary>The mean of both.</summary>
    FanAvg,
}

/// <summary>The distribution that a variance-scaling initializer draws from.</summary>
public enum ScalingDistribution
{
    /// <summary>Normal, truncated at two standard deviations and widened so that the variance is as asked.</summary>
    TruncatedNormal,

    /// <summary>Uniform.</summary>
    Uniform,
}

/// <summary>Draws with variance scale / fan (Glorot &amp; Bengio 2010; He et al. 2015).</summary>
/// <param name="Scale">The factor, above 0.</param>
/// <param name="Mode">Which fan.</param>
/// <param name="Distribution">Which distribution.</param>
public record VarianceScaling(double Scale, FanMode Mode, ScalingDistribution Distribution) : Initializer
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
}

/// <summary>Uniform within ±√(6 / (fanIn + fanOut)): Keras's default for kernels (Glorot &amp; Bengio 2010).</summary>
public sealed record GlorotUniform() : VarianceScaling(1, FanMode.FanAvg, ScalingDistribution.Uniform);

/// <summary>Truncated normal of variance 2 / (fanIn + fanOut) (Glorot &amp; Bengio 2010).</summary>
public sealed record GlorotNormal() : VarianceScaling(1, FanMode.FanAvg, ScalingDistribution.TruncatedNormal);

/// <summary>Uniform within ±√(6 / fanIn) (He et al. 2015).</summary>
public sealed record HeUniform() : VarianceScaling(2, FanMode.FanIn, ScalingDistribution.Uniform);

/// <summary>Truncated normal of variance 2 / fanIn (He et al. 2015).</summary>
public sealed record HeNormal() : VarianceScaling(2, FanMode.FanIn, ScalingDistribution.TruncatedNormal);

/// <summary>Initializers by Keras's names.</summary>
public static class Initializers
{
    private static readonly Dictionary<string, Func<Initializer>> s_names = new(StringComparer.Ordinal)
    {
        ["zeros"] = () => new Zeros(),
        ["ones"] = () => new Ones(),
        ["constant"] = () => new Constant(),
        ["random_uniform"] = () => new RandomUniform(),
        ["random_normal"] = () => new RandomNormal(),
        ["truncated_normal"] = () => new TruncatedNormal(),
        ["glorot_uniform"] = () => new GlorotUniform(),
        ["glorot_normal"] = () => new GlorotNormal(),
        ["he_uniform"] = () => new HeUniform(),
        ["he_normal"] = () => new HeNormal(),
    };

    /// <summary>The initializer of this Keras name, with its defaults.</summary>
    /// <exception cref="ArgumentException">No initializer has this name.</exception>
    public static Initializer FromName(string name) =>
        s_names.TryGetValue(name, out Func<Initializer>? make)
            ? make()
            : throw new ArgumentException(
                $"'{name}' is no initializer. Use one of {string.Join(", ", s_names.Keys)}.",
                nameof(name)
            );
}

internal static class Draw
{
    public static void Uniform(Span<float> values, double min, double max, ref RandomStream random)
    {
        float offset = (float)min;
        float span = (float)(max - min);
        foreach (ref float value in values)
        {
            value = offset + (span * random.NextSingle());
        }
    }

    public static void TruncatedNormal(Span<float> values, double mean, double deviation, ref RandomStream random)
    {
        foreach (ref float value in values)
        {
            double z;
            do
            {
                z = random.NextNormal();
            } while (Math.Abs(z) > 2);
            value = (float)(mean + (deviation * z));
        }
    }
}
