namespace Lamina;

/// <summary>Sets weights from tensors in Lamina's own names and layouts: <c>conv2d/kernel</c>, as in Keras.</summary>
internal static class NamedWeights
{
    /// <summary>
    /// Returns <see langword="true"/> if a file names tensors as Lamina does, which PyTorch never does.
    /// </summary>
    public static bool AreIn(TensorSource source) =>
        source.Tensors.Any(t => t.Name.Contains('/', StringComparison.Ordinal));

    /// <summary>Sets a model's weights, all of them or, if they do not match, none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="source">The file.</param>
    /// <param name="skip">
    /// The layers to skip: <c>dense_2</c>, <c>backbone.conv2d</c>; <see langword="null"/> if the caller cannot skip
    /// any.
    /// </param>
    /// <exception cref="ModelFileException">A tensor is missing, left over, or does not match.</exception>
    public static void Load(Model model, TensorSource source, IReadOnlyList<string>? skip)
    {
        IReadOnlyList<(string Key, Weight Weight)> weights = WeightKeys.Of(model);
        string[] layers = [.. weights.Select(w => ModelTensor.Of(w.Key, w.Weight).Layer).Distinct()];
        string[]? skipped = skip is null ? null : [.. layers.Where(l => skip.Contains(Dotted(l)))];
        if (skip?.FirstOrDefault(s => !layers.Any(l => Dotted(l) == s)) is { } unknown)
        {
            throw new LaminaException(
                $"{model}: has no layer {Quoted.Name(unknown)} with weights to skip. It has {Quoted.Line(string.Join(", ", layers.Select(Dotted)), 300)}."
            );
        }
        List<(SourceTensor Tensor, Weight Weight)> pairs = WeightPairs.Of(
            weights,
            source.Tensors,
            t => t.Name,
            t => t.Dimensions,
            source.File,
            skipped
        );
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

    private static string Dotted(string layer) => layer.Replace('/', '.');
}
