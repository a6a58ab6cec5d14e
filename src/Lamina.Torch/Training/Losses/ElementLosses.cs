using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A loss that is the mean over the output's last axis of a function of target and output, element by element. Targets
/// have the shape of the output.
/// </summary>
public abstract class ElementLoss : Loss
{
    private protected ElementLoss(string name)
        : base(name) { }

    /// <inheritdoc/>
    public sealed override Symbol Call(Symbol target, Symbol output) =>
        LossOps.MeanOfLast(OfElements(LossOps.Aligned(Name, target, output), output));

    private protected abstract Symbol OfElements(Symbol target, Symbol output);
}

/// <summary>A loss that is the mean of |output − target|, like Keras's.</summary>
public sealed class MeanAbsoluteError() : ElementLoss(Key)
{
    internal const string Key = "mean_absolute_error";

    private protected override Symbol OfElements(Symbol target, Symbol output) => Ops.Abs(output - target);
}

/// <summary>A loss that is the mean of 100·|output − target| / max(|target|, 1e-7), like Keras's.</summary>
public sealed class MeanAbsolutePercentageError() : ElementLoss(Key)
{
    internal const string Key = "mean_absolute_percentage_error";

    private protected override Symbol OfElements(Symbol target, Symbol output) =>
        100 * Ops.Abs((target - output) / Ops.Maximum(Ops.Abs(target), LossOps.Epsilon));
}

/// <summary>
/// A loss that is the mean of (log(1 + output) − log(1 + target))², with both at least 1e-7, like Keras's.
/// </summary>
public sealed class MeanSquaredLogarithmicError() : ElementLoss(Key)
{
    internal const string Key = "mean_squared_logarithmic_error";

    private protected override Symbol OfElements(Symbol target, Symbol output) =>
        Ops.Square(Ops.Log1p(Ops.Maximum(output, LossOps.Epsilon)) - Ops.Log1p(Ops.Maximum(target, LossOps.Epsilon)));
}

/// <summary>
/// A loss that is ½e² for errors e up to δ and δ·|e| − ½δ² beyond, so that outliers count less; like Keras's.
/// </summary>
/// <param name="delta">The error δ at which the loss becomes linear, above 0. Default: 1.</param>
public sealed class Huber(double delta = 1) : ElementLoss(Key)
{
    internal const string Key = "huber";

    /// <summary>The error at which the loss becomes linear.</summary>
    public double Delta { get; } =
        double.IsFinite(delta) && delta > 0
            ? delta
            : throw new ArgumentOutOfRangeException(nameof(delta), $"delta is {delta}; it must be above 0.");

    private protected override Symbol OfElements(Symbol target, Symbol output)
    {
        Symbol error = Ops.Abs(output - target);
        // Both parts at once: ½·min(e, δ)² + δ·max(e − δ, 0).
        return (0.5 * Ops.Square(Ops.Minimum(error, Delta))) + (Delta * Ops.Maximum(error - Delta, 0));
    }

    private protected override void Write(JsonObject config) => config["delta"] = Delta;
}

/// <summary>A loss that is the mean of log cosh(output − target), like Keras's.</summary>
public sealed class LogCosh() : ElementLoss(Key)
{
    internal const string Key = "log_cosh";

    private protected override Symbol OfElements(Symbol target, Symbol output)
    {
        // |e| + log(1 + e^(−2|e|)) − log 2 does not overflow.
        Symbol error = Ops.Abs(output - target);
        return error + Ops.Log1p(Ops.Exp(-2 * error)) - Math.Log(2);
    }
}

/// <summary>
/// A loss that is the mean of output − target·log(output + 1e-7), for outputs that are rates of counts; like Keras's.
/// </summary>
public sealed class Poisson() : ElementLoss(Key)
{
    internal const string Key = "poisson";

    private protected override Symbol OfElements(Symbol target, Symbol output) =>
        output - (target * Ops.Log(output + LossOps.Epsilon));
}

/// <summary>
/// A loss that is the mean of max(1 − t·output, 0) for targets t of −1 and 1; 0 counts as −1, as in Keras.
/// </summary>
public sealed class Hinge() : ElementLoss(Key)
{
    internal const string Key = "hinge";

    private protected override Symbol OfElements(Symbol target, Symbol output) => Margin(target, output);

    /// <summary>Returns the part of the margin of 1 that is missed.</summary>
    internal static Symbol Margin(Symbol target, Symbol output) =>
        Ops.Maximum(1 - (Ops.Where(Ops.Equal(target, 0), -1, target) * output), 0);
}

/// <summary>
/// A loss that is the mean of max(1 − t·output, 0)² for targets t of −1 and 1; 0 counts as −1, as in Keras.
/// </summary>
public sealed class SquaredHinge() : ElementLoss(Key)
{
    internal const string Key = "squared_hinge";

    private protected override Symbol OfElements(Symbol target, Symbol output) =>
        Ops.Square(Hinge.Margin(target, output));
}
