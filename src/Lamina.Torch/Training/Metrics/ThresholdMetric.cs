using Lamina.Torch;

namespace Lamina;

/// <summary>
/// A metric of right and wrong decisions, an element of the output counting as 1 above a threshold. Targets have the
/// shape of the output, or are class indices.
/// </summary>
public abstract class ThresholdMetric : Metric
{
    private protected ThresholdMetric(string name, double? threshold, int? topK, int? classId)
        : base(name, stateSize: 4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(topK ?? 1, 1, nameof(topK));
        ArgumentOutOfRangeException.ThrowIfNegative(classId ?? 0, nameof(classId));
        // Among the highest scores, a class counts whatever its score is, as in Keras.
        Threshold = threshold ?? (topK is null ? 0.5 : double.NegativeInfinity);
        (TopK, ClassId) = (topK, classId);
    }

    /// <summary>The output above which an element counts as 1.</summary>
    public double Threshold { get; }

    /// <summary>The number of highest scores that may count as 1; <see langword="null"/> for all.</summary>
    public int? TopK { get; }

    /// <summary>The only class that counts; <see langword="null"/> for all.</summary>
    public int? ClassId { get; }

    internal override string Fingerprint =>
        FormattableString.Invariant($"{Name} at {Threshold}, top {TopK}, class {ClassId}");

    /// <summary>The weighted number of elements that are 1 and should be.</summary>
    private protected double TruePositive => State[0];

    /// <summary>The weighted number of elements that are 1 and should be 0.</summary>
    private protected double FalsePositive => State[1];

    /// <summary>The weighted number of elements that are 0 and should be.</summary>
    private protected double TrueNegative => State[2];

    /// <summary>The weighted number of elements that are 0 and should be 1.</summary>
    private protected double FalseNegative => State[3];

    /// <inheritdoc/>
    public sealed override void Update(NDArray output, NDArray target) => Update(output, target, null);

    /// <inheritdoc/>
    public sealed override void Update(NDArray output, NDArray target, NDArray? sampleWeights)
    {
        var rows = new MetricRows(Name, output, target, sampleWeights);
        if (ClassId >= rows.Size)
        {
            throw new LaminaException(
                $"{Name}: the output {output.Shape} has no class {ClassId}. Use another classId."
            );
        }
        (int from, int to) = ClassId is { } only ? (only, only + 1) : (0, rows.Size);
        for (int row = 0; row < rows.Count; row++)
        {
            ReadOnlySpan<float> scores = rows.Scores(row);
            for (int i = from; i < to; i++)
            {
                bool isOne = scores[i] > Threshold && (TopK is not { } k || Ahead(scores, i) < k);
                bool shouldBe = rows.IsPositive(Name, row, i);
                State[
                    isOne
                        ? shouldBe
                            ? 0
                            : 1
                        : shouldBe
                            ? 3
                            : 2
                ] += rows.Weight(row);
            }
        }
    }

    private protected static double Quotient(double part, double whole) => whole == 0 ? 0 : part / whole;

    private static int Ahead(ReadOnlySpan<float> scores, int element)
    {
        int ahead = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            ahead += scores[i] > scores[element] || (scores[i] == scores[element] && i < element) ? 1 : 0;
        }
        return ahead;
    }
}

/// <summary>The share of elements counted as 1 that should be: TP / (TP + FP), like Keras's; 0 if there are none.</summary>
/// <param name="threshold">
/// The output above which an element counts as 1; <see langword="null"/> for 0.5, or for no limit with
/// <paramref name="topK"/>.
/// </param>
/// <param name="topK">The number of highest scores that may count as 1; <see langword="null"/> for all.</param>
/// <param name="classId">The only class that counts; <see langword="null"/> for all.</param>
/// <param name="name">The name under which it is reported.</param>
public sealed class Precision(
    double? threshold = null,
    int? topK = null,
    int? classId = null,
    string name = "precision"
) : ThresholdMetric(name, threshold, topK, classId)
{
    /// <inheritdoc/>
    public override double Result => Quotient(TruePositive, TruePositive + FalsePositive);
}

/// <summary>The share of elements that should be 1 and count so: TP / (TP + FN), like Keras's; 0 if there are none.</summary>
/// <param name="threshold">
/// The output above which an element counts as 1; <see langword="null"/> for 0.5, or for no limit with
/// <paramref name="topK"/>.
/// </param>
/// <param name="topK">The number of highest scores that may count as 1; <see langword="null"/> for all.</param>
/// <param name="classId">The only class that counts; <see langword="null"/> for all.</param>
/// <param name="name">The name under which it is reported.</param>
public sealed class Recall(double? threshold = null, int? topK = null, int? classId = null, string name = "recall")
    : ThresholdMetric(name, threshold, topK, classId)
{
    /// <inheritdoc/>
    public override double Result => Quotient(TruePositive, TruePositive + FalseNegative);
}

/// <summary>The number of elements above a threshold whose target is 1, weighted; like Keras's.</summary>
/// <param name="threshold">The output above which an element counts as 1. Default: 0.5.</param>
/// <param name="name">The name under which it is reported.</param>
public sealed class TruePositives(double threshold = 0.5, string name = "true_positives")
    : ThresholdMetric(name, threshold, null, null)
{
    /// <inheritdoc/>
    public override double Result => TruePositive;
}

/// <summary>The number of elements above a threshold whose target is 0, weighted; like Keras's.</summary>
/// <param name="threshold">The output above which an element counts as 1. Default: 0.5.</param>
/// <param name="name">The name under which it is reported.</param>
public sealed class FalsePositives(double threshold = 0.5, string name = "false_positives")
    : ThresholdMetric(name, threshold, null, null)
{
    /// <inheritdoc/>
    public override double Result => FalsePositive;
}

/// <summary>The number of other elements whose target is 0, weighted; like Keras's.</summary>
/// <param name="threshold">The output above which an element counts as 1. Default: 0.5.</param>
/// <param name="name">The name under which it is reported.</param>
public sealed class TrueNegatives(double threshold = 0.5, string name = "true_negatives")
    : ThresholdMetric(name, threshold, null, null)
{
    /// <inheritdoc/>
    public override double Result => TrueNegative;
}

/// <summary>The number of other elements whose target is 1, weighted; like Keras's.</summary>
/// <param name="threshold">The output above which an element counts as 1. Default: 0.5.</param>
/// <param name="name">The name under which it is reported.</param>
public sealed class FalseNegatives(double threshold = 0.5, string name = "false_negatives")
    : ThresholdMetric(name, threshold, null, null)
{
    /// <inheritdoc/>
    public override double Result => FalseNegative;
}
