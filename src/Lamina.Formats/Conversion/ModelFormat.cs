namespace Lamina;

/// <summary>A format of files that hold models or their weights: what it can hold, and how to read and write it.</summary>
public sealed class ModelFormat
{
    internal ModelFormat(string name, string title) => (Name, Title) = (name, title);

    /// <summary>The short name, which is also what commands take: <c>onnx</c>.</summary>
    public string Name { get; }

    /// <summary>What it is, in a few words.</summary>
    public string Title { get; }

    /// <summary>The endings of its files, the usual one first, with their dots.</summary>
    public IReadOnlyList<string> Extensions { get; internal init; } = [];

    /// <summary>Whether files hold the graph of layers; else weights alone, and the model must be given.</summary>
    public bool HoldsGraph { get; internal init; }

    /// <summary><see langword="true"/> if metadata (classes, preprocessing) goes with the weights, within the file or beside it.</summary>
    public bool HoldsMetadata { get; internal init; }

    /// <summary>What of a model files do not hold beside graph and metadata, a line each.</summary>
    public IReadOnlyList<string> Losses { get; internal init; } = [];

    /// <summary>Whether weights can be loaded into a model that is given.</summary>
    public bool CanLoadWeights => Weights is not null;

    /// <summary>Whether a model with its graph can be loaded.</summary>
    public bool CanLoad => Reader is not null;

    /// <summary>Whether models can be written.</summary>
    public bool CanSave => Writer is not null;

    internal Func<string, string>? SidePath { get; init; }

    internal Func<FileSignature, bool> Recognises { get; init; } = _ => false;

    internal Func<string, FileDescription>? Describer { get; init; }

    internal Func<string, LoadedModel>? Reader { get; init; }

    internal Action<Model, string>? Weights { get; init; }

    internal Action<Model, string, ModelWriteOptions>? Writer { get; init; }

    /// <summary>Returns the path of the file beside a file of weights that has its metadata.</summary>
    /// <param name="path">The file of weights: <c>weights.pth</c>.</param>
    /// <returns>The path, <c>weights.pth.json</c>; <see langword="null"/> if metadata is within files of this format.</returns>
    public string? MetadataPath(string path) => SidePath?.Invoke(path);

    /// <summary>Says what is in a file, without loading the values.</summary>
    /// <param name="path">A file or folder of this format.</param>
    /// <exception cref="ModelFileException">It cannot be read, or is malformed.</exception>
    public FileDescription Describe(string path) => Describer!(path);

    /// <summary>Loads a model with its graph.</summary>
    /// <param name="path">A file or folder of this format.</param>
    /// <exception cref="ModelFileException">It cannot be read, is malformed, or holds weights alone.</exception>
    public LoadedModel Load(string path) =>
        Reader?.Invoke(path)
        ?? throw new ModelFileException($"{path}: {Title} holds weights without their model. Say which it is.");

    /// <summary>Loads weights into a model. All are verified before the first is set.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">A file or folder of this format.</param>
    /// <exception cref="ModelFileException">It cannot be read, is malformed, or does not fit the model.</exception>
    public void LoadWeights(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (Weights is null)
        {
            throw new ModelFileException($"{path}: {Title}: weights cannot be loaded from these into another model.");
        }
        Weights(model, path);
    }

    /// <summary>Writes a model, whole or not at all.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">What to write beside it, and how, where the format can; the rest is left out.</param>
    /// <exception cref="LaminaException">It cannot be written, or the format has no such layer.</exception>
    public void Save(Model model, string path, ModelWriteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (Writer is null)
        {
            throw new LaminaException($"{path}: {Title} can be read and not written.");
        }
        Writer(model, path, options ?? new ModelWriteOptions());
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
