namespace Lamina;

/// <summary>Finds the values of a model that cannot be below 0 for any input, mostly the outputs of a ReLU.</summary>
internal static class NonNegativeValues
{
    private static readonly HashSet<string> s_activations = new(StringComparer.Ordinal)
    {
        "relu",
        "relu6",
        "sigmoid",
        "hard_sigmoid",
        Activation.HardSigmoidOfKeras3,
        "softplus",
        "exponential",
        "softmax",
        "squareplus",
        "sparse_plus",
        "sparse_sigmoid",
        "sparsemax",
    };

    // The activations that are negative for values above 0.
    private static readonly HashSet<string> s_negative = new(StringComparer.Ordinal) { "log_sigmoid", "log_softmax" };

    /// <summary>Returns the applications of layers whose outputs cannot be negative.</summary>
    public static HashSet<Node> Of(Model model)
    {
        HashSet<Node> found = [];
        foreach (Node node in model.Nodes.Where(n => n.Inputs.Count > 0))
        {
            if (MakesNone(node.Layer) || (KeepsSign(node.Layer) && node.Inputs.All(i => found.Contains(i.Node!))))
            {
                found.Add(node);
            }
        }
        return found;
    }

    // Outputs are never negative, whatever the input.
    private static bool MakesNone(Layer layer) =>
        layer switch
        {
            Conv2D or Dense or ActivationLayer => s_activations.Contains(layer.Activation?.Name ?? ""),
            ReLU relu => relu.NegativeSlope == 0 && relu.Threshold >= 0,
            Softmax => true,
            _ => false,
        };

    // Outputs are not negative if no input is.
    private static bool KeepsSign(Layer layer) =>
        layer switch
        {
            Pooling2D or AdaptiveAveragePooling2D or GlobalAveragePooling2D => true,
            Flatten or Reshape or Permute or Slice or ZeroPadding2D or Dropout => true,
            ActivationLayer { Activation.Name: var name } => Activation.IsBuiltIn(name) && !s_negative.Contains(name),
            Concatenate or Add or Multiply or ReLU or LeakyReLU => true,
            Average or Maximum or Minimum or GlobalMaxPooling2D or RepeatVector or Cropping2D or Identity => true,
            UpSampling2D up => up.Interpolation is "nearest" or "bilinear",
            LocalResponseNormalization lrn => lrn.K > 0 && lrn.Alpha >= 0,
            Rescaling rescaling => rescaling.Scale.All(s => s >= 0) && rescaling.Offset.All(o => o >= 0),
            _ => false,
        };
}
