using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>A layer of a written model, as Keras reads it.</summary>
/// <param name="Name">The name.</param>
/// <param name="ClassName">The class in Keras.</param>
/// <param name="Layer">The layer in Lamina; <see langword="null"/> for one that only the written model has.</param>
/// <param name="Nested">The layers of a nested model.</param>
internal sealed record KerasWrittenLayer(string Name, string ClassName, Layer? Layer, KerasWrittenOrder? Nested)
{
    /// <summary>The weights in Keras 2's order, with names that are unique in the layer.</summary>
    public IReadOnlyList<(string Name, Weight Weight)> LegacyWeights
    {
        get
        {
            if (Layer is null)
            {
                return [];
            }
            Dictionary<Weight, string> names = Names("");
            return [.. KerasLegacyLayout.Order(Layer).Select(w => (names[w], w))];
        }
    }

    private Dictionary<Weight, string> Names(string prefix)
    {
        var names = new Dictionary<Weight, string>();
        if (Nested is null)
        {
            foreach (Weight weight in Layer?.Weights ?? [])
            {
                names[weight] = prefix + weight.Path;
            }
            return names;
        }
        foreach (KerasWrittenLayer inner in Nested.Layers)
        {
            foreach (
                (Weight weight, string name) in inner.Names(inner.Nested is null ? prefix : $"{prefix}{inner.Name}/")
            )
            {
                names.TryAdd(weight, name);
            }
        }
        return names;
    }
}

/// <summary>
/// The layers of a model in the order that Keras uses once it has read the written file. This is the model's own order,
/// unless one of its layers is two in Keras, such as a padding and a convolution: then the graph differs, and
/// determines the order.
/// </summary>
/// <param name="Layers">The layers.</param>
internal sealed record KerasWrittenOrder(IReadOnlyList<KerasWrittenLayer> Layers)
{
    /// <summary>The layers with their names in Keras 3's files.</summary>
    public IEnumerable<(KerasWrittenLayer Layer, string Name)> Keras3Names
    {
        get
        {
            var used = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach (KerasWrittenLayer layer in Layers)
            {
                yield return (layer, KerasVersion3Layout.NextName(used, layer.ClassName));
            }
        }
    }

    /// <summary>Returns the order of a model's layers in a form.</summary>
    public static KerasWrittenOrder Of(Model model, KerasForm form) =>
        Of(HasPairs(model, form) ? KerasJson.Twin(model, form) : model, model, KerasConfigWriter.Write(model, form));

    private static KerasWrittenOrder Of(Model written, Model model, JsonObject config)
    {
        Dictionary<string, Layer> own = model.Layers.ToDictionary(l => l.Name, StringComparer.Ordinal);
        Dictionary<string, JsonNode> entries = config["layers"]!
            .AsArray()
            .ToDictionary(l => (string)l!["config"]!["name"]!, l => l!, StringComparer.Ordinal);
        return new KerasWrittenOrder([
            .. written.Layers.Select(l =>
            {
                Layer? layer = own.GetValueOrDefault(l.Name);
                JsonNode entry = entries[l.Name];
                KerasWrittenOrder? nested = l is Model inner
                    ? Of(inner, (Model)layer!, entry["config"]!.AsObject())
                    : null;
                return new KerasWrittenLayer(l.Name, (string)entry["class_name"]!, layer, nested);
            }),
        ]);
    }

    private static bool HasPairs(Model model, KerasForm form) =>
        model.Layers.Any(l => l is Model nested ? HasPairs(nested, form) : KerasLayerWriter.IsPair(l, form));
}
