using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Reads and writes safetensors files: tensors by name and a map of strings, with nothing to execute. Everything in a
/// header is checked before it is used: its length (100 MB at most), types, shapes against offsets, and that the
/// tensors fill the file without overlaps, gaps or other bytes.
/// </summary>
public static class SafetensorsFile
{
    /// <summary>
    /// Loads all tensors as float32, in the file's own layouts. <see cref="Map"/> reads them on demand instead.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read or is malformed, or a tensor has no elements or elements that cannot be converted to
    /// float32.
    /// </exception>
    public static IReadOnlyDictionary<string, NDArray> Load(string path)
    {
        using var source = new SafetensorsSource(path);
        var tensors = new OrderedDictionary<string, NDArray>(StringComparer.Ordinal);
        foreach (SourceTensor tensor in source.Tensors)
        {
            tensors.Add(tensor.Name, Arrays.Read(source, tensor));
        }
        return tensors;
    }

    /// <summary>Maps a file into memory: the system reads its tensors as they are used.</summary>
    /// <inheritdoc cref="SafetensorsMap.Open" path="/param|/exception|/remarks"/>
    public static SafetensorsMap Map(string path) => SafetensorsMap.Open(path);

    /// <summary>Saves tensors. The file is written atomically.</summary>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="metadata">The strings for <c>__metadata__</c>; <see langword="null"/> to omit it.</param>
    /// <exception cref="ArgumentException">A name is not allowed by the format.</exception>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Save(
        IReadOnlyDictionary<string, NDArray> tensors,
        string path,
        IReadOnlyDictionary<string, string>? metadata = null
    )
    {
        ArgumentNullException.ThrowIfNull(tensors);
        SafetensorsWriter.Save(path, [.. tensors.Select(t => new SafetensorsEntry(t.Key, t.Value))], metadata);
    }

    /// <summary>
    /// Sets a model's weights. Tensors may have Lamina's names and layouts (<c>conv2d/kernel</c>, as
    /// <see cref="SaveWeights"/> writes them), where layers match by name, or by order if names differ only by counted
    /// numbers (<c>conv2d_2</c>). Otherwise they are read as a PyTorch state dict, as
    /// <see cref="PyTorchFile.LoadWeights"/> does. All are checked and read before the first weight is set.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">The layers to skip, and PyTorch's names of modules.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is malformed, or does not match the model.
    /// </exception>
    /// <exception cref="LaminaException">The options do not match the model.</exception>
    public static void LoadWeights(Model model, string path, PyTorchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        SetWeights(model, path, options ?? new PyTorchOptions());
    }

    /// <summary>
    /// Sets a model's weights; <paramref name="options"/> is <see langword="null"/> for a caller that has none to
    /// offer.
    /// </summary>
    internal static void SetWeights(Model model, string path, PyTorchOptions? options)
    {
        using var source = new SafetensorsSource(path);
        if (NamedWeights.AreIn(source))
        {
            NamedWeights.Load(model, source, options?.Skip);
        }
        else
        {
            WeightMatch.Load(model, source, options);
        }
    }

    /// <summary>
    /// Saves a model's weights under Lamina's names and in its layouts. The file is written atomically.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="metadata">The strings for <c>__metadata__</c>; <see langword="null"/> to omit it.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void SaveWeights(Model model, string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        SafetensorsWriter.Save(path, WeightsFile.Entries(model), metadata);
    }

    /// <summary>Describes the content of a file, without reading values.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">The file cannot be read or is malformed.</exception>
    public static FileDescription Describe(string path)
    {
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        JsonObject? metadata = reader.Metadata.Count == 0 ? null : [];
        foreach ((string key, string value) in reader.Metadata)
        {
            metadata![key] = value;
        }
        return new FileDescription(
            "safetensors",
            [
                .. reader.Tensors.Select(t => new TensorDescription(
                    t.Name,
                    t.Dtype.FileName(),
                    t.Dimensions,
                    t.ByteCount
                )),
            ],
            [],
            metadata
        );
    }
}
