using System.Text.Json.Nodes;

namespace Lamina;

internal static class LayerRegistry
{
    public static Layer FromConfig(string className, JsonObject config) =>
        throw new ConfigException(className + config);
}
