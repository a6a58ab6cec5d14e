using Lamina.Torch;

namespace Lamina;

/// <summary>
/// The number of samples by right class and by the class with the highest score. The reported value is the accuracy.
/// </summary>
/// <remarks>
/// An evaluation works on a copy of a metric. For the matrix of a data set, call <see cref="Update(NDArray, NDArray)"/>
/// with predictions and targets.
/// </remarks>
/// <param name="name">The name under which it is reported.</param>
public sealed class ConfusionCounts(string name = "confusion_accuracy") : Metric(name)
{
    internal override bool AcceptsLogits => true;

    internal override string Fingerprint => Name;

    /// <summary>
    /// A copy of the weighted counts, (classes, classes): right classes by rows, predicted ones by columns.
    /// </summary>
    /// <exception cref="InvalidOperationException">No sample has been counted.</exception>
    public NDArray Counts
    {
        get
        {
            int classes = Classes;
            if (classes == 0)
            {
                throw new InvalidOperationException($"{Name} has not counted any sample. Call Update first.");
            }
            return new NDArray([classes, classes], Array.ConvertAll(State.ToArray(), v => (float)v));
        }
    }

    /// <inheritdoc/>
    public override double Result
    {
        get
        {
            (double right, double all) = (0, 0);
            int classes = Classes;
            for (int i = 0; i < State.Length; i++)
            {
                all += State[i];
                right += i % (classes + 1) == 0 ? State[i] : 0;
            }
            return all == 0 ? 0 : right / all;
        }
    }

    /// <inheritdoc/>
    public override void Update(NDArray output, NDArray target) => Update(output, target, null);

    /// <inheritdoc/>
    public override void Update(NDArray output, NDArray target, NDArray? sampleWeights)
    {
        var rows = new MetricRows(Name, output, target, sampleWeights);
        // One unit decides between two classes.
        int classes = Math.Max(2, rows.Size);
        Resize(classes * classes);
        for (int row = 0; row < rows.Count; row++)
        {
            ReadOnlySpan<float> scores = rows.Scores(row);
            int predicted =
                scores.Length > 1 ? MetricRows.ArgMax(scores)
                : scores[0] > 0.5f ? 1
                : 0;
            ReadOnlySpan<float> values = rows.Target(row);
            int label =
                scores.Length > 1 ? MetricRows.LabelOf(Name, values, classes)
                : values[0] > 0.5f ? 1
                : 0;
            State[(label * classes) + predicted] += rows.Weight(row);
        }
    }

    private int Classes => (int)Math.Sqrt(State.Length);
}
