namespace Lamina;

/// <summary>
/// A value that a run reports beside its loss. A Keras name converts: <c>"accuracy"</c>, <c>"top_5_accuracy"</c>. For a
/// custom metric, derive from this class, or from <see cref="MeanMetric"/> if it is a mean over samples.
/// </summary>
/// <remarks>
/// Everything that a metric accumulates is in <see cref="State"/>: an evaluation works on a copy of the metric, and a
/// checkpoint saves the state so that a resumed epoch reports the same value.
/// </remarks>
public abstract class Metric
{
    private double[] _state;

    /// <summary>Creates a metric.</summary>
    /// <param name="name">The name under which it is reported.</param>
    /// <param name="stateSize">The number of values that it accumulates, at least 0.</param>
    protected Metric(string name, int stateSize)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfNegative(stateSize);
        (Name, _state) = (name, new double[stateSize]);
    }

    /// <summary>The name under which it is reported.</summary>
    public string Name { get; }

    /// <summary>The value over the samples since <see cref="Reset"/>.</summary>
    public abstract double Result { get; }

    /// <summary>Adds a batch.</summary>
    /// <param name="output">The model's output, (N, …). Valid during the call only.</param>
    /// <param name="target">
    /// The targets, (N, …): class indices (N) or (N, 1), or one row of class probabilities for each sample. Valid
    /// during the call only.
    /// </param>
    public abstract void Update(NDArray output, NDArray target);

    /// <summary>Sets the state to zeros, as before any sample.</summary>
    public virtual void Reset() => Array.Clear(_state);

    /// <summary>Returns the metric with this Keras name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Metric(string name) => FromName(name);

    /// <summary>Returns the metric with this Keras name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Metric FromName(string name) =>
        name switch
        {
            "accuracy" or "acc" or "sparse_categorical_accuracy" or "categorical_accuracy" => new Accuracy(name),
            "top_5_accuracy" or "top_k_categorical_accuracy" or "sparse_top_k_categorical_accuracy" =>
                new TopKCategoricalAccuracy(5, name),
            _ => throw new ArgumentException(
                $"'{name}' is not a metric. Use accuracy or top_5_accuracy, or new TopKCategoricalAccuracy(k).",
                nameof(name)
            ),
        };

    /// <summary>The accumulated numbers, zeros at first; <see cref="Update"/> adds to them.</summary>
    protected Span<double> State => _state;

    /// <summary>
    /// <see langword="true"/> if the metric depends only on the order of the scores, so that logits can replace
    /// probabilities.
    /// </summary>
    internal virtual bool AcceptsLogits => false;

    /// <summary>A copy of the state, or the state to continue from.</summary>
    internal double[] Accumulated
    {
        get => [.. _state];
        set =>
            _state =
                value.Length == _state.Length
                    ? [.. value]
                    : throw new LaminaException(
                        FormattableString.Invariant(
                            $"The metric {Name} accumulates {_state.Length} numbers; the checkpoint contains {value.Length}. Compile with the settings of the run that saved it."
                        )
                    );
    }

    /// <summary>Returns the same metric before any sample: evaluations accumulate separately.</summary>
    internal Metric Fresh()
    {
        var fresh = (Metric)MemberwiseClone();
        fresh._state = new double[_state.Length];
        fresh.Reset();
        return fresh;
    }
}
