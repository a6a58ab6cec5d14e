namespace Lamina;

/// <summary>
/// The names of weights in files: the layer's and the weight's, preceded by those of the models that the layer is
/// nested in: <c>conv2d/kernel</c>, <c>backbone/conv2d/kernel</c>. They do not depend on the layers' order.
/// </summary>
internal static class WeightKeys
{
    /// <summary>Returns the model's weights with their names, in the order of its layers.</summary>
    /// <exception cref="LaminaException">Two weights have the same name.</exception>
    public static IReadOnlyList<(string Key, Weight Weight)> Of(Model model)
    {
        var keys = new List<(string, Weight)>();
        var byKey = new Dictionary<string, Weight>(StringComparer.Ordinal);
        Collect(model, "");
        if (model.Weights.Except(byKey.Values).FirstOrDefault() is { } missed)
        {
            throw new LaminaException(
                $"{model}: weight {missed} belongs to none of the model's layers, so it cannot be saved."
            );
        }
        return keys;

        void Collect(Model parent, string prefix)
        {
            foreach (Layer layer in parent.Layers)
            {
                if (layer is Model nested)
                {
                    Collect(nested, $"{prefix}{nested.Name}/");
                    continue;
                }
                foreach (Weight weight in layer.Weights)
                {
                    string key = prefix + weight.Path;
                    if (byKey.TryAdd(key, weight))
                    {
                        keys.Add((key, weight));
                    }
                    else if (byKey[key] != weight)
                    {
                        throw new LaminaException(
                            $"{model}: two weights are named {key}. Give their layers other names."
                        );
                    }
                }
            }
        }
    }
}
