using Lamina.Hdf5;

namespace Lamina;

/// <summary>
/// The layout of Keras 2: layer_names lists the layers, weight_names in each layer's group its weights, trainable ones
/// first. A nested model is one layer with all its weights.
/// </summary>
internal static class KerasLegacyLayout
{
    /// <summary>Returns the dataset of each weight.</summary>
    public static IReadOnlyList<(Weight, Hdf5Dataset)> Find(Model model, Hdf5Group group)
    {
        Layer[] layers = [.. model.Layers.Where(l => l.Weights.Count > 0)];
        var stored = new List<(string Name, IReadOnlyList<Hdf5Dataset> Weights)>();
        foreach (string name in KerasWeightGroup.Names(group, "layer_names"))
        {
            Hdf5Group layer =
                group.Group(name)
                ?? throw new InvalidDataException($"it names a layer {Quoted.Name(name)} that it does not contain");
            IReadOnlyList<string> names = KerasWeightGroup.Names(layer, "weight_names");
            if (names.Count > 0)
            {
                stored.Add((name, [.. names.Select(n => Dataset(layer, n))]));
            }
        }
        if (stored.Count != layers.Length)
        {
            throw new InvalidDataException(
                $"it contains weights of {stored.Count} layers, but the model {model.Name} has {layers.Length} layers with weights"
            );
        }
        var result = new List<(Weight, Hdf5Dataset)>();
        foreach ((Layer layer, (string name, IReadOnlyList<Hdf5Dataset> weights)) in Pairs(layers, stored))
        {
            IReadOnlyList<Weight> order = Order(layer, name, weights);
            result.AddRange(order.Zip(weights));
        }
        return result;
    }

    /// <summary>Returns a layer's weights in the order of Keras 2.</summary>
    public static IReadOnlyList<Weight> Order(Layer layer) => [.. layer.TrainableWeights, .. layer.NonTrainableWeights];

    // By name if the names are equal, as in a model's own file; otherwise by order, as in Keras.
    private static IEnumerable<(Layer, (string, IReadOnlyList<Hdf5Dataset>))> Pairs(
        Layer[] layers,
        List<(string Name, IReadOnlyList<Hdf5Dataset> Weights)> stored
    )
    {
        var byName = new Dictionary<string, (string, IReadOnlyList<Hdf5Dataset>)>(StringComparer.Ordinal);
        foreach ((string name, IReadOnlyList<Hdf5Dataset> weights) in stored)
        {
            if (!byName.TryAdd(KerasNames.Clean(name), (name, weights)))
            {
                throw new InvalidDataException($"it names a layer {Quoted.Name(name)} twice");
            }
        }
        return layers.All(l => byName.ContainsKey(l.Name))
            ? layers.Select(l => (l, byName[l.Name]))
            : layers.Zip(stored);
    }

    // Other weights of a nested model may have been trainable when the file was written: then they are in the order of
    // its layers.
    private static IReadOnlyList<Weight> Order(Layer layer, string name, IReadOnlyList<Hdf5Dataset> stored)
    {
        IReadOnlyList<Weight>[] orders =
        [
            Order(layer),
            layer.Weights,
            [.. layer.Weights.Where(w => w.Trainable), .. layer.Weights.Where(w => !w.Trainable)],
        ];
        if (orders[0].Count != stored.Count)
        {
            throw new InvalidDataException(
                $"it contains {stored.Count} weights of layer {Quoted.Name(name)}, but the model's {layer} has {orders[0].Count}"
            );
        }
        return orders.FirstOrDefault(o => SameNames(o, stored)) ?? orders[0];
    }

    private static bool SameNames(IReadOnlyList<Weight> weights, IReadOnlyList<Hdf5Dataset> stored)
    {
        for (int i = 0; i < stored.Count; i++)
        {
            string path = stored[i].Path;
            ReadOnlySpan<char> last = path.AsSpan(path.LastIndexOf('/') + 1);
            int colon = last.IndexOf(':');
            if (
                !(colon >= 0 ? last[..colon] : last).SequenceEqual(weights[i].Name)
                || !KerasH5Weights.Fits(weights[i], stored[i])
            )
            {
                return false;
            }
        }
        return true;
    }

    private static Hdf5Dataset Dataset(Hdf5Group layer, string name) =>
        layer.Find(name) as Hdf5Dataset
        ?? throw new InvalidDataException(
            $"it names a weight {Quoted.Name(name)} of {layer.Path} that it does not contain"
        );
}
