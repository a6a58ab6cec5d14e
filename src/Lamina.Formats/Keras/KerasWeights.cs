namespace Lamina;

/// <summary>A model's weights in the orders and under the names of Keras's files.</summary>
internal static class KerasWeights
{
    /// <summary>
    /// Returns the weights by layer and name, <c>conv2d/kernel</c>, as tfjs calls them, also in nested models: Keras's
    /// names are meant to be unique in a program.
    /// </summary>
    /// <exception cref="LaminaException">Two weights have the same name.</exception>
    public static IReadOnlyList<(string Key, Weight Weight)> ByPath(Model model)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Weight[] weights = [.. model.Weights];
        if (weights.FirstOrDefault(w => !names.Add(w.Path)) is { } twice)
        {
            throw new LaminaException(
                $"{model}: two weights are named {twice.Path}, which this format cannot distinguish. Give their layers other names."
            );
        }
        return [.. weights.Select(w => (w.Path, w))];
    }

    /// <summary>Returns <see langword="true"/> if a file's dimensions equal a weight's shape.</summary>
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
