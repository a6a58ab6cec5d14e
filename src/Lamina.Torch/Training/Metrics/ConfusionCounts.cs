using Lamina.Torch;

namespace Lamina;

/// <summary>
/// The number of samples by right class and by the class with the highest score. The reported value is the accuracy.
/// </summary>
/// <remarks>
/// An evaluation works on a copy of a metric. For the matrix of a data set, call <c>Update</c>
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

    /// <summary>Returns the right class, the predicted one and the number of classes, (batch, …, 3).</summary>
    /// <param name="target">The targets.</param>
    /// <param name="output">The model's output.</param>
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol rows = MetricOps.Rows(output);
        int classes = rows.Shape[^1]!.Value;
        Symbol label = MetricOps.Labels(Name, target, rows);
        Symbol predicted;
        if (classes > 1)
        {
            predicted = Ops.ArgMax(rows);
        }
        else
        {
            // One unit decides between two classes.
            predicted = Ops.Reshape(MetricOps.Above(rows, 0.5), label.Shape.Sample);
            label = MetricOps.Above(label, 0.5);
        }
        return MetricOps.Columns(label, predicted, Ops.Equal(predicted, predicted) * Math.Max(2, classes));
    }

    internal override void RequireTargets(NDArray target, Shape output) =>
        MetricOps.RequireLabels(Name, target, output);

    /// <inheritdoc/>
    protected override void Accumulate(NDArray values, NDArray? sampleWeights)
    {
        var rows = new MetricRows(Name, values, size: 3, sampleWeights);
        for (int row = 0; row < rows.Count; row++)
        {
            (int label, int predicted, int classes) = ((int)rows[row][0], (int)rows[row][1], (int)rows[row][2]);
            Resize(classes * classes);
            State[(label * classes) + predicted] += rows.Weight(row);
        }
    }

    private int Classes => (int)Math.Sqrt(State.Length);
}
