using System.Text.Json;
using System.Text.Json.Nodes;

namespace Lamina.Cli;

/// <summary>What a run's model keeps beside its weights, so that it can be used without being told anything.</summary>
/// <param name="Classes">The classes, in the order of the outputs.</param>
/// <param name="Preprocessing">How images become inputs.</param>
/// <param name="Data">What it was trained and tested on; null of a model that is no run's.</param>
/// <param name="Training">The command's settings, for people; empty of such a model.</param>
internal sealed record RunInfo(
    IReadOnlyList<string> Classes,
    Preprocessing Preprocessing,
    DataOrigin? Data,
    JsonObject Training
)
{
    public JsonObject ToJson() =>
        new()
        {
            ["classes"] = new JsonArray([.. Classes.Select(c => JsonValue.Create(c))]),
            ["preprocessing"] = JsonNode.Parse(Preprocessing.ToJson()),
            ["data"] = Data?.ToJson(),
            ["training"] = Training.DeepClone(),
        };

    /// <summary>Loads a run, or a model of any format that says its classes and preprocessing.</summary>
    /// <param name="path">The run's folder, its saved model, or a file of another format.</param>
    /// <param name="told">What the command line says that the file does not.</param>
    /// <exception cref="LaminaException">There is none, it is damaged, or it does not say what it is for.</exception>
    public static (Model Model, RunInfo Info) Load(string path, SourceSettings? told = null)
    {
        if (!Path.Exists(path))
        {
            throw new LaminaException($"{path}: there is no such run or saved model.");
        }
        SourceSettings settings = told ?? new SourceSettings();
        SourceModel source = settings.Load(path);
        return (source.Model, Of(source.Model, settings.Metadata(source), path));
    }

    /// <summary>The test data that a run kept.</summary>
    /// <exception cref="LaminaException">The model is no run's.</exception>
    public DataOrigin DataOf(string path) =>
        Data ?? throw new LaminaException($"{path}: is no run, so it names no data. Name a folder of images.");

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
        if (json["classes"] is null || json["preprocessing"] is null)
        {
            string what = (json["classes"], json["preprocessing"]) switch
            {
                (null, null) =>
                    "its classes, nor how images become its inputs. Say so with --classes-from and --preprocessing",
                (null, _) => "its classes. Name them with --classes-from",
                _ => "how images become its inputs. Say so with --preprocessing",
            };
            throw new ModelFileException($"{path}: the model does not say {what}, or use a run of 'alexnet train'.");
        }
        try
        {
            return new RunInfo(
                [.. json["classes"]!.AsArray().Select(c => c!.GetValue<string>())],
                Preprocessing.FromJson(json["preprocessing"]!.ToJsonString()),
                json["data"] is { } data ? DataOrigin.FromJson(data) : null,
                json["training"]?.AsObject() ?? []
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
                $"{path}: what the model says of its classes and preprocessing is malformed. Use a run of 'alexnet train'.",
                e
            );
        }
    }
}
