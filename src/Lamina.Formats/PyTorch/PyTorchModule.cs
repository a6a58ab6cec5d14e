namespace Lamina;

/// <summary>A layer with weights as a PyTorch module.</summary>
/// <param name="Path">
/// The layer's name, preceded by those of the models it is nested in: <c>backbone.conv2d</c>.
/// </param>
/// <param name="Layer">The layer.</param>
/// <param name="Weights">Its weights in PyTorch's order.</param>
internal sealed record PyTorchModule(string Path, Layer Layer, IReadOnlyList<PyTorchWeight> Weights)
{
    /// <summary>The counter of batches that PyTorch's batch normalization has and Lamina's does not.</summary>
    public const string BatchCounter = "num_batches_tracked";

    /// <summary>Returns a model's layers with weights, in its order.</summary>
    /// <exception cref="LaminaException">
    /// Two layers have the same name, or the order of a weight in PyTorch is unknown.
    /// </exception>
    public static IReadOnlyList<PyTorchModule> Of(Model model)
    {
        // Rejects weights that belong to no layer, and duplicate names.
        _ = WeightKeys.Of(model);
        var order = FeatureOrder.Of(model);
        var modules = new List<PyTorchModule>();
        var visited = new HashSet<Layer>();
        foreach (Layer layer in model.Layers)
        {
            Collect(layer, layer.Name);
        }
        return modules;

        void Collect(Layer layer, string path)
        {
            if (layer is Model nested)
            {
                foreach (Layer inner in nested.Layers)
                {
                    Collect(inner, $"{path}.{inner.Name}");
                }
                return;
            }
            if (OwnWeights(layer).Any() && visited.Add(layer))
            {
                modules.Add(new PyTorchModule(path, layer, Translate(layer, order)));
            }
            foreach (Layer part in layer.Parts)
            {
                Collect(part, $"{path}.{part.PartName}");
            }
        }
    }

    private static IEnumerable<Weight> OwnWeights(Layer layer) => layer.Weights.Where(w => w.Layer == layer);

    private static PyTorchWeight[] Translate(Layer layer, FeatureOrder order) =>
        layer switch
        {
            Conv2D => [.. Known(layer, ("kernel", "weight", Convolution), ("bias", "bias", Same))],
            Dense => [.. Known(layer, ("kernel", "weight", w => Matrix(w, order.To(layer))), ("bias", "bias", Same))],
            BatchNormalization =>
            [
                .. Known(
                    layer,
                    ("gamma", "weight", w => Features(w, order.To(layer))),
                    ("beta", "bias", w => Features(w, order.To(layer))),
                    ("moving_mean", "running_mean", w => Features(w, order.To(layer))),
                    ("moving_variance", "running_var", w => Features(w, order.To(layer)))
                ),
            ],
            _ => [.. OwnWeights(layer).Select(w => new PyTorchWeight(w.Name, w, Dimensions(w.Shape), null))],
        };

    private static IEnumerable<PyTorchWeight> Known(
        Layer layer,
        params (string Own, string Theirs, Func<Weight, (long[], OutputsFirst?)> Translate)[] names
    )
    {
        foreach ((string own, string theirs, var translate) in names)
        {
            if (layer.Weights.FirstOrDefault(w => w.Name == own) is { } weight)
            {
                (long[] dimensions, OutputsFirst? layout) = translate(weight);
                yield return new PyTorchWeight(theirs, weight, dimensions, layout);
            }
        }
    }

    // (kh, kw, in / groups, filters) here, (filters, in / groups, kh, kw) there.
    private static (long[], OutputsFirst?) Convolution(Weight weight)
    {
        if (weight.Shape.ToArray() is not [int height, int width, int channels, int filters])
        {
            throw new LaminaException($"{weight} is not the kernel of a convolution.");
        }
        var layout = new OutputsFirst(filters, OutputsFirst.ChannelsLast(channels, height * width));
        return ([filters, channels, height, width], layout);
    }

    private static (long[], OutputsFirst?) Matrix(Weight weight, int[]? places)
    {
        int[] shape = weight.Shape.ToArray();
        return ([shape[1], shape[0]], new OutputsFirst(shape[1], places ?? OutputsFirst.InOrder(shape[0])));
    }

    private static (long[], OutputsFirst?) Features(Weight weight, int[]? places) =>
        (Dimensions(weight.Shape), places is null ? null : new OutputsFirst(1, places));

    private static (long[], OutputsFirst?) Same(Weight weight) => (Dimensions(weight.Shape), null);

    private static long[] Dimensions(Shape shape) => [.. shape.ToArray().Select(d => (long)d)];
}
