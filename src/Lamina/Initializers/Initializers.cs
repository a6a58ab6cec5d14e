using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>An initializer that sets every element to 0.</summary>
public sealed record Zeros : Initializer, IFromConfig<Zeros>
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Clear();

    /// <inheritdoc/>
    public override JsonObject GetConfig() => [];

    /// <inheritdoc/>
    public static Zeros FromConfig(LayerConfigReader config) => new();
}

/// <summary>An initializer that sets every element to 1.</summary>
public sealed record Ones : Initializer, IFromConfig<Ones>
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Fill(1);

    /// <inheritdoc/>
    public override JsonObject GetConfig() => [];

    /// <inheritdoc/>
    public static Ones FromConfig(LayerConfigReader config) => new();
}

/// <summary>An initializer that sets every element to the same value.</summary>
/// <param name="Value">The value.</param>
public sealed record Constant(double Value = 0) : Initializer, IFromConfig<Constant>
{
    /// <inheritdoc/>
    public override void Fill(Span<float> values, Shape shape, ref RandomStream random) => values.Fill((float)Value);

    /// <inheritdoc/>
    public override JsonObject GetConfig() => new() { ["value"] = Value };

    /// <inheritdoc/>
    public static Constant FromConfig(LayerConfigReader config) => new(config.Double("value", 0));
}

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

/// <summary>The initializers by their Keras names.</summary>
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
        ["orthogonal"] = () => new Orthogonal(),
        ["identity"] = () => new IdentityInitializer(),
    };

    private static readonly ConcurrentDictionary<string, InitializerClass> s_classes = new(
        new InitializerClass[]
        {
            new(typeof(Zeros), Zeros.FromConfig),
            new(typeof(Ones), Ones.FromConfig),
            new(typeof(Constant), Constant.FromConfig),
            new(typeof(RandomUniform), RandomUniform.FromConfig),
            new(typeof(RandomNormal), RandomNormal.FromConfig),
            new(typeof(TruncatedNormal), TruncatedNormal.FromConfig),
            new(typeof(VarianceScaling), VarianceScaling.FromConfig),
            new(typeof(GlorotUniform), GlorotUniform.FromConfig),
            new(typeof(GlorotNormal), GlorotNormal.FromConfig),
            new(typeof(HeUniform), HeUniform.FromConfig),
            new(typeof(HeNormal), HeNormal.FromConfig),
            new(typeof(Orthogonal), Orthogonal.FromConfig),
            new(typeof(IdentityInitializer), IdentityInitializer.FromConfig, IdentityInitializer.ConfigClass),
        }.ToDictionary(c => c.Name),
        StringComparer.Ordinal
    );

    /// <summary>
    /// Registers a custom initializer class, so that models that use it can be saved and loaded. Registering it again
    /// has no effect.
    /// </summary>
    /// <typeparam name="TInitializer">The class; configs contain its name without the namespace.</typeparam>
    /// <exception cref="ArgumentException">Another class with this name is registered or built in.</exception>
    public static void Register<TInitializer>()
        where TInitializer : Initializer, IFromConfig<TInitializer>
    {
        Type type = typeof(TInitializer);
        if (s_classes.GetOrAdd(type.Name, _ => new InitializerClass(type, TInitializer.FromConfig)).Type != type)
        {
            throw new ArgumentException(
                $"The initializer class '{type.Name}' is already registered.",
                nameof(TInitializer)
            );
        }
    }

    /// <summary>Returns the class of an initializer, or <see langword="null"/> if it is unknown.</summary>
    internal static InitializerClass? OfType(Type type) => s_classes.Values.FirstOrDefault(c => c.Type == type);

    /// <summary>Returns the class with this name, or <see langword="null"/> if it is unknown.</summary>
    internal static InitializerClass? OfClass(string className) => s_classes.GetValueOrDefault(className);

    /// <summary>The known class names, in ordinal order.</summary>
    internal static IEnumerable<string> ClassNames => s_classes.Keys.Order(StringComparer.Ordinal);

    /// <summary>Returns the initializer with this Keras name and its defaults.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Initializer FromName(string name) =>
        s_names.TryGetValue(name, out Func<Initializer>? make)
            ? make()
            : throw new ArgumentException(
                $"'{name}' is not an initializer. Use one of {string.Join(", ", s_names.Keys)}.",
                nameof(name)
            );
}

/// <summary>A class that files may name, and the function that creates an instance.</summary>
/// <param name="Type">The class.</param>
/// <param name="Make">Creates an instance from its config.</param>
/// <param name="ConfigName">The name in files; <see langword="null"/> for the class's.</param>
internal sealed record InitializerClass(Type Type, Func<LayerConfigReader, Initializer> Make, string? ConfigName = null)
{
    /// <summary>The name in files.</summary>
    public string Name => ConfigName ?? Type.Name;
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
