using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Reads and writes the state of callbacks. JSON has no infinity: it is stored as null.</summary>
internal static class CallbackState
{
    public static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;

    /// <summary>Reads a number, with a replacement for null.</summary>
    public static double Number(JsonObject state, string key, double infinity) =>
        Has(state, key) is { } node ? Get<double>(node, key) : infinity;

    public static T Value<T>(JsonObject state, string key)
        where T : struct => Get<T>(Has(state, key) ?? throw Malformed(key), key);

    private static JsonNode? Has(JsonObject state, string key) =>
        state.TryGetPropertyValue(key, out JsonNode? node) ? node : throw Malformed(key);

    private static T Get<T>(JsonNode node, string key)
    {
        try
        {
            return node.GetValue<T>();
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or OverflowException)
        {
            throw Malformed(key);
        }
    }

    private static LaminaException Malformed(string key) =>
        new(
            $"A callback's saved state has no usable '{key}'. Resume with the callbacks that the run was started with."
        );
}
