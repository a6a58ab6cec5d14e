using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>Reads Keras's architectures in files, which may be malicious.</summary>
internal static class KerasArchitecture
{
    /// <summary>
    /// The maximum length of an architecture: those of Keras's largest applications have half a megabyte.
    /// </summary>
    public const int MaxLength = 4 << 20;

    /// <summary>Creates the model of a class_name and config.</summary>
    /// <param name="entry">The object, which may change.</param>
    /// <param name="file">The file's name in errors.</param>
    /// <param name="kerasVersion">The version of Keras that wrote it, if the object does not say so.</param>
    /// <exception cref="ModelFileException">
    /// The object is malformed, or contains layers that Lamina does not support.
    /// </exception>
    public static Model ModelOf(JsonObject entry, string file, string? kerasVersion = null)
    {
        try
        {
            return KerasJson.Read(entry, kerasVersion);
        }
        catch (LaminaException e)
        {
            throw new ModelFileException($"{file}: {Quoted.Line(e.Message)}", e);
        }
    }

    /// <summary>Returns the names of the models in an architecture that are Sequentials.</summary>
    public static HashSet<string> Sequentials(JsonObject entry)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(entry);
        return names;

        // The parser has bounded the depth.
        void Collect(JsonObject member)
        {
            if (member["config"] is not JsonObject config || config["layers"] is not JsonArray layers)
            {
                return;
            }
            if (
                member["class_name"] is JsonValue kind
                && kind.TryGetValue(out string? className)
                && className == "Sequential"
                && config["name"] is JsonValue value
                && value.TryGetValue(out string? name)
            )
            {
                names.Add(KerasNames.Clean(name));
            }
            foreach (JsonObject layer in layers.OfType<JsonObject>())
            {
                Collect(layer);
            }
        }
    }

    // Layers with a regularizer or constraint that cannot be read, by its key; the parser has bounded the depth.
    private static void CollectTrainingOnly(JsonObject entry, SortedDictionary<string, List<string>> found)
    {
        if (entry["config"] is not JsonObject config)
        {
            return;
        }
        foreach (string key in config.Where(p => KerasLayerConfig.IsLeftOut(p.Key, p.Value)).Select(p => p.Key))
        {
            string layer = config["name"] is JsonValue n && n.TryGetValue(out string? name) ? name : "a layer";
            (found.TryGetValue(key, out List<string>? layers) ? layers : found[key] = []).Add(Quoted.Name(layer));
        }
        foreach (JsonObject layer in (config["layers"] as JsonArray ?? []).OfType<JsonObject>())
        {
            CollectTrainingOnly(layer, found);
        }
    }

    /// <summary>Returns notes on a model for human readers: its class and layers.</summary>
    public static IReadOnlyList<string> Notes(JsonObject entry)
    {
        string className = entry["class_name"] is JsonValue value && value.TryGetValue(out string? text) ? text : "?";
        JsonNode? config = entry["config"];
        JsonArray? layers = config as JsonArray ?? (config as JsonObject)?["layers"] as JsonArray;
        string? name =
            config is JsonObject members && members["name"] is JsonValue n && n.TryGetValue(out string? called)
                ? called
                : null;
        string of = name is null ? "" : $" {Quoted.Name(name)}";
        List<string> notes = [$"model{of}: {Quoted.Line(className, 60)} of {layers?.Count ?? 0} layers"];
        var left = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        CollectTrainingOnly(entry, left);
        notes.AddRange(
            left.Select(l =>
                $"ignored, because it affects only training: {l.Key} of {l.Value[0]}"
                + (l.Value.Count > 1 ? $" and {l.Value.Count - 1} more" : "")
            )
        );
        return notes;
    }
}
