using System.Text.Json.Nodes;
using Lamina.Runs.Sources;
using Lamina.Runs.Text;

namespace Lamina.Runs;

/// <summary>The facts about a model that its file does not contain.</summary>
public sealed record SourceSettings
{
    private const int MostBytes = 1 << 24;

    /// <summary>
    /// The zoo model that the weights belong to, one of <see cref="Zoo.Names"/>. Default: <see langword="null"/>, the graph in
    /// the file.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>The options of <see cref="Model"/>. Default: those of the file, or the model's own.</summary>
    public ZooOptions Options { get; init; } = new();

    /// <summary>
    /// The text file with one class name per line. Default: <see langword="null"/>, the classes in the file.
    /// </summary>
    public string? ClassesFrom { get; init; }

    /// <summary>
    /// One of <see cref="PreprocessingNames"/>, or a JSON file as <see cref="Lamina.Preprocessing.FromJson"/> reads it.
    /// Default: <see langword="null"/>, the preprocessing in the file.
    /// </summary>
    public string? Preprocessing { get; init; }

    /// <summary>
    /// The names of preprocessings: <c>torchvision</c>, and the value ranges <c>0-1</c> and <c>0-255</c>.
    /// </summary>
    public static IReadOnlyList<string> PreprocessingNames { get; } = ["torchvision", "0-1", "0-255"];

    /// <summary>Loads a file.</summary>
    /// <exception cref="LaminaException">The file cannot be read, or contains only weights and no model is set.</exception>
    internal SourceModel Load(string path) => SourceModel.Load(path, Model, Options);

    /// <summary>Returns the metadata of a loaded file, overridden by these settings.</summary>
    /// <exception cref="LaminaException">A file cannot be read, or does not fit the model.</exception>
    internal JsonObject Metadata(SourceModel source)
    {
        JsonObject metadata = source.Metadata.DeepClone().AsObject();
        if (ClassesFrom is not null)
        {
            string[] names = [.. Text(ClassesFrom).Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0)];
            int outputs = source.Model.Outputs[0].Shape[^1] ?? 0;
            if (names.Length != outputs)
            {
                throw new LaminaException(
                    $"{ClassesFrom}: contains {names.Length} class names, but the model has {outputs} outputs."
                );
            }
            metadata["classes"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]);
        }
        Preprocessing? told = Preprocessing is null ? source.Preprocessing : Named(source.Model, Preprocessing);
        if (told is not null)
        {
            metadata["preprocessing"] = JsonNode.Parse(told.ToJson());
        }
        return metadata;
    }

    private static Preprocessing Named(Model model, string name)
    {
        if (
            model.Inputs is not [{ Shape: { Rank: 4 } shape }]
            || shape[1] is not { } height
            || shape[2] is not { } width
        )
        {
            throw new LaminaException("preprocessing: the model does not have a fixed input size.");
        }
        var plain = new Preprocessing
        {
            Height = height,
            Width = width,
            Channels = shape[3]!.Value,
        };
        return name switch
        {
            "torchvision" => SourceModel.Torchvision(model)
                ?? throw new LaminaException("preprocessing: torchvision requires 3 channels."),
            "0-1" => plain,
            "0-255" => plain with { Scale = 1 },
            _ when File.Exists(name) => Lamina.Preprocessing.FromJson(Text(name)),
            _ => throw new LaminaException(
                $"preprocessing: '{name}' is not one of {string.Join(", ", PreprocessingNames)} or an existing file."
            ),
        };
    }

    private static string Text(string path)
    {
        if (Directory.Exists(path))
        {
            throw new LaminaException($"{path}: is a folder. Use a text file.");
        }
        try
        {
            return new FileInfo(path).Length <= MostBytes
                ? File.ReadAllText(path)
                : throw new LaminaException($"{path}: is larger than {MostBytes} bytes.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LaminaException($"{path}: cannot be read ({OneLine.Of(e.Message)})", e);
        }
    }
}
