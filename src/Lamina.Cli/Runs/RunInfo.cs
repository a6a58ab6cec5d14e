using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina.Cli;

/// <summary>What a run's model keeps beside its weights, so that it can be used without being told anything.</summary>
/// <param name="Classes">The classes, in the order of the outputs.</param>
/// <param name="Preprocessing">How images become inputs.</param>
/// <param name="Data">What it was trained and tested on.</param>
/// <param name="Training">The command's settings, for people.</param>
internal sealed record RunInfo(
    IReadOnlyList<string> Classes,
    Preprocessing Preprocessing,
    DataOrigin Data,
    JsonObject Training
)
{
    public JsonObject ToJson() =>
        new()
        {
            ["classes"] = new JsonArray([.. Classes.Select(c => JsonValue.Create(c))]),
            ["preprocessing"] = JsonNode.Parse(Preprocessing.ToJson()),
            ["data"] = Data.ToJson(),
            ["training"] = Training.DeepClone(),
        };

    /// <summary>Loads a run.</summary>
    /// <param name="path">The run's folder, or its saved model.</param>
    /// <exception cref="LaminaException">There is none, it is damaged, or it was not made by a training of ours.</exception>
    public static (Model Model, RunInfo Info) Load(string path)
    {
        SavedModel saved = ModelFile.Load(RunFolder.ModelPathOf(path), optimizerState: false);
        return (saved.Model, Of(saved.Model, saved.Metadata, path));
    }

    /// <summary>Reads what a model keeps beside its weights.</summary>
    /// <exception cref="LaminaException">It is damaged, or was not made by a training of ours.</exception>
    public static RunInfo Of(Model model, JsonObject metadata, string path)
    {
        RunInfo info = FromJson(metadata, path);
        if (model is not { Inputs: [var input], Outputs: [var output] })
        {
            throw new ModelFileException($"{path}: the model has not one input and one output.");
        }
        if (!input.Shape.Equals(info.Preprocessing.Shape.Batched(null)))
        {
            throw new ModelFileException(
                $"{path}: the model takes {input.Shape}, but its preprocessing makes {info.Preprocessing.Shape}."
            );
        }
        if (output.Shape.Rank != 2 || output.Shape[1] != info.Classes.Count)
        {
            throw new ModelFileException(
                $"{path}: the model has outputs {output.Shape}, but {info.Classes.Count} classes are named."
            );
        }
        return info;
    }

    private static RunInfo FromJson(JsonObject json, string path)
    {
        try
        {
            return new RunInfo(
                [.. json["classes"]!.AsArray().Select(c => c!.GetValue<string>())],
                Preprocessing.FromJson(json["preprocessing"]!.ToJsonString()),
                DataOrigin.FromJson(json["data"]!),
                json["training"]!.AsObject()
            );
        }
        catch (Exception e)
            when (e
                    is NullReferenceException
                        or InvalidOperationException
                        or FormatException
                        or ArgumentException
                        or JsonException
            )
        {
            throw new ModelFileException(
                $"{path}: the model does not name its classes and preprocessing. Use a run of 'alexnet train'.",
                e
            );
        }
    }
}
