using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The layer classes that a saved model may name. A file makes only what is listed here: Lamina's own, and those that a
/// program registers. Safe on several threads.
/// </summary>
public static class LayerRegistry
{
    private static readonly ConcurrentDictionary<string, Func<LayerConfigReader, Layer>> s_factories = new(
        LayerFactories.All,
        StringComparer.Ordinal
    );

    /// <summary>The classes known, in ordinal order.</summary>
    public static IReadOnlyList<string> ClassNames => [.. s_factories.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a layer class of a program's own.</summary>
    /// <param name="className">Its <see cref="Layer.ClassName"/>.</param>
    /// <param name="make">Makes the layer from its config; the reader refuses what is malformed.</param>
    /// <exception cref="ArgumentException">The class is registered, or is one of Lamina's own.</exception>
    public static void Register(string className, Func<LayerConfigReader, Layer> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(className);
        ArgumentNullException.ThrowIfNull(make);
        if (!s_factories.TryAdd(className, make))
        {
            throw new ArgumentException($"The layer class '{className}' is registered already.", nameof(className));
        }
    }

    /// <summary>Makes a layer from its config, as <see cref="Layer.GetConfig"/> and Keras write it.</summary>
    /// <param name="className">The class in Keras.</param>
    /// <param name="config">The config.</param>
    /// <exception cref="ConfigException">The class is unknown, or the config is malformed.</exception>
    public static Layer FromConfig(string className, JsonObject config)
    {
        ArgumentNullException.ThrowIfNull(className);
        ArgumentNullException.ThrowIfNull(config);
        var reader = new LayerConfigReader(className, config);
        if (!s_factories.TryGetValue(className, out Func<LayerConfigReader, Layer>? make))
        {
            string name = reader.Name ?? "without a name";
            throw new ConfigException(
                $"unknown layer class '{className}' (layer '{name}'): Lamina knows {string.Join(", ", ClassNames)}; "
                    + "register your own with LayerRegistry.Register."
            );
        }
        try
        {
            bool trainable = reader.Bool("trainable", true);
            RequireFloat32(reader, config["dtype"]);
            reader.Ignore("name", "dtype", "batch_input_shape", "batch_shape");
            Layer layer = make(reader);
            reader.RequireAllRead();
            layer.Trainable = trainable;
            return layer;
        }
        catch (Exception e) when (e is ArgumentException or ShapeException)
        {
            // A constructor's message begins with the class, which the reader has named.
            string message = OneLine(e);
            string prefix = $"{className}: ";
            message = message.StartsWith(prefix, StringComparison.Ordinal) ? message[prefix.Length..] : message;
            throw new ConfigException($"{reader}: {message}");
        }
    }

    /// <summary>The message without what .NET appends to it.</summary>
    internal static string OneLine(Exception e) =>
        e is ArgumentException { ParamName: { } parameter }
            ? e.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal)
            : e.Message;

    // Keras 3 writes a policy object in place of the name.
    private static void RequireFloat32(LayerConfigReader reader, JsonNode? dtype)
    {
        JsonNode? name = dtype is JsonObject policy ? policy["config"]?["name"] : dtype;
        if (name is not null && !(name is JsonValue v && v.TryGetValue(out string? text) && text == "float32"))
        {
            throw new ConfigException($"{reader}: \"dtype\" is {name.ToJsonString()}; Lamina has only \"float32\".");
        }
    }
}
