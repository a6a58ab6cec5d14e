namespace Lamina;

/// <summary>A loss of whole rows, the last axis of the output. Targets have the shape of the output.</summary>
public abstract class RowLoss : Loss
{
    private protected RowLoss(string name)
        : base(name) { }

    /// <inheritdoc/>
    public sealed override Symbol Call(Symbol target, Symbol output) =>
        OfRows(LossOps.Aligned(Name, target, output), output);

    private protected abstract Symbol OfRows(Symbol target, Symbol output);
}

/// <summary>
/// A loss of Σ t·log(t / p) for distributions t and p, both clipped to [1e-7, 1]: the Kullback-Leibler divergence, like
/// Keras's.
/// </summary>
public sealed class KLDivergence() : RowLoss(Key)
{
    internal const string Key = "kl_divergence";

    private protected override Symbol OfRows(Symbol target, Symbol output)
    {
        Symbol t = Ops.Clip(target, LossOps.Epsilon, 1);
        Symbol p = Ops.Clip(output, LossOps.Epsilon, 1);
        return LossOps.SumOfLast(t * (Ops.Log(t) - Ops.Log(p)));
    }
}

/// <summary>
/// A loss of −cos of the angle between target and output: −1 for the same direction, like Keras's. A row of zeros has the
/// value 0.
/// </summary>
public sealed class CosineSimilarity() : RowLoss(Key)
{
    internal const string Key = "cosine_similarity";

    // As in Keras, the smallest squared norm that divides.
    private const double Least = 1e-12;

    private protected override Symbol OfRows(Symbol target, Symbol output) =>
        -LossOps.SumOfLast(Direction(target) * Direction(output));

    private static Symbol Direction(Symbol x) =>
        x
        / Ops.Sqrt(Ops.Maximum(x.Shape.Rank < 2 ? Ops.Square(x) : Ops.Sum(Ops.Square(x), [-1], keepDims: true), Least));
}

/// <summary>
/// A loss of max(1 + greatest score of the wrong classes − score of the right one, 0), like Keras's. Targets are
/// one-hot.
/// </summary>
public sealed class CategoricalHinge() : RowLoss(Key)
{
    internal const string Key = "categorical_hinge";

    private protected override Symbol OfRows(Symbol target, Symbol output)
    {
        Symbol right = Ops.Sum(target * output, [-1]);
        Symbol wrong = Ops.Max((1 - target) * output, [-1]);
        return Ops.Maximum(wrong - right + 1, 0);
    }
}
