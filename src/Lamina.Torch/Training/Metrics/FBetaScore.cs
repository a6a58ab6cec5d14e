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

    /// <inheritdoc/>
    public override void Update(NDArray output, NDArray target) => Update(output, target, null);

    /// <inheritdoc/>
    public override void Update(NDArray output, NDArray target, NDArray? sampleWeights)
    {
        var rows = new MetricRows(Name, output, target, sampleWeights);
        Resize(3 * rows.Size);
        for (int row = 0; row < rows.Count; row++)
        {
            ReadOnlySpan<float> scores = rows.Scores(row);
            float highest = scores[MetricRows.ArgMax(scores)];
            for (int c = 0; c < scores.Length; c++)
            {
                bool isOne = Threshold is { } least
                    ? scores[c] > least
                    : scores[c] >= highest && MathF.Abs(scores[c]) > 1e-9f;
                bool shouldBe = rows.IsPositive(Name, row, c);
                if (isOne || shouldBe)
                {
                    State[
                        (3 * c)
                            + (
                                isOne
                                    ? shouldBe
                                        ? 0
                                        : 1
                                    : 2
                            )
                    ] += rows.Weight(row);
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
