using System.Text.Json.Nodes;
using Lamina.Runs;

namespace Lamina.Serving;

/// <summary>
/// Writes a trained classifier as a page of static files, which computes in the browser without a server. It contains the
/// network, its preprocessing, and the runtime: TensorFlow.js.
/// </summary>
public static class PageExport
{
    /// <summary>Writes the files; nothing is left behind if that fails.</summary>
    /// <param name="classifier">The classifier, in float32.</param>
    /// <param name="folder">The folder to create; an existing one must be empty.</param>
    /// <param name="name">The name of the model on the page.</param>
    /// <returns>The sizes of what was written.</returns>
    /// <exception cref="LaminaException">
    /// The browser cannot compute the network, or the folder cannot be written.
    /// </exception>
    public static PageExportResult Write(RunClassifier classifier, string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(classifier);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (classifier.IsQuantized)
        {
            throw new LaminaException(
                $"{classifier.Path}: is quantized, which the page cannot compute. Use the float32 network."
            );
        }
        RequireFree(folder);
        var network = new BrowserNetwork(classifier.Model);
        // The folder appears when it is complete.
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string partial = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(partial);
            var files = new PageExportFiles(partial);
            files.WritePage();
            files.WriteNetwork(network, Describe(classifier, name));
            if (Directory.Exists(target))
            {
                Directory.Delete(target);
            }
            Directory.Move(partial, target);
            return new PageExportResult(files.Count, files.NetworkBytes, files.PageBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{folder}: cannot be written ({e.Message.ReplaceLineEndings(" ")})", e);
        }
        finally
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }
        }
    }

    /// <summary>Throws if a page cannot be written to a folder, before a model is loaded for it.</summary>
    /// <exception cref="LaminaException">It is a file, or a folder that is not empty.</exception>
    public static void RequireFree(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (File.Exists(folder))
        {
            throw new LaminaException($"{folder}: is a file. Name a folder for the page.");
        }
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new LaminaException($"{folder}: the folder is not empty. Name another one for the page.");
        }
    }

    private static JsonObject Describe(RunClassifier classifier, string name)
    {
        JsonObject preprocessing = JsonNode.Parse(classifier.Info.Preprocessing.ToJson())!.AsObject();
        // The defaults are left out of JSON.
        preprocessing["channelOrder"] ??= classifier.Info.Preprocessing.ChannelOrder.ToString();
        preprocessing["interpolation"] ??= classifier.Info.Preprocessing.Interpolation.ToString();
        ModelCard card = ModelCard.Of(classifier);
        return new JsonObject
        {
            ["name"] = name,
            ["inputShape"] = new JsonArray([.. classifier.Info.Preprocessing.Shape.ToArray().Select(d => (JsonNode)d)]),
            ["classes"] = classifier.Info.Classes.Count,
            ["labels"] = new JsonArray([.. classifier.Info.Classes.Select(c => (JsonNode)c)]),
            ["probabilities"] = classifier.Model.Outputs[0].Producer.Op is SoftmaxOp,
            ["preprocessing"] = preprocessing,
            ["card"] = PageJson.Of(card),
        };
    }
}

/// <summary>The sizes of an exported page.</summary>
/// <param name="Files">The number of files.</param>
/// <param name="NetworkBytes">The size of the network's files.</param>
/// <param name="PageBytes">The size of all others: the page and its runtime.</param>
public sealed record PageExportResult(int Files, long NetworkBytes, long PageBytes);
