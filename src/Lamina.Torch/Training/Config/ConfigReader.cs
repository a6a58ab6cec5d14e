using System.Text.Json.Nodes;

namespace Lamina.Torch;

/// <summary>
/// Reads a part of a run's file key by key. Every getter accepts a default for a key that is missing or null, or
/// requires the key. Values out of range and unread keys are rejected; the message lists the known keys.
/// </summary>
/// <param name="config">The part.</param>
/// <param name="owner">The name of the part, for messages.</param>
internal sealed class ConfigReader(JsonObject config, string owner)
{
    private readonly List<string> _keys = [];
    private string _owner = owner;

    /// <summary>Reads the <c>name</c> of the part, with which messages begin from now on.</summary>
    public string Name(params ReadOnlySpan<string> names)
    {
        string name = Choice("name", null, names);
        _owner += $" {name}";
        return name;
    }

    public double Number(string key, double? orElse, double min = 0, double max = double.MaxValue) =>
        OptionalNumber(key, min, max) ?? orElse ?? throw Missing(key);

    public double? OptionalNumber(string key, double min = 0, double max = double.MaxValue)
    {
        string range =
            max == double.MaxValue
                ? Invariant($"a number of at least {min}")
                : Invariant($"a number from {min} to {max}");
        return Get(key) switch
        {
            null => null,
            { } node when JsonValues.Number(node) is { } value && value >= min && value <= max => value,
            { } node => throw Wrong(key, node, range),
        };
    }

    public long Whole(string key, long? orElse, long min = 0, long max = long.MaxValue) =>
        Get(key) switch
        {
            null => orElse ?? throw Missing(key),
            { } node when JsonValues.Whole(node) is { } value && value >= min && value <= max => value,
            { } node => throw Wrong(key, node, Invariant($"a whole number of at least {min}")),
        };

    public bool Flag(string key, bool orElse) =>
        Get(key) switch
        {
            null => orElse,
            { } node => JsonValues.Flag(node) ?? throw Wrong(key, node, "true or false"),
        };

    public string Choice(string key, string? orElse, params ReadOnlySpan<string> choices)
    {
        JsonNode? node = Get(key);
        string value = node is null ? orElse ?? throw Missing(key) : JsonValues.Text(node) ?? "";
        return choices.Contains(value) ? value : throw Wrong(key, node!, $"one of {string.Join(", ", choices!)}");
    }

    public string Text(string key) =>
        Get(key) is { } node ? JsonValues.Text(node) ?? throw Wrong(key, node, "text") : throw Missing(key);

    /// <summary>
    /// Returns <see langword="true"/> if the key holds an object, to be read with <see cref="Part"/>.
    /// </summary>
    public bool IsPart(string key) => config[key] is JsonObject;

    public JsonObject Part(string key) =>
        Get(key) switch
        {
            null => throw Missing(key),
            JsonObject part => part,
            { } node => throw Wrong(key, node, "an object"),
        };

    /// <summary>Reads a list of numbers of any sign.</summary>
    public double[] Numbers(string key)
    {
        JsonNode node = Get(key) ?? throw Missing(key);
        return node is JsonArray list && list.All(n => JsonValues.Number(n) is not null)
            ? [.. list.Select(n => JsonValues.Number(n)!.Value)]
            : throw Wrong(key, node, "a list of numbers");
    }

    /// <summary>Reads a list of objects, each with its own reader; empty if the key is missing.</summary>
    public IEnumerable<ConfigReader> Parts(string key)
    {
        JsonNode? node = Get(key);
        if (node is null)
        {
            return [];
        }
        return node is JsonArray list && list.All(n => n is JsonObject)
            ? [.. list.Select((n, i) => new ConfigReader((JsonObject)n!, Invariant($"{_owner}, {key}[{i}]")))]
            : throw Wrong(key, node, "a list of objects");
    }

    /// <summary>Completes the reading.</summary>
    /// <exception cref="ConfigException">A key was not read.</exception>
    public void Done()
    {
        if (config.Select(p => p.Key).FirstOrDefault(k => !_keys.Contains(k)) is { } unknown)
        {
            throw new ConfigException(
                $"{_owner}: '{JsonValues.Short(unknown, 40)}' is not a key here. Use {string.Join(", ", _keys)}."
            );
        }
    }

    /// <summary>Creates an error about the whole part.</summary>
    public ConfigException Error(string message) => new($"{_owner}: {message}");

    private JsonNode? Get(string key)
    {
        _keys.Add(key);
        return config[key];
    }

    private ConfigException Missing(string key) => new($"{_owner}: '{key}' is missing.");

    private ConfigException Wrong(string key, JsonNode got, string needed) =>
        new($"{_owner}: '{key}' is {JsonValues.Show(got, 40)}; it must be {needed}.");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
