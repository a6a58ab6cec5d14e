namespace Lamina.Torch;

/// <summary>The rows of a batch that a metric reads: the last axis of the output, with its target and weight.</summary>
internal readonly ref struct MetricRows
{
    private readonly ReadOnlySpan<float> _output;
    private readonly ReadOnlySpan<float> _target;
    private readonly ReadOnlySpan<float> _weights;
    private readonly int _rowsPerWeight;
    private readonly int _targetSize;

    /// <summary>Matches the targets to the output.</summary>
    /// <exception cref="LaminaException">The shapes do not match.</exception>
    public MetricRows(string metric, NDArray output, NDArray target, NDArray? weights)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(target);
        Size = output.Shape.Rank < 2 ? 1 : output.Shape[^1]!.Value;
        Count = output.Values.Length / Size;
        _output = output.Values;
        _target = target.Values;
        _targetSize =
            _target.Length == _output.Length ? Size
            : _target.Length == Count ? 1
            : throw new LaminaException(
                $"{metric}: targets {target.Shape} do not match the output {output.Shape}. Pass one class index, or one value for each class, per row."
            );
        _weights = weights is null ? [] : weights.Values;
        if (weights is not null && (_weights.Length == 0 || Count % _weights.Length != 0))
        {
            throw new LaminaException(
                $"{metric}: sample weights {weights.Shape} do not match the output {output.Shape}."
            );
        }
        _rowsPerWeight = Count / Math.Max(1, _weights.Length);
    }

    /// <summary>The number of rows.</summary>
    public int Count { get; }

    /// <summary>The number of values in a row of the output.</summary>
    public int Size { get; }

    /// <summary>Returns a row of the output.</summary>
    public ReadOnlySpan<float> Scores(int row) => _output.Slice(row * Size, Size);

    /// <summary>Returns a row's target: one value, or as many as the output has.</summary>
    public ReadOnlySpan<float> Target(int row) => _target.Slice(row * _targetSize, _targetSize);

    /// <summary>Returns the weight of a row's sample.</summary>
    public double Weight(int row) => _weights.IsEmpty ? 1 : _weights[row / _rowsPerWeight];

    /// <summary>Returns <see langword="true"/> if an element of a row is right, by its class index or its value.</summary>
    public bool IsPositive(string metric, int row, int element)
    {
        ReadOnlySpan<float> target = Target(row);
        return target.Length == Size ? target[element] != 0 : LabelOf(metric, target, Size) == element;
    }

    /// <summary>Returns the class of a target: its index, or that of the greatest value.</summary>
    /// <exception cref="LaminaException">An index is not that of a class.</exception>
    public static int LabelOf(string metric, ReadOnlySpan<float> target, int classes)
    {
        if (target.Length > 1)
        {
            return ArgMax(target);
        }
        float label = target[0];
        return classes == 1 || (label >= 0 && label < classes && label == MathF.Floor(label))
            ? (int)label
            : throw new LaminaException(
                FormattableString.Invariant(
                    $"{metric}: the label {label} is not a class index from 0 to {classes - 1}. "
                ) + "Check the labels, or the units of the last layer."
            );
    }

    /// <summary>Returns the index of the greatest value, the first of equal ones.</summary>
    public static int ArgMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
