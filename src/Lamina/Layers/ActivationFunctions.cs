namespace Lamina;

/// <summary>Keras's activations that are compositions of other ops.</summary>
internal static class ActivationFunctions
{
    /// <summary>Returns min(max(0, x / 6 + ½), 1), which Keras 3 calls hard_sigmoid.</summary>
    public static Symbol HardSigmoidOfKeras3(Symbol x) =>
        Ops.Activate(Ops.Rescale(x, [5 / 6f], [0]), ActivationKind.HardSigmoid);

    /// <summary>Returns x · min(max(0, x / 6 + ½), 1).</summary>
    public static Symbol HardSilu(Symbol x) => x * HardSigmoidOfKeras3(x);

    /// <summary>Returns log(1 / (1 + e⁻ˣ)), without overflow.</summary>
    public static Symbol LogSigmoid(Symbol x) => -Ops.Activate(-x, ActivationKind.Softplus);

    /// <summary>Returns x · tanh(log(1 + eˣ)).</summary>
    public static Symbol Mish(Symbol x) =>
        x * Ops.Activate(Ops.Activate(x, ActivationKind.Softplus), ActivationKind.Tanh);

    /// <summary>Returns x where |x| &gt; ½, else 0.</summary>
    public static Symbol HardShrink(Symbol x) => Ops.Where(Ops.Abs(x) > 0.5, x, 0);

    /// <summary>Returns 0 up to −1, (x + 1)² / 4 between −1 and 1, x from 1 on.</summary>
    public static Symbol SparsePlus(Symbol x) => (Ops.Square(Ops.Clip(x, -1, 1) + 1) * 0.25) + Ops.Relu(x - 1);

    /// <summary>Returns the first half of the channels times the sigmoid of the second half.</summary>
    public static Symbol Glu(Symbol x)
    {
        int half = x.Shape[^1]!.Value / 2;
        return x.Shape[^1] == 2 * half
            ? Ops.Slice(x, -1, 0, half) * Ops.Activate(Ops.Slice(x, -1, half, half), ActivationKind.Sigmoid)
            : throw new ShapeException($"glu needs an even last dimension, got {x.Shape}.");
    }

    /// <summary>
    /// Returns the projection of the last dimension onto the probabilities (Martins &amp; Astudillo 2016): max(x − τ, 0),
    /// where τ makes the sum 1. Comparing all pairs takes the place of sorting.
    /// </summary>
    public static Symbol Sparsemax(Symbol x)
    {
        int classes = x.Shape[^1]!.Value;
        int rows = checked((int)(x.Shape.SampleCount / classes));
        Symbol row = Ops.Reshape(x, Shape.Of(rows, classes, 1));
        Symbol column = Ops.Reshape(x, Shape.Of(rows, 1, classes));
        Symbol isLarger = column >= row;
        Symbol count = Ops.Sum(isLarger, [3], keepDims: true);
        Symbol larger = Ops.Sum(isLarger * column, [3], keepDims: true);
        Symbol isKept = (count * row) + 1 > larger;
        Symbol kept = Ops.Sum(isKept, [2], keepDims: true);
        Symbol threshold = (Ops.Sum(isKept * row, [2], keepDims: true) - 1) / kept;
        return Ops.Reshape(Ops.Relu(row - threshold), x.Shape.Sample);
    }
}
