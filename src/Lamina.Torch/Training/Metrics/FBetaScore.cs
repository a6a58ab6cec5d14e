using Lamina.Torch;

namespace Lamina;

/// <summary>The ways in which the scores of classes become one number.</summary>
public enum ScoreAverage
{
    /// <summary>The mean over classes.</summary>
    Macro,

    /// <summary>The score of the counts of all classes together.</summary>
    Micro,

    /// <summary>The mean over classes, weighted by the number of samples of each.</summary>
    Weighted,
}

/// <summary>
/// The harmonic mean of precision and recall, with recall β times as important; like Keras's FBetaScore. Without a
/// threshold, the class with the highest score counts as 1. Keras's score by class is not available: a metric has one
/// value.
/// </summary>
/// <param name="average">The way in which classes combine. Default: the mean over classes.</param>
/// <param name="beta">The importance β of recall, above 0. Default: 1.</param>
/// <param name="threshold">
/// The output above which a class counts as 1; <see langword="null"/> for the highest score only.
/// </param>
/// <param name="name">The name under which it is reported.</param>
public class FBetaScore(
    ScoreAverage average = ScoreAverage.Macro,
    double beta = 1,
    double? threshold = null,
    string name = "fbeta_score"
) : Metric(name)
{
    /// <summary>The way in which classes combine.</summary>
    public ScoreAverage Average { get; } =
        Enum.IsDefined(average)
            ? average
            : throw new ArgumentOutOfRangeException(nameof(average), average, "Unknown average.");

    /// <summary>The importance of recall.</summary>
    public double Beta { get; } =
        double.IsFinite(beta) && beta > 0
            ? beta
            : throw new ArgumentOutOfRangeException(nameof(beta), $"beta is {beta}; it must be above 0.");

    /// <summary>The output above which a class counts as 1; <see langword="null"/> for the highest score only.</summary>
    public double? Threshold { get; } = threshold;

    internal override string Fingerprint =>
        FormattableString.Invariant($"{Name}, {Average}, beta {Beta}, threshold {Threshold}");

    /// <inheritdoc/>
    public override double Result
    {
        get
        {
            int classes = State.Length / 3;
            (double score, double sum, double weights) = (0, 0, 0);
            (double tp, double fp, double fn) = (0, 0, 0);
            for (int c = 0; c < classes; c++)
            {
                ReadOnlySpan<double> counts = State.Slice(3 * c, 3);
                (tp, fp, fn) = (tp + counts[0], fp + counts[1], fn + counts[2]);
                double weight = Average == ScoreAverage.Weighted ? counts[0] + counts[2] : 1;
                score = Of(counts[0], counts[1], counts[2]);
                (sum, weights) = (sum + (weight * score), weights + weight);
            }
            return Average == ScoreAverage.Micro ? Of(tp, fp, fn) : Quotient(sum, weights);
        }
    }

    /// <summary>Returns for each element 1 for a true positive, 2 for a false one, 3 for a false negative, else 0.</summary>
    /// <param name="target">The targets.</param>
    /// <param name="output">The model's output.</param>
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol rows = MetricOps.Rows(output);
        Symbol shouldBe = MetricOps.Positives(Name, target, rows);
        Symbol isOne = Threshold is { } least
            ? MetricOps.Above(rows, least)
            : Ops.GreaterEqual(rows, Ops.Max(rows, [-1], keepDims: true)) * Ops.Greater(Ops.Abs(rows), 1e-9);
        return Ops.Where(isOne, 2 - shouldBe, 3 * shouldBe);
    }

    internal override void RequireTargets(NDArray target, Shape output) =>
        MetricOps.RequireLabels(Name, target, output);

    /// <inheritdoc/>
    protected override void Accumulate(NDArray values, NDArray? sampleWeights)
    {
        ArgumentNullException.ThrowIfNull(values);
        int classes = values.Shape[^1]!.Value;
        Resize(3 * classes);
        var rows = new MetricRows(Name, values, classes, sampleWeights);
        for (int row = 0; row < rows.Count; row++)
        {
            double weight = rows.Weight(row);
            ReadOnlySpan<float> kinds = rows[row];
            for (int c = 0; c < classes; c++)
            {
                if (kinds[c] > 0)
                {
                    State[(3 * c) + (int)kinds[c] - 1] += weight;
                }
            }
        }
    }

    private double Of(double tp, double fp, double fn)
    {
        double precision = Quotient(tp, tp + fp);
        double recall = Quotient(tp, tp + fn);
        double square = Beta * Beta;
        return Quotient(precision * recall * (1 + square), (square * precision) + recall);
    }

    private static double Quotient(double part, double whole) => whole == 0 ? 0 : part / whole;
}

/// <summary>The harmonic mean of precision and recall, like Keras's F1Score.</summary>
/// <param name="average">The way in which classes combine. Default: the mean over classes.</param>
/// <param name="threshold">
/// The output above which a class counts as 1; <see langword="null"/> for the highest score only.
/// </param>
/// <param name="name">The name under which it is reported.</param>
public sealed class F1Score(
    ScoreAverage average = ScoreAverage.Macro,
    double? threshold = null,
    string name = "f1_score"
) : FBetaScore(average, 1, threshold, name);
