namespace Lamina;

/// <summary>Sets weights from tensors in Lamina's own names and layouts: <c>conv2d/kernel</c>, as Keras has them.</summary>
internal static class NamedWeights
{
    /// <summary>Whether a file has any of the model's weights under Lamina's names.</summary>
    public static bool Has(Model model, TensorSource source)
    {
        var keys = WeightKeys.Of(model).Select(w => w.Key).ToHashSet(StringComparer.Ordinal);
        return source.Tensors.Any(t => keys.Contains(t.Name));
    }

    /// <summary>Sets a model's weights, all of them or, where they do not fit, none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="source">The file.</param>
    /// <param name="skip">The layers to leave as they are: <c>dense_2</c>, <c>backbone.conv2d</c>.</param>
    /// <exception cref="ModelFileException">A tensor is missing, left over, or does not fit.</exception>
    public static void Load(Model model, TensorSource source, IReadOnlyList<string> skip)
    {
        IReadOnlyList<(string Key, Weight Weight)> weights = WeightKeys.Of(model);
        string[] layers = [.. weights.Select(w => LayerOf(w.Key)).Distinct()];
        if (skip.FirstOrDefault(s => !layers.Contains(s)) is { } unknown)
        {
            throw new LaminaException(
                $"{model}: has no layer {Quoted.Name(unknown)} with weights to skip. It has {Quoted.Line(string.Join(", ", layers), 300)}."
            );
        }
        var tensors = source
            .Tensors.Where(t => !skip.Contains(LayerOf(t.Name)))
            .ToDictionary(t => t.Name, StringComparer.Ordinal);
        var pairs = new List<(SourceTensor Tensor, Weight Weight)>();
        foreach ((string key, Weight weight) in weights.Where(w => !skip.Contains(LayerOf(w.Key))))
        {
            if (!tensors.Remove(key, out SourceTensor? tensor))
            {
                throw new ModelFileException(
                    $"{source.File}: has no tensor {Quoted.Name(key)} {weight.Shape}, which the model needs."
                );
            }
            if (
                !tensor.Dimensions.SequenceEqual(weight.Shape.ToArray().Select(d => (long)d))
                || !tensor.Type.HasValues()
            )
            {
                throw new ModelFileException(
                    $"{source.File}: tensor {tensor} does not fit {weight.Layer}, whose {weight.Name} is {weight.Shape}. Build the model alike, or skip {LayerOf(key)}."
                );
            }
            pairs.Add((tensor, weight));
        }
        if (tensors.Values.FirstOrDefault() is { } other)
        {
            throw new ModelFileException($"{source.File}: tensor {other} is none of the model's weights.");
        }
        float[][] values = [.. pairs.Select(p => Values(source, p.Tensor))];
        for (int i = 0; i < values.Length; i++)
        {
            pairs[i].Weight.TakeValues(values[i]);
        }
    }

    private static float[] Values(TensorSource source, SourceTensor tensor)
    {
        float[] values = GC.AllocateUninitializedArray<float>(checked((int)tensor.Count));
        source.Open(tensor)(values);
        return values;
    }

    private static string LayerOf(string key) => key[..Math.Max(0, key.LastIndexOf('/'))].Replace('/', '.');
}
