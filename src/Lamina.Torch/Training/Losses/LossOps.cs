namespace Lamina;

/// <summary>Parts that several losses in ops share.</summary>
internal static class LossOps
{
    /// <summary>The constant that Keras adds, or clips by, to keep logarithms and quotients finite.</summary>
    public const double Epsilon = 1e-7;

    /// <summary>Returns targets in the shape of the output, so that the two combine element by element.</summary>
    /// <exception cref="LaminaException">A sample of the targets has another number of elements.</exception>
    public static Symbol Aligned(string loss, Symbol target, Symbol output)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(output);
        // (batch, 1) for (batch), (batch, height, width) for (batch, height, width, 1), and the reverse.
        return target.Shape == output.Shape || IsOneApart(target.Shape, output.Shape)
            ? Reshaped(loss, target, output)
            : throw Mismatch(loss, target, output);
    }

    /// <summary>Returns targets with as many elements as the output, in its shape.</summary>
    /// <exception cref="LaminaException">A sample of the targets has another number of elements.</exception>
    public static Symbol Reshaped(string loss, Symbol target, Symbol output)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(output);
        return target.Shape == output.Shape ? target
            : Known(target.Shape) is { } count && count == Known(output.Shape)
                ? Ops.Reshape(target, output.Shape.Sample)
            : throw Mismatch(loss, target, output);
    }

    /// <summary>Returns the mean over the last axis; a value that has only a batch is returned as it is.</summary>
    public static Symbol MeanOfLast(Symbol values) =>
        values.Shape.Rank < 2 ? values : Ops.Sum(values, [-1]) / values.Shape[^1]!.Value;

    /// <summary>Returns the sum over the last axis; a value that has only a batch is returned as it is.</summary>
    public static Symbol SumOfLast(Symbol values) => values.Shape.Rank < 2 ? values : Ops.Sum(values, [-1]);

    /// <summary>Returns log(1 + eˣ) without overflow.</summary>
    public static Symbol Softplus(Symbol x) => Ops.Maximum(x, 0) + Ops.Log1p(Ops.Exp(-Ops.Abs(x)));

    /// <summary>Returns targets of two classes with a share of smoothing between them.</summary>
    public static Symbol Smooth(Symbol target, double smoothing) =>
        smoothing == 0 ? target : (target * (1 - smoothing)) + (0.5 * smoothing);

    /// <summary>Returns a number that must be finite and at least 0.</summary>
    public static double Positive(double value, string name) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, $"{name} is {value}; it must be finite and at least 0.");

    private static LaminaException Mismatch(string loss, Symbol target, Symbol output) =>
        new(
            $"{loss}: targets {target.Shape} do not match the output {output.Shape}. Pass targets of the output's shape, or another loss."
        );

    private static bool IsOneApart(Shape a, Shape b)
    {
        (Shape shorter, Shape longer) = a.Rank < b.Rank ? (a, b) : (b, a);
        return longer.Rank == shorter.Rank + 1 && longer[^1] == 1;
    }

    private static long? Known(Shape shape) =>
        shape.Sample.Any(d => d is null) ? null
        : shape.Rank == 0 ? 1
        : shape.SampleCount;
}
