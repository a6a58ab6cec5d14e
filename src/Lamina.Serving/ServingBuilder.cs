using Lamina.Runs;

namespace Lamina.Serving;

/// <summary>Collects the models that a server serves.</summary>
public sealed class ServingBuilder
{
    private readonly ServingOptions _options;
    private readonly NamedModels _models = new();
    private readonly CombinedSource _source = new();

    internal ServingBuilder(ServingOptions options)
    {
        _options = options;
        _source.Add(_models);
    }

    internal IModelSource Source => _source;

    /// <summary>Adds a model, which is loaded when the host starts.</summary>
    /// <param name="name">The name that clients use: letters, digits, '_', '-' and '.'.</param>
    /// <param name="load">Loads an instance; called once per instance, and again when the model is reloaded.</param>
    /// <param name="batching">The options of its batches; those of the server if null.</param>
    /// <exception cref="LaminaException">The name is taken, or not a name.</exception>
    public ServingBuilder AddModel(string name, Func<IInferenceModel> load, BatchingOptions? batching = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(load);
        batching?.Validate();
        _models.Add(name, load, batching ?? _options.Batching);
        return this;
    }

    /// <summary>
    /// Adds a folder of models: one sub-folder per model, which contains either numbered sub-folders, one per version, or
    /// the model itself as version 1.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="load">Loads an instance from the folder of a version.</param>
    /// <exception cref="LaminaException">The folder does not exist.</exception>
    public ServingBuilder AddRepository(string folder, Func<string, IInferenceModel> load)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(load);
        _source.Add(new FolderRepository(folder, load, _options.Batching));
        return this;
    }

    /// <summary>Adds a run, a saved or quantized model, or a model file of any format, with its classes and preprocessing.</summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="name">The name that clients use. Default: the name of the folder, or of the file without its extension.</param>
    /// <param name="options">The form to use it in, and what the file does not contain; the defaults if null.</param>
    /// <exception cref="LaminaException">There is nothing at the path, or the name is taken.</exception>
    public ServingBuilder AddRun(string path, string? name = null, ClassifierOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Path.Exists(full))
        {
            throw new LaminaException($"{path}: there is no such run or saved model.");
        }
        name ??= Directory.Exists(full) ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full);
        return AddModel(name, () => ClassifierModel.Load(path, options));
    }

    /// <summary>Adds a folder of runs and models as <see cref="AddRun"/> accepts them, one sub-folder per model.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">The form to use them in, and what files do not contain; the defaults if null.</param>
    /// <exception cref="LaminaException">The folder does not exist.</exception>
    public ServingBuilder AddRepository(string folder, ClassifierOptions? options = null) =>
        AddRepository(folder, version => ClassifierModel.Load(OnlyFileOf(version) ?? version, options));

    // In Triton's layout, the folder of a version has one file: model.onnx.
    private static string? OnlyFileOf(string folder) =>
        Directory.GetFileSystemEntries(folder) is [var only] && File.Exists(only) ? only : null;
}
