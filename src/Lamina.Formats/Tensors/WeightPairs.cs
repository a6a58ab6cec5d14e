namespace Lamina;

/// <summary>
/// Matches the tensors of a file with the weights of a model, for files that name layer and weight:
/// <c>conv2d/kernel</c>.
/// </summary>
internal static class WeightPairs
{
    /// <summary>Pairs all weights with tensors of their shape, and all tensors with weights.</summary>
    /// <param name="weights">The model's weights and their keys, in its order.</param>
    /// <param name="tensors">The file's tensors, in its order.</param>
    /// <param name="keyOf">Returns the key of a tensor.</param>
    /// <param name="dimensionsOf">Returns the sizes of a tensor.</param>
    /// <param name="file">The file's path, for errors.</param>
    /// <param name="skip">
    /// The layers to skip, as in <c>backbone/conv2d</c>; <see langword="null"/> if the caller cannot skip any.
    /// </param>
    /// <returns>The pairs in the order of the file.</returns>
    /// <exception cref="ModelFileException">
    /// A tensor is missing, left over, or has another shape, or the match is ambiguous.
    /// </exception>
    public static List<(T Tensor, Weight Weight)> Of<T>(
        IReadOnlyList<(string Key, Weight Weight)> weights,
        IReadOnlyList<T> tensors,
        Func<T, string> keyOf,
        Func<T, IReadOnlyList<long>> dimensionsOf,
        string file,
        IReadOnlyCollection<string>? skip = null
    )
        where T : notnull
    {
        StoredTensor[] stored = [.. tensors.Select(t => StoredTensor.Of(keyOf(t), dimensionsOf(t)))];
        ModelTensor[] model = [.. weights.Select(w => ModelTensor.Of(w.Key, w.Weight))];
        LayerMatch match = LayerMatch.Find(model, stored, file, skip);
        var wanted = new Dictionary<string, Weight>(StringComparer.Ordinal);
        for (int i = 0; i < model.Length; i++)
        {
            if (skip?.Contains(model[i].Layer) is not true)
            {
                wanted.Add($"{match.NameOf(model[i].Layer)}/{model[i].Name}", weights[i].Weight);
            }
        }
        var pairs = new List<(T, Weight)>();
        T? left = default;
        bool isLeft = false;
        for (int i = 0; i < stored.Length; i++)
        {
            if (match.IsSkipped(stored[i].Layer))
            {
                continue;
            }
            if (!wanted.Remove(keyOf(tensors[i]), out Weight? weight))
            {
                (left, isLeft) = isLeft ? (left, true) : (tensors[i], true);
                continue;
            }
            if (!stored[i].Dimensions.SequenceEqual(weight.Shape.ToArray().Select(d => (long)d)))
            {
                throw new ModelFileException(
                    $"{file}: tensor {tensors[i]} does not match {weight.Layer}, whose {weight.Name} is {weight.Shape}. Build the model like the saved one{(skip is null ? "" : $", or skip {weight.Layer.Path.Replace('/', '.')}")}."
                );
            }
            pairs.Add((tensors[i], weight));
        }
        // A missing tensor is more informative than one left over.
        if (wanted.Count > 0)
        {
            (string key, Weight weight) = wanted.First();
            throw new ModelFileException(
                $"{file}: has no tensor {Quoted.Name(key)} {weight.Shape}, which the model requires.{match.Difference}"
            );
        }
        return isLeft
            ? throw new ModelFileException(
                $"{file}: tensor {left} is not one of the model's weights.{match.Difference}"
            )
            : pairs;
    }
}
