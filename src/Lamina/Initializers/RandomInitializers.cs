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
