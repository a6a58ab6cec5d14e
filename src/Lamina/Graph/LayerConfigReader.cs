using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Reads a layer's config (Keras's keys) key by key. Every getter takes a default, used where the key is missing; without
/// one, the key is required. Refuses malformed values, and keys that nobody read unless they hold Keras's default.
/// </summary>
public sealed class LayerConfigReader
{
    private readonly JsonObject _config;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly string? _owner;

    internal LayerConfigReader(string className, JsonObject config, string? owner = null)
    {
        ClassName = className;
        _config = config;
        _owner = owner;
    }

    /// <summary>The layer's class in Keras.</summary>
    public string ClassName { get; }

    /// <summary>The layer's name; <see langword="null"/> if the config has none.</summary>
    /// <exception cref="ConfigException">It is no string.</exception>
    public string? Name => OptionalString("name");

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => _config[key] is not null;

    /// <summary>A whole number.</summary>
    /// <exception cref="ConfigException">It is missing without a default, or something else.</exception>
    public int Int(string key, int? orElse = null) => OptionalInt(key) ?? orElse ?? throw Missing(key);

    /// <summary>A whole number, if there is one.</summary>
    /// <exception cref="ConfigException">It is something else.</exception>
    public int? OptionalInt(string key) => Get(key) is { } node ? AsInt(node, key) : null;

    /// <summary>An axis: a whole number, or a list of one, as Keras 2 writes batch normalisation's.</summary>
    /// <exception cref="ConfigException">It is something else.</exception>
    public int Axis(string key, int orElse) =>
        Get(key) switch
        {
            null => orElse,
            JsonArray { Count: 1 } list when list[0] is { } one => AsInt(one, key),
            { } node => AsInt(node, key),
        };

    /// <summary>Two extents: [height, width], or one number for both.</summary>
    /// <exception cref="ConfigException">It is missing without a default, or something else.</exception>
    public Size2 Size2(string key, Size2? orElse = null) =>
        Get(key) switch
        {
            null => orElse ?? throw Missing(key),
            JsonArray { Count: 2 } list when list[0] is { } h && list[1] is { } w => (AsInt(h, key), AsInt(w, key)),
            JsonArray list => throw Wrong(key, list, "a whole number or [height, width]"),
            { } node => AsInt(node, key),
        };

    /// <summary>true or false.</summary>
    /// <exception cref="ConfigException">It is missing without a default, or something else.</exception>
    public bool Bool(string key, bool? orElse = null) =>
        Get(key) switch
        {
            null => orElse ?? throw Missing(key),
            JsonValue value when value.TryGetValue(out bool b) => b,
            { } node => throw Wrong(key, node, "true or false"),
        };

    /// <summary>A number.</summary>
    /// <exception cref="ConfigException">It is missing without a default, or something else.</exception>
    public double Double(string key, double? orElse = null) => OptionalDouble(key) ?? orElse ?? throw Missing(key);

    /// <summary>A number, if there is one.</summary>
    /// <exception cref="ConfigException">It is something else.</exception>
    public double? OptionalDouble(string key) => Get(key) is { } node ? AsDouble(node, key) : null;

    /// <summary>Numbers: a list, or one.</summary>
    /// <exception cref="ConfigException">It is missing without a default, or something else.</exception>
    public IReadOnlyList<float> Floats(string key, float? orElse = null) =>
        Get(key) switch
        {
            null => orElse is { } value ? [value] : throw Missing(key),
            JsonArray list => [.. list.Select(n => (float)AsDouble(n, key))],
            { } node => [(float)AsDouble(node, key)],
        };

    /// <summary>Numbers of which some may be infinite or NaN, as texts: a list, or one.</summary>
    internal IReadOnlyList<double> Numbers(string key, double? orElse = null) =>
        Get(key) switch
        {
            null => orElse is { } value ? [value] : throw Missing(key),
            JsonArray list => [.. list.Select(n => AsNumber(n, key))],
            { } node => [AsNumber(node, key)],
        };

