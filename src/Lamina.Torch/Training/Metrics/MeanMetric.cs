using Lamina.Torch;

namespace Lamina;

/// <summary>A metric that is the mean of a score over samples.</summary>
/// <remarks>
/// <see cref="Metric.Call"/> returns scores, (batch, …): one for each sample, or for each of several positions.
/// </remarks>
/// <param name="name">The name under which it is reported.</param>
public abstract class MeanMetric(string name) : Metric(name, stateSize: 2)
{
    /// <inheritdoc/>
    public override double Result => State[1] == 0 ? 0 : State[0] / State[1];

    internal override string Fingerprint => Name;

    /// <inheritdoc/>
    protected sealed override void Accumulate(NDArray values, NDArray? sampleWeights)
    {
        var rows = new MetricRows(Name, values, size: 1, sampleWeights);
        for (int i = 0; i < rows.Count; i++)
        {
            double weight = rows.Weight(i);
            // A sample that does not count may have any value.
            State[0] += weight == 0 ? 0 : weight * rows[i][0];
            State[1] += weight;
        }
    }
}
