namespace Lamina.Inspect;

/// <summary>The output of one layer for some images.</summary>
/// <param name="Layer">The name of the layer.</param>
/// <param name="Kind">The class of the layer.</param>
/// <param name="Values">(N, height, width, channels) or (N, units).</param>
public sealed record LayerActivation(string Layer, string Kind, NDArray Values);

/// <summary>Computes the outputs of all layers of a model.</summary>
public sealed class LayerActivations : IDisposable
{
    private readonly Node[] _nodes;
    private readonly Model _model;

    /// <summary>Prepares the outputs of a model's layers; those that only rename or drop values are left out.</summary>
    /// <param name="model">A model with one input.</param>
    /// <exception cref="LaminaException">The model has several inputs.</exception>
    public LayerActivations(Model model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Inputs.Count != 1)
        {
            throw new LaminaException(
                $"{model.Name}: has {model.Inputs.Count} inputs. Activations need a model with one."
            );
        }
        _nodes =
        [
            .. model.Nodes.Where(n =>
                n.Layer is not (InputLayer or Dropout or Flatten or Reshape) && n.Outputs is [{ Shape.Rank: 2 or 4 }]
            ),
        ];
        _model = new Model(model.Inputs, [.. _nodes.Select(n => n.Outputs[0])], model.Name);
    }

    /// <summary>The names of the layers, in the order of the results.</summary>
    public IReadOnlyList<string> Layers => [.. _nodes.Select(n => n.Layer.Name)];

    /// <summary>Computes the outputs of all layers.</summary>
    /// <param name="images">The inputs, prepared.</param>
    public IReadOnlyList<LayerActivation> Of(NDArray images)
    {
        ArgumentNullException.ThrowIfNull(images);
        IReadOnlyList<NDArray> values = _model.PredictAll([images]);
        return [.. _nodes.Select((n, i) => new LayerActivation(n.Layer.Name, n.Layer.ClassName, values[i]))];
    }

    /// <summary>Frees the plan; weights move back into arrays.</summary>
    public void Dispose() => _model.Unload();
}
