using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A value that a run reports beside its loss. A Keras name converts: <c>"accuracy"</c>, <c>"auc"</c>, <c>"mae"</c>. For a
/// custom metric, derive from this class and write <see cref="Call"/> in ops, or derive from <see cref="MeanMetric"/> if it
/// is a mean over samples.
/// </summary>
/// <remarks>
/// <see cref="Call"/> is part of the plan of training and evaluation. Its values stay on the device until somebody looks, and
/// are then added up in float64. Everything that a metric accumulates is in <see cref="State"/>: an evaluation works on a copy
/// of the metric, and a checkpoint saves the state so that a resumed epoch reports the same value.
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

    /// <summary>Computes what each sample adds to <see cref="State"/>, written in ops.</summary>
    /// <param name="target">The targets as the data contains them; (batch) becomes (batch, 1).</param>
    /// <param name="output">The model's output.</param>
    /// <returns>One row for each sample or position, (batch, …, n), for a state of n numbers.</returns>
    public abstract Symbol Call(Symbol target, Symbol output);

    /// <summary>Adds the values of a batch to <see cref="State"/>. Default: each row times the weight of its sample.</summary>
    /// <remarks>
    /// The states of several processes are added, so what it adds must not depend on the state, except in a metric for one
    /// process.
    /// </remarks>
    /// <param name="values">The values that <see cref="Call"/> computed. Valid during the call only.</param>
    /// <param name="sampleWeights">The weight of each sample, (N); <see langword="null"/> for 1.</param>
    /// <exception cref="LaminaException">A row has another size than the state.</exception>
    protected virtual void Accumulate(NDArray values, NDArray? sampleWeights)
    {
        ArgumentNullException.ThrowIfNull(values);
        int size = _state.Length == 1 || values.Shape.Rank == 0 ? 1 : values.Shape[^1]!.Value;
        Resize(size);
        var rows = new MetricRows(Name, values, size, sampleWeights);
        for (int row = 0; row < rows.Count; row++)
        {
            double weight = rows.Weight(row);
            ReadOnlySpan<float> added = rows[row];
            for (int i = 0; i < size; i++)
            {
                // A sample that does not count may have any value.
                _state[i] += weight == 0 ? 0 : weight * added[i];
            }
        }
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

    /// <summary>The accumulated numbers, zeros at first; <see cref="Accumulate"/> adds to them.</summary>
    protected Span<double> State => _state;

    /// <summary>Sets the number of accumulated values; to be called from <see cref="Accumulate"/>.</summary>
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
                    $"The metric {Name} accumulates {_state.Length} numbers and got {size}. Return rows of {_state.Length}, and use one metric for each output."
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

    /// <summary>Checks the values of targets, which <see cref="Call"/> cannot.</summary>
    /// <exception cref="LaminaException">A value is not allowed.</exception>
    internal virtual void RequireTargets(NDArray target, Shape output) { }

    /// <summary>Throws if the metric is not a function of arrays.</summary>
    /// <exception cref="InvalidOperationException">It depends on other symbols of a model.</exception>
    internal virtual void RequireArrays() { }

    /// <summary>The ops as a function of arrays, once they were needed.</summary>
    internal IMetricFunction? Function { get; set; }

    /// <summary>Adds the values of a batch.</summary>
    internal void Add(NDArray values, NDArray? sampleWeights) => Accumulate(values, sampleWeights);

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
        fresh.Function = null;
        fresh.Reset();
        return fresh;
    }
}
