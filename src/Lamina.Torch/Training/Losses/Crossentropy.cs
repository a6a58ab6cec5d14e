using System.Buffers;
using System.Text.Json.Nodes;
using Lamina.Torch;

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
        bool isDense = classes > 1 && target.Shape.Rank == rank && target.Shape[^1] == classes;
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

    internal override bool IsFused => true;

    internal override bool PrefersLogits => !FromLogits;

    internal override double Compute(
        Tensor output,
        NDArray target,
        bool isLogits,
        Span<float> gradient,
        ReadOnlySpan<float> weights = default
    )
    {
        int classes = output.Rank >= 2 ? (int)output.Sizes[^1] : 0;
        long rows = classes == 0 ? 0 : output.Count / classes;
        var settings = new CrossentropySettings(isLogits || FromLogits, LabelSmoothing);
        if (classes > 1 && target.Shape.Rank == output.Rank && Crossentropy.IsSameShape(target, output))
        {
            RequireProbabilities(target.Values, classes);
            return Crossentropy.Compute(output, target.Values, settings, gradient, weights);
        }
        if (classes == 0 || target.Shape.ElementCount != rows)
        {
            throw WrongTarget(Name, target, output, "one class index, or one row of class probabilities, per sample");
        }
        // Half a megabyte in a step of 128 images and 1000 classes: too much to leave to the garbage collector.
        float[] rented = ArrayPool<float>.Shared.Rent(checked((int)output.Count));
        try
        {
            Span<float> dense = rented.AsSpan(0, (int)output.Count);
            dense.Clear();
            for (int i = 0; i < rows; i++)
            {
                dense[(i * classes) + Checked(target.Values[i], classes)] = 1;
            }
            return Crossentropy.Compute(output, dense, settings, gradient, weights);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

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

    private int Checked(float label, int classes) =>
        label >= 0 && label < classes && label == MathF.Floor(label)
            ? (int)label
            : throw new LaminaException(
                $"{Name}: the label {label} is not a class index from 0 to {classes - 1}. "
                    + "Check the labels, or the units of the last Dense."
            );

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
        return Crossentropy.InOps(target, output, FromLogits, LabelSmoothing);
    }

    internal override bool IsFused => true;

    internal override bool PrefersLogits => !FromLogits;

    internal override double Compute(
        Tensor output,
        NDArray target,
        bool isLogits,
        Span<float> gradient,
        ReadOnlySpan<float> weights = default
    )
    {
        if (output.Rank < 2 || !Crossentropy.IsSameShape(target, output))
        {
            throw WrongTarget(Name, target, output, "one row of class probabilities per sample");
        }
        return Crossentropy.Compute(
            output,
            target.Values,
            new CrossentropySettings(isLogits || FromLogits, LabelSmoothing),
            gradient,
            weights
        );
    }

    private protected override void Write(JsonObject config) => Write(config, FromLogits, LabelSmoothing);
}

/// <summary>The settings of a cross-entropy's loop.</summary>
/// <param name="IsLogits"><see langword="true"/> if the output is logits.</param>
/// <param name="LabelSmoothing">The share of a label that is distributed evenly.</param>
internal readonly record struct CrossentropySettings(bool IsLogits, double LabelSmoothing);

internal static class Crossentropy
{
    // Keras clips probabilities here.
    private const double Epsilon = 1e-7;

    /// <summary>Returns the loss of each sample in ops, equal to what the loops below compute in one pass.</summary>
    public static Symbol InOps(Symbol target, Symbol output, bool isLogits, double smoothing)
    {
        Symbol shares = output / Ops.Sum(output, [-1], keepDims: true);
        Symbol logs = isLogits ? Ops.LogSoftmax(output) : Ops.Log(Ops.Clip(shares, Epsilon, 1 - Epsilon));
        Symbol smooth = smoothing == 0 ? target : (target * (1 - smoothing)) + (smoothing / output.Shape[^1]!.Value);
        return -Ops.Sum(smooth * logs, [-1]);
    }

    /// <summary>Returns <see langword="true"/> if targets have the sizes of the output.</summary>
    public static bool IsSameShape(NDArray target, Tensor output) =>
        target.Shape.Rank == output.Rank
        && target.Shape.Select(d => (long)d!.Value).SequenceEqual(output.Sizes.ToArray());

    public static double Compute(
        Tensor output,
        ReadOnlySpan<float> target,
        CrossentropySettings settings,
        Span<float> gradient,
        ReadOnlySpan<float> weights
    )
    {
        double smoothing = settings.LabelSmoothing;
        var smooth = new Smooth(1 - smoothing, smoothing / output.Sizes[^1]);
        return settings.IsLogits
            ? FromLogits(output, target, smooth, gradient, weights)
            : FromProbabilities(output, target, smooth, gradient, weights);
    }

    // The value of a target after smoothing.
    private readonly record struct Smooth(double Kept, double Added)
    {
        public double Of(float target) => (target * Kept) + Added;
    }

    private static double FromLogits(
        Tensor output,
        ReadOnlySpan<float> target,
        Smooth smooth,
        Span<float> gradient,
        ReadOnlySpan<float> weights
    )
    {
        int classes = (int)output.Sizes[^1];
        int rows = (int)(output.Count / classes);
        int rowsPerWeight = rows / Math.Max(1, weights.Length);
        using Tensor logs = Aten.LogSoftmax(output);
        ReadOnlySpan<float> log = logs.AsSpan();
        double loss = 0;
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<float> t = target.Slice(i * classes, classes);
            ReadOnlySpan<float> l = log.Slice(i * classes, classes);
            double weight = weights.IsEmpty ? 1 : weights[i / rowsPerWeight];
            double mass = 0;
            for (int c = 0; c < classes; c++)
            {
                double q = smooth.Of(t[c]);
                if (q != 0)
                {
                    loss -= weight * q * l[c];
                    mass += q;
                }
            }
            for (int c = 0; !gradient.IsEmpty && c < classes; c++)
            {
                gradient[(i * classes) + c] = (float)(weight * ((mass * Math.Exp(l[c])) - smooth.Of(t[c])) / rows);
            }
        }
        return loss / rows;
    }

    // As in Keras, rows are scaled to sum 1, then clipped; a clipped probability passes no gradient.
    private static double FromProbabilities(
        Tensor output,
        ReadOnlySpan<float> target,
        Smooth smooth,
        Span<float> gradient,
        ReadOnlySpan<float> weights
    )
    {
        int classes = (int)output.Sizes[^1];
        int rows = (int)(output.Count / classes);
        int rowsPerWeight = rows / Math.Max(1, weights.Length);
        double loss = 0;
        var slope = new double[classes];
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<float> t = target.Slice(i * classes, classes);
            ReadOnlySpan<float> p = output.AsSpan().Slice(i * classes, classes);
            double weight = weights.IsEmpty ? 1 : weights[i / rowsPerWeight];
            double sum = 0;
            for (int c = 0; c < classes; c++)
            {
                sum += p[c];
            }
            double carried = 0;
            for (int c = 0; c < classes; c++)
            {
                double share = p[c] / sum;
                double clipped = Math.Clamp(share, Epsilon, 1 - Epsilon);
                double q = smooth.Of(t[c]);
                loss -= q == 0 ? 0 : weight * q * Math.Log(clipped);
                slope[c] = share == clipped ? -q / share : 0;
                carried += slope[c] * share;
            }
            for (int c = 0; !gradient.IsEmpty && c < classes; c++)
            {
                gradient[(i * classes) + c] = (float)(weight * (slope[c] - carried) / sum / rows);
            }
        }
        return loss / rows;
    }
}
