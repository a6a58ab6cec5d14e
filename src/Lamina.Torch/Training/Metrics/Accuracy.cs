using Lamina.Torch;

namespace Lamina;

/// <summary>
/// The share of samples whose right class has the highest score. If the output has one unit, the share of samples whose
/// target is 1 for outputs above 0.5 and 0 for others, as in Keras.
/// </summary>
/// <param name="name">The name under which it is reported.</param>
public sealed class Accuracy(string name = "accuracy") : MeanMetric(name)
{
    internal override bool AcceptsLogits => true;

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol rows = MetricOps.Rows(output);
        return rows.Shape[^1] > 1
            ? Ops.Equal(Ops.ArgMax(rows), MetricOps.Labels(Name, target, rows))
            : Ops.Equal(LossOps.Reshaped(Name, target, rows), MetricOps.Above(rows, 0.5));
    }

    internal override void RequireTargets(NDArray target, Shape output) =>
        MetricOps.RequireLabels(Name, target, output);
}

/// <summary>The share of elements whose target is 1 for outputs above a threshold and 0 for others, like Keras's.</summary>
/// <param name="threshold">The output above which an element counts as 1. Default: 0.5.</param>
/// <param name="name">The name under which it is reported.</param>
public sealed class BinaryAccuracy(double threshold = 0.5, string name = "binary_accuracy") : MeanMetric(name)
{
    /// <summary>The output above which an element counts as 1.</summary>
    public double Threshold { get; } = threshold;

    internal override string Fingerprint => FormattableString.Invariant($"{Name} at {Threshold}");

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol rows = MetricOps.Rows(output);
        Symbol expected = MetricOps.IsDense(Name, target, rows)
            ? Ops.Reshape(target, rows.Shape.Sample)
            : MetricOps.Positives(Name, target, rows);
        return LossOps.MeanOfLast(Ops.Equal(expected, MetricOps.Above(rows, Threshold)));
    }

    internal override void RequireTargets(NDArray target, Shape output) =>
        MetricOps.RequireLabels(Name, target, output);
}

/// <summary>The share of samples whose right class is among the k highest scores.</summary>
public sealed class TopKCategoricalAccuracy : MeanMetric
{
    /// <summary>Creates the metric.</summary>
    /// <param name="k">The number of highest scores that count, at least 1.</param>
    /// <param name="name">The name; <see langword="null"/> for <c>top_5_accuracy</c> with k in it.</param>
    public TopKCategoricalAccuracy(int k = 5, string? name = null)
        : base(name ?? $"top_{k}_accuracy")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        K = k;
    }

    /// <summary>The number of highest scores that count.</summary>
    public int K { get; }

    /// <inheritdoc/>
    internal override void Check(Shape output) => RequireClasses(output.Rank < 2 ? 1 : output[^1] ?? K);

    internal override bool AcceptsLogits => true;

    internal override string Fingerprint => FormattableString.Invariant($"{Name} of {K}");

    // With fewer classes than k, every prediction would count as right; of Keras's backends, some say so and others fail.
    private void RequireClasses(int classes)
    {
        if (classes < K)
        {
            throw new LaminaException(
                FormattableString.Invariant(
                    $"{Name}: the output has {classes} classes, fewer than k = {K}, so every prediction would count as right. Use new TopKCategoricalAccuracy(k) with a smaller k, or leave the metric out."
                )
            );
        }
    }

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol rows = MetricOps.Rows(output);
        int classes = rows.Shape[^1]!.Value;
        RequireClasses(classes);
        Symbol label = MetricOps.Columns(MetricOps.Labels(Name, target, rows));
        Symbol indices = Constants.Range(classes, axis: 0, rank: 1);
        Symbol isLabel = Ops.Equal(indices, label);
        Symbol score = Ops.Max(Ops.Where(isLabel, rows, double.NegativeInfinity), [-1], keepDims: true);
        // Ties go to the lower index, as in argmax; NaN ranks below every number.
        Symbol isAhead = Ops.Where(Ops.Less(indices, label), Ops.GreaterEqual(rows, score), Ops.Greater(rows, score));
        Symbol ahead = Ops.Sum(isAhead, [-1], keepDims: true);
        return Ops.Less(ahead, K) * Ops.Equal(score, score);
    }

    internal override void RequireTargets(NDArray target, Shape output) =>
        MetricOps.RequireLabels(Name, target, output);
}