    /// <summary>An object in the config.</summary>
    internal LayerConfigReader Object(string key) => AsReader(Get(key), key);

    /// <summary>A list of objects, some of which may be null.</summary>
    internal IReadOnlyList<LayerConfigReader?> Objects(string key) =>
        Get(key) is JsonArray list
            ? [.. list.Select(n => n is null ? null : AsReader(n, key))]
            : throw Wrong(key, _config[key], "a list of objects");

    /// <summary>Text.</summary>
    /// <exception cref="ConfigException">It is missing without a default, or something else.</exception>
    public string String(string key, string? orElse = null) => OptionalString(key) ?? orElse ?? throw Missing(key);

    /// <summary>Text, if there is any.</summary>
    /// <exception cref="ConfigException">It is something else.</exception>
    public string? OptionalString(string key) =>
        Get(key) switch
        {
            null => null,
            JsonValue value when value.TryGetValue(out string? text) => text,
            { } node => throw Wrong(key, node, "text"),
        };

    /// <summary>An activation by its name; linear if there is none.</summary>
    /// <exception cref="ConfigException">No activation has this name.</exception>
    public Activation Activation(string key) => Parse(key, Lamina.Activation.FromName, "linear");

    /// <summary>A padding: <c>"valid"</c>, <c>"same"</c> or [[top, bottom], [left, right]].</summary>
    /// <exception cref="ConfigException">It is something else.</exception>
    public Padding Padding(string key) =>
        _config[key] is JsonArray
            ? Pads2(key) is var p
                ? Lamina.Padding.Explicit(p.Top, p.Bottom, p.Left, p.Right)
                : null!
            : Parse(key, Lamina.Padding.FromName, "valid");

    /// <summary>Pixels a side: a number, [rows, columns] or [[top, bottom], [left, right]].</summary>
    /// <exception cref="ConfigException">It is missing or something else.</exception>
    public Pads2 Pads2(string key)
    {
        if (
            Get(key) is JsonArray { Count: 2 } sides
            && sides[0] is JsonArray { Count: 2 } rows
            && sides[1] is JsonArray { Count: 2 } columns
        )
        {
            return new Pads2(AsInt(rows[0], key), AsInt(rows[1], key), AsInt(columns[0], key), AsInt(columns[1], key));
        }
        Size2 size = Size2(key);
        return new Pads2(size.Height, size.Height, size.Width, size.Width);
    }

    /// <summary>An initializer: a Keras name, or <c>{"class_name": …, "config": {…}}</c>.</summary>
    /// <exception cref="ConfigException">No such initializer exists.</exception>
    public Initializer Initializer(string key, Initializer orElse)
    {
        switch (Get(key))
        {
            case null:
                return orElse;
            case JsonValue:
                return Parse(key, Initializers.FromName, "");
            case JsonObject node when node["class_name"] is JsonValue v && v.TryGetValue(out string? className):
                var reader = new LayerConfigReader(className, node["config"] as JsonObject ?? [], $"{this}, {key}");
                Initializer result = InitializerConfig.FromReader(reader);
                reader.RequireAllRead();
                return result;
            case { } node:
                throw Wrong(key, node, "an initializer's name, or an object with \"class_name\"");
        }
    }

    /// <summary>A list of whole numbers.</summary>
    /// <exception cref="ConfigException">It is missing or something else.</exception>
    public IReadOnlyList<int> Ints(string key) =>
        Get(key) switch
        {
            null => throw Missing(key),
            JsonArray list => [.. list.Select(n => AsInt(n, key))],
            { } node => throw Wrong(key, node, "a list of whole numbers"),
        };

    /// <summary>A shape with its batch, null where unknown: <c>[null, 224, 224, 3]</c>.</summary>
    /// <exception cref="ConfigException">It is missing or something else.</exception>
    public Shape Shape(string key)
    {
        if (Get(key) is not JsonArray { Count: > 0 } list)
        {
            throw _config[key] is { } node ? Wrong(key, node, "a shape such as [null, 224, 224, 3]") : Missing(key);
        }
        int?[] dims = [.. list.Select(d => d is null ? (int?)null : AsInt(d, key))];
        try
        {
            return new Shape(dims);
        }
        catch (ShapeException e)
        {
            throw new ConfigException($"{this}: \"{key}\" is {Show(list)}: {e.Message}");
        }
    }

