using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Reads a layer's config (with Keras's keys) key by key. Every getter accepts a default for a missing key; without a
/// default, the key is required. Rejects malformed values, and unread keys unless they hold Keras's default.
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

    /// <summary>The layer's class name in Keras.</summary>
    public string ClassName { get; }

    /// <summary>The layer's name; <see langword="null"/> if the config has none.</summary>
    /// <exception cref="ConfigException">The name is not a string.</exception>
    public string? Name => OptionalString("name");

    /// <summary><see langword="true"/> if the key is present and not null.</summary>
    public bool Has(string key) => _config[key] is not null;

    /// <summary>Reads an integer.</summary>
    /// <exception cref="ConfigException">The value is missing without a default, or is not an integer.</exception>
    public int Int(string key, int? orElse = null) => OptionalInt(key) ?? orElse ?? throw Missing(key);

    /// <summary>Reads an integer, or returns <see langword="null"/> if the key is missing.</summary>
    /// <exception cref="ConfigException">The value is not an integer.</exception>
    public int? OptionalInt(string key) => Get(key) is { } node ? AsInt(node, key) : null;

    /// <summary>Reads an axis: an integer, or a list of one, as Keras 2 writes it for batch normalization.</summary>
    /// <exception cref="ConfigException">The value is not an axis.</exception>
    public int Axis(string key, int orElse) =>
        Get(key) switch
        {
            null => orElse,
            JsonArray { Count: 1 } list when list[0] is { } one => AsInt(one, key),
            { } node => AsInt(node, key),
        };

    /// <summary>Reads a height and width: [height, width], or one number for both.</summary>
    /// <exception cref="ConfigException">The value is missing without a default, or has another form.</exception>
    public Size2 Size2(string key, Size2? orElse = null) =>
        Get(key) switch
        {
            null => orElse ?? throw Missing(key),
            JsonArray { Count: 2 } list when list[0] is { } h && list[1] is { } w => (AsInt(h, key), AsInt(w, key)),
            JsonArray list => throw Wrong(key, list, "a whole number or [height, width]"),
            { } node => AsInt(node, key),
        };

    /// <summary>Reads the length of a 1-D window: an integer, or a list of one, as Keras writes it.</summary>
    internal int Length(string key, int? orElse = null) =>
        Get(key) switch
        {
            null => orElse ?? throw Missing(key),
            JsonArray { Count: 1 } list when list[0] is { } one => AsInt(one, key),
            { } node => AsInt(node, key),
        };

    /// <summary>Reads axes: a list of integers, or one integer as a list.</summary>
    internal IReadOnlyList<int> AxisList(string key) =>
        Get(key) switch
        {
            null => throw Missing(key),
            JsonArray list => [.. list.Select(n => AsInt(n, key))],
            { } node => [AsInt(node, key)],
        };

    /// <summary>Reads the range of a random factor: one number, or [low, high].</summary>
    internal FactorRange Factor(string key) =>
        Get(key) switch
        {
            null => throw Missing(key),
            JsonArray { Count: 2 } list => new FactorRange(AsDouble(list[0], key), AsDouble(list[1], key)),
            { } node => AsDouble(node, key),
        };

    /// <summary>Reads two numbers, or returns <see langword="null"/> if the key is missing.</summary>
    internal (double Low, double High)? Range(string key) =>
        Get(key) switch
        {
            null => null,
            JsonArray { Count: 2 } list => (AsDouble(list[0], key), AsDouble(list[1], key)),
            { } node => throw Wrong(key, node, "two numbers"),
        };

    /// <summary>Reads a boolean.</summary>
    /// <exception cref="ConfigException">The value is missing without a default, or is not a boolean.</exception>
    public bool Bool(string key, bool? orElse = null) =>
        Get(key) switch
        {
            null => orElse ?? throw Missing(key),
            { } node => JsonValues.Flag(node) ?? throw Wrong(key, node, "true or false"),
        };

    /// <summary>Reads a number.</summary>
    /// <exception cref="ConfigException">The value is missing without a default, or is not a number.</exception>
    public double Double(string key, double? orElse = null) => OptionalDouble(key) ?? orElse ?? throw Missing(key);

    /// <summary>Reads a number, or returns <see langword="null"/> if the key is missing.</summary>
    /// <exception cref="ConfigException">The value is not a number.</exception>
    public double? OptionalDouble(string key) => Get(key) is { } node ? AsDouble(node, key) : null;

    /// <summary>Reads a list of numbers, or one number as a list.</summary>
    /// <exception cref="ConfigException">The value is missing without a default, or has another form.</exception>
    public IReadOnlyList<float> Floats(string key, float? orElse = null) =>
        Get(key) switch
        {
            null => orElse is { } value ? [value] : throw Missing(key),
            JsonArray list => [.. list.Select(n => (float)AsDouble(n, key))],
            { } node => [(float)AsDouble(node, key)],
        };

    /// <summary>Reads a list of numbers, or one number as a list. Infinity and NaN are written as strings.</summary>
    internal IReadOnlyList<double> Numbers(string key, double? orElse = null) =>
        Get(key) switch
        {
            null => orElse is { } value ? [value] : throw Missing(key),
            JsonArray list => [.. list.Select(n => AsNumber(n, key))],
            { } node => [AsNumber(node, key)],
        };

    /// <summary>Reads an object.</summary>
    internal LayerConfigReader Object(string key) => AsReader(Get(key), key);

    /// <summary>Reads a list of objects, some of which may be null.</summary>
    internal IReadOnlyList<LayerConfigReader?> Objects(string key) =>
        Get(key) is JsonArray list
            ? [.. list.Select(n => n is null ? null : AsReader(n, key))]
            : throw Wrong(key, _config[key], "a list of objects");

    /// <summary>Reads a string.</summary>
    /// <exception cref="ConfigException">The value is missing without a default, or is not a string.</exception>
    public string String(string key, string? orElse = null) => OptionalString(key) ?? orElse ?? throw Missing(key);

    /// <summary>Reads a string, or returns <see langword="null"/> if the key is missing.</summary>
    /// <exception cref="ConfigException">The value is not a string.</exception>
    public string? OptionalString(string key) =>
        Get(key) switch
        {
            null => null,
            { } node => JsonValues.Text(node) ?? throw Wrong(key, node, "text"),
        };

    /// <summary>Reads an activation by its name. Default: linear.</summary>
    /// <exception cref="ConfigException">No activation has this name.</exception>
    public Activation Activation(string key) => Parse(key, Lamina.Activation.FromName, "linear");

    /// <summary>Reads a padding: <c>"valid"</c>, <c>"same"</c> or [[top, bottom], [left, right]].</summary>
    /// <exception cref="ConfigException">The value has another form.</exception>
    public Padding Padding(string key) =>
        _config[key] is JsonArray
            ? Pads2(key) is var p
                ? Lamina.Padding.Explicit(p.Top, p.Bottom, p.Left, p.Right)
                : null!
            : Parse(key, Lamina.Padding.FromName, "valid");

    /// <summary>Reads the pixels per side: a number, [rows, columns] or [[top, bottom], [left, right]].</summary>
    /// <exception cref="ConfigException">The value is missing or has another form.</exception>
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

    /// <summary>Reads an initializer: a Keras name, or <c>{"class_name": …, "config": {…}}</c>.</summary>
    /// <exception cref="ConfigException">The initializer is unknown.</exception>
    public Initializer Initializer(string key, Initializer orElse)
    {
        switch (Get(key))
        {
            case null:
                return orElse;
            case JsonValue:
                return Parse(key, Initializers.FromName, "");
            case JsonObject node when JsonValues.Text(node["class_name"]) is { } className:
                var reader = new LayerConfigReader(className, node["config"] as JsonObject ?? [], $"{this}, {key}");
                Initializer result = InitializerConfig.FromReader(reader);
                reader.RequireAllRead();
                return result;
            case { } node:
                throw Wrong(key, node, "an initializer's name, or an object with \"class_name\"");
        }
    }

    /// <summary>
    /// Reads a layer that this one contains: <c>{"class_name": …, "config": {…}}</c>, as
    /// <see cref="LayerRegistry.ToConfig"/> writes it.
    /// </summary>
    /// <exception cref="ConfigException">The class is not registered, or its config is malformed.</exception>
    public Layer Layer(string key) =>
        Get(key) switch
        {
            JsonObject node
                when node["class_name"] is JsonValue v
                    && v.TryGetValue(out string? className)
                    && node["config"] is JsonObject config => LayerRegistry.FromConfig(className, config),
            null => throw Missing(key),
            { } node => throw Wrong(key, node, "an object with \"class_name\" and \"config\""),
        };

    /// <summary>Reads an integer or a list of integers.</summary>
    internal IReadOnlyList<int> IntOrInts(string key, int orElse) =>
        _config[key] is JsonArray ? Ints(key) : [Int(key, orElse)];

    /// <summary>Reads a list of integers.</summary>
    /// <exception cref="ConfigException">The value is missing or has another form.</exception>
    public IReadOnlyList<int> Ints(string key) =>
        Get(key) switch
        {
            null => throw Missing(key),
            JsonArray list => [.. list.Select(n => AsInt(n, key))],
            { } node => throw Wrong(key, node, "a list of whole numbers"),
        };

    /// <summary>Reads a shape with its batch dimension, where null is unknown: <c>[null, 224, 224, 3]</c>.</summary>
    /// <exception cref="ConfigException">The value is missing or has another form.</exception>
    public Shape Shape(string key)
    {
        if (Get(key) is not JsonArray { Count: > 0 } list)
        {
            throw _config[key] is { } node ? Wrong(key, node, "a shape such as [null, 224, 224, 3]") : Missing(key);
        }
        int?[] dims = [.. list.Select(d => d is null ? (int?)null : AsInt(d, key))];
        try
        {
            return Lamina.Shape.WithUnknown(dims);
        }
        catch (ShapeException e)
        {
            throw new ConfigException($"{this}: \"{key}\" is {JsonValues.Show(list)}: {e.Message}");
        }
    }

    /// <summary>Reads a value of an enumeration by its Keras name.</summary>
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

    /// <summary>Marks keys as read whose values are repeated elsewhere in the config.</summary>
    internal void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            _read.Add(key);
        }
    }

    /// <summary>Rejects unread keys unless they are null or hold Keras's default.</summary>
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
                    ? $"{this}: \"{key}\" is {JsonValues.Show(node)}; Lamina supports only {only}."
                    : $"{this}: Lamina does not support \"{key}\" ({JsonValues.Show(node)}) for this class. Remove it or set it to null."
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

    private int AsInt(JsonNode? node, string key) =>
        JsonValues.Whole(node) is { } number && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : throw Wrong(key, node, "a whole number");

    private double AsDouble(JsonNode? node, string key) =>
        JsonValues.Number(node) ?? throw Wrong(key, node, "a number");

    private LayerConfigReader AsReader(JsonNode? node, string key) =>
        node is JsonObject config
            ? new LayerConfigReader(ClassName, config, $"{this}, {key}")
            : throw Wrong(key, node, "an object");

    private double AsNumber(JsonNode? node, string key) =>
        JsonValues.Text(node) switch
        {
            null => AsDouble(node, key),
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            "NaN" => double.NaN,
            _ => throw Wrong(key, node, "a number"),
        };

    private ConfigException Missing(string key) =>
        new($"{this}: \"{key}\" is missing. The config of this class needs it.");

    private ConfigException Wrong(string key, JsonNode? node, string needed) =>
        new($"{this}: \"{key}\" is {JsonValues.Show(node)}, but must be {needed}.");

    /// <summary>Returns the name and class as error messages begin.</summary>
    public override string ToString()
    {
        if (_owner is not null)
        {
            return $"{_owner} ({ClassName})";
        }
        return $"{JsonValues.Text(_config["name"]) ?? "a layer"} ({ClassName})";
    }
}
