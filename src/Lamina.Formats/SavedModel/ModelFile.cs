using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Saves and loads models: architecture, weights, optimizer state and metadata. A model is a folder, or, if the path
/// ends with <c>.lamina</c>, one file (a zip archive of the folder). Weights are safetensors in Keras's layouts. Files
/// name layers by their Keras classes, never by a CLR type.
/// </summary>
public static class ModelFile
{
    /// <summary>Saves a model, replacing an existing one atomically, even if the process is killed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The folder, created if necessary, or a file ending with <c>.lamina</c>.</param>
    /// <param name="options">The data to save beside it.</param>
    /// <exception cref="LaminaException">
    /// The model cannot be written (disk full, no such folder…), or the metadata has no JSON representation.
    /// </exception>
    public static void Save(Model model, string path, SaveOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        IReadOnlyList<ModelPart> parts = Parts(model, options ?? new SaveOptions());
        if (IsArchive(path))
        {
            ModelArchive.Save(path, parts);
        }
        else
        {
            ModelFolder.Save(path, parts);
        }
    }

    /// <summary>
    /// Loads a model. Lengths, checksums, names and shapes of everything that is loaded are verified first.
    /// </summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="optimizerState">
    /// <see langword="true"/> to load the optimizer's state, which is needed to resume training and at least as large
    /// as the weights. Default: <see langword="true"/>.
    /// </param>
    /// <exception cref="ModelFileException">
    /// The model does not exist, or is malformed or damaged; the message says what and where.
    /// </exception>
    public static SavedModel Load(string path, bool optimizerState = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(path, source => Read(source, optimizerState));
    }

    /// <summary>
    /// Loads a model without the optimizer's state, and maps the file of its weights instead of reading it. The weights are
    /// verified by another thread meanwhile: results may be used once <see cref="SavedModel.Verification"/> has succeeded.
    /// </summary>
    /// <remarks>
    /// For processes that end soon: the file must not be changed in place while the model is in use. Weights that cannot be
    /// mapped, such as an archive's, are read and verified as <see cref="Load"/> does.
    /// </remarks>
    /// <exception cref="ModelFileException">The model does not exist, or is malformed.</exception>
    internal static SavedModel LoadMapped(string path) =>
        Open(
            path,
            source =>
            {
                // First, so that the other thread verifies the weights while this one builds the model.
                MappedWeights? weights = MappedWeights.TryOpen(source);
                JsonObject metadata = ReadJson(source, ModelPart.Metadata);
                Model model = ReadModel(source);
                if (weights is null)
                {
                    ReadWeights(source, model);
                }
                else
                {
                    weights.Set(model);
                }
                return new SavedModel(model, metadata, new Dictionary<string, NDArray>(), source.Manifest.CreatedBy)
                {
                    Verification = weights?.Verification ?? Task.CompletedTask,
                };
            }
        );

    /// <summary>
    /// Sets a model's weights to those of a saved model with the same architecture. Layers match by name, or by order
    /// if names differ only by counted numbers (<c>conv2d_2</c>). All are verified first.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The folder or file.</param>
    /// <exception cref="ModelFileException">
    /// The model does not exist, is damaged, or its weights do not match.
    /// </exception>
    public static void LoadWeights(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        Dictionary<string, NDArray> tensors = Open(
            path,
            source => new Dictionary<string, NDArray>(ReadTensors(source, ModelPart.Weights), StringComparer.Ordinal)
        );
        WeightsFile.Set(model, tensors, path);
    }

    /// <summary>
    /// Describes the content of a saved model: its weights' names and shapes, layers, metadata. Values are not read.
    /// </summary>
    /// <param name="path">The folder or file.</param>
    /// <exception cref="ModelFileException">The model does not exist, or is malformed.</exception>
    public static FileDescription Describe(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(
            path,
            source =>
            {
                Model model = ReadModel(source);
                List<string> notes = [$"saved by {Quoted.Line(source.Manifest.CreatedBy)}", .. ModelNotes.Of(model)];
                if (source.Manifest.Files.TryGetValue(ModelPart.Optimizer, out Checksum? optimizer))
                {
                    notes.Add(FormattableString.Invariant($"optimizer state: {optimizer.Length:N0} bytes"));
                }
                using ChecksumReadStream stream = source.Open(ModelPart.Weights);
                using var reader = new SafetensorsReader(stream, stream.ExpectedLength, stream.File, leaveOpen: true);
                return new FileDescription(
                    "Lamina saved model",
                    reader.Describe(),
                    notes,
                    ReadJson(source, ModelPart.Metadata)
                );
            }
        );
    }

    private static T Open<T>(string path, Func<ModelSource, T> read)
    {
        if (Directory.Exists(path))
        {
            return ModelFolder.Load(path, read);
        }
        return File.Exists(path)
            ? ModelArchive.Load(path, read)
            : throw new ModelFileException($"{path}: no such folder or file.");
    }