    /// <summary>One of an enumeration's values, by the name that Keras gives it.</summary>
    internal T Choice<T>(string key, T orElse, Func<T, string> nameOf)
        where T : struct, Enum
    {
        string name = String(key, nameOf(orElse));
        foreach (T value in Enum.GetValues<T>())
        {
            if (nameOf(value) == name)
            {
                return value;
            }
        }
        throw Wrong(key, name, $"one of {string.Join(", ", Enum.GetValues<T>().Select(nameOf))}");
    }

    /// <summary>Marks keys as read that another part of a config repeats.</summary>
    internal void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            _read.Add(key);
        }
    }

    /// <summary>Refuses keys that nobody read, unless they are null or hold Keras's default.</summary>
    internal void RequireAllRead()
    {
        foreach ((string key, JsonNode? node) in _config)
        {
            if (_read.Contains(key) || node is null || KerasKeys.IsDefault(ClassName, key, node))
            {
                continue;
            }
            throw new ConfigException(
                KerasKeys.DefaultOf(ClassName, key) is { } only and not "null"
                    ? $"{this}: \"{key}\" is {Show(node)}; Lamina has only {only}."
                    : $"{this}: Lamina has no \"{key}\" ({Show(node)}) for this class. Remove it or set it to null."
            );
        }
    }

    private JsonNode? Get(string key)
    {
        _read.Add(key);
        return _config[key];
    }

    private T Parse<T>(string key, Func<string, T> parse, string orElse)
    {
        string name = String(key, orElse);
        try
        {
            return parse(name);
        }
        catch (ArgumentException e)
        {
            throw new ConfigException($"{this}: \"{key}\": {LayerRegistry.OneLine(e)}");
        }
    }

    private int AsInt(JsonNode? node, string key)
    {
        // Python may write 2.0 for 2; a JsonValue made in memory keeps its own type, so the text decides.
        double number = AsDouble(node, key, "a whole number");
        return number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : throw Wrong(key, node, "a whole number");
    }

    private double AsDouble(JsonNode? node, string key, string needed = "a number") =>
        node is JsonValue
        && node.GetValueKind() == JsonValueKind.Number
        && double.TryParse(
            node.ToJsonString(),
            System.Globalization.NumberStyles.Float,
            System.Globalization.CultureInfo.InvariantCulture,
            out double number
        )
        && double.IsFinite(number)
            ? number
            : throw Wrong(key, node, needed);

    private LayerConfigReader AsReader(JsonNode? node, string key) =>
        node is JsonObject config
            ? new LayerConfigReader(ClassName, config, $"{this}, {key}")
            : throw Wrong(key, node, "an object");

    private double AsNumber(JsonNode? node, string key) =>
        node is JsonValue value && value.TryGetValue(out string? text)
            ? text switch
            {
                "Infinity" => double.PositiveInfinity,
                "-Infinity" => double.NegativeInfinity,
                "NaN" => double.NaN,
                _ => throw Wrong(key, node, "a number"),
            }
            : AsDouble(node, key);

    private ConfigException Missing(string key) =>
        new($"{this}: \"{key}\" is missing. The config of this class needs it.");

    private ConfigException Wrong(string key, JsonNode? node, string needed) =>
        new($"{this}: \"{key}\" is {Show(node)}, but must be {needed}.");

    private static string Show(JsonNode? node)
    {
        string text = node?.ToJsonString() ?? "null";
        return text.Length <= 60 ? text : text[..60] + "…";
    }

    /// <summary>Name and class, as messages begin.</summary>
    public override string ToString()
    {
        if (_owner is not null)
        {
            return $"{_owner} ({ClassName})";
        }
        string name = _config["name"] is JsonValue v && v.TryGetValue(out string? text) ? text : "a layer";
        return $"{name} ({ClassName})";
    }
}
