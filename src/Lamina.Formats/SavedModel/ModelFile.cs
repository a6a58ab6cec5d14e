using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Saves and loads models: architecture, weights, optimizer state and metadata. A model is a folder, or, where the path
/// ends with <c>.lamina</c>, one file (a zip archive of the same). Weights are safetensors in Keras's layouts. Files name
/// layers by their Keras classes and never a CLR type.
/// </summary>
public static class ModelFile
{
    /// <summary>Saves a model, replacing one that is there. A failure or a kill at any moment leaves the old or the new one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The folder, made if need be, or a file ending with <c>.lamina</c>.</param>
    /// <param name="options">What to save beside it.</param>
    /// <exception cref="LaminaException">It cannot be written (disk full, no such folder…), or the metadata has no JSON.</exception>
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
    /// Loads a model. Lengths, checksums, names and shapes of everything that is loaded are verified; nothing is partly
    /// loaded.
    /// </summary>
    /// <param name="path">The folder or file.</param>
    /// <param name="optimizerState">
    /// Whether to load the optimizer's state, which training goes on from and which is as large as the weights or larger.
    /// </param>
    /// <exception cref="ModelFileException">There is no model, or it is malformed or damaged: what and where.</exception>
    public static SavedModel Load(string path, bool optimizerState = true)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(path, source => Read(source, optimizerState));
    }

    /// <summary>
    /// Sets a model's weights to those of a saved model of the same architecture. Layers match by name, or by order where
    /// names differ only by counted numbers (<c>conv2d_2</c>). All are verified first.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The folder or file.</param>
    /// <exception cref="ModelFileException">There is no model, it is damaged, or its weights are not this model's.</exception>
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

    /// <summary>Says what a saved model holds: its weights' names and shapes, layers, metadata. Values are not read.</summary>
    /// <param name="path">The folder or file.</param>
    /// <exception cref="ModelFileException">There is no model, or it is malformed.</exception>
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
    /// What a one-file model holds, verified, without building the model: metadata, weights in the order in which the model
    /// has them, optimizer state.
    /// </summary>
    /// <exception cref="ModelFileException">It is malformed or damaged: what and where.</exception>
    internal static (
        JsonObject Metadata,
        IReadOnlyList<NDArray> Weights,
        IReadOnlyDictionary<string, NDArray> OptimizerState
    ) LoadParts(string path) =>
        ModelArchive.Load(
            path,
            source =>
            {
                // All of it is verified, also what is not used.
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
            // By name: a dictionary promises no order, and equal states should give equal bytes.
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

    /// <summary>Makes a model from a config that may be hostile.</summary>
    /// <exception cref="ModelFileException">It is malformed.</exception>
    internal static Model ModelOf(JsonObject config, string file)
    {
        try
        {
            return Model.FromConfig(config);
        }
        // Whatever a hostile config makes a layer's constructor or shape arithmetic throw is the file's fault.
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

    // In the order of their bytes, which is the model's.
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
