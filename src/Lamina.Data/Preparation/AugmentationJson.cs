using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>The augmentations by the names that they have in JSON.</summary>
internal static class AugmentationJson
{
    private static readonly Dictionary<string, Entry> s_entries = new(StringComparer.Ordinal)
    {
        ["random_crop"] = new(["whole_image"], v => new RandomCrop(v.Get("whole_image", false))),
        ["random_flip"] = new(["probability"], v => new RandomFlip(v.Get("probability", 0.5))),
        ["random_resized_crop"] = new(
            ["scale", "ratio"],
            v => new RandomResizedCrop { Scale = v.Range("scale", 0.08, 1), Ratio = v.Range("ratio", 3 / 4.0, 4 / 3.0) }
        ),
        ["pca_lighting"] = new(
            ["std", "components"],
            v => new PcaLighting(v.Get("std", 0.1), v.Node("components") is { } c ? ColorComponents.FromJson(c) : null)
        ),
        ["color_jitter"] = new(
            ["brightness", "contrast", "saturation", "hue"],
            v => new ColorJitter(
                v.Get("brightness", 0.0),
                v.Get("contrast", 0.0),
                v.Get("saturation", 0.0),
                v.Get("hue", 0.0)
            )
        ),
        ["random_shift"] = new(["share"], v => new RandomShift(v.Get("share", 0.1))),
    };

    /// <summary>The names, for messages.</summary>
    public static string Known => string.Join(", ", s_entries.Keys);

    public static Augmentation Read(JsonNode? json)
    {
        if (json is not JsonObject map || map["name"] is not JsonValue value || !value.TryGetValue(out string? name))
        {
            throw new ConfigException($"Augmentation: needs an object with a \"name\", one of {Known}.");
        }
        if (!s_entries.TryGetValue(name, out Entry? entry))
        {
            throw new ConfigException($"Augmentation: '{OneLine(name)}' is not known. Known are {Known}.");
        }
        if (map.Select(p => p.Key).FirstOrDefault(k => k != "name" && !entry.Keys.Contains(k)) is { } unknown)
        {
            throw new ConfigException(
                $"Augmentation {name}: '{OneLine(unknown)}' is not known. Known are {string.Join(", ", entry.Keys)}."
            );
        }
        Augmentation result = entry.Create(new Values(name, map));
        result.Validate();
        return result;
    }

    private static string OneLine(string text) => JsonEncodedText.Encode(text).ToString();

    private sealed record Entry(string[] Keys, Func<Values, Augmentation> Create);

    private sealed class Values(string name, JsonObject map)
    {
        public JsonNode? Node(string key) => map[key];

        public T Get<T>(string key, T standard) => map.ContainsKey(key) ? As<T>(map[key], key) : standard;

        public (double Min, double Max) Range(string key, double min, double max)
        {
            if (!map.ContainsKey(key))
            {
                return (min, max);
            }
            return map[key] is JsonArray { Count: 2 } pair
                ? (As<double>(pair[0], key), As<double>(pair[1], key))
                : throw Bad(key, "two numbers [min, max]");
        }

        private T As<T>(JsonNode? node, string key)
        {
            // Numbers built in memory may be whole numbers, which JSON does not tell apart.
            if (typeof(T) == typeof(double) && node is JsonValue && node.GetValueKind() == JsonValueKind.Number)
            {
                return (T)(object)double.Parse(node.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
            }
            return node is JsonValue value && value.TryGetValue(out T? result)
                ? result
                : throw Bad(key, typeof(T) == typeof(bool) ? "true or false" : "a number");
        }

        private ConfigException Bad(string key, string needed) =>
            new($"Augmentation {name}: '{key}' must be {needed}.");
    }
}
