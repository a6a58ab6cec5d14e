using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Reads an object of settings that a person may have written, key by key. Every getter accepts a default for a key that is
/// missing or null, or requires the key. Values out of range and unread keys are rejected; the message lists the known keys.
/// </summary>
/// <param name="config">The object.</param>
/// <param name="owner">The name of the object or its file, for messages.</param>
/// <param name="place">The path of the object in its file, with which messages name keys. Default: none.</param>
internal sealed class ConfigReader(JsonObject config, string owner, string place = "")
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

    /// <summary>Returns <see langword="true"/> if the key holds a value.</summary>
    public bool Has(string key) => Node(key) is not null;

    /// <summary>Returns a value as it is; <see langword="null"/> if the key is missing.</summary>
    public JsonNode? Node(string key)
    {
        _keys.Add(key);
        return config[key];
    }

    public double Number(string key, double? orElse, double min = 0, double max = double.MaxValue) =>
        OptionalNumber(key, min, max) ?? orElse ?? throw Missing(key);

    /// <summary>Reads a number of any sign, whose range is checked elsewhere.</summary>
    public double AnyNumber(string key, double orElse) =>
        Node(key) is not { } node ? orElse : JsonValues.Number(node) ?? throw Wrong(key, node, "a number");

    /// <summary>Reads two numbers, whose range is checked elsewhere.</summary>
    public (double Min, double Max) Range(string key, double orElseMin, double orElseMax) =>
        Node(key) switch
        {
            null => (orElseMin, orElseMax),
            JsonArray { Count: 2 } pair when NumbersOf(pair) is { } numbers => (numbers[0], numbers[1]),
            { } node => throw Wrong(key, node, "two numbers [min, max]"),
        };

    public double? OptionalNumber(string key, double min = 0, double max = double.MaxValue)
    {
        string range =
            max == double.MaxValue
                ? Invariant($"a number of at least {min}")
                : Invariant($"a number from {min} to {max}");
        return Node(key) switch
        {
            null => null,
            { } node when JsonValues.Number(node) is { } value && value >= min && value <= max => value,
            { } node => throw Wrong(key, node, range),
        };
    }

    public long Whole(string key, long? orElse, long min = 0, long max = long.MaxValue) =>
        Node(key) switch
        {
            null => orElse ?? throw Missing(key),
            { } node when JsonValues.Whole(node) is { } value && value >= min && value <= max => value,
            { } node when max >= int.MaxValue => throw Wrong(key, node, $"a whole number of at least {min}"),
            { } node => throw Wrong(key, node, $"a whole number from {min} to {max}"),
        };

    public int Int32(string key, int? orElse, int min = 0, int max = int.MaxValue) => (int)Whole(key, orElse, min, max);

    public bool Flag(string key, bool orElse) =>
        Node(key) switch
        {
            null => orElse,
            { } node => JsonValues.Flag(node) ?? throw Wrong(key, node, "true or false"),
        };

    public string Choice(string key, string? orElse, params ReadOnlySpan<string> choices)
    {
        JsonNode? node = Node(key);
        string value = node is null ? orElse ?? throw Missing(key) : JsonValues.Text(node) ?? "";
        return choices.Contains(value) ? value : throw Wrong(key, node!, $"one of {string.Join(", ", choices!)}");
    }

    /// <summary>Reads a value of an enumeration by its name in lower case.</summary>
    public T Choice<T>(string key, T orElse)
        where T : struct, Enum
    {
        string[] names = [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];
        return Has(key) ? Enum.GetValues<T>()[Array.IndexOf(names, Choice(key, null, names))] : orElse;
    }

    public string Text(string key, string? orElse = null) =>
        Node(key) is { } node ? JsonValues.Text(node) ?? throw Wrong(key, node, "text") : orElse ?? throw Missing(key);

    /// <summary>Reads one of the words, or one number per channel or for all.</summary>
    public (string? Word, double[]? Numbers) WordOrChannels(string key, params ReadOnlySpan<string> words)
    {
        if (Node(key) is not { } node)
        {
            return (null, null);
        }
        if (JsonValues.Text(node) is { } word && words.Contains(word))
        {
            return (word, null);
        }
        if (node is JsonArray { Count: 1 or 3 } list && NumbersOf(list) is { } numbers)
        {
            return (null, numbers);
        }
        string choices = string.Join(", ", words.ToArray().Select(w => $"\"{w}\""));
        throw Wrong(key, node, $"{choices} or a list of 1 or 3 numbers");
    }

    /// <summary>
    /// Returns <see langword="true"/> if the key holds an object, to be read with <see cref="Part"/>.
    /// </summary>
    public bool IsPart(string key) => config[key] is JsonObject;

    public JsonObject Part(string key) =>
        Node(key) switch
        {
            null => throw Missing(key),
            JsonObject part => part,
            { } node => throw Wrong(key, node, "an object"),
        };

    /// <summary>Reads a list of numbers of any sign.</summary>
    public double[] Numbers(string key)
    {
        JsonNode node = Node(key) ?? throw Missing(key);
        return node is JsonArray list && NumbersOf(list) is { } numbers
            ? numbers
            : throw Wrong(key, node, "a list of numbers");
    }

    /// <summary>Reads a list of objects, each with its own reader; empty if the key is missing.</summary>
    public IEnumerable<ConfigReader> Parts(string key) =>
        [.. Objects(key).Select((n, i) => new ConfigReader(n, $"{_owner}, {key}[{i}]"))];

    /// <summary>Reads a list of objects; empty if the key is missing.</summary>
    public IReadOnlyList<JsonObject> Objects(string key) =>
        Node(key) switch
        {
            null => [],
            JsonArray list when list.All(n => n is JsonObject) => [.. list.Cast<JsonObject>()],
            { } node => throw Wrong(key, node, "a list of objects"),
        };

    /// <summary>Completes the reading.</summary>
    /// <exception cref="ConfigException">A key was not read.</exception>
    public void Done()
    {
        if (config.Select(p => p.Key).FirstOrDefault(k => !_keys.Contains(k)) is { } unknown)
        {
            throw new ConfigException(
                $"{_owner}: {Place(unknown)} is not a known key. Use {string.Join(", ", _keys.Distinct())}."
            );
        }
    }

    /// <summary>Creates an error about the whole part.</summary>
    public ConfigException Error(string message) => new($"{_owner}: {message}");

    private static double[]? NumbersOf(JsonArray list) =>
        list.All(n => JsonValues.Number(n) is not null) ? [.. list.Select(n => JsonValues.Number(n)!.Value)] : null;

    private string Place(string key) =>
        place.Length == 0 ? $"'{JsonValues.Short(key, 40)}'" : $"'{place}.{JsonValues.Short(key, 40)}'";

    private ConfigException Missing(string key) => new($"{_owner}: {Place(key)} is missing.");

    private ConfigException Wrong(string key, JsonNode got, string needed) =>
        new($"{_owner}: {Place(key)} is {JsonValues.Show(got, 40)}; it must be {needed}.");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
