namespace Lamina;

/// <summary>The share of samples whose right class has the highest score.</summary>
/// <param name="name">The name under which it is reported.</param>
public sealed class Accuracy(string name = "accuracy") : MeanMetric(name)
{
    internal override bool AcceptsLogits => true;

    /// <inheritdoc/>
    protected override double Score(ReadOnlySpan<float> scores, int label) => ArgMax(scores) == label ? 1 : 0;
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

    internal override bool AcceptsLogits => true;

    /// <inheritdoc/>
    protected override double Score(ReadOnlySpan<float> scores, int label)
    {
        int ahead = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            // Ties go to the lower index, as in argmax; NaN ranks below every number.
            ahead += scores[i] > scores[label] || (scores[i] == scores[label] && i < label) ? 1 : 0;
        }
        return ahead < K && !float.IsNaN(scores[label]) ? 1 : 0;
    }
}
