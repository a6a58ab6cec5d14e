namespace Lamina;

/// <summary>
/// A model's weights alone, as a safetensors file in Keras's layouts: Keras's <c>save_weights</c> and <c>load_weights</c>.
/// Tensors are named after layer and weight: <c>conv2d/kernel</c>.
/// </summary>
public static class WeightsFile
{
    /// <summary>Saves the weights, replacing the file as a whole or not at all.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="LaminaException">It cannot be written.</exception>
    public static void Save(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        SafetensorsWriter.Save(path, Entries(model));
    }

    /// <summary>Sets the weights. Names and shapes of all are checked before the first is set.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">It cannot be read, is damaged, or is not of this model.</exception>
    public static void Load(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        Read(model, reader, path);
    }

    /// <summary>The weights as tensors of a file; the values are fetched when they are written.</summary>
    internal static SafetensorsEntry[] Entries(Model model)
    {
        float[] buffer = [];
        return
        [
            .. WeightKeys
                .Of(model)
                .Select(w => new SafetensorsEntry(
                    w.Key,
                    w.Weight.Shape,
                    () =>
                    {
                        int count = checked((int)w.Weight.Count);
                        if (buffer.Length < count)
                        {
                            buffer = new float[count];
                        }
                        w.Weight.CopyTo(buffer.AsSpan(0, count));
                        return buffer.AsMemory(0, count);
                    }
                )),
        ];
    }

    /// <summary>Sets a model's weights, which must be the file's, all of them and none else.</summary>
    internal static void Read(Model model, SafetensorsReader reader, string file)
    {
        Dictionary<string, Weight> weights = WeightKeys.Of(model).ToDictionary(w => w.Key, w => w.Weight);
        foreach ((string key, Weight weight) in weights)
        {
            SafetensorsTensor tensor =
                reader.Find(key)
                ?? throw new ModelFileException(
                    $"{file}: has no tensor {Quoted.Name(key)} {weight.Shape}, which the model needs."
                );
            if (!tensor.HasShape(weight.Shape) || tensor.Dtype != SafetensorsDtype.F32)
            {
                throw new ModelFileException($"{file}: tensor {tensor} does not fit the model's F32 {weight.Shape}.");
            }
        }
        foreach (SafetensorsTensor tensor in reader.Tensors)
        {
            if (!weights.ContainsKey(tensor.Name))
            {
                throw new ModelFileException($"{file}: tensor {tensor} is none of the model's weights.");
            }
        }
        foreach (SafetensorsTensor tensor in reader.Tensors)
        {
            float[] values = GC.AllocateUninitializedArray<float>(checked((int)tensor.ElementCount));
            reader.Read(tensor.Name, values);
            weights[tensor.Name].TakeValues(values);
        }
    }

    /// <summary>Sets a model's weights from arrays by name, which must be the model's, all of them and none else.</summary>
    internal static void Set(Model model, IReadOnlyDictionary<string, NDArray> tensors, string file)
    {
        IReadOnlyList<(string Key, Weight Weight)> weights = WeightKeys.Of(model);
        foreach ((string key, Weight weight) in weights)
        {
            if (!tensors.TryGetValue(key, out NDArray? values))
            {
                throw new ModelFileException(
                    $"{file}: has no tensor {Quoted.Name(key)} {weight.Shape}, which the model needs."
                );
            }
            if (values.Shape != weight.Shape)
            {
                throw new ModelFileException(
                    $"{file}: tensor {Quoted.Name(key)} is {values.Shape}, the model's is {weight.Shape}."
                );
            }
        }
        if (tensors.Count > weights.Count)
        {
            string other = tensors.Keys.Except(weights.Select(w => w.Key)).First();
            throw new ModelFileException($"{file}: tensor {Quoted.Name(other)} is none of the model's weights.");
        }
        foreach ((string key, Weight weight) in weights)
        {
            weight.SetValues(tensors[key].Values);
        }
    }
}
