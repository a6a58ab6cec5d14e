using System.Text.Json.Nodes;
using Lamina.Runs.Sources;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>The facts that a run saves with its weights, so that the model can be used without being told anything.</summary>
/// <param name="Classes">The classes, in the order of the outputs.</param>
/// <param name="Preprocessing">How images become inputs.</param>
/// <param name="Data">The images of the training and the test; <see langword="null"/> for a model that is not from a run.</param>
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
    /// <param name="path">The run's folder, its saved model, or a file of another format.</param>
    /// <param name="told">What the file does not contain.</param>
    /// <exception cref="LaminaException">There is none, it is damaged, or it does not say what it is for.</exception>
    internal static (Model Model, RunInfo Info) Load(string path, SourceSettings? told = null)
    {
        if (!Path.Exists(path))
        {
            throw new LaminaException($"{path}: there is no such run or saved model.");
        }
        SourceSettings settings = told ?? new SourceSettings();
        SourceModel source = settings.Load(path);
        return (source.Model, Of(source.Model, settings.Metadata(source), path));
    }

    /// <summary>Returns the data of the run.</summary>
    /// <exception cref="LaminaException">The model is not from a run.</exception>
    internal DataOrigin DataOf(string path) =>
        Data ?? throw new LaminaException($"{path}: is not a run, so it names no data. Name a folder of images.");

    /// <summary>Reads the metadata of a model.</summary>
    /// <exception cref="LaminaException">It is incomplete or damaged, or does not fit the model.</exception>
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
        if (json["classes"] is null || json["preprocessing"] is null)
        {
            string what = (json["classes"], json["preprocessing"]) switch
            {
                (null, null) => "its classes, nor how images become its inputs. Say both",
                (null, _) => "its classes. Name them",
                _ => "how images become its inputs. Say so",
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
                $"{path}: what the model says of its classes and preprocessing is malformed ({e.Message.TrimEnd('.')}). Use a run folder.",
                e
            );
        }
    }
}
