namespace Lamina;

/// <summary>A model's weights in the orders and under the names that Keras's files have.</summary>
internal static class KerasWeights
{
    /// <summary>
    /// The weights by layer and name, <c>conv2d/kernel</c>, as tfjs calls them also in nested models: Keras names are meant to
    /// be unique in a program.
    /// </summary>
    /// <exception cref="LaminaException">Two weights have one name.</exception>
    public static IReadOnlyList<(string Key, Weight Weight)> ByPath(Model model)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Weight[] weights = [.. model.Weights];
        if (weights.FirstOrDefault(w => !names.Add(w.Path)) is { } twice)
        {
            throw new LaminaException(
                $"{model}: two weights are named {twice.Path}, which this format cannot tell apart. Give their layers other names."
            );
        }
        return [.. weights.Select(w => (w.Path, w))];
    }

    /// <summary>Whether a file's dimensions are a weight's.</summary>
    public static bool SameShape(IReadOnlyList<long> dims, Shape shape)
    {
        if (dims.Count != shape.Rank)
        {
            return false;
        }
        for (int i = 0; i < dims.Count; i++)
        {
            if (dims[i] != shape[i])
            {
                return false;
            }
        }
        return true;
    }
}
