using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The safetensors format: only weights, as <see cref="SafetensorsFile"/> handles them, and metadata of strings.
/// </summary>
internal static class SafetensorsFormat
{
    public static ModelFormat Format { get; } =
        new("safetensors", "a safetensors file")
        {
            Extensions = [".safetensors"],
            HoldsMetadata = true,
            Recognizes = s => s.IsSafetensors,
            Describer = Describe,
            Weights = (model, path) => SafetensorsFile.SetWeights(model, path, null),
            Writer = (model, path, options) => SafetensorsFile.SaveWeights(model, path, ToStrings(options.Metadata)),
        };

    private static FileDescription Describe(string path)
    {
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        return new FileDescription("safetensors", reader.Describe(), [], FromStrings(reader.Metadata));
    }

    /// <summary>Converts values that are not strings to JSON text: the format supports only strings.</summary>
    private static Dictionary<string, string>? ToStrings(JsonObject? metadata) =>
        metadata?.ToDictionary(
            m => m.Key,
            m => m.Value is JsonValue v && v.TryGetValue(out string? text) ? text : m.Value?.ToJsonString() ?? "null",
            StringComparer.Ordinal
        );

    private static JsonObject? FromStrings(IReadOnlyDictionary<string, string> metadata) =>
        metadata.Count == 0
            ? null
            : new JsonObject(metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)FromString(m.Value))));

    private static JsonNode FromString(string text)
    {
        if (text.TrimStart() is ['{' or '[', ..])
        {
            try
            {
                return JsonNode.Parse(
                        text,
                        documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }
                    ) ?? text;
            }
            catch (JsonException)
            {
                // Text that only begins like JSON.
            }
        }
        return text;
    }
}
