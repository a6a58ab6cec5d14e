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
        string className = initializer.GetType().Name;
        return Initializers.OfClass(className)?.Type != initializer.GetType()
            ? throw new ConfigException(
                $"The initializer class {className} is unknown to files. Register it before saving: Initializers.Register<{className}>()."
            )
            : new JsonObject { ["class_name"] = className, ["config"] = initializer.GetConfig() };
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
