using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Keras's own files: <c>.keras</c> (Keras 3's zip archive), <c>.h5</c> (Keras 2's whole model, or weights alone) and
/// <c>.weights.h5</c> (Keras 3's weights). What a file is, its content says. Keras opens what is written here; layer
/// classes that Keras lacks it asks for under the package <c>Lamina</c> (see <see cref="Model.ToJson"/>).
/// </summary>
public static class KerasFile
{
    private const string ArchiveExtension = ".keras";

    /// <summary>Loads a model with its weights from a <c>.keras</c> or a whole-model <c>.h5</c>.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// It is malformed, damaged, holds no architecture, or has layers that Lamina lacks: what and where.
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
    /// Sets a model's weights from any of the files. All are found, checked and read before the first is set. Layers are
    /// told by their names where the file has the model's, else by their order, as Keras does.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">It is malformed, damaged, or not of this model: what and where.</exception>
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

    /// <summary>Saves a model with its weights: Keras 3's archive where the path ends with <c>.keras</c>, else Keras 2's HDF5.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file, replaced whole or not at all; it ends with <c>.keras</c>, <c>.h5</c> or <c>.hdf5</c>.</param>
    /// <exception cref="LaminaException">It cannot be written, or a layer has no form in Keras.</exception>
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
                $"{path}: is a name for weights alone. Use SaveWeights, or another name.",
                nameof(path)
            );
        }
        else if (IsHdf5Name(path))
        {
            KerasH5Writer.SaveModel(model, path, metadata);
        }
        else
        {
            throw new ArgumentException($"{path}: must end with .keras or .h5, which say what to write.", nameof(path));
        }
    }

    /// <summary>
    /// Saves a model's weights alone: Keras 3's <c>.weights.h5</c>, or, where the path ends with <c>.h5</c> only, Keras 2's.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file, replaced whole or not at all.</param>
    /// <exception cref="LaminaException">It cannot be written.</exception>
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

    /// <summary>What a file holds, without reading the values.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">It is malformed or damaged.</exception>
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
                $"{path}: is damaged or no Keras file: {Quoted.Line(e.Message).TrimEnd('.')}.",
                e
            );
        }
        // What sizes and numbers of a damaged file may do to arithmetic and texts.
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
