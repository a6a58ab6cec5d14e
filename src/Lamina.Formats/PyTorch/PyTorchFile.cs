namespace Lamina;

/// <summary>
/// Reads and writes PyTorch's state dicts (<c>.pth</c>, <c>.pt</c>), as <c>torch.save(model.state_dict(), path)</c>
/// writes them since PyTorch 1.6 and <c>torch.load(path, weights_only=True)</c> reads them. Reading executes nothing:
/// Python names other than the few that a state dict needs are rejected, as are pickled modules, TorchScript archives
/// and files older than 1.6.
/// </summary>
/// <remarks>
/// <para>
/// Kernels are converted between PyTorch's layouts, (filters, channels, height, width) and (out, in), and Lamina's. The
/// inputs of the first dense layer after a Flatten are reordered, since PyTorch flattens (channel, row, column).
/// </para>
/// <para>
/// Float16, bfloat16, float64 and integers become float32; transposed, sliced and shared tensors are read by their
/// views. A checkpoint's weights are found under <c>state_dict</c>, <c>model</c> and similar keys, and without the
/// <c>module.</c> that parallel training puts before each name.
/// </para>
/// <para>
/// A state dict does not contain batch normalization's momentum and epsilon: PyTorch's are 0.1 (Keras's 0.9) and 1e-5.
/// </para>
/// </remarks>
public static class PyTorchFile
{
    // The memory that tensors may take beyond the file's length, in case several share the same elements.
    private const long SharedBytes = 32 << 20;

    /// <summary>Loads a state dict's tensors in PyTorch's own layouts, as float32.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is damaged, or contains something that no state dict does; or a tensor has no elements,
    /// or elements that cannot be converted to float32; or tensors share their storages so often that they take 32 MB
    /// more than the file.
    /// </exception>
    public static IReadOnlyDictionary<string, NDArray> Load(string path)
    {
        using PyTorchArchive archive = PyTorchArchive.Open(path);
        long bytes = 0;
        foreach (SourceTensor tensor in archive.Tensors)
        {
            bytes += Math.Min(((PyTorchTensor)tensor).Bytes, long.MaxValue / 4);
            if (bytes > archive.Length + SharedBytes)
            {
                throw new ModelFileException(
                    $"{path}: its tensors share the same elements many times and would take more memory than the file. Save them with .clone()."
                );
            }
        }
        var tensors = new OrderedDictionary<string, NDArray>(StringComparer.Ordinal);
        foreach (SourceTensor tensor in archive.Tensors)
        {
            tensors.Add(tensor.Name, Arrays.Read(archive, tensor));
        }
        return tensors;
    }

    /// <summary>
    /// Saves tensors as they are; names and layouts should be PyTorch's. The file is written atomically.
    /// </summary>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Save(IReadOnlyDictionary<string, NDArray> tensors, string path)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Save(
            [
                .. tensors.Select(t => new StateDictEntry(
                    t.Key,
                    [.. t.Value.Shape.ToArray().Select(d => (long)d)],
                    write => write(t.Value.Values)
                )),
            ],
            path
        );
    }

    /// <summary>
    /// Sets a model's weights. Tensors are found by the layers' names (<c>conv2d.weight</c>), or by the module names of
    /// the options, or, if the file has as many modules as the model has layers with weights, by their order. All are
    /// checked and read before the first weight is set.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">The modules' names, and layers to skip.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is damaged, or does not match the model: a tensor is missing, left over, or has another
    /// shape.
    /// </exception>
    /// <exception cref="LaminaException">The options do not match the model.</exception>
    public static void LoadWeights(Model model, string path, PyTorchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        using PyTorchArchive archive = PyTorchArchive.Open(path);
        WeightMatch.Load(model, archive, options);
    }

    /// <summary>
    /// Saves a model's weights as a state dict, under its layers' names or those of the options. The file is written
    /// atomically.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="options">The modules' names.</param>
    /// <exception cref="LaminaException">The file cannot be written, or the options do not match the model.</exception>
    public static void SaveWeights(Model model, string path, PyTorchOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        IReadOnlyList<PyTorchModule> modules = PyTorchModule.Of(model);
        string[] names = WeightMatch.ModuleNames(options?.Modules, modules) ?? [.. modules.Select(m => m.Path)];
        var entries = new List<StateDictEntry>();
        foreach ((PyTorchModule module, string name) in modules.Zip(names))
        {
            entries.AddRange(
                module.Weights.Select(w => new StateDictEntry(WeightMatch.Key(name, w.Name), w.Dimensions, w.Write))
            );
            if (module.Layer is BatchNormalization)
            {
                entries.Add(new StateDictEntry(WeightMatch.Key(name, PyTorchModule.BatchCounter), 0));
            }
        }
        Save(entries, path);
    }

    /// <summary>
    /// Describes the content of a file, without reading values: all tensors, including those beside the weights.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is malformed, or contains something that no state dict does.
    /// </exception>
    public static FileDescription Describe(string path)
    {
        using PyTorchArchive archive = PyTorchArchive.Open(path);
        var notes = new List<string>(archive.Content.Notes);
        if (archive.IsBigEndian)
        {
            notes.Add("values are big-endian");
        }
        int storages = archive.Content.All.Select(t => t.Tensor.Storage.Entry).Distinct().Count();
        if (storages < archive.Content.All.Count)
        {
            notes.Add($"{archive.Content.All.Count} tensors share {storages} storages");
        }
        return new FileDescription(
            $"PyTorch state dict, pickle protocol {archive.Protocol}",
            [
                .. archive
                    .Content.All.Select(t => new PyTorchTensor(t.Name, t.Tensor))
                    .Select(t => new TensorDescription(t.Name, t.TypeName, t.Dimensions, t.Bytes)),
            ],
            notes
        );
    }

    private static void Save(IReadOnlyList<StateDictEntry> entries, string path)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (entries.FirstOrDefault(e => !names.Add(e.Name)) is { } twice)
        {
            throw new LaminaException($"{path}: two tensors would be named {Quoted.Name(twice.Name)}.");
        }
        AtomicFile.Write(path, stream => StateDictWriter.Write(stream, entries));
    }
}
