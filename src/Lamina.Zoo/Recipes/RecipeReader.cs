using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Reads one object of a recipe. Errors name the place; unread keys are errors.</summary>
internal sealed class RecipeReader(JsonObject json, string file, string place)
{
    private readonly List<string> _known = [];

    public bool Has(string key)
    {
        _known.Add(key);
        return json[key] is not null;
    }

    public string Text(string key, string? standard = null) =>
        Take(key) is not { } node ? standard ?? throw Missing(key)
        : node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>()
        : throw Wrong(key, node, "a string");

    public string Choice(string key, string standard, params ReadOnlySpan<string> choices)
    {
        string text = Text(key, standard);
        return choices.Contains(text)
            ? text
            : throw new ConfigException(
                $"{file}: {Place(key)} is '{Short(text)}'; it must be one of {string.Join(", ", choices.ToArray())}."
            );
    }

    public int Whole(string key, int min, int max, int? standard = null)
    {
        if (Take(key) is not { } node)
        {
            return standard ?? throw Missing(key);
        }
        return node is JsonValue value && value.TryGetValue(out int number) && number >= min && number <= max
            ? number
            : throw Wrong(key, node, $"a whole number from {min} to {max}");
    }

    public double Real(string key, double min, double max, double? standard = null)
    {
        if (Take(key) is not { } node)
        {
            return standard ?? throw Missing(key);
        }
        return IsNumber(node, out double number) && number >= min && number <= max
            ? number
            : throw Wrong(key, node, FormattableString.Invariant($"a number from {min} to {max}"));
    }

    public JsonObject Object(string key) =>
        Take(key) switch
        {
            null => throw Missing(key),
            JsonObject found => found,
            { } other => throw Wrong(key, other, "an object"),
        };

    public IReadOnlyList<JsonObject> Objects(string key) =>
        Take(key) switch
        {
            null => [],
            JsonArray list when list.All(i => i is JsonObject) => [.. list.Cast<JsonObject>()],
            { } other => throw Wrong(key, other, "a list of objects"),
        };

    /// <summary>Returns one of the words, or one number per channel or for all.</summary>
    public (string? Word, IReadOnlyList<double>? Numbers) WordOrNumbers(string key, params ReadOnlySpan<string> words)
    {
        JsonNode? node = Take(key);
        if (node is null)
        {
            return (null, null);
        }
        if (node.GetValueKind() == JsonValueKind.String && words.Contains(node.GetValue<string>()))
        {
            return (node.GetValue<string>(), null);
        }
        var numbers = new List<double>();
        if (node is JsonArray { Count: 1 or 3 } list && list.All(i => i is not null && IsNumber(i, out _)))
        {
            foreach (JsonNode? item in list)
            {
                IsNumber(item!, out double number);
                numbers.Add(number);
            }
            return (null, numbers);
        }
        string choices = string.Join(", ", words.ToArray().Select(w => $"\"{w}\""));
        throw Wrong(key, node, $"{choices} or a list of 1 or 3 numbers");
    }

    /// <summary>Throws if the object contains an unread key.</summary>
    public void Finish()
    {
        foreach ((string key, _) in json)
        {
            if (!_known.Contains(key))
            {
                throw new ConfigException($"{file}: {Place(key)} is not a known key. Use {string.Join(", ", _known)}.");
            }
        }
    }

    private JsonNode? Take(string key)
    {
        _known.Add(key);
        return json[key];
    }

    private static bool IsNumber(JsonNode node, out double number)
    {
        number = 0;
        return node is JsonValue value && value.TryGetValue(out number) && double.IsFinite(number);
    }

    private string Place(string key) => place.Length == 0 ? $"'{Short(key)}'" : $"'{place}.{Short(key)}'";

    private ConfigException Missing(string key) => new($"{file}: {Place(key)} is missing.");

    private ConfigException Wrong(string key, JsonNode node, string needed)
    {
        return new ConfigException($"{file}: {Place(key)} is {Short(node.ToJsonString())}; it must be {needed}.");
    }

    /// <summary>Shortens a text for an error.</summary>
    public static string Short(string text) => text.Length > 40 ? $"{text.AsSpan(0, 40)}…" : text;
}
