using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A loss of −log p of the right class, which targets give by index: (N) or (N, 1). With label smoothing ε and K
/// classes it is the cross-entropy of (1 − ε)·onehot + ε / K (Szegedy et al. 2016, section 7).
/// </summary>
/// <remarks>
/// Targets of shape (N, classes) are class probabilities, as in mixed batches (<c>MixedBatches</c>). The loss is then
/// that of <see cref="CategoricalCrossentropy"/>, and rows must be at least 0 and sum to 1. Keras accepts only indices;
/// PyTorch's cross-entropy accepts both in the same way.
/// </remarks>
/// <param name="fromLogits">
/// <see langword="true"/> if the model's output is logits. A final softmax is recognized without this.
/// </param>
/// <param name="labelSmoothing">
/// The share ε of a label that is distributed evenly over all classes, in [0, 1]. Default: 0.
/// </param>
public sealed class SparseCategoricalCrossentropy(bool fromLogits = false, double labelSmoothing = 0) : Loss(Key)
{
    internal const string Key = "sparse_categorical_crossentropy";

    // The tolerance for the sum of rows of thousands of float32 probabilities.
    private const double Tolerance = 1e-3;

    /// <summary><see langword="true"/> if the model's output is logits.</summary>
    public bool FromLogits { get; } = fromLogits;

    /// <summary>The share of a label that is distributed evenly over all classes.</summary>
    public double LabelSmoothing { get; } = Smoothing(labelSmoothing);

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(output);
        int classes = output.Shape[^1]!.Value;
        int rank = output.Shape.Rank;
        bool isDense = IsDense(target.Shape, output.Shape);
        if (!isDense && !(target.Shape.Rank == rank - 1 || (target.Shape.Rank == rank && target.Shape[^1] == 1)))
        {
            throw new LaminaException(
                $"{Name}: targets {target.Shape} do not match the output {output.Shape}. Pass one class index, or one row of class probabilities, for each row."
            );
        }
        // An index has an axis of its own, which the sum removes.
        Symbol rows =
            isDense ? target
            : target.Shape.Rank == rank ? Ops.Sum(Ops.OneHot(target, classes), [rank - 1])
            : Ops.OneHot(target, classes);
        return Crossentropy.InOps(rows, output, FromLogits, LabelSmoothing);
    }

    internal override void RequireValues(NDArray target, Shape output)
    {
        int classes = output[^1]!.Value;
        if (IsDense(target.Shape, output))
        {
            RequireProbabilities(target.Values, classes);
            return;
        }
        foreach (float label in target.Values)
        {
            if (!(label >= 0 && label < classes && label == MathF.Floor(label)))
            {
                throw new LaminaException(
                    $"{Name}: the label {label} is not a class index from 0 to {classes - 1}. "
                        + "Check the labels, or the units of the last Dense."
                );
            }
        }
    }

    private static bool IsDense(Shape target, Shape output) =>
        output[^1] > 1 && target.Rank == output.Rank && target[^1] == output[^1];

    private void RequireProbabilities(ReadOnlySpan<float> targets, int classes)
    {
        for (int start = 0; start < targets.Length; start += classes)
        {
            double sum = 0;
            bool isPositive = true;
            foreach (float value in targets.Slice(start, classes))
            {
                sum += value;
                isPositive &= value >= 0;
            }
            if (!isPositive || !(Math.Abs(sum - 1) <= Tolerance))
            {
                throw new LaminaException(
                    FormattableString.Invariant(
                        $"{Name}: the class probabilities of target {start / classes} must be at least 0 and sum to 1; their sum is {sum}. "
                    ) + "Pass class indices (N, 1), or rows that sum to 1."
                );
            }
        }
    }

    private protected override void Write(JsonObject config) => Write(config, FromLogits, LabelSmoothing);
}

/// <summary>
/// A loss of −Σ t·log p for targets that are distributions over the classes: (N, classes), usually one-hot. With label
/// smoothing ε and K classes, t is (1 − ε)·target + ε / K.
/// </summary>
/// <param name="fromLogits">
/// <see langword="true"/> if the model's output is logits. A final softmax is recognized without this.
/// </param>
/// <param name="labelSmoothing">
/// The share ε of a label that is distributed evenly over all classes, in [0, 1]. Default: 0.
/// </param>
public sealed class CategoricalCrossentropy(bool fromLogits = false, double labelSmoothing = 0) : Loss(Key)
{
    internal const string Key = "categorical_crossentropy";

    /// <summary><see langword="true"/> if the model's output is logits.</summary>
    public bool FromLogits { get; } = fromLogits;

    /// <summary>The share of a label that is distributed evenly over all classes.</summary>
    public double LabelSmoothing { get; } = Smoothing(labelSmoothing);

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(output);
        return target.Shape == output.Shape && output.Shape.Rank >= 2
            ? Crossentropy.InOps(target, output, FromLogits, LabelSmoothing)
            : throw new LaminaException(
                $"{Name}: targets {target.Shape} do not match the output {output.Shape}. Pass one row of class probabilities for each row."
            );
    }

    private protected override void Write(JsonObject config) => Write(config, FromLogits, LabelSmoothing);
}

internal static class Crossentropy
{
    /// <summary>Returns the loss of each row, as Keras computes it from probabilities.</summary>
    public static Symbol InOps(Symbol target, Symbol output, bool isLogits, double smoothing)
    {
        // The plan computes the logarithm of a softmax from its logits, without the clip.
        Symbol shares = output / Ops.Sum(output, [-1], keepDims: true);
        Symbol logs = isLogits
            ? Ops.LogSoftmax(output)
            : Ops.Log(Ops.Clip(shares, LossOps.Epsilon, 1 - LossOps.Epsilon));
        Symbol smooth = smoothing == 0 ? target : (target * (1 - smoothing)) + (smoothing / output.Shape[^1]!.Value);
        return -Ops.Sum(smooth * logs, [-1]);
    }
}
