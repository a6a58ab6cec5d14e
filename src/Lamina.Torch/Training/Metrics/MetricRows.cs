namespace Lamina.Torch;

/// <summary>The rows of what a metric's ops computed for a batch, with the weights of their samples.</summary>
internal readonly ref struct MetricRows
{
    private readonly ReadOnlySpan<float> _values;
    private readonly ReadOnlySpan<float> _weights;
    private readonly int _size;
    private readonly int _rowsPerWeight;

    /// <param name="metric">The metric's name, for messages.</param>
    /// <param name="values">The values.</param>
    /// <param name="size">The number of values in a row.</param>
    /// <param name="weights">The weight of each sample; <see langword="null"/> for 1.</param>
    /// <exception cref="LaminaException">The weights do not match the rows.</exception>
    public MetricRows(string metric, NDArray values, int size, NDArray? weights)
    {
        _values = values.Values;
        (_size, Count) = (size, _values.Length / Math.Max(1, size));
        _weights = weights is null ? [] : weights.Values;
        if (Count < _weights.Length)
        {
            // A value without a batch, of weights alone, counts once.
            _weights = [];
        }
        else if (!_weights.IsEmpty && Count % _weights.Length != 0)
        {
            throw new LaminaException(
                $"{metric}: {_weights.Length} sample weights do not match {Count} values. Pass one weight for each sample."
            );
        }
        _rowsPerWeight = Count / Math.Max(1, _weights.Length);
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>Returns a row.</summary>
    public ReadOnlySpan<float> this[int row] => _values.Slice(row * _size, _size);

    /// <summary>Returns the weight of a row's sample.</summary>
    public double Weight(int row) => _weights.IsEmpty ? 1 : _weights[row / _rowsPerWeight];
}
