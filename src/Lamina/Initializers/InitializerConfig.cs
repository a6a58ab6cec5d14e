using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Reads and writes initializers in the form of Keras's configs: <c>{"class_name": …, "config": {…}}</c>.
/// </summary>
internal static class InitializerConfig
{
    /// <exception cref="ConfigException">The class is not registered, so the config could not be read.</exception>
    public static JsonObject ToJson(this Initializer initializer)
    {
        Type type = initializer.GetType();
        return Initializers.OfType(type) is { } known
            ? new JsonObject { ["class_name"] = known.Name, ["config"] = initializer.GetConfig() }
            : throw new ConfigException(
                $"The initializer class {type.Name} is unknown to files. Register it before saving: Initializers.Register<{type.Name}>()."
            );
    }

    public static Initializer FromReader(LayerConfigReader reader)
    {
        InitializerClass known =
            Initializers.OfClass(reader.ClassName)
            ?? throw new ConfigException(
                $"{reader}: unknown initializer class. Lamina knows {string.Join(", ", Initializers.ClassNames)}; register a "
                    + $"class of your own before loading: Initializers.Register<{reader.ClassName}>()."
            );
        return known.Make(reader) with { Seed = reader.OptionalInt("seed") };
    }

    public static string NameOf(FanMode mode) =>
        mode switch
        {
            FanMode.FanIn => "fan_in",
            FanMode.FanOut => "fan_out",
            _ => "fan_avg",
        };

    public static string NameOf(ScalingDistribution distribution) =>
        distribution == ScalingDistribution.Uniform ? "uniform" : "truncated_normal";
}
