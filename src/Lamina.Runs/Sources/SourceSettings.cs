using System.Text.Json.Nodes;
using Lamina.Runs.Sources;

namespace Lamina.Runs;

/// <summary>The facts about a model that its file does not contain.</summary>
public sealed record SourceSettings
{
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
    /// One of <see cref="PreprocessingNames"/>, or a JSON file as <see cref="Lamina.Preprocessing.FromJson"/> reads it, or an
    /// ONNX file that subtracts a mean image. Default: <see langword="null"/>, the preprocessing that the file contains.
    /// </summary>
    public string? Preprocessing { get; init; }

    /// <summary>
    /// The names of preprocessings: <c>torchvision</c>, the ranges <c>0-1</c> and <c>0-255</c> that bytes become, and those
    /// of <see cref="PreprocessingPresets"/> that need no mean image.
    /// </summary>
    public static IReadOnlyList<string> PreprocessingNames => NamedPreprocessing.Names;

    /// <summary>Loads a file.</summary>
    /// <exception cref="LaminaException">The file cannot be read, or contains only weights and no model is set.</exception>
    internal SourceModel Load(string path, bool mapped = false) => SourceModel.Load(path, Model, Options, mapped);

    /// <summary>Returns the metadata of a loaded file, overridden by these settings.</summary>
    /// <exception cref="LaminaException">A file cannot be read, or does not fit the model.</exception>
    internal JsonObject Metadata(SourceModel source)
    {
        JsonObject metadata = source.Metadata.DeepClone().AsObject();
        if (ClassesFrom is not null)
        {
            string[] names =
            [
                .. NamedPreprocessing.Text(ClassesFrom).Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0),
            ];
            int outputs = source.Model.Outputs[0].Shape[^1] ?? 0;
            if (names.Length != outputs)
            {
                throw new LaminaException(
                    $"{ClassesFrom}: contains {names.Length} class names, but the model has {outputs} outputs."
                );
            }
            metadata["classes"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]);
        }
        Preprocessing? told = Preprocessing is null
            ? source.Preprocessing
            : NamedPreprocessing.Read(source.Model, Preprocessing);
        if (told is not null)
        {
            metadata["preprocessing"] = JsonNode.Parse(told.ToJson());
        }
        return metadata;
    }
}
