using System.Text.Json.Nodes;
using Lamina.Runs.Text;

namespace Lamina.Runs.Sources;

/// <summary>A trained model from a file of any format, with its classes and preprocessing.</summary>
/// <param name="Model">The model with its weights.</param>
/// <param name="Format">The format of the file.</param>
/// <param name="Classes">The class names; null if the file does not contain them.</param>
/// <param name="Preprocessing">The preprocessing; null if the file does not contain it.</param>
/// <param name="Metadata">The metadata of the file.</param>
internal sealed record SourceModel(
    Model Model,
    ModelFormat Format,
    IReadOnlyList<string>? Classes,
    Preprocessing? Preprocessing,
    JsonObject Metadata
)
{
    // The layers in a state dict of torchvision's alexnet; its files do not contain means and standard deviations.
    private static readonly string[] s_torchvision = ["features.0.weight", "features.10.bias", "classifier.6.weight"];

    private const int MaxClasses = 1_000_000;

    /// <summary>The verification of weights that are mapped.</summary>
    public Task Verification { get; init; } = Task.CompletedTask;

    /// <summary>Loads a file.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="zooModel">The zoo model that the weights belong to; null for the graph in the file.</param>
    /// <param name="options">The options of that model; the number of classes defaults to that of the file.</param>
    /// <param name="mapped"><see langword="true"/> to map the weights, and verify them in the background.</param>
    /// <exception cref="LaminaException">The file cannot be read, or does not fit.</exception>
    public static SourceModel Load(string path, string? zooModel, ZooOptions options, bool mapped = false)
    {
        ModelFormat format = ModelFormats.Find(path);
        if (zooModel is null)
        {
            if (!format.CanLoad)
            {
                throw new LaminaException(
                    $"{path}: {format.Title} contains weights without a model. Set the model that they belong to ({string.Join(", ", Zoo.Names)})."
                );
            }
            LoadedModel loaded = mapped ? format.LoadMapped(path) : format.Load(path);
            return Of(path, loaded.Model, format, loaded.Metadata, []) with { Verification = loaded.Verification };
        }
        SmallestInput.Require(zooModel, options.InputSize);
        FileDescription description = format.Describe(path);
        options = options with
        {
            InputSize = options.InputSize ?? Size(description.Metadata, "height", SmallestInput.MaxInput),
            Channels = options.Channels ?? Size(description.Metadata, "channels", SmallestInput.MaxInput),
        };
        Model model = Zoo.Build(zooModel, options);
        if (
            options.Classes is null
            && HeadUnits(description.Tensors, model.Head) is { } units
            && units != model.Head.Units
        )
        {
            Session.Clear();
            model = Zoo.Build(zooModel, options with { Classes = units });
        }
        format.LoadWeights(model, path);
        return Of(path, model, format, description.Metadata ?? [], description.Tensors);
    }

    private static SourceModel Of(
        string path,
        Model model,
        ModelFormat format,
        JsonObject metadata,
        IReadOnlyList<TensorDescription> tensors
    )
    {
        IReadOnlyList<string>? classes = Read(path, "classes", () => metadata.OptionalTexts("classes"));
        Preprocessing? preprocessing = Read(
            path,
            "preprocessing",
            () =>
                metadata.OptionalObject("preprocessing") is { } json
                    ? Lamina.Preprocessing.FromJson(json.ToJsonString())
                    : null
        );
        if (preprocessing is null && s_torchvision.All(n => tensors.Any(t => t.Name == n)))
        {
            preprocessing = Torchvision(model);
        }
        return new SourceModel(model, format, classes, preprocessing, metadata);
    }

    /// <summary>Returns torchvision's preprocessing for a model; null if its input is not in color.</summary>
    public static Preprocessing? Torchvision(Model model)
    {
        RecipePreprocessing torchvision = Recipe.Get("torchvision").Preprocessing;
        int?[] input = [.. model.Inputs[0].Shape];
        return input[3] != torchvision.Means.Count
            ? null
            : new Preprocessing
            {
                Height = input[1]!.Value,
                Width = input[2]!.Value,
                ShortSide = (int)
                    Math.Round(256.0 * Math.Max(input[1]!.Value, input[2]!.Value) / 224, MidpointRounding.AwayFromZero),
                Scale = torchvision.Scale,
                Mean = torchvision.Means,
                Std = torchvision.Stds,
            };
    }

    /// <summary>
    /// Returns the number of classes of trained weights: the kernel of the head is the last matrix with one side equal to the
    /// inputs of the head, in either orientation.
    /// </summary>
    private static int? HeadUnits(IReadOnlyList<TensorDescription> tensors, Dense head)
    {
        long inputs = head.Weights[0].Shape[0]!.Value;
        TensorDescription? kernel = tensors
            .Where(t => t.Shape.Count == 2 && t.Shape.Contains(inputs))
            .OrderBy(
                t => t.Name,
                StringComparer.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    System.Globalization.CompareOptions.NumericOrdering
                )
            )
            .LastOrDefault();
        long? units =
            kernel is null ? null
            : kernel.Shape[0] == inputs ? kernel.Shape[1]
            : kernel.Shape[0];
        return units is >= 1 and <= MaxClasses ? (int)units : null;
    }

    private static int? Size(JsonObject? metadata, string key, int most) =>
        metadata?["preprocessing"] is JsonObject preprocessing
        && preprocessing[key] is JsonValue value
        && value.TryGetValue(out int size)
        && size >= 1
        && size <= most
            ? size
            : null;

    private static T? Read<T>(string path, string what, Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (ConfigException e)
        {
            throw new ModelFileException($"{path}: the metadata '{what}' is malformed: {OneLine.Of(e.Message)}", e);
        }
    }
}
