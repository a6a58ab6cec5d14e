using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina.Tuning;

/// <summary>Values of hyperparameters as text and JSON: strings, whole numbers, real numbers and truth values.</summary>
internal static class HyperValue
{
    /// <summary>Returns a value in few characters.</summary>
    public static string Short(object value) =>
        value switch
        {
            double real => Short(real),
            _ => Exact(value),
        };

    /// <summary>Returns a number with four significant digits.</summary>
    public static string Short(double value) =>
        value
            .ToString("G4", CultureInfo.InvariantCulture)
            .Replace("E-0", "e-", StringComparison.Ordinal)
            .Replace("E+0", "e", StringComparison.Ordinal)
            .Replace('E', 'e');

    /// <summary>Returns a value as it can be read again.</summary>
    public static string Exact(object value) =>
        value switch
        {
            bool flag => flag ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    /// <summary>Converts a value to JSON.</summary>
    // A real number that is whole keeps its type by the point.
    public static JsonNode ToJson(object value) =>
        value switch
        {
            bool flag => JsonValue.Create(flag),
            int whole => JsonValue.Create(whole),
            double real when double.IsInteger(real) && Math.Abs(real) < 1e15 => JsonNode.Parse(
                real.ToString("0.0", CultureInfo.InvariantCulture)
            )!,
            double real => JsonValue.Create(real),
            _ => JsonValue.Create((string)value),
        };

    /// <summary>Reads what <see cref="ToJson"/> returned.</summary>
    /// <exception cref="ConfigException">It is of another kind.</exception>
    public static object FromJson(JsonNode? node)
    {
        string text = node?.ToJsonString() ?? "null";
        return node?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.Number
                when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int whole) =>
                whole,
            JsonValueKind.Number => double.Parse(text, CultureInfo.InvariantCulture),
            _ => throw new ConfigException($"{text} is not a string, a number, true or false"),
        };
    }
}
