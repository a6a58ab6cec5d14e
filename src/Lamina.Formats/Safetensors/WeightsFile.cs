namespace Lamina;

/// <summary>
/// Reads and writes a model's weights as a safetensors file in Keras's layouts, like Keras's <c>save_weights</c> and
/// <c>load_weights</c>. Tensors are named after layer and weight: <c>conv2d/kernel</c>.
/// </summary>
public static class WeightsFile
{
    /// <summary>Saves the weights, replacing the file atomically.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="LaminaException">The file cannot be written.</exception>
    public static void Save(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        SafetensorsWriter.Save(path, Entries(model));
    }

    /// <summary>
    /// Sets the weights. Layers match by name, or by order if names differ only by counted numbers (<c>conv2d_2</c>).
    /// All are checked before the first is set.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="ModelFileException">
    /// The file cannot be read, is damaged, or does not match the model.
    /// </exception>
    public static void Load(Model model, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        Read(model, reader, path);
    }

    /// <summary>Returns the weights as tensors of a file; the values are requested when they are written.</summary>
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

    /// <summary>Sets a model's weights, which must be exactly those of the file.</summary>
    internal static void Read(Model model, SafetensorsReader reader, string file)
    {
        foreach ((SafetensorsTensor tensor, Weight to) in Pairs(model, reader.Tensors, file))
        {
            float[] values = GC.AllocateUninitializedArray<float>(checked((int)tensor.ElementCount));
            reader.Read(tensor.Name, values);
            to.TakeValues(values);
        }
    }

    /// <summary>Pairs a model's weights with the tensors of a file, which must be exactly these, and float32.</summary>
    /// <exception cref="ModelFileException">A tensor is missing, left over, or does not match.</exception>
    internal static List<(SafetensorsTensor Tensor, Weight Weight)> Pairs(
        Model model,
        IReadOnlyList<SafetensorsTensor> tensors,
        string file
    )
    {
        List<(SafetensorsTensor Tensor, Weight Weight)> pairs = WeightPairs.Of(
            WeightKeys.Of(model),
            tensors,
            t => t.Name,
            t => t.Dimensions,
            file
        );
        if (
            pairs.FirstOrDefault(p => p.Tensor.Dtype != SafetensorsDtype.F32) is
            { Tensor: { } other, Weight: var weight }
        )
        {
            throw new ModelFileException($"{file}: tensor {other} does not match the model's F32 {weight.Shape}.");
        }
        return pairs;
    }

    /// <summary>Sets a model's weights from arrays by name, which must be exactly the model's.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tensors">The arrays in the order of the saved model.</param>
    /// <param name="file">The file's path, for errors.</param>
    internal static void Set(Model model, IReadOnlyDictionary<string, NDArray> tensors, string file)
    {
        foreach (
            (NamedArray array, Weight weight) in WeightPairs.Of(
                WeightKeys.Of(model),
                [.. tensors.Select(t => new NamedArray(t.Key, t.Value))],
                t => t.Name,
                t => [.. t.Values.Shape.ToArray().Select(d => (long)d)],
                file
            )
        )
        {
            weight.SetValues(array.Values.Values);
        }
    }

    private sealed record NamedArray(string Name, NDArray Values)
    {
        public override string ToString() => $"{Quoted.Name(Name)} {Values.Shape}";
    }
}
