using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Initializers as Keras's configs write them: <c>{"class_name": …, "config": {…}}</c>.</summary>
internal static class InitializerConfig
{
    private static readonly ConcurrentDictionary<string, Func<LayerConfigReader, Initializer>> s_registered = new(
        StringComparer.Ordinal
    );

    public static JsonObject ToJson(this Initializer initializer)
    {
        JsonObject config = initializer.GetConfig();
        if (initializer is not (Zeros or Ones or Constant))
        {
            config["seed"] = initializer.Seed;
        }
        return new JsonObject { ["class_name"] = initializer.GetType().Name, ["config"] = config };
    }

    /// <summary>Adds or replaces an initializer of a program's own.</summary>
    public static void Register(string className, Func<LayerConfigReader, Initializer> create) =>
        s_registered[className] = create;

    /// <summary>The arguments of one of Lamina's own initializers.</summary>
    public static JsonObject Own(Initializer initializer) =>
        initializer switch
        {
            Zeros or Ones or GlorotUniform or GlorotNormal or HeUniform or HeNormal => [],
            Constant c => new() { ["value"] = c.Value },
            RandomUniform u => new() { ["minval"] = u.MinVal, ["maxval"] = u.MaxVal },
            RandomNormal n => new() { ["mean"] = n.Mean, ["stddev"] = n.StdDev },
            TruncatedNormal n => new() { ["mean"] = n.Mean, ["stddev"] = n.StdDev },
            VarianceScaling v when v.GetType() == typeof(VarianceScaling) => new()
            {
                ["scale"] = v.Scale,
                ["mode"] = ModeName(v.Mode),
                ["distribution"] = DistributionName(v.Distribution),
            },
            _ => throw new ConfigException(
                $"The initializer {initializer.GetType().Name} has no config. Override its GetConfig and call Initializers.Register to save models with it."
            ),
        };

    public static Initializer FromReader(LayerConfigReader reader)
    {
        Initializer initializer = reader.ClassName switch
        {
            nameof(Zeros) => new Zeros(),
            nameof(Ones) => new Ones(),
            nameof(Constant) => new Constant(reader.Double("value", 0)),
            nameof(RandomUniform) => new RandomUniform(reader.Double("minval", -0.05), reader.Double("maxval", 0.05)),
            nameof(RandomNormal) => new RandomNormal(reader.Double("mean", 0), reader.Double("stddev", 0.05)),
            nameof(TruncatedNormal) => new TruncatedNormal(reader.Double("mean", 0), reader.Double("stddev", 0.05)),
            nameof(GlorotUniform) => new GlorotUniform(),
            nameof(GlorotNormal) => new GlorotNormal(),
            nameof(HeUniform) => new HeUniform(),
            nameof(HeNormal) => new HeNormal(),
            nameof(VarianceScaling) => new VarianceScaling(
                reader.Double("scale", 1),
                reader.Choice("mode", FanMode.FanIn, ModeName),
                reader.Choice("distribution", ScalingDistribution.TruncatedNormal, DistributionName)
            ),
            var name when s_registered.TryGetValue(name, out Func<LayerConfigReader, Initializer>? create) => create(
                reader
            ),
            _ => throw new ConfigException(
                $"{reader}: unknown initializer class. Register your own with Initializers.Register; Lamina knows Zeros, Ones, Constant, RandomUniform, RandomNormal, "
                    + "TruncatedNormal, VarianceScaling, GlorotUniform, GlorotNormal, HeUniform and HeNormal."
            ),
        };
        return initializer with { Seed = reader.OptionalInt("seed") };
    }

    private static string ModeName(FanMode mode) =>
        mode switch
        {
            FanMode.FanIn => "fan_in",
            FanMode.FanOut => "fan_out",
            _ => "fan_avg",
        };

    private static string DistributionName(ScalingDistribution distribution) =>
        distribution == ScalingDistribution.Uniform ? "uniform" : "truncated_normal";
}
