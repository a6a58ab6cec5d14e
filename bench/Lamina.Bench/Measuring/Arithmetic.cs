namespace Lamina.Bench;

/// <summary>Floating-point operations of models, by the direct algorithm.</summary>
internal static class Arithmetic
{
    /// <summary>Of one image.</summary>
    public static double FlopsOf(string model, int input, bool training)
    {
        var cost = ModelCost.Of(Networks.Build(model, input));
        // Forward, weight gradients and input gradients cost the same; the first convolution needs no input gradient.
        double multiplyAdds = training
            ? (3.0 * cost.MultiplyAdds) - cost.Layers.First(l => l.MultiplyAdds > 0).MultiplyAdds
            : cost.MultiplyAdds;
        return 2 * multiplyAdds;
    }
}
