namespace Lamina;

/// <summary>A file format of models or weights: its capabilities, and how to read and write it.</summary>
public sealed class ModelFormat
{
    internal ModelFormat(string name, string title) => (Name, Title) = (name, title);

    /// <summary>The short name, which commands accept: <c>onnx</c>.</summary>
    public string Name { get; }

    /// <summary>The description, in a few words.</summary>
    public string Title { get; }

    /// <summary>The file extensions with their dots, the usual one first.</summary>
    public IReadOnlyList<string> Extensions { get; internal init; } = [];

    /// <summary>
    /// <see langword="true"/> if files of this format contain the layer graph; <see langword="false"/> if they contain
    /// weights only, so that a model must be given.
    /// </summary>
    public bool HoldsGraph { get; internal init; }

    /// <summary>
    /// <see langword="true"/> if metadata (classes, preprocessing) is kept with the weights, within the file or beside
    /// it.
    /// </summary>
    public bool HoldsMetadata { get; internal init; }

    /// <summary>The properties of a model, besides graph and metadata, that files do not keep; one line each.</summary>
    public IReadOnlyList<string> Losses { get; internal init; } = [];

    /// <summary><see langword="true"/> if weights can be loaded into a given model.</summary>
    public bool CanLoadWeights => Weights is not null;

    /// <summary><see langword="true"/> if a model can be loaded with its graph.</summary>
    public bool CanLoad => Reader is not null;

    /// <summary><see langword="true"/> if models can be written.</summary>
    public bool CanSave => Writer is not null;

    internal Func<string, string>? SidePath { get; init; }

    internal Func<FileSignature, bool> Recognizes { get; init; } = _ => false;

    internal Func<string, FileDescription>? Describer { get; init; }

    internal Func<string, LoadedModel>? Reader { get; init; }

    internal Func<string, LoadedModel>? Mapper { get; init; }

    internal Action<Model, string>? Weights { get; init; }

    internal Action<Model, string, ModelWriteOptions>? Writer { get; init; }

    /// <summary>Returns the path of the metadata file beside a weights file.</summary>
    /// <param name="path">The weights file: <c>weights.pth</c>.</param>
    /// <returns>
    /// The path, <c>weights.pth.json</c>; <see langword="null"/> if files of this format contain the metadata.
    /// </returns>
    public string? MetadataPath(string path) => SidePath?.Invoke(path);

    /// <summary>Describes the content of a file, without loading the values.</summary>
    /// <param name="path">A file or folder of this format.</param>
    /// <exception cref="ModelFileException">The file cannot be read, or is malformed.</exception>
    public FileDescription Describe(string path) => Describer!(path);

    /// <summary>Loads a model with its graph.</summary>
    /// <param name="path">A file or folder of this format.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is malformed, or contains only weights.
    /// </exception>
    public LoadedModel Load(string path) =>
        Reader?.Invoke(path)
        ?? throw new ModelFileException($"{path}: {Title} contains weights without their model. Specify the model.");

    /// <summary>
    /// Loads a model like <see cref="Load"/>, but maps the weights where the format allows it, and verifies them in the
    /// background.
    /// </summary>
    /// <exception cref="ModelFileException">The file cannot be read or is malformed.</exception>
    internal LoadedModel LoadMapped(string path) => Mapper is null ? Load(path) : Mapper(path);

    /// <summary>Loads weights into a model. All are verified before the first is set.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">A file or folder of this format.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is malformed, or does not match the model.
    /// </exception>
    public void LoadWeights(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (Weights is null)
        {
            throw new ModelFileException(
                $"{path}: {Title}: weights of this format cannot be loaded into another model."
            );
        }
        Weights(model, path);
    }

    /// <summary>Writes a model atomically.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">
    /// The metadata and layout to write, if the format supports them; the rest is ignored.
    /// </param>
    /// <exception cref="LaminaException">
    /// The file cannot be written, or the format does not support a layer.
    /// </exception>
    public void Save(Model model, string path, ModelWriteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (Writer is null)
        {
            throw new LaminaException($"{path}: {Title} can be read but not written.");
        }
        Writer(model, path, options ?? new ModelWriteOptions());
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
