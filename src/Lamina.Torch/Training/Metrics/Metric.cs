using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A value that a run reports beside its loss. A Keras name converts: <c>"accuracy"</c>, <c>"auc"</c>, <c>"mae"</c>. For a
/// custom metric, derive from this class, or from <see cref="MeanMetric"/> if it is a mean over samples.
/// </summary>
/// <remarks>
/// Everything that a metric accumulates is in <see cref="State"/>: an evaluation works on a copy of the metric, and a
/// checkpoint saves the state so that a resumed epoch reports the same value.
/// </remarks>
public abstract class Metric
{
    private readonly bool _isSizedByData;
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

    /// <summary>Creates a metric whose number of accumulated values the first batch determines.</summary>
    /// <param name="name">The name under which it is reported.</param>
    protected Metric(string name)
        : this(name, 0) => _isSizedByData = true;

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

    /// <summary>Adds a batch whose samples have weights. Default: only unweighted batches are accepted.</summary>
    /// <param name="output">The model's output, (N, …). Valid during the call only.</param>
    /// <param name="target">The targets, (N, …). Valid during the call only.</param>
    /// <param name="sampleWeights">The weight of each sample, (N); <see langword="null"/> for 1.</param>
    /// <exception cref="LaminaException">There are weights, and the metric does not accept them.</exception>
    public virtual void Update(NDArray output, NDArray target, NDArray? sampleWeights)
    {
        if (sampleWeights is not null)
        {
            throw new LaminaException(
                $"The metric {Name} does not accept sample weights. Pass it in metrics instead of weightedMetrics, or override Update."
            );
        }
        Update(output, target);
    }

    /// <summary>Sets the state to zeros, as before any sample.</summary>
    public virtual void Reset()
    {
        if (_isSizedByData)
        {
            _state = [];
        }
        Array.Clear(_state);
    }

    /// <summary>Returns the metric with this Keras name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static implicit operator Metric(string name) => FromName(name);

    /// <summary>Returns the metric with this Keras name.</summary>
    /// <exception cref="ArgumentException">The name is unknown.</exception>
    public static Metric FromName(string name) =>
        BuiltInMetrics.Find(name)
        ?? throw new ArgumentException($"'{name}' is not a metric. Use {BuiltInMetrics.Names}.", nameof(name));

    /// <summary>The accumulated numbers, zeros at first; <see cref="Update(NDArray, NDArray)"/> adds to them.</summary>
    protected Span<double> State => _state;

    /// <summary>Sets the number of accumulated values; to be called from Update.</summary>
    /// <param name="size">The number of values, at least 0.</param>
    /// <exception cref="LaminaException">The metric already accumulates another number of values.</exception>
    protected void Resize(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        if (_isSizedByData && _state.Length == 0)
        {
            _state = new double[size];
        }
        if (_state.Length != size)
        {
            throw new LaminaException(
                FormattableString.Invariant(
                    $"The metric {Name} accumulates {_state.Length} numbers and cannot change to {size}. Use one metric for each output."
                )
            );
        }
    }

    /// <summary>The name and settings, which a resumed run compares.</summary>
    internal virtual string Fingerprint =>
        _isSizedByData ? Name : FormattableString.Invariant($"{Name} of {_state.Length} numbers");

    /// <summary>
    /// <see langword="true"/> if the metric depends only on the order of the scores, so that logits can replace
    /// probabilities.
    /// </summary>
    internal virtual bool AcceptsLogits => false;

    /// <summary>Checks, before training, that the metric is defined for an output.</summary>
    /// <exception cref="LaminaException">It is not; the message says why.</exception>
    internal virtual void Check(Shape output) { }

    /// <summary>A copy of the state, or the state to continue from.</summary>
    internal double[] Accumulated
    {
        get => [.. _state];
        set =>
            _state =
                value.Length == _state.Length || (_isSizedByData && (value.Length == 0 || _state.Length == 0))
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
        fresh._state = new double[_isSizedByData ? 0 : _state.Length];
        fresh.Reset();
        return fresh;
    }
}
