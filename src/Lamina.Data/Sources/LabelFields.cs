using System.Text.Json;

namespace Lamina;

/// <summary>The names of fields that contain a class, in JSON objects and table headers.</summary>
internal static class LabelFields
{
    /// <summary>The names, in the order of preference.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cls", "label", "class"];

    /// <summary>Returns the class in a JSON object; <see langword="null"/> if there is none.</summary>
    public static string? In(JsonElement json) =>
        Names
            .Select(n => json.TryGetProperty(n, out JsonElement found) ? Text(found) : null)
            .FirstOrDefault(t => t is not null);

    private static string? Text(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
}
