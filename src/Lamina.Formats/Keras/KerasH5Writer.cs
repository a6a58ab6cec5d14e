using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using PureHDF;

namespace Lamina;

/// <summary>Writes Keras's HDF5 files through PureHDF, weight by weight.</summary>
internal static class KerasH5Writer
{
    // The maximum size of one attribute; a text is stored elsewhere and takes 16 bytes there.
    private const int MaxNames = 64512 / 16;

    /// <summary>
    /// Writes an HDF5 file of a whole model, in Keras 2's form, which Keras 3 reads, too. Nested models are in Keras
    /// 3's form, because it does not read Keras 2's references to their outputs.
    /// </summary>
    public static void SaveModel(Model model, string path, JsonObject? metadata)
    {
        KerasForm form = model.Layers.Any(l => l is Model) ? KerasForm.Keras3 : KerasForm.Keras2;
        JsonObject json = form == KerasForm.Keras3 ? KerasConfigWriter.WriteObject(model) : KerasJson.Write(model);
        var config = new JsonObject
        {
            ["class_name"] = json["class_name"]!.DeepClone(),
            ["config"] = json["config"]!.DeepClone(),
        };
        var weights = new H5Group();
        var plan = new KerasH5Plan(
            new H5File
            {
                Attributes = new()
                {
                    ["model_config"] = config.ToJsonString(),
                    ["keras_version"] = VersionOf(form),
                    ["backend"] = "tensorflow",
                },
                ["model_weights"] = weights,
            }
        );
        AddLegacy(weights, model, form, plan);
        AddMetadata(plan, metadata);
        Save(plan, path);
    }

    /// <summary>Writes Keras 2's file of weights.</summary>
    public static void SaveLegacyWeights(Model model, string path, JsonObject? metadata)
    {
        var plan = new KerasH5Plan([]);
        AddLegacy(plan.File, model, KerasForm.Keras2, plan);
        AddMetadata(plan, metadata);
        Save(plan, path);
    }

    /// <summary>Writes Keras 3's file of weights.</summary>
    public static void SaveKeras3Weights(Model model, string path, JsonObject? metadata)
    {
        KerasH5Plan plan = Keras3(model);
        AddMetadata(plan, metadata);
        Save(plan, path);
    }

    /// <summary>Returns Keras 3's weights as its archive contains them.</summary>
    public static KerasH5Plan Keras3(Model model)
    {
        var plan = new KerasH5Plan([]);
        AddKeras3(plan.File, KerasWrittenOrder.Of(model, KerasForm.Keras3), plan, []);
        return plan;
    }

    /// <summary>Writes to a temporary file, and seeks back to its beginning.</summary>
    public static FileStream WriteTemporary(KerasH5Plan plan)
    {
        FileStream stream = TemporaryStream.Create();
        try
        {
            plan.Write(stream);
            stream.Position = 0;
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static void Save(KerasH5Plan plan, string path)
    {
        try
        {
            // PureHDF reads back what it writes (for checksums), and seeks.
            using FileStream written = WriteTemporary(plan);
            AtomicFile.Write(path, written.CopyTo);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotWrite(path, e);
        }
    }

    private static void AddMetadata(KerasH5Plan plan, JsonObject? metadata)
    {
        if (EmbeddedMetadata.Text(metadata) is { } text)
        {
            plan.File.Attributes[EmbeddedMetadata.Name] = text;
        }
    }

    private static string VersionOf(KerasForm form) =>
        form == KerasForm.Keras3 ? KerasJson.Keras3Version : KerasJson.Keras2Version;

    private static void AddLegacy(H5Group group, Model model, KerasForm form, KerasH5Plan plan)
    {
        KerasWrittenOrder order = KerasWrittenOrder.Of(model, form);
        AddNames(group, "layer_names", [.. order.Layers.Select(l => l.Name)]);
        group.Attributes["backend"] = "tensorflow";
        group.Attributes["keras_version"] = VersionOf(form);
        foreach (KerasWrittenLayer layer in order.Layers)
        {
            var stored = new H5Group();
            string[] names = [.. layer.LegacyWeights.Select(w => $"{w.Name}:0")];
            AddNames(stored, "weight_names", names);
            foreach ((string name, Weight weight) in layer.LegacyWeights)
            {
                plan.Add(stored, $"{name}:0", weight);
            }
            group[layer.Name] = stored;
        }
        var top = new H5Group();
        AddNames(top, "weight_names", []);
        group["top_level_model_weights"] = top;
    }

    private static void AddKeras3(H5Group group, KerasWrittenOrder order, KerasH5Plan plan, HashSet<Layer> visited)
    {
        var layers = new H5Group();
        foreach ((KerasWrittenLayer layer, string name) in order.Keras3Names)
        {
            var stored = new H5Group();
            if (layer.Nested is { } nested)
            {
                AddKeras3(stored, nested, plan, visited);
            }
            else
            {
                var vars = new H5Group();
                IReadOnlyList<Weight> weights = layer.Layer is { } own && visited.Add(own) ? own.Weights : [];
                for (int i = 0; i < weights.Count; i++)
                {
                    plan.Add(vars, i.ToString(CultureInfo.InvariantCulture), weights[i]);
                }
                stored["vars"] = vars;
                if (layer.Layer is Dropout dropout)
                {
                    // The state of its generator, which Keras 3 keeps as a variable.
                    stored["seed_generator"] = new H5Group
                    {
                        ["vars"] = new H5Group
                        {
                            ["0"] = new H5Dataset(new uint[] { (uint)(dropout.Seed ?? 1337), 0 }),
                        },
                    };
                }
            }
            layers[name] = stored;
        }
        group["layers"] = layers;
        group["vars"] = new H5Group();
    }

    private static void AddNames(H5Group group, string attribute, string[] names)
    {
        if (names.Length <= MaxNames)
        {
            group.Attributes[attribute] = names;
            return;
        }
        string[][] parts = [.. names.Chunk(MaxNames)];
        for (int i = 0; i < parts.Length; i++)
        {
            group.Attributes[string.Create(CultureInfo.InvariantCulture, $"{attribute}{i}")] = parts[i];
        }
    }
}

/// <summary>A file to be written, with the weights whose values its datasets contain.</summary>
internal sealed class KerasH5Plan(H5File file)
{
    private readonly List<(H5Dataset<float[]> Dataset, Weight Weight)> _values = [];

    public H5File File => file;

    /// <summary>Adds a dataset for a weight; slashes in the name create groups.</summary>
    public void Add(H5Group group, string name, Weight weight)
    {
        string[] parts = name.Split('/');
        foreach (string part in parts[..^1])
        {
            if (!group.TryGetValue(part, out object? inner))
            {
                group[part] = inner = new H5Group();
            }
            group = (H5Group)inner;
        }
        var dataset = new H5Dataset<float[]>([.. weight.Shape.Select(d => (ulong)d!.Value)]);
        group[parts[^1]] = dataset;
        _values.Add((dataset, weight));
    }

    /// <summary>Writes the file; values are read weight by weight.</summary>
    public void Write(Stream stream)
    {
        try
        {
            using H5NativeWriter writer = file.BeginWrite(stream);
            foreach ((H5Dataset<float[]> dataset, Weight weight) in _values)
            {
                writer.Write(dataset, weight.GetValues());
            }
        }
        // PureHDF calls its own methods by reflection, which wraps errors of the disk.
        catch (TargetInvocationException e) when (e.InnerException is { } inner && FileErrors.IsFileError(inner))
        {
            throw new IOException(FileErrors.Reason(inner), inner);
        }
    }
}
