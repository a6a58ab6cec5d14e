using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The layer classes that a saved model may name. A file makes only what is listed here: Lamina's own, and those that a
/// program registers. Safe on several threads.
/// </summary>
public static class LayerRegistry
{
    private static readonly ConcurrentDictionary<string, Entry> s_entries = new(StringComparer.Ordinal);

    /// <summary>The classes known, in ordinal order.</summary>
    public static IReadOnlyList<string> ClassNames => [.. s_entries.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a layer class of a program's own under its name. Registering it again changes nothing.</summary>
    /// <typeparam name="TLayer">The class, whose <see cref="Layer.ClassName"/> is its name.</typeparam>
    /// <exception cref="ArgumentException">Another class of this name is registered, or one of Lamina's own.</exception>
    public static void Register<TLayer>()
        where TLayer : Layer, IFromConfig<TLayer>
    {
        Entry entry = s_entries.GetOrAdd(
            typeof(TLayer).Name,
            _ => new Entry(TLayer.FromConfig, typeof(TLayer), IsBuiltIn: false)
        );
        if (entry.Type != typeof(TLayer))
        {
            throw IsTaken(typeof(TLayer).Name, "TLayer");
        }
    }

    /// <summary>Registers a layer class of a program's own.</summary>
    /// <param name="className">Its <see cref="Layer.ClassName"/>.</param>
    /// <param name="make">Makes the layer from its config; the reader refuses what is malformed.</param>
    /// <exception cref="ArgumentException">The class is registered, or is one of Lamina's own.</exception>
    public static void Register(string className, Func<LayerConfigReader, Layer> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(className);
        ArgumentNullException.ThrowIfNull(make);
        if (!s_entries.TryAdd(className, new Entry(make, null, IsBuiltIn: false)))
        {
            throw IsTaken(className, nameof(className));
        }
    }

    /// <summary>Registers a layer class of Lamina's own, under its names in all versions of Keras.</summary>
    internal static void RegisterBuiltIn(
        string className,
        Func<LayerConfigReader, Layer> make,
        params ReadOnlySpan<string> aliases
    )
    {
        foreach (string name in (ReadOnlySpan<string>)[className, .. aliases])
        {
            s_entries[name] = new Entry(make, null, IsBuiltIn: true);
        }
    }

    /// <summary><see langword="true"/> if the class is one of Lamina's own.</summary>
    internal static bool IsBuiltIn(string className) =>
        s_entries.TryGetValue(className, out Entry? entry) && entry.IsBuiltIn;

    /// <summary>Makes a layer from its config, as <see cref="Layer.GetConfig"/> and Keras write it.</summary>
    /// <param name="className">The class in Keras.</param>
    /// <param name="config">The config.</param>
    /// <exception cref="ConfigException">The class is unknown, or the config is malformed.</exception>
    public static Layer FromConfig(string className, JsonObject config)
    {
        ArgumentNullException.ThrowIfNull(className);
        ArgumentNullException.ThrowIfNull(config);
        var reader = new LayerConfigReader(className, config);
        if (!s_entries.TryGetValue(className, out Entry? entry))
        {
            string name = reader.Name ?? "without a name";
            throw new ConfigException(
                $"unknown layer class '{className}' (layer '{name}'): Lamina knows {string.Join(", ", ClassNames)}; "
                    + $"register a class of your own before loading: LayerRegistry.Register<{className}>()."
            );
        }
        try
        {
            bool trainable = reader.Bool("trainable", true);
            RequireFloat32(reader, config["dtype"]);
            reader.Ignore("name", "dtype", "batch_input_shape", "batch_shape");
            Layer layer = entry.Make(reader);
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

    private static ArgumentException IsTaken(string className, string parameter) =>
        new($"The layer class '{className}' is registered already.", parameter);

    // Keras 3 writes a policy object in place of the name.
    private static void RequireFloat32(LayerConfigReader reader, JsonNode? dtype)
    {
        JsonNode? name = dtype is JsonObject policy ? policy["config"]?["name"] : dtype;
        if (name is not null && !(name is JsonValue v && v.TryGetValue(out string? text) && text == "float32"))
        {
            throw new ConfigException($"{reader}: \"dtype\" is {name.ToJsonString()}; Lamina has only \"float32\".");
        }
    }

    private sealed record Entry(Func<LayerConfigReader, Layer> Make, Type? Type, bool IsBuiltIn);
}
