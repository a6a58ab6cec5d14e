namespace Lamina;

/// <summary>The root of the mean of (output − target)² over all elements, like Keras's.</summary>
/// <param name="name">The name under which it is reported.</param>
public sealed class RootMeanSquaredError(string name = "root_mean_squared_error") : MeanMetric(name)
{
    /// <inheritdoc/>
    public override double Result => Math.Sqrt(base.Result);

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output) =>
        Ops.Square(output - LossOps.Reshaped(Name, target, output));
}
