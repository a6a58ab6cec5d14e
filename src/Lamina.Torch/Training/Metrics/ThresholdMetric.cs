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
    public sealed override Symbol Call(Symbol target, Symbol output)
    {
        Symbol rows = MetricOps.Rows(output);
        Symbol isOne = MetricOps.Above(rows, Threshold);
        if (TopK is { } k)
        {
            isOne *= MetricOps.Greatest(rows, k);
        }
        Symbol shouldBe = MetricOps.Positives(Name, target, rows);
        if (ClassId is { } only)
        {
            if (only >= rows.Shape[^1])
            {
                throw new LaminaException(
                    $"{Name}: the output {output?.Shape} has no class {only}. Use another classId."
                );
            }
            int axis = rows.Shape.Rank - 1;
            (isOne, shouldBe) = (Ops.Slice(isOne, axis, only, 1), Ops.Slice(shouldBe, axis, only, 1));
        }
        (Symbol isZero, Symbol shouldNot) = (1 - isOne, 1 - shouldBe);
        return MetricOps.Columns(
            Ops.Sum(isOne * shouldBe, [-1]),
            Ops.Sum(isOne * shouldNot, [-1]),
            Ops.Sum(isZero * shouldNot, [-1]),
            Ops.Sum(isZero * shouldBe, [-1])
        );
    }

    internal override void RequireTargets(NDArray target, Shape output) =>
        MetricOps.RequireLabels(Name, target, output);

    private protected static double Quotient(double part, double whole) => whole == 0 ? 0 : part / whole;
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
