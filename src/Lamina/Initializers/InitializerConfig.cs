using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Initializers as Keras's configs write them: <c>{"class_name": …, "config": {…}}</c>.</summary>
internal static class InitializerConfig
{
    public static JsonObject ToJson(this Initializer initializer)
    {
        (string className, JsonObject config) = initializer switch
        {
            Zeros => (nameof(Zeros), new JsonObject()),
            Ones => (nameof(Ones), []),
            Constant c => (nameof(Constant), new() { ["value"] = c.Value }),
            RandomUniform u => (nameof(RandomUniform), new() { ["minval"] = u.MinVal, ["maxval"] = u.MaxVal }),
            RandomNormal n => (nameof(RandomNormal), new() { ["mean"] = n.Mean, ["stddev"] = n.StdDev }),
            TruncatedNormal n => (nameof(TruncatedNormal), new() { ["mean"] = n.Mean, ["stddev"] = n.StdDev }),
            GlorotUniform => (nameof(GlorotUniform), []),
            GlorotNormal => (nameof(GlorotNormal), []),
            HeUniform => (nameof(HeUniform), []),
            HeNormal => (nameof(HeNormal), []),
            VarianceScaling v when v.GetType() == typeof(VarianceScaling) => (
                nameof(VarianceScaling),
                new()
                {
                    ["scale"] = v.Scale,
                    ["mode"] = ModeName(v.Mode),
                    ["distribution"] = DistributionName(v.Distribution),
                }
            ),
            _ => throw new ConfigException(
                $"The initializer {initializer.GetType().Name} has no config of Keras's. Use one of Lamina's own in a model that is saved."
            ),
        };
        if (initializer is not (Zeros or Ones or Constant))
        {
            config["seed"] = initializer.Seed;
        }
        return new JsonObject { ["class_name"] = className, ["config"] = config };
    }

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
            _ => throw new ConfigException(
                $"{reader}: unknown initializer class. Lamina knows Zeros, Ones, Constant, RandomUniform, RandomNormal, "
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
