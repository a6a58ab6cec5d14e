using Lamina.Torch;

namespace Lamina;

/// <summary>A metric that is the mean of a score over samples.</summary>
/// <remarks>Outputs with more axes, (N, height, width, classes), have one score for each row of classes.</remarks>
/// <param name="name">The name under which it is reported.</param>
public abstract class MeanMetric(string name) : Metric(name, stateSize: 2)
{
    /// <inheritdoc/>
    public sealed override double Result => State[1] == 0 ? 0 : State[0] / State[1];

    /// <inheritdoc/>
    public sealed override void Update(NDArray output, NDArray target) => Update(output, target, null);

    /// <inheritdoc/>
    public sealed override void Update(NDArray output, NDArray target, NDArray? sampleWeights)
    {
        var rows = new MetricRows(Name, output, target, sampleWeights);
        for (int i = 0; i < rows.Count; i++)
        {
            State[0] += rows.Weight(i) * ScoreOf(rows.Scores(i), rows.Target(i));
            State[1] += rows.Weight(i);
        }
    }

    /// <summary>Computes one sample's score.</summary>
    /// <param name="scores">The model's output for the sample.</param>
    /// <param name="label">The index of its class.</param>
    protected abstract double Score(ReadOnlySpan<float> scores, int label);

    internal override string Fingerprint => Name;

    /// <summary>Computes a row's score from its target: a class index, or a value for each class.</summary>
    private protected virtual double ScoreOf(ReadOnlySpan<float> scores, ReadOnlySpan<float> target) =>
        Score(scores, MetricRows.LabelOf(Name, target, scores.Length));

    private protected static int ArgMax(ReadOnlySpan<float> values) => MetricRows.ArgMax(values);
}
