using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Extensions that write values in the form of Keras's configs.</summary>
internal static class ConfigJson
{
    public static JsonArray ToJson(this Size2 size) => new(size.Height, size.Width);

    public static JsonArray ToJson(this Pads2 pads) =>
        new(new JsonArray(pads.Top, pads.Bottom), new JsonArray(pads.Left, pads.Right));

    /// <summary>Adds the keys that Keras writes for regularizers and constraints, which Lamina does not have.</summary>
    public static JsonObject WithNulls(this JsonObject config, params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            config[key] = null;
        }
        return config;
    }
}
