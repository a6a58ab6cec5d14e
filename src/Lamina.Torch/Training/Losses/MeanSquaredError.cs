namespace Lamina;

/// <summary>
/// A loss that is the mean of (output − target)² over all elements. Targets have as many elements as the output.
/// </summary>
public sealed class MeanSquaredError() : Loss(Key)
{
    internal const string Key = "mean_squared_error";

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output) =>
        LossOps.MeanOfLast(Ops.Square(output - LossOps.Reshaped(Name, target, output)));
}
