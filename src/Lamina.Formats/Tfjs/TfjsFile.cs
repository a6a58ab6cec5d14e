using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// Reads and writes tfjs (TensorFlow.js) models: a model.json with the architecture and the list of weights, and shards
/// of weights beside it. Reads layers models written by tfjs's converter or <c>model.save</c>, also with weights
/// quantized to uint8, uint16 or float16; tfjs's <c>loadLayersModel</c> reads the files that are written.
/// </summary>
public static class TfjsFile
{
    private const string FileName = "model.json";

    /// <summary>Loads a model.</summary>
    /// <param name="path">The model.json, or its folder.</param>
    /// <exception cref="ModelFileException">
    /// The file is malformed, damaged, or contains layers that Lamina does not support; the message says what and
    /// where.
    /// </exception>
    public static Model Load(string path)
    {
        string file = FileOf(path);
        JsonObject root = ReadRoot(file);
        IReadOnlyList<TfjsGroup> groups = TfjsManifest.Read(root["weightsManifest"], file);
        Model model = KerasArchitecture.ModelOf(Topology(root, file), file);
        SetWeights(model, groups, file);
        return model;
    }

    /// <summary>
    /// Sets a model's weights. Layers match by name, or by order if names differ only by counted numbers
    /// (<c>conv2d_2</c>). All are checked and read before the first is set.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The model.json, or its folder.</param>
    /// <exception cref="ModelFileException">The file is malformed, damaged, or does not match the model.</exception>
    public static void LoadWeights(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        string file = FileOf(path);
        SetWeights(model, TfjsManifest.Read(ReadRoot(file)["weightsManifest"], file), file);
    }

    /// <summary>
    /// Saves a model: shards <c>group1-shard1of2.bin</c>… of 4 MB, then the model.json. Each file is replaced
    /// atomically; shards of an older, larger model are kept beside it.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">
    /// The file, ending with <c>.json</c>, or a folder, created if necessary, for a model.json.
    /// </param>
    /// <exception cref="LaminaException">The file cannot be written, or Keras cannot represent a layer.</exception>
    public static void Save(Model model, string path) => Save(model, path, null);

    /// <summary>Saves a model with metadata, as the model's user-defined metadata in tfjs.</summary>
    internal static void Save(Model model, string path, JsonObject? metadata)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        string file = path;
        if (!path.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                Directory.CreateDirectory(path);
            }
            catch (Exception e) when (FileErrors.IsFileError(e))
            {
                throw FileErrors.CannotWrite(path, e);
            }
            file = Path.Combine(path, FileName);
        }
        TfjsWriter.Write(model, file, metadata);
    }

    /// <summary>Describes the content of a model, without reading its weights.</summary>
    /// <param name="path">The model.json, or its folder.</param>
    /// <exception cref="ModelFileException">The file is malformed.</exception>
    public static FileDescription Describe(string path)
    {
        string file = FileOf(path);
        JsonObject root = ReadRoot(file);
        IReadOnlyList<TfjsGroup> groups = TfjsManifest.Read(root["weightsManifest"], file);
        List<string> notes = [.. KerasArchitecture.Notes(Topology(root, file))];
        foreach (string key in (string[])["generatedBy", "convertedBy"])
        {
            if (root[key] is JsonValue value && value.TryGetValue(out string? by))
            {
                notes.Add($"{key}: {Quoted.Line(by, 100)}");
            }
        }
        notes.Add($"shards: {groups.Sum(g => g.Paths.Count)}");
        return new FileDescription(
            "tfjs layers model",
            [
                .. groups
                    .SelectMany(g => g.Weights)
                    .Select(w => new TensorDescription(w.Name, w.Dtype, w.Shape, w.Bytes)),
            ],
            notes,
            MetadataOf(root, file)
        );
    }

    /// <summary>Reads the user-defined metadata; empty if there is none.</summary>
    internal static JsonObject ReadMetadata(string path)
    {
        string file = FileOf(path);
        return MetadataOf(ReadRoot(file), file) ?? [];
    }

    private static JsonObject? MetadataOf(JsonObject root, string file) =>
        root["userDefinedMetadata"] switch
        {
            null => null,
            JsonObject metadata => metadata.DeepClone().AsObject(),
            _ => throw new ModelFileException($"{file}: its userDefinedMetadata is not a JSON object."),
        };

    private static string FileOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Directory.Exists(path) ? Path.Combine(path, FileName) : path;
    }

    private static JsonObject ReadRoot(string file)
    {
        JsonObject root = StrictJson.Parse(BoundedFile.Read(file, KerasArchitecture.MaxLength), file);
        if (root["format"] is JsonValue value && value.TryGetValue(out string? format) && format != "layers-model")
        {
            throw new ModelFileException(
                $"{file}: contains a {Quoted.Name(format)}, which has no layers. Convert the Keras model itself to a layers-model."
            );
        }
        return root;
    }

    // tfjs's own save stores the model there; its converter stores the model_config of the .h5 file.
    private static JsonObject Topology(JsonObject root, string file) =>
        root["modelTopology"] is not JsonObject topology
            ? throw new ModelFileException($"{file}: \"modelTopology\" is missing or not an object.")
            : topology["model_config"] as JsonObject ?? topology;

    private static void SetWeights(Model model, IReadOnlyList<TfjsGroup> groups, string file)
    {
        var kernels = new TfjsKernels(model);
        TfjsWeight[] all = [.. groups.SelectMany(g => g.Weights)];
        var found = new Dictionary<TfjsWeight, Weight>(ReferenceEqualityComparer.Instance);
        foreach (
            (TfjsWeight stored, Weight weight) in WeightPairs.Of(
                KerasWeights.ByPath(model),
                all,
                kernels.NameOf,
                kernels.ShapeOf,
                file
            )
        )
        {
            found[stored] = weight;
        }
        if (found.Keys.FirstOrDefault(w => w.Dtype is "int32" or "bool") is { } whole)
        {
            throw new ModelFileException($"{file}: weight {whole} does not contain floating-point numbers.");
        }
        var values = new List<(Weight Weight, float[] Values)>();
        foreach (TfjsGroup group in groups)
        {
            using var reader = new TfjsShardReader(group.Paths);
            foreach (TfjsWeight stored in group.Weights)
            {
                values.Add((found[stored], kernels.Values(stored, Read(reader, stored), file)));
            }
        }
        foreach ((Weight weight, float[] array) in values)
        {
            weight.TakeValues(array);
        }
    }

    private static float[] Read(TfjsShardReader reader, TfjsWeight stored)
    {
        const int Block = 1 << 16;
        var values = GC.AllocateUninitializedArray<float>(checked((int)stored.Count));
        var buffer = new byte[Math.Min(Block, values.Length) * stored.Size];
        for (int start = 0; start < values.Length; start += Block)
        {
            Span<float> part = values.AsSpan(start, Math.Min(Block, values.Length - start));
            Span<byte> bytes = buffer.AsSpan(0, part.Length * stored.Size);
            reader.ReadExactly(bytes);
            stored.Convert(bytes, part);
        }
        return values;
    }
}
