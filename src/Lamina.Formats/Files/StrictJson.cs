using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;

namespace Lamina;

/// <summary>
/// Reads and writes the JSON files of a saved model: bounded, without duplicate keys, every string valid.
/// </summary>
internal static class StrictJson
{
    private const int MaxDepth = 64;

    private static readonly JsonDocumentOptions s_options = new()
    {
        MaxDepth = MaxDepth,
        AllowDuplicateProperties = false,
    };

    /// <summary>Parses an object.</summary>
    /// <param name="json">The file's bytes.</param>
    /// <param name="file">The file's name in errors.</param>
    /// <exception cref="ModelFileException">The bytes are not a JSON object, or exceed a limit.</exception>
    public static JsonObject Parse(ReadOnlySpan<byte> json, string file)
    {
        if (!Utf8.IsValid(json))
        {
            throw new ModelFileException($"{file}: is not UTF-8 text.");
        }
        try
        {
            if (JsonNode.Parse(json, null, s_options) is not JsonObject root)
            {
                throw new ModelFileException($"{file}: is not a JSON object.");
            }
            ReadStrings(root);
            return root;
        }
        catch (JsonException e)
        {
            string where = e is { LineNumber: { } line, BytePositionInLine: { } at }
                ? $" at line {line + 1}, byte {at + 1}"
                : "";
            throw new ModelFileException(
                $"{file}: is malformed JSON{where}, has a key twice, or is over {MaxDepth} levels deep.",
                e
            );
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFileException($"{file}: contains a string with an escape that is not a character.", e);
        }
    }

    /// <summary>Writes an object, indented, with line feeds on every platform.</summary>
    /// <param name="json">The object.</param>
    /// <param name="what">The name of the object in errors.</param>
    /// <exception cref="LaminaException"><see cref="Parse"/> could not read the object back.</exception>
    public static byte[] Write(JsonObject json, string what)
    {
        using var stream = new MemoryStream();
        var options = new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        try
        {
            using (var writer = new Utf8JsonWriter(stream, options))
            {
                json.WriteTo(writer);
            }
        }
        // NaN and infinities have no JSON representation.
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or JsonException)
        {
            throw new LaminaException($"{what} cannot be written as JSON: {Quoted.Line(e.Message)}", e);
        }
        stream.WriteByte((byte)'\n');
        byte[] bytes = stream.ToArray();
        _ = Parse(bytes, what);
        return bytes;
    }

    // A document unescapes strings only on demand; a lone "\ud800" would surface far from here.
    private static void ReadStrings(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach ((_, JsonNode? value) in members)
                {
                    ReadStrings(value);
                }
                break;
            case JsonArray items:
                foreach (JsonNode? item in items)
                {
                    ReadStrings(item);
                }
                break;
            case JsonValue value:
                _ = value.TryGetValue<string>(out _);
                break;
            default:
                break;
        }
    }
}
