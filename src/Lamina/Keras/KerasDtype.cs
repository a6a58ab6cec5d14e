using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// The dtype of a layer's config: a name, or a policy object. Lamina computes in float32, so policies that differ only
/// in floating-point precision are accepted; quantized ones are not.
/// </summary>
internal static class KerasDtype
{
    private static readonly HashSet<string> s_floats = new(StringComparer.Ordinal)
    {
        "float32",
        "float16",
        "bfloat16",
        "float64",
        "mixed_float16",
        "mixed_bfloat16",
    };

    // The layers after an input cast these to their own dtype.
    private static readonly HashSet<string> s_integers = new(StringComparer.Ordinal)
    {
        "bool",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "uint32",
        "int32",
        "int64",
    };

    /// <summary>Removes the dtype from a config.</summary>
    /// <exception cref="ConfigException">The dtype is not floating-point (for an input: not numeric).</exception>
    public static void Remove(JsonObject config, string layer, bool isInput)
    {
        if (!config.Remove("dtype", out JsonNode? dtype) || dtype is null)
        {
            return;
        }
        JsonNode? node = dtype is JsonObject policy ? (policy["config"] as JsonObject)?["name"] : dtype;
        string? name = node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        if (name is null || (!s_floats.Contains(name) && !(isInput && s_integers.Contains(name))))
        {
            string shown = KerasConfigReader.Show(name ?? dtype.ToJsonString());
            throw new ConfigException(
                $"{layer}: \"dtype\" is {shown}; Lamina computes in float32. Save the model without quantization."
            );
        }
    }
}
