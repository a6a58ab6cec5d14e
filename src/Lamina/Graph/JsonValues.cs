using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Reads values of JSON that a person or another program may have written. Each method returns <see langword="null"/> for a
/// value of another kind.
/// </summary>
internal static class JsonValues
{
    /// <summary>Returns a finite number.</summary>
    // A JsonValue created in memory keeps its own type, so the text decides.
    public static double? Number(JsonNode? node) =>
        node is JsonValue
        && node.GetValueKind() == JsonValueKind.Number
        && double.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && double.IsFinite(number)
            ? number
            : null;

    /// <summary>Returns a whole number below 2⁵³, also one that is written as 2.0, as Python may.</summary>
    public static long? Whole(JsonNode? node) =>
        Number(node) is { } value && Math.Abs(value) < 1L << 53 && value == Math.Floor(value) ? (long)value : null;

    /// <summary>Returns text.</summary>
    public static string? Text(JsonNode? node) =>
        node is JsonValue && node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    /// <summary>Returns true or false.</summary>
    public static bool? Flag(JsonNode? node) =>
        node?.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? node.GetValue<bool>() : null;

    /// <summary>Returns a value of an object or a list, which must not be missing or null.</summary>
    /// <exception cref="FormatException">It is.</exception>
    public static JsonNode Required(JsonNode? value, string key) =>
        value ?? throw new FormatException($"'{key}' is missing.");

    /// <summary>Returns a value as an error shows it: one line of a few characters.</summary>
    public static string Show(JsonNode? node, int most = 60) => Short(node?.ToJsonString() ?? "null", most);

    /// <summary>Returns text as an error shows it: one line of a few characters.</summary>
    public static string Short(string text, int most = 60)
    {
        text = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length <= most ? text : text[..(most - 1)] + "…";
    }
}
