namespace Lamina;

/// <summary>The gradients of batch normalization in ops, for training and for inference.</summary>
internal static class NormalizationGradients
{
    public static Symbol?[] Of(BatchNormalizationOp op, Layer? layer, Symbol[] x, Symbol g)
    {
        Symbol?[] inference = Scaled(op, x, g, x[1], Inverse(x[2], op), null);
        if (layer is { Trainable: false })
        {
            return inference;
        }
        int[] axes = GradientShapes.AllButLast(x[0].Shape);
        Symbol count = Ops.Sum(GradientShapes.Ones(x[0]), axes);
        Symbol mean = Ops.Sum(x[0], axes) / count;
        Symbol variance = Ops.Sum(Ops.Square(x[0] - mean), axes) / count;
        Symbol?[] training = Scaled(op, x, g, mean, Inverse(variance, op), count);
        return [.. training.Zip(inference, (a, b) => a is null || b is null ? null : Ops.InTraining(a, b))];
    }

    private static Symbol Inverse(Symbol variance, BatchNormalizationOp op) => 1 / Ops.Sqrt(variance + op.Epsilon);

    // With a count, mean and variance are those of x, and gradients flow through them, too.
    private static Symbol?[] Scaled(
        BatchNormalizationOp op,
        Symbol[] x,
        Symbol g,
        Symbol mean,
        Symbol inverse,
        Symbol? count
    )
    {
        int[] axes = GradientShapes.AllButLast(x[0].Shape);
        Symbol normalized = (x[0] - mean) * inverse;
        Symbol slope = op.HasScale ? g * x[3] : g;
        if (count is not null)
        {
            slope -= (Ops.Sum(slope, axes) + (normalized * Ops.Sum(slope * normalized, axes))) / count;
        }
        List<Symbol?> results = [slope * inverse, null, null];
        if (op.HasScale)
        {
            results.Add(Ops.Sum(g * normalized, axes));
        }
        if (op.HasCenter)
        {
            results.Add(Ops.Sum(g, axes));
        }
        return [.. results];
    }
}
