using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Converts a model's architecture to and from the JSON text that Keras 2's <c>to_json</c> writes, and that Keras and
/// tfjs read.
/// </summary>
internal static class KerasJson
{
    /// <summary>The version of Keras 2 whose form is written, as the value of <c>keras_version</c>.</summary>
    public const string Keras2Version = "2.12.0";

    /// <summary>The version of Keras 3 whose form is written.</summary>
    public const string Keras3Version = "3.3.3";

    private const int MaxDepth = 128;

    private static readonly JsonDocumentOptions s_options = new()
    {
        MaxDepth = MaxDepth,
        AllowDuplicateProperties = false,
    };

    private static readonly JsonSerializerOptions s_indented = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Returns the architecture in the form of Keras 2.</summary>
    /// <exception cref="ConfigException">Keras 2 cannot represent a layer.</exception>
    public static JsonObject Write(Model model)
    {
        KerasActivation.RequireForm(model, KerasForm.Keras2);
        return new JsonObject
        {
            ["class_name"] = model.ClassName,
            ["config"] = KerasConfigWriter.Write(model, KerasForm.Keras2),
            ["keras_version"] = Keras2Version,
            ["backend"] = "tensorflow",
        };
    }

    /// <summary>
    /// Returns the model that Keras creates from the config: with paddings before convolutions, and its own weights.
    /// The session does not change, so that saving a model does not affect the models built after it.
    /// </summary>
    public static Model Twin(Model model, KerasForm form) =>
        Session.Unchanged(() =>
            Read(
                new JsonObject
                {
                    ["class_name"] = model.ClassName,
                    ["config"] = KerasConfigWriter.Write(model, form),
                    ["keras_version"] = form == KerasForm.Keras3 ? Keras3Version : Keras2Version,
                }
            )
        );

    public static string WriteText(Model model, bool indented) =>
        Write(model)
            .ToJsonString(indented ? s_indented : new JsonSerializerOptions(s_indented) { WriteIndented = false });

    public static Model ReadText(string json)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json, null, s_options);
        }
        catch (JsonException e)
        {
            throw new ConfigException(
                $"the architecture is malformed JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}), has a key "
                    + $"twice, or is over {MaxDepth} levels deep."
            );
        }
        return root is JsonObject entry
            ? Read(entry)
            : throw new ConfigException("the architecture is not a JSON object.");
    }

    /// <summary>
    /// Creates a model from class_name and config. The object belongs to the reader, which may change it.
    /// </summary>
    /// <param name="entry">The object.</param>
    /// <param name="kerasVersion">The version of Keras that wrote it, if the object does not say so.</param>
    /// <exception cref="ConfigException">
    /// The object is malformed, or contains layers that Lamina does not support.
    /// </exception>
    public static Model Read(JsonObject entry, string? kerasVersion = null)
    {
        try
        {
            string? version =
                entry["keras_version"] is JsonValue v && v.TryGetValue(out string? text) ? text : kerasVersion;
            // Keras 2 has always written its version; Keras 3 leaves it out of to_json.
            version ??= entry.ContainsKey("module") ? Keras3Version : null;
            return ModelConfig.Read(new KerasConfigReader(version).ReadModel(entry));
        }
        // Any exception that a malicious config causes in a layer's constructor or shape arithmetic is an error of the
        // text.
        catch (Exception e)
            when (e
                    is LaminaException
                        or ArgumentException
                        or InvalidOperationException
                        or FormatException
                        or OverflowException
                        or KeyNotFoundException
                        or NotSupportedException
                && e is not ConfigException
            )
        {
            throw new ConfigException(e.Message.ReplaceLineEndings(" "));
        }
    }
}
