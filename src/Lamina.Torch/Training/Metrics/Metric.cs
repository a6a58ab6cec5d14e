namespace Lamina;

/// <summary>
/// What a run reports beside its loss, as a mean over samples. A Keras name converts: <c>"accuracy"</c>,
/// <c>"top_5_accuracy"</c>.
/// </summary>
public abstract class Metric
{
    private double _sum;
    private long _count;

    private protected Metric(string name) => Name = name;

    /// <summary>The name under which it is reported.</summary>
    public string Name { get; }

    /// <summary>The metric of this Keras name.</summary>
    /// <exception cref="ArgumentException">No metric has this name.</exception>
    public static implicit operator Metric(string name) => FromName(name);

    /// <summary>The metric of this Keras name.</summary>
    /// <exception cref="ArgumentException">No metric has this name.</exception>
    public static Metric FromName(string name) =>
        name switch
        {
            "accuracy" or "acc" or "sparse_categorical_accuracy" or "categorical_accuracy" => new Accuracy(name),
            "top_5_accuracy" or "top_k_categorical_accuracy" or "sparse_top_k_categorical_accuracy" =>
                new TopKCategoricalAccuracy(5, name),
            _ => throw new ArgumentException(
                $"'{name}' is no metric. Use accuracy or top_5_accuracy, or new TopKCategoricalAccuracy(k).",
                nameof(name)
            ),
        };

    /// <summary>The mean over the samples since <see cref="Reset"/>; 0 before any.</summary>
    public double Result => _count == 0 ? 0 : _sum / _count;

    /// <summary>Starts anew.</summary>
    public void Reset() => (_sum, _count) = (0, 0);

    /// <summary>The same metric before any sample: evaluations have sums of their own.</summary>
    internal Metric Fresh()
    {
        var fresh = (Metric)MemberwiseClone();
        fresh.Reset();
        return fresh;
    }

    /// <summary>What is summed up since <see cref="Reset"/>: a checkpoint keeps it.</summary>
    internal (double Sum, long Count) State
    {
        get => (_sum, _count);
        set => (_sum, _count) = value;
    }

    /// <summary>Adds a batch.</summary>
    /// <param name="output">The model's output, (N, classes); logits rank as probabilities do.</param>
    /// <param name="target">The targets: class indices (N) or (N, 1), or one row of class probabilities a sample.</param>
    public void Update(NDArray output, NDArray target)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(target);
        int classes = checked((int)output.Shape.SampleCount);
        bool sparse = target.Shape.ElementCount == output.Count && classes > 1;
        for (int i = 0; i < output.Count; i++)
        {
            ReadOnlySpan<float> row = output.Values.Slice(i * classes, classes);
            int label = sparse ? (int)target.Values[i] : ArgMax(target.Values.Slice(i * classes, classes));
            _sum += Score(row, label);
        }
        _count += output.Count;
    }

    /// <summary>One sample's part of the mean.</summary>
    private protected abstract double Score(ReadOnlySpan<float> scores, int label);

    private protected static int ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}

/// <summary>The share of samples whose right class has the highest score.</summary>
/// <param name="name">The name under which it is reported.</param>
public sealed class Accuracy(string name = "accuracy") : Metric(name)
{
    private protected override double Score(ReadOnlySpan<float> scores, int label) => ArgMax(scores) == label ? 1 : 0;
}

/// <summary>The share of samples whose right class is among the k highest scores.</summary>
public sealed class TopKCategoricalAccuracy : Metric
{
    /// <summary>Creates the metric.</summary>
    /// <param name="k">How many of the highest scores count, at least 1.</param>
    /// <param name="name">The name; <see langword="null"/> for <c>top_5_accuracy</c> with k in it.</param>
    public TopKCategoricalAccuracy(int k = 5, string? name = null)
        : base(name ?? $"top_{k}_accuracy")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        K = k;
    }

    /// <summary>How many of the highest scores count.</summary>
    public int K { get; }

    private protected override double Score(ReadOnlySpan<float> scores, int label)
    {
        int ahead = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            // Ties go to the lower index, as an argmax would have it; NaN is ahead of nothing and behind nobody.
            ahead += scores[i] > scores[label] || (scores[i] == scores[label] && i < label) ? 1 : 0;
        }
        return ahead < K && !float.IsNaN(scores[label]) ? 1 : 0;
    }
}
