using System.Text.Json.Nodes;

namespace Lamina;

/// <summary>
/// A loss of −t·log p − (1 − t)·log(1 − p), the mean over the output's last axis. Targets are 0, 1 or a probability, in
/// the shape of the output. Like Keras's, except that a final sigmoid is computed from its logits, without clipping.
/// </summary>
/// <param name="fromLogits">
/// <see langword="true"/> if the model's output is logits. A final sigmoid is recognized without this.
/// </param>
/// <param name="labelSmoothing">The share of a target that moves toward 0.5, in [0, 1]. Default: 0.</param>
public sealed class BinaryCrossentropy(bool fromLogits = false, double labelSmoothing = 0) : Loss(Key)
{
    internal const string Key = "binary_crossentropy";

    /// <summary><see langword="true"/> if the model's output is logits.</summary>
    public bool FromLogits { get; } = fromLogits;

    /// <summary>The share of a target that moves toward 0.5.</summary>
    public double LabelSmoothing { get; } = Smoothing(labelSmoothing);

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output) =>
        LossOps.MeanOfLast(
            OfElements(LossOps.Smooth(LossOps.Aligned(Name, target, output), LabelSmoothing), output, FromLogits)
        );

    /// <summary>Returns the cross-entropy of each element.</summary>
    internal static Symbol OfElements(Symbol target, Symbol output, bool fromLogits)
    {
        // The plan computes both logarithms of a sigmoid from its logits, without the clip.
        Symbol p = Ops.Clip(ProbabilityOf(output, fromLogits), LossOps.Epsilon, 1 - LossOps.Epsilon);
        return -((target * Ops.Log(p)) + ((1 - target) * Ops.Log(1 - p)));
    }

    /// <summary>Returns the probability that an element is 1.</summary>
    internal static Symbol ProbabilityOf(Symbol output, bool fromLogits) =>
        fromLogits ? Ops.Activate(output, ActivationKind.Sigmoid) : output;

    private protected override void Write(JsonObject config) => Write(config, FromLogits, LabelSmoothing);
}

/// <summary>
/// The binary cross-entropy times (1 − p)^γ of the right class, which lets hard samples count more (Lin et al. 2017,
/// "Focal loss for dense object detection"). The mean over the output's last axis, like Keras's.
/// </summary>
/// <param name="applyClassBalancing">
/// <see langword="true"/> to weight class 1 by <paramref name="alpha"/> and class 0 by 1 − <paramref name="alpha"/>.
/// </param>
/// <param name="alpha">The weight of class 1, in [0, 1]. Default: 0.25.</param>
/// <param name="gamma">The exponent γ, at least 0. Default: 2.</param>
/// <param name="fromLogits">
/// <see langword="true"/> if the model's output is logits. A final sigmoid is recognized without this.
/// </param>
/// <param name="labelSmoothing">The share of a target that moves toward 0.5, in [0, 1]. Default: 0.</param>
public sealed class BinaryFocalCrossentropy(
    bool applyClassBalancing = false,
    double alpha = 0.25,
    double gamma = 2,
    bool fromLogits = false,
    double labelSmoothing = 0
) : Loss(Key)
{
    internal const string Key = "binary_focal_crossentropy";

    /// <summary><see langword="true"/> to weight the two classes by <see cref="Alpha"/>.</summary>
    public bool ApplyClassBalancing { get; } = applyClassBalancing;

    /// <summary>The weight of class 1.</summary>
    public double Alpha { get; } = Share(alpha, nameof(alpha));

    /// <summary>The exponent γ.</summary>
    public double Gamma { get; } = LossOps.Positive(gamma, nameof(gamma));

    /// <summary><see langword="true"/> if the model's output is logits.</summary>
    public bool FromLogits { get; } = fromLogits;

    /// <summary>The share of a target that moves toward 0.5.</summary>
    public double LabelSmoothing { get; } = Smoothing(labelSmoothing);

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol t = LossOps.Smooth(LossOps.Aligned(Name, target, output), LabelSmoothing);
        Symbol p = BinaryCrossentropy.ProbabilityOf(output, FromLogits);
        Symbol loss = BinaryCrossentropy.OfElements(t, output, FromLogits);
        if (Gamma > 0)
        {
            // Clipped, so that a power below 1 has a finite gradient.
            Symbol right = (t * p) + ((1 - t) * (1 - p));
            loss = Ops.Power(Ops.Maximum(1 - right, LossOps.Epsilon), Gamma) * loss;
        }
        return LossOps.MeanOfLast(ApplyClassBalancing ? ((t * Alpha) + ((1 - t) * (1 - Alpha))) * loss : loss);
    }

    private protected override void Write(JsonObject config)
    {
        config["apply_class_balancing"] = ApplyClassBalancing;
        config["alpha"] = Alpha;
        config["gamma"] = Gamma;
        Write(config, FromLogits, LabelSmoothing);
    }
}

/// <summary>
/// The categorical cross-entropy with each class's term times α·(1 − p)^γ, which lets hard samples count more. Targets
/// are distributions over the classes, usually one-hot. Like Keras's.
/// </summary>
/// <param name="alpha">The factor α, at least 0. Default: 0.25.</param>
/// <param name="gamma">The exponent γ, at least 0. Default: 2.</param>
/// <param name="fromLogits"><see langword="true"/> if the model's output is logits.</param>
/// <param name="labelSmoothing">
/// The share of a label that is distributed evenly over all classes, in [0, 1]. Default: 0.
/// </param>
public sealed class CategoricalFocalCrossentropy(
    double alpha = 0.25,
    double gamma = 2,
    bool fromLogits = false,
    double labelSmoothing = 0
) : Loss(Key)
{
    internal const string Key = "categorical_focal_crossentropy";

    /// <summary>The factor α.</summary>
    public double Alpha { get; } = LossOps.Positive(alpha, nameof(alpha));

    /// <summary>The exponent γ.</summary>
    public double Gamma { get; } = LossOps.Positive(gamma, nameof(gamma));

    /// <summary><see langword="true"/> if the model's output is logits.</summary>
    public bool FromLogits { get; } = fromLogits;

    /// <summary>The share of a label that is distributed evenly over all classes.</summary>
    public double LabelSmoothing { get; } = Smoothing(labelSmoothing);

    /// <inheritdoc/>
    public override Symbol Call(Symbol target, Symbol output)
    {
        Symbol t = LossOps.Aligned(Name, target, output);
        t = LabelSmoothing == 0 ? t : (t * (1 - LabelSmoothing)) + (LabelSmoothing / output.Shape[^1]!.Value);
        Symbol p = FromLogits ? Ops.Softmax(output) : output;
        p = Ops.Clip(p / Ops.Sum(p, [-1], keepDims: true), LossOps.Epsilon, 1 - LossOps.Epsilon);
        Symbol loss = -(t * Ops.Log(p));
        return LossOps.SumOfLast(Alpha * (Gamma > 0 ? Ops.Power(1 - p, Gamma) * loss : loss));
    }

    private protected override void Write(JsonObject config)
    {
        config["alpha"] = Alpha;
        config["gamma"] = Gamma;
        Write(config, FromLogits, LabelSmoothing);
    }
}
