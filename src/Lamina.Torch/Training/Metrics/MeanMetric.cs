namespace Lamina;

/// <summary>A metric that is the mean of a score over samples.</summary>
/// <param name="name">The name under which it is reported.</param>
public abstract class MeanMetric(string name) : Metric(name, stateSize: 2)
{
    /// <inheritdoc/>
    public sealed override double Result => State[1] == 0 ? 0 : State[0] / State[1];

    /// <inheritdoc/>
    public sealed override void Update(NDArray output, NDArray target)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(target);
        int classes = checked((int)output.Shape.SampleCount);
        bool sparse = target.Shape.ElementCount == output.Count && classes > 1;
        for (int i = 0; i < output.Count; i++)
        {
            ReadOnlySpan<float> row = output.Values.Slice(i * classes, classes);
            int label = sparse ? (int)target.Values[i] : ArgMax(target.Values.Slice(i * classes, classes));
            State[0] += Score(row, label);
        }
        State[1] += output.Count;
    }

    /// <summary>Computes one sample's score.</summary>
    /// <param name="scores">The model's output for the sample.</param>
    /// <param name="label">The index of its class.</param>
    protected abstract double Score(ReadOnlySpan<float> scores, int label);

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