    /// <summary>
    /// Reads the verified content of a one-file model without building the model: metadata, weights in the model's
    /// order, optimizer state.
    /// </summary>
    /// <exception cref="ModelFileException">
    /// The file is malformed or damaged; the message says what and where.
    /// </exception>
    internal static (
        JsonObject Metadata,
        IReadOnlyList<NDArray> Weights,
        IReadOnlyDictionary<string, NDArray> OptimizerState
    ) LoadParts(string path) =>
        ModelArchive.Load(
            path,
            source =>
            {
                // All of it is verified, including unused parts.
                _ = ReadJson(source, ModelPart.Architecture);
                JsonObject metadata = ReadJson(source, ModelPart.Metadata);
                IReadOnlyList<NDArray> weights = [.. ReadTensors(source, ModelPart.Weights).Values];
                IReadOnlyDictionary<string, NDArray> optimizer = source.Manifest.Files.ContainsKey(ModelPart.Optimizer)
                    ? ReadTensors(source, ModelPart.Optimizer)
                    : new Dictionary<string, NDArray>();
                return (metadata, weights, optimizer);
            }
        );

    private static bool IsArchive(string path) =>
        path.EndsWith(ModelArchive.Extension, StringComparison.OrdinalIgnoreCase) && !Directory.Exists(path);

    private static List<ModelPart> Parts(Model model, SaveOptions options)
    {
        byte[] architecture = StrictJson.Write(model.GetConfig(), $"{model}: the architecture");
        byte[] metadata = StrictJson.Write(options.Metadata ?? [], "The metadata");
        SafetensorsEntry[] weights = WeightsFile.Entries(model);
        var parts = new List<ModelPart>
        {
            new(ModelPart.Architecture, stream => stream.Write(architecture)),
            new(ModelPart.Metadata, stream => stream.Write(metadata)),
            new(ModelPart.Weights, stream => SafetensorsWriter.Write(stream, weights)),
        };
        if (options.OptimizerState is { } state)
        {
            // By name: a dictionary has no defined order, and equal states should produce equal bytes.
            SafetensorsEntry[] entries =
            [
                .. state.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new SafetensorsEntry(s.Key, s.Value)),
            ];
            parts.Add(new(ModelPart.Optimizer, stream => SafetensorsWriter.Write(stream, entries)));
        }
        return parts;
    }

    private static SavedModel Read(ModelSource source, bool optimizerState)
    {
        JsonObject metadata = ReadJson(source, ModelPart.Metadata);
        Model model = ReadModel(source);
        ReadWeights(source, model);
        bool wanted = optimizerState && source.Manifest.Files.ContainsKey(ModelPart.Optimizer);
        IReadOnlyDictionary<string, NDArray> optimizer = wanted
            ? ReadTensors(source, ModelPart.Optimizer)
            : new Dictionary<string, NDArray>();
        return new SavedModel(model, metadata, optimizer, source.Manifest.CreatedBy);
    }

    private static JsonObject ReadJson(ModelSource source, string part) =>
        StrictJson.Parse(source.ReadJson(part), source.Label(part));

    private static Model ReadModel(ModelSource source)
    {
        return ModelOf(ReadJson(source, ModelPart.Architecture), source.Label(ModelPart.Architecture));
    }

    /// <summary>Creates a model from a config that may be malicious.</summary>
    /// <exception cref="ModelFileException">The config is malformed.</exception>
    internal static Model ModelOf(JsonObject config, string file)
    {
        try
        {
            return Model.FromConfig(config);
        }
        // Any exception that a malicious config causes in a layer's constructor or shape arithmetic is an error of the
        // file.
        catch (Exception e)
            when (e
                    is LaminaException
                        or ArgumentException
                        or InvalidOperationException
                        or FormatException
                        or OverflowException
                        or KeyNotFoundException
                        or NotSupportedException
            )
        {
            throw new ModelFileException($"{file}: {Quoted.Line(e.Message)}", e);
        }
    }

    private static void ReadWeights(ModelSource source, Model model)
    {
        using ChecksumReadStream stream = source.Open(ModelPart.Weights);
        using var reader = new SafetensorsReader(stream, stream.ExpectedLength, stream.File, leaveOpen: true);
        WeightsFile.Read(model, reader, stream.File);
        stream.Verify();
    }

    // In the order of their bytes, which is the model's order.
    private static OrderedDictionary<string, NDArray> ReadTensors(ModelSource source, string part)
    {
        using ChecksumReadStream stream = source.Open(part);
        using var reader = new SafetensorsReader(stream, stream.ExpectedLength, stream.File, leaveOpen: true);
        var tensors = new OrderedDictionary<string, NDArray>(StringComparer.Ordinal);
        foreach (SafetensorsTensor tensor in reader.Tensors)
        {
            tensors[tensor.Name] = reader.Read(tensor.Name);
        }
        stream.Verify();
        return tensors;
    }
}
