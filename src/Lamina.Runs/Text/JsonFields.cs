using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina.Runs.Text;

/// <summary>Reads values of a JSON object; missing or mistyped values throw a <see cref="ConfigException"/>.</summary>
internal static class JsonFields
{
    private const int MaxQuoted = 40;

    extension(JsonObject json)
    {
        public string Text(string key) => json.OptionalText(key) ?? throw Missing(key);

        public string? OptionalText(string key) => Optional<string>(json, key, "a string");

        public int Whole(string key) => json.OptionalWhole(key) ?? throw Missing(key);

        public int? OptionalWhole(string key) => OptionalValue<int>(json, key, "a whole number");

        public long Long(string key) => OptionalValue<long>(json, key, "a whole number") ?? throw Missing(key);

        public double Real(string key) => json.OptionalReal(key) ?? throw Missing(key);

        public double? OptionalReal(string key) => OptionalValue<double>(json, key, "a number");

        public bool Flag(string key) => OptionalValue<bool>(json, key, "true or false") ?? throw Missing(key);

        public JsonObject Object(string key) => json.OptionalObject(key) ?? throw Missing(key);

        public JsonObject? OptionalObject(string key) =>
            json[key] switch
            {
                null => null,
                JsonObject found => found,
                { } other => throw Wrong(key, other, "an object"),
            };

        public IReadOnlyList<string> Texts(string key) => json.OptionalTexts(key) ?? throw Missing(key);

        public IReadOnlyList<string>? OptionalTexts(string key) =>
            json[key] switch
            {
                null => null,
                JsonArray list when list.All(n => n?.GetValueKind() is JsonValueKind.String) =>
                [
                    .. list.Select(n => n!.GetValue<string>()),
                ],
                { } other => throw Wrong(key, other, "a list of strings"),
            };

        /// <summary>Returns a value of an enumeration from its name.</summary>
        public T Choice<T>(string key)
            where T : struct, Enum =>
            Enum.TryParse(json.Text(key), out T value) && Enum.IsDefined(value)
                ? value
                : throw Wrong(key, json[key]!, $"one of {string.Join(", ", Enum.GetNames<T>())}");
    }

    private static T? Optional<T>(JsonObject json, string key, string needed)
        where T : class =>
        json[key] switch
        {
            null => null,
            JsonValue value when value.TryGetValue(out T? found) => found,
            { } other => throw Wrong(key, other, needed),
        };

    private static T? OptionalValue<T>(JsonObject json, string key, string needed)
        where T : struct =>
        json[key] switch
        {
            null => null,
            JsonValue value when value.TryGetValue(out T found) => found,
            { } other => throw Wrong(key, other, needed),
        };

    private static ConfigException Missing(string key) => new($"'{key}' is missing");

    private static ConfigException Wrong(string key, JsonNode got, string needed)
    {
        string text = got.ToJsonString();
        text = text.Length > MaxQuoted ? $"{text.AsSpan(0, MaxQuoted)}…" : text;
        return new ConfigException($"'{key}' is {text}; it must be {needed}");
    }
}
