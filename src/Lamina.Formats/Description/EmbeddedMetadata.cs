using System.Text;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Classes and preprocessing in foreign files, under one name where the format allows additional keys or attributes: an
/// object in JSON, its text in HDF5.
/// </summary>
internal static class EmbeddedMetadata
{
    /// <summary>The name of the key or attribute.</summary>
    public const string Name = "lamina_metadata";

    private const int MaxBytes = 64 << 20;

    /// <summary>Returns the metadata as text; <see langword="null"/> if there is none.</summary>
    /// <exception cref="LaminaException">The metadata has no JSON representation.</exception>
    public static string? Text(JsonObject? metadata) =>
        metadata is { Count: > 0 } ? Encoding.UTF8.GetString(StrictJson.Write(metadata, "The metadata")) : null;

    /// <summary>Reads the text of an attribute.</summary>
    /// <exception cref="ModelFileException">The text is not a JSON object.</exception>
    public static JsonObject? Parse(string? text, string file)
    {
        if (text is null)
        {
            return null;
        }
        string label = $"{file}: its attribute {Name}";
        return text.Length > MaxBytes
            ? throw new ModelFileException($"{label} has more than {MaxBytes} characters.")
            : StrictJson.Parse(Encoding.UTF8.GetBytes(text), label);
    }

    /// <summary>Removes the metadata from a JSON object that contains it beside its own keys.</summary>
    /// <exception cref="ModelFileException">The metadata is not an object.</exception>
    public static JsonObject? Take(JsonObject? own, string file) =>
        own?[Name] switch
        {
            null => null,
            JsonObject metadata => metadata.DeepClone().AsObject(),
            _ => throw new ModelFileException(
                $"{file}: its {Name} is not a JSON object. Write the file again with alexnet convert."
            ),
        };

    /// <summary>Returns a file's own keys and the metadata's, as descriptions list them.</summary>
    public static JsonObject? Merged(JsonObject? own, JsonObject? metadata)
    {
        JsonObject all = own?.DeepClone().AsObject() ?? [];
        _ = all.Remove(Name);
        foreach ((string key, JsonNode? value) in metadata ?? [])
        {
            all[key] = value?.DeepClone();
        }
        return all.Count > 0 ? all : null;
    }
}
