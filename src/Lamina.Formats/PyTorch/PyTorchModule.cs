namespace Lamina;

/// <summary>A layer with weights as a module of PyTorch's.</summary>
/// <param name="Path">The layer's name, after those of the models it is nested in: <c>backbone.conv2d</c>.</param>
/// <param name="Layer">The layer.</param>
/// <param name="Weights">Its weights in PyTorch's order.</param>
internal sealed record PyTorchModule(string Path, Layer Layer, IReadOnlyList<PyTorchWeight> Weights)
{
    /// <summary>The counter of batches that PyTorch's batch normalisation has and Lamina's does not.</summary>
    public const string BatchCounter = "num_batches_tracked";

    /// <summary>A model's layers that have weights, in its order.</summary>
    /// <exception cref="LaminaException">Two have one name, or a weight's order in PyTorch is not known.</exception>
    public static IReadOnlyList<PyTorchModule> Of(Model model)
    {
        // Refuses weights that no layer has and names that come twice.
        _ = WeightKeys.Of(model);
        var order = FeatureOrder.Of(model);
        var modules = new List<PyTorchModule>();
        var met = new HashSet<Layer>();
        Collect(model, "");
        return modules;

        void Collect(Model parent, string prefix)
        {
            foreach (Layer layer in parent.Layers)
            {
                string path = prefix + layer.Name;
                if (layer is Model nested)
                {
                    Collect(nested, $"{path}.");
                }
                else if (layer.Weights.Count > 0 && met.Add(layer))
                {
                    modules.Add(new PyTorchModule(path, layer, Translate(layer, order)));
                }
            }
        }
    }

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
            _ => [.. layer.Weights.Select(w => new PyTorchWeight(w.Name, w, Dimensions(w.Shape), null))],
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
            throw new LaminaException($"{weight} is no kernel of a convolution.");
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
