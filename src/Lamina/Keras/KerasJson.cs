using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A model's architecture as the JSON text that Keras 2's <c>to_json</c> writes, and that Keras and tfjs read.
/// </summary>
internal static class KerasJson
{
    /// <summary>The version of Keras whose form is written, as <c>keras_version</c> says it.</summary>
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

    /// <summary>The architecture as Keras 2 writes it.</summary>
    /// <exception cref="ConfigException">A layer has no form that Keras 2 can read.</exception>
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
    /// The model that Keras makes of what is written: with paddings before convolutions, and weights of its own. The session
    /// stays as it is, so that saving a model does not change what is built after it.
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
            : throw new ConfigException("the architecture is no JSON object.");
    }

    /// <summary>Makes a model from class_name and config; the object becomes the reader's and may change.</summary>
    /// <param name="entry">The object.</param>
    /// <param name="kerasVersion">Who wrote it, where the object does not say so.</param>
    /// <exception cref="ConfigException">It is malformed, or has layers that Lamina lacks.</exception>
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
        // Whatever a hostile config makes a layer's constructor or shape arithmetic throw is the text's fault.
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
