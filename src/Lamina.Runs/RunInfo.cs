using System.Text.Json.Nodes;
using Lamina.Runs.Sources;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>The facts that a run saves with its weights, so that the model can be used without further settings.</summary>
/// <param name="Classes">The classes, in the order of the outputs.</param>
/// <param name="Preprocessing">The preprocessing of images.</param>
/// <param name="Data">The origin of training and test images; <see langword="null"/> for a model that is not from a run.</param>
/// <param name="Training">The settings of the training; empty for such a model.</param>
public sealed record RunInfo(
    IReadOnlyList<string> Classes,
    Preprocessing Preprocessing,
    DataOrigin? Data,
    JsonObject Training
)
{
    /// <summary>Returns the metadata of a saved model.</summary>
    internal JsonObject ToJson() =>
        new()
        {
            ["classes"] = new JsonArray([.. Classes.Select(c => JsonValue.Create(c))]),
            ["preprocessing"] = JsonNode.Parse(Preprocessing.ToJson()),
            ["data"] = Data?.ToJson(),
            ["training"] = Training.DeepClone(),
        };

    /// <summary>Loads a run, or a model of any format that contains its classes and preprocessing.</summary>
    /// <param name="path">A run folder, a saved model, or a file of another format.</param>
    /// <param name="told">The facts that the file does not contain.</param>
    /// <exception cref="LaminaException">The file does not exist, is damaged, or lacks classes or preprocessing.</exception>
    internal static (Model Model, RunInfo Info) Load(string path, SourceSettings? told = null)
    {
        (Model model, RunInfo info, _) = Load(path, told ?? new SourceSettings(), mapped: false);
        return (model, info);
    }

    /// <summary>Loads a run or a model like the other overload, with its weights mapped if asked for.</summary>
    /// <returns>The model, its facts, and the verification of its weights.</returns>
    /// <exception cref="LaminaException">The file does not exist, is damaged, or lacks classes or preprocessing.</exception>
    internal static (Model Model, RunInfo Info, Task Verification) Load(
        string path,
        SourceSettings settings,
        bool mapped
    )
    {
        if (!Path.Exists(path))
        {
            throw new LaminaException($"{path}: no such run folder or saved model.");
        }
        SourceModel source = settings.Load(path, mapped);
        return (source.Model, Of(source.Model, settings.Metadata(source), path), source.Verification);
    }

    /// <summary>Returns the data of the run.</summary>
    /// <exception cref="LaminaException">The model is not from a run.</exception>
    internal DataOrigin DataOf(string path) =>
        Data ?? throw new LaminaException($"{path}: is not a run, so its data is unknown. Use a folder of images.");

    /// <summary>Reads the metadata of a model.</summary>
    /// <exception cref="LaminaException">The metadata is incomplete or damaged, or does not fit the model.</exception>
    internal static RunInfo Of(Model model, JsonObject metadata, string path)
    {
        RunInfo info = FromJson(metadata, path);
        if (model is not { Inputs: [var input], Outputs: [var output] })
        {
            throw new ModelFileException($"{path}: the model does not have one input and one output.");
        }
        if (!input.Shape.Equals(info.Preprocessing.Shape.Batched(null)))
        {
            throw new ModelFileException(
                $"{path}: the model requires {input.Shape}, but its preprocessing returns {info.Preprocessing.Shape}."
            );
        }
        if (output.Shape.Rank != 2 || output.Shape[1] != info.Classes.Count)
        {
            throw new ModelFileException(
                $"{path}: the model has outputs {output.Shape}, but {info.Classes.Count} class names."
            );
        }
        return info;
    }

    private static RunInfo FromJson(JsonObject json, string path)
    {
        if (json["classes"] is null || json["preprocessing"] is null)
        {
            string what = (json["classes"], json["preprocessing"]) switch
            {
                (null, null) => "classes or preprocessing. Set both",
                (null, _) => "class names. Set them",
                _ => "preprocessing. Set it",
            };
            throw new ModelFileException($"{path}: the model does not contain {what}, or use a run folder.");
        }
        try
        {
            return new RunInfo(
                json.Texts("classes"),
                Preprocessing.FromJson(json.Object("preprocessing").ToJsonString()),
                json.OptionalObject("data") is { } data ? DataOrigin.FromJson(data) : null,
                json.OptionalObject("training") ?? []
            );
        }
        catch (ConfigException e)
        {
            throw new ModelFileException(
                $"{path}: the metadata for classes and preprocessing is malformed ({e.Message.TrimEnd('.')}). Use a run folder.",
                e
            );
        }
    }
}
