using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The layer classes that saved models may name: Lamina's own, and those that a program registers. Loading a file
/// creates no others. Thread-safe.
/// </summary>
public static class LayerRegistry
{
    private static readonly ConcurrentDictionary<string, Entry> s_entries = new(StringComparer.Ordinal);

    /// <summary>The known class names, in ordinal order.</summary>
    public static IReadOnlyList<string> ClassNames => [.. s_entries.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Registers a custom layer class under its name. Registering it again has no effect.</summary>
    /// <typeparam name="TLayer">The class; <see cref="Layer.ClassName"/> is its name.</typeparam>
    /// <exception cref="ArgumentException">Another class with this name is registered or built in.</exception>
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

    /// <summary>Registers a custom layer class by a function that creates it.</summary>
    /// <param name="className">The <see cref="Layer.ClassName"/> of the class.</param>
    /// <param name="make">Creates the layer from its config; the reader rejects malformed values.</param>
    /// <exception cref="ArgumentException">The class is registered already or built in.</exception>
    public static void Register(string className, Func<LayerConfigReader, Layer> make)
    {
        ArgumentException.ThrowIfNullOrEmpty(className);
        ArgumentNullException.ThrowIfNull(make);
        if (!s_entries.TryAdd(className, new Entry(make, null, IsBuiltIn: false)))
        {
            throw IsTaken(className, nameof(className));
        }
    }

    /// <summary>Registers a built-in layer class under its names in all versions of Keras.</summary>
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

    /// <summary><see langword="true"/> if the class is built in.</summary>
    internal static bool IsBuiltIn(string className) =>
        s_entries.TryGetValue(className, out Entry? entry) && entry.IsBuiltIn;

    /// <summary>Creates a layer from its config, as <see cref="Layer.GetConfig"/> and Keras write it.</summary>
    /// <param name="className">The class name in Keras.</param>
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
                $"unknown layer class '{className}' (layer '{name}'): register a class of your own before loading: "
                    + $"LayerRegistry.Register<{className}>(). Lamina knows {string.Join(", ", ClassNames)}."
            );
        }
        try
        {
            bool trainable = reader.Bool("trainable", true);
            RequireFloat32(reader, config["dtype"]);
            reader.Ignore("name", "dtype", "batch_input_shape", "batch_shape");
            Layer layer = entry.Make(reader);
            PenaltyConfig.Read(layer, reader, config);
            reader.RequireAllRead();
            layer.Trainable = trainable;
            return layer;
        }
        catch (Exception e) when (e is ArgumentException or ShapeException)
        {
            // A constructor's message begins with the class, which the reader has already named.
            string message = OneLine(e);
            string prefix = $"{className}: ";
            message = message.StartsWith(prefix, StringComparison.Ordinal) ? message[prefix.Length..] : message;
            throw new ConfigException($"{reader}: {message}");
        }
    }

    /// <summary>
    /// Returns a layer as <c>{"class_name": …, "config": {…}}</c>, for the config of a layer that contains it;
    /// <see cref="LayerConfigReader.Layer"/> reads it.
    /// </summary>
    /// <param name="layer">The layer.</param>
    public static JsonObject ToConfig(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return new JsonObject
        {
            ["class_name"] = layer.ConfigClassName,
            ["config"] = layer.WithPenalties(layer.GetConfig()),
        };
    }

    /// <summary>Returns the message without the suffix that .NET appends to it.</summary>
    internal static string OneLine(Exception e) =>
        e is ArgumentException { ParamName: { } parameter }
            ? e.Message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal)
            : e.Message;

    private static ArgumentException IsTaken(string className, string parameter) =>
        new($"The layer class '{className}' is already registered.", parameter);

    // Keras 3 writes a policy object instead of the name.
    private static void RequireFloat32(LayerConfigReader reader, JsonNode? dtype)
    {
        JsonNode? name = dtype is JsonObject policy ? policy["config"]?["name"] : dtype;
        if (name is not null && !(name is JsonValue v && v.TryGetValue(out string? text) && text == "float32"))
        {
            throw new ConfigException(
                $"{reader}: \"dtype\" is {name.ToJsonString()}; Lamina supports only \"float32\"."
            );
        }
    }

    private sealed record Entry(Func<LayerConfigReader, Layer> Make, Type? Type, bool IsBuiltIn);
}
