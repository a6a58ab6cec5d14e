using System.Text;
using System.Text.Json.Nodes;
using Onnx;

namespace Lamina;

/// <summary>
/// Returns the properties of a file as JSON: text of an object or array becomes one again, everything else stays text.
/// </summary>
internal static class OnnxMetadata
{
    public static JsonObject Read(ModelProto model)
    {
        var metadata = new JsonObject();
        foreach (StringStringEntryProto entry in model.MetadataProps)
        {
            metadata[Text(entry.Key)] = Value(Text(entry.Value));
        }
        return metadata;
    }

    private static JsonNode Value(string text)
    {
        if (text.StartsWith('{') || text.StartsWith('['))
        {
            try
            {
                byte[] wrapped = Encoding.UTF8.GetBytes($$"""{"value":{{text}}}""");
                JsonObject root = StrictJson.Parse(wrapped, "");
                if (root.Count == 1 && root["value"] is { } value)
                {
                    root.Remove("value");
                    return value;
                }
            }
            catch (ModelFileException)
            {
                // Text that only begins like JSON is text.
            }
        }
        return text;
    }

    // Lone surrogates have no JSON representation.
    private static string Text(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
