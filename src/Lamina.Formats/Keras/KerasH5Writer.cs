using System.Globalization;
using System.Text.Json.Nodes;
using Lamina.Hdf5;

namespace Lamina;

/// <summary>Writes Keras's HDF5 files, weight by weight.</summary>
internal static class KerasH5Writer
{
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
        var file = new Hdf5Output();
        file.Root.SetText("model_config", config.ToJsonString());
        file.Root.SetText("keras_version", VersionOf(form));
        file.Root.SetText("backend", "tensorflow");
        AddLegacy(file.Root.Group("model_weights"), model, form);
        AddMetadata(file, metadata);
        Save(file, path);
    }

    /// <summary>Writes Keras 2's file of weights.</summary>
    public static void SaveLegacyWeights(Model model, string path, JsonObject? metadata)
    {
        var file = new Hdf5Output();
        AddLegacy(file.Root, model, KerasForm.Keras2);
        AddMetadata(file, metadata);
        Save(file, path);
    }

    /// <summary>Writes Keras 3's file of weights.</summary>
    public static void SaveKeras3Weights(Model model, string path, JsonObject? metadata)
    {
        Hdf5Output file = Keras3(model);
        AddMetadata(file, metadata);
        Save(file, path);
    }

    /// <summary>Returns Keras 3's weights as its archive contains them.</summary>
    public static Hdf5Output Keras3(Model model)
    {
        var file = new Hdf5Output();
        AddKeras3(file.Root, KerasWrittenOrder.Of(model, KerasForm.Keras3), []);
        return file;
    }

    /// <summary>Writes to a temporary file, and seeks back to its beginning.</summary>
    public static FileStream WriteTemporary(Hdf5Output file)
    {
        FileStream stream = TemporaryStream.Create();
        try
        {
            file.Write(stream);
            stream.Position = 0;
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static void Save(Hdf5Output file, string path)
    {
        try
        {
            // The superblock is written last, so the stream must support seeking.
            using FileStream written = WriteTemporary(file);
            AtomicFile.Write(path, written.CopyTo);
        }
        catch (Exception e) when (FileErrors.IsFileError(e))
        {
            throw FileErrors.CannotWrite(path, e);
        }
    }

    private static void AddMetadata(Hdf5Output file, JsonObject? metadata)
    {
        if (EmbeddedMetadata.Text(metadata) is { } text)
        {
            file.Root.SetText(EmbeddedMetadata.Name, text);
        }
    }

    private static string VersionOf(KerasForm form) =>
        form == KerasForm.Keras3 ? KerasJson.Keras3Version : KerasJson.Keras2Version;

    private static void AddLegacy(Hdf5OutputGroup group, Model model, KerasForm form)
    {
        KerasWrittenOrder order = KerasWrittenOrder.Of(model, form);
        AddNames(group, "layer_names", [.. order.Layers.Select(l => l.Name)]);
        group.SetText("backend", "tensorflow");
        group.SetText("keras_version", VersionOf(form));
        foreach (KerasWrittenLayer layer in order.Layers)
        {
            Hdf5OutputGroup stored = group.Group(layer.Name);
            AddNames(stored, "weight_names", [.. layer.LegacyWeights.Select(w => $"{w.Name}:0")]);
            foreach ((string name, Weight weight) in layer.LegacyWeights)
            {
                Add(stored, $"{name}:0", weight);
            }
        }
        AddNames(group.Group("top_level_model_weights"), "weight_names", []);
    }

    private static void AddKeras3(Hdf5OutputGroup group, KerasWrittenOrder order, HashSet<Layer> visited)
    {
        Hdf5OutputGroup layers = group.Group("layers");
        foreach ((KerasWrittenLayer layer, string name) in order.Keras3Names)
        {
            Hdf5OutputGroup stored = layers.Group(name);
            if (layer.Nested is { } nested)
            {
                AddKeras3(stored, nested, visited);
                continue;
            }
            Hdf5OutputGroup vars = stored.Group("vars");
            IReadOnlyList<Weight> weights = layer.Layer is { } own && visited.Add(own) ? own.Weights : [];
            for (int i = 0; i < weights.Count; i++)
            {
                Add(vars, i.ToString(CultureInfo.InvariantCulture), weights[i]);
            }
            if (Generator(layer.Layer) is { } generator)
            {
                // The state of its generator, which Keras 3 keeps as a variable.
                stored.Group(generator.Name).Group("vars").Add("0", [(uint)(generator.Seed ?? 1337), 0]);
            }
        }
        _ = group.Group("vars");
    }

    // The attribute of the layer that holds its generator, and its seed.
    private static (string Name, int? Seed)? Generator(Layer? layer) =>
        layer switch
        {
            Dropout dropout => ("seed_generator", dropout.Seed),
            SpatialDropout2D dropout => ("seed_generator", dropout.Seed),
            GaussianDropout dropout => ("seed_generator", dropout.Seed),
            GaussianNoise noise => ("seed_generator", noise.Seed),
            AlphaDropout dropout => ("seed_generator", dropout.Seed),
            RandomFlipLayer random => ("generator", random.Seed),
            RandomCropLayer random => ("generator", random.Seed),
            RandomTranslation random => ("generator", random.Seed),
            RandomRotationLayer random => ("generator", random.Seed),
            RandomZoom random => ("generator", random.Seed),
            RandomContrast random => ("generator", random.Seed),
            RandomBrightness random => ("generator", random.Seed),
            _ => null,
        };

    private static void Add(Hdf5OutputGroup group, string name, Weight weight) =>
        group.Add(name, [.. weight.Shape.Select(d => (ulong)d!.Value)], weight.GetValues);

    private static void AddNames(Hdf5OutputGroup group, string attribute, string[] names)
    {
        if (names.Length <= Hdf5OutputGroup.MaxTexts)
        {
            group.SetTexts(attribute, names);
            return;
        }
        string[][] parts = [.. names.Chunk(Hdf5OutputGroup.MaxTexts)];
        for (int i = 0; i < parts.Length; i++)
        {
            group.SetTexts(string.Create(CultureInfo.InvariantCulture, $"{attribute}{i}"), parts[i]);
        }
    }
}
