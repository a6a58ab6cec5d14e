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
    protected override double Score(ReadOnlySpan<float> scores, int label) => ArgMax(scores) == label ? 1 : 0;

    private protected override double ScoreOf(ReadOnlySpan<float> scores, ReadOnlySpan<float> target) =>
        scores.Length > 1 ? base.ScoreOf(scores, target)
        : target[0] == (scores[0] > 0.5f ? 1 : 0) ? 1
        : 0;
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
    protected override double Score(ReadOnlySpan<float> scores, int label)
    {
        double right = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            right += (scores[i] > Threshold) == (i == label) ? 1 : 0;
        }
        return right / scores.Length;
    }

    private protected override double ScoreOf(ReadOnlySpan<float> scores, ReadOnlySpan<float> target)
    {
        if (target.Length != scores.Length)
        {
            return base.ScoreOf(scores, target);
        }
        double right = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            right += target[i] == (scores[i] > Threshold ? 1 : 0) ? 1 : 0;
        }
        return right / scores.Length;
    }
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
    protected override double Score(ReadOnlySpan<float> scores, int label)
    {
        RequireClasses(scores.Length);
        if (label < 0 || label >= scores.Length)
        {
            return 0;
        }
        int ahead = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            // Ties go to the lower index, as in argmax; NaN ranks below every number.
            ahead += scores[i] > scores[label] || (scores[i] == scores[label] && i < label) ? 1 : 0;
        }
        return ahead < K && !float.IsNaN(scores[label]) ? 1 : 0;
    }
}
