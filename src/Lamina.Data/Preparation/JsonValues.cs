using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Reads the values of a JSON object of settings; errors name the owner and the key.</summary>
internal sealed class JsonValues
{
    private readonly string _owner;
    private readonly JsonObject _map;

    private JsonValues(string owner, JsonObject map) => (_owner, _map) = (owner, map);

    /// <summary>Opens an object.</summary>
    /// <param name="json">The object.</param>
    /// <param name="owner">The name of the object in errors.</param>
    /// <param name="keys">The allowed keys, besides <c>name</c>.</param>
    /// <param name="named"><see langword="true"/> to allow a key <c>name</c>, which is read elsewhere.</param>
    /// <exception cref="ConfigException">It is not an object, or has an unknown key.</exception>
    public static JsonValues Of(JsonNode? json, string owner, IReadOnlyList<string> keys, bool named = false)
    {
        if (json is not JsonObject map)
        {
            throw new ConfigException($"{owner}: must be an object with {string.Join(", ", keys)}.");
        }
        if (map.Select(p => p.Key).FirstOrDefault(k => !(named && k == "name") && !keys.Contains(k)) is { } unknown)
        {
            throw new ConfigException(
                $"{owner}: unknown key '{OneLine(unknown)}'. Known are {string.Join(", ", keys)}."
            );
        }
        return new JsonValues(owner, map);
    }

    /// <summary>Returns the text with control characters escaped.</summary>
    public static string OneLine(string text) => JsonEncodedText.Encode(text).ToString();

    /// <summary>Returns a value, or <see langword="null"/>.</summary>
    public JsonNode? Node(string key) => _map[key];

    /// <summary>Returns a value, or the default if the key is missing.</summary>
    public T Get<T>(string key, T standard) => _map.ContainsKey(key) ? As<T>(_map[key], key) : standard;

    /// <summary>Returns two numbers.</summary>
    public (double Min, double Max) Range(string key, double min, double max)
    {
        if (!_map.ContainsKey(key))
        {
            return (min, max);
        }
        return _map[key] is JsonArray { Count: 2 } pair
            ? (As<double>(pair[0], key), As<double>(pair[1], key))
            : throw Bad(key, "two numbers [min, max]");
    }

    /// <summary>Returns a list of numbers, or <see langword="null"/> if the key is missing.</summary>
    public IReadOnlyList<double>? Numbers(string key) =>
        !_map.ContainsKey(key) ? null
        : _map[key] is JsonArray list ? [.. list.Select(n => As<double>(n, key))]
        : throw Bad(key, "a list of numbers");

    /// <summary>Returns a value of an enumeration by its name in lower case.</summary>
    public T Choice<T>(string key, T standard)
        where T : struct, Enum
    {
        if (!_map.ContainsKey(key))
        {
            return standard;
        }
        string[] names = [.. Enum.GetNames<T>().Select(n => n.ToLowerInvariant())];
        return
            _map[key] is JsonValue value
            && value.TryGetValue(out string? text)
            && Array.IndexOf(names, text) is >= 0 and var at
            ? Enum.GetValues<T>()[at]
            : throw Bad(key, $"one of {string.Join(", ", names)}");
    }

    private T As<T>(JsonNode? node, string key)
    {
        // Numbers built in memory may be integers, which JSON does not distinguish.
        if (typeof(T) == typeof(double) && node is JsonValue && node.GetValueKind() == JsonValueKind.Number)
        {
            return (T)(object)double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);
        }
        return node is JsonValue value && value.TryGetValue(out T? result)
            ? result
            : throw Bad(key, typeof(T) == typeof(bool) ? "true or false" : "a number");
    }

    private ConfigException Bad(string key, string needed) => new($"{_owner}: '{key}' must be {needed}.");
}
