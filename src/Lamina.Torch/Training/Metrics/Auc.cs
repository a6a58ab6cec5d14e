using Lamina.Torch;

namespace Lamina;

/// <summary>The curves whose area <see cref="Auc"/> computes.</summary>
public enum AucCurve
{
    /// <summary>Recall by the rate of false positives.</summary>
    Roc,

    /// <summary>Precision by recall.</summary>
    PrecisionRecall,
}

/// <summary>
/// The area under a curve of decisions at evenly spaced thresholds, computed as Keras's AUC does: trapezoids for the ROC
/// curve, Davis and Goadrich's interpolation (2006) for precision and recall. Outputs are from 0 to 1; all elements form
/// one curve.
/// </summary>
/// <param name="numThresholds">The number of thresholds, at least 2. Default: 200.</param>
/// <param name="curve">The curve. Default: ROC.</param>
/// <param name="fromLogits"><see langword="true"/> to apply a sigmoid to the outputs first.</param>
/// <param name="name">The name under which it is reported.</param>
public sealed class Auc(
    int numThresholds = 200,
    AucCurve curve = AucCurve.Roc,
    bool fromLogits = false,
    string name = "auc"
) : Metric(name, stateSize: 2 * Math.Max(2, numThresholds))
{
    /// <summary>The number of thresholds.</summary>
    public int NumThresholds { get; } =
        numThresholds >= 2
            ? numThresholds
            : throw new ArgumentOutOfRangeException(nameof(numThresholds), numThresholds, "It must be at least 2.");

    /// <summary>The curve.</summary>
    public AucCurve Curve { get; } =
        Enum.IsDefined(curve) ? curve : throw new ArgumentOutOfRangeException(nameof(curve), curve, "Unknown curve.");

    /// <summary><see langword="true"/> to apply a sigmoid to the outputs first.</summary>
    public bool FromLogits { get; } = fromLogits;

    internal override string Fingerprint =>
        FormattableString.Invariant($"{Name}, {Curve}, {NumThresholds} thresholds, logits {FromLogits}");

    /// <inheritdoc/>
    public override double Result
    {
        get
        {
            double[] tp = AtLeast(State[..NumThresholds]);
            double[] fp = AtLeast(State[NumThresholds..]);
            double sum = 0;
            for (int i = 0; i + 1 < NumThresholds; i++)
            {
                sum +=
                    Curve == AucCurve.Roc
                        ? Quotient(fp[i] - fp[i + 1], fp[0]) * (Quotient(tp[i], tp[0]) + Quotient(tp[i + 1], tp[0])) / 2
                        : PrecisionRecall(tp, fp, i);
            }
            return sum;
        }
    }

    /// <summary>Returns probabilities, and then 1 for each of them whose target is right, (batch, …, 2 · classes).</summary>
    /// <param name="target">The targets.</param>
    /// <param name="output">The model's output.</param>
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol rows = MetricOps.Rows(output);
        Symbol shouldBe = MetricOps.Positives(Name, target, rows);
        return Ops.Concat([FromLogits ? Ops.Activate(rows, ActivationKind.Sigmoid) : rows, shouldBe]);
    }

    internal override void RequireTargets(NDArray target, Shape output) =>
        MetricOps.RequireLabels(Name, target, output);

    /// <inheritdoc/>
    protected override void Accumulate(NDArray values, NDArray? sampleWeights)
    {
        ArgumentNullException.ThrowIfNull(values);
        int classes = values.Shape[^1]!.Value / 2;
        var rows = new MetricRows(Name, values, 2 * classes, sampleWeights);
        for (int row = 0; row < rows.Count; row++)
        {
            ReadOnlySpan<float> pairs = rows[row];
            for (int i = 0; i < classes; i++)
            {
                float p = pairs[i];
                if (!(p >= 0 && p <= 1))
                {
                    throw new LaminaException(
                        FormattableString.Invariant($"{Name}: the output {p} is not from 0 to 1. ")
                            + "End the model with a sigmoid or softmax, or set fromLogits."
                    );
                }
                // The last threshold below p; the first is below 0, the last above 1.
                int bucket = Math.Max(0, (int)MathF.Ceiling(p * (NumThresholds - 1)) - 1);
                State[(pairs[classes + i] > 0 ? 0 : NumThresholds) + bucket] += rows.Weight(row);
            }
        }
    }

    private static double PrecisionRecall(double[] tp, double[] fp, int i)
    {
        double dtp = tp[i] - tp[i + 1];
        (double p, double next) = (tp[i] + fp[i], tp[i + 1] + fp[i + 1]);
        double slope = Quotient(dtp, Math.Max(p - next, 0));
        double intercept = tp[i + 1] - (slope * next);
        double ratio = p > 0 && next > 0 ? p / next : 1;
        return Quotient(slope * (dtp + (intercept * Math.Log(ratio))), tp[0]);
    }

    // The weights at or above each threshold.
    private static double[] AtLeast(ReadOnlySpan<double> buckets)
    {
        double[] sums = buckets.ToArray();
        for (int i = sums.Length - 2; i >= 0; i--)
        {
            sums[i] += sums[i + 1];
        }
        return sums;
    }

    private static double Quotient(double part, double whole) => whole == 0 ? 0 : part / whole;
}
