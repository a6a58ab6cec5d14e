using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Values as Keras's configs write them.</summary>
internal static class ConfigJson
{
    public static JsonArray ToJson(this Size2 size) => new(size.Height, size.Width);

    public static JsonArray ToJson(this Pads2 pads) =>
        new(new JsonArray(pads.Top, pads.Bottom), new JsonArray(pads.Left, pads.Right));

    /// <summary>The keys that Keras writes for regularizers and constraints, which Lamina has none of.</summary>
    public static JsonObject WithNulls(this JsonObject config, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            config[key] = null;
        }
        return config;
    }
}
