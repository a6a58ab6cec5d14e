using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Reads and writes Keras's own files: <c>.keras</c> (Keras 3's zip archive), <c>.h5</c> (Keras 2's whole model, or
/// only weights) and <c>.weights.h5</c> (Keras 3's weights). The content of a file determines its kind. Keras opens the
/// files that are written here; it looks for layer classes that it lacks under the package <c>Lamina</c> (see
/// <see cref="Model.ToJson"/>).
/// </summary>
public static class KerasFile
{
    private const string ArchiveExtension = ".keras";

    /// <summary>Loads a model with its weights from a <c>.keras</c> or a whole-model <c>.h5</c>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// The file is malformed, damaged, has no architecture, or contains layers that Lamina does not support; the
    /// message says what and where.
    /// </exception>
    public static Model Load(string path) => Open(path, Load);

    /// <summary>Loads a model with the metadata that Lamina wrote into its file.</summary>
    internal static LoadedModel LoadWithMetadata(string path) =>
        Open(path, content => new LoadedModel(Load(content), content.ReadOwnMetadata() ?? []));

    private static Model Load(KerasContent content)
    {
        (Model model, IReadOnlySet<string> sequentials) = content.ReadModel();
        KerasH5Weights.Set(model, content.Weights(), sequentials);
        return model;
    }

    /// <summary>
    /// Sets a model's weights from any of the files. All are found, checked and read before the first is set. Layers
    /// are matched by their names if the file contains the model's names, otherwise by their order, as in Keras.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// The file is malformed, damaged, or does not match the model; the message says what and where.
    /// </exception>
    public static void LoadWeights(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        Open(
            path,
            content =>
            {
                KerasH5Weights.Set(model, content.Weights(), content.Sequentials());
                return true;
            }
        );
    }

    /// <summary>
    /// Saves a model with its weights: as Keras 3's archive if the path ends with <c>.keras</c>, otherwise as Keras 2's
    /// HDF5.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">
    /// The file, replaced atomically; it ends with <c>.keras</c>, <c>.h5</c> or <c>.hdf5</c>.
    /// </param>
    /// <exception cref="LaminaException">The file cannot be written, or Keras cannot represent a layer.</exception>
    /// <exception cref="ArgumentException">The path has another ending.</exception>
    public static void Save(Model model, string path) => Save(model, path, null);

    /// <summary>Saves a model with metadata: classes and preprocessing.</summary>
    internal static void Save(Model model, string path, JsonObject? metadata)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.EndsWith(ArchiveExtension, StringComparison.OrdinalIgnoreCase))
        {
            KerasArchive.Save(model, path, metadata);
        }
        else if (path.EndsWith(".weights.h5", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"{path}: is a name for files of weights. Use SaveWeights, or another name.",
                nameof(path)
            );
        }
        else if (IsHdf5Name(path))
        {
            KerasH5Writer.SaveModel(model, path, metadata);
        }
        else
        {
            throw new ArgumentException($"{path}: must end with .keras or .h5, which select the format.", nameof(path));
        }
    }

    /// <summary>
    /// Saves a model's weights: as Keras 3's <c>.weights.h5</c>, or as Keras 2's if the path only ends with <c>.h5</c>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file, replaced atomically.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">The path ends with neither.</exception>
    public static void SaveWeights(Model model, string path) => SaveWeights(model, path, null);

    /// <summary>Saves a model's weights with metadata: classes and preprocessing.</summary>
    internal static void SaveWeights(Model model, string path, JsonObject? metadata)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!IsHdf5Name(path))
        {
            throw new ArgumentException($"{path}: must end with .weights.h5 (Keras 3) or .h5 (Keras 2).", nameof(path));
        }
        if (path.EndsWith(".weights.h5", StringComparison.OrdinalIgnoreCase))
        {
            KerasH5Writer.SaveKeras3Weights(model, path, metadata);
        }
        else
        {
            KerasH5Writer.SaveLegacyWeights(model, path, metadata);
        }
    }

    /// <summary>Describes the content of a file, without reading the values.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file is malformed or damaged.</exception>
    public static FileDescription Describe(string path) => Open(path, KerasDescription.Of);

    private static bool IsHdf5Name(string path) =>
        path.EndsWith(".h5", StringComparison.OrdinalIgnoreCase)
        || path.EndsWith(".hdf5", StringComparison.OrdinalIgnoreCase);

    private static T Open<T>(string path, Func<KerasContent, T> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            using KerasContent content = KerasContent.Open(file, path);
            return read(content);
        }
        catch (InvalidDataException e)
        {
            throw new ModelFileException(
                $"{path}: is damaged or not a Keras file: {Quoted.Line(e.Message).TrimEnd('.')}.",
                e
            );
        }
        // Exceptions that the sizes and numbers of a damaged file may cause in arithmetic and texts.
        catch (Exception e) when (e is OverflowException or ArgumentException)
        {
            throw new ModelFileException($"{path}: is damaged: {Quoted.Line(e.Message).TrimEnd('.')}.", e);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotRead(path, e);
        }
    }
}
