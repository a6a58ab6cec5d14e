namespace Lamina.Torch.Kernels;

/// <summary>
/// The update rules of optimizers on one backend, in place. The factory of the device supplies them when a model is
/// compiled; a rule does not ask where its tensors are.
/// </summary>
internal abstract class UpdateKernels
{
    /// <summary>
    /// <see langword="true"/> if a rule also does the work of its context in the same pass; <see langword="false"/> if the
    /// caller does it before and after.
    /// </summary>
    public abstract bool IsOnePass { get; }

    /// <summary><see langword="true"/> if a flag on the device decides whether updates have an effect.</summary>
    public virtual bool IsGuarded => false;

    /// <summary>
    /// The number of elements for which a rule in ops is computed at once: as many as a cache holds on the CPU, all of them
    /// where memory is fast.
    /// </summary>
    public virtual long ElementsAtOnce => long.MaxValue / sizeof(float);

    /// <summary>Computes m ← μm + a·g + b·w; w ← c·w + d·m + e·g + f·w: every SGD rule with momentum.</summary>
    public abstract void Sgd(
        Tensor weight,
        Tensor gradient,
        Tensor momentum,
        in SgdCoefficients k,
        in UpdateContext work = default
    );

    /// <summary>Computes target ← targetScale·target + sourceScale·source.</summary>
    public abstract void Blend(
        Tensor target,
        Tensor source,
        double targetScale,
        double sourceScale,
        in UpdateContext work = default
    );

    /// <summary>Computes m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← scale·w − rate·m / (√v + epsilon).</summary>
    public abstract void Adam(
        Tensor weight,
        Tensor gradient,
        Tensor mean,
        Tensor square,
        in AdamCoefficients k,
        in UpdateContext work = default
    );

    /// <summary>Applies a rule that treats every element alike, on backends whose rules run in one pass.</summary>
    /// <param name="target">The tensor that receives the new values.</param>
    /// <param name="gradient">The gradient.</param>
    /// <param name="slots">Up to three slots.</param>
    /// <param name="rule">The rule.</param>
    public virtual void Elements<TRule>(Tensor target, Tensor gradient, ReadOnlySpan<Tensor> slots, TRule rule)
        where TRule : struct, IElementRule =>
        throw new NotSupportedException("This backend has no loops over elements.");

    /// <summary>Adds what was accumulated to a gradient and clips it, before a rule that needs all of it.</summary>
    public abstract void Prepare(Tensor gradient, in UpdateContext work);

    /// <summary>Scales a gradient down to a norm, or returns a context in which a rule does.</summary>
    /// <param name="gradient">The gradient.</param>
    /// <param name="longest">The greatest norm.</param>
    /// <param name="work">The context of the rule.</param>
    /// <param name="inRule"><see langword="true"/> if the rule does the work of its context.</param>
    public abstract UpdateContext ClipNorm(Tensor gradient, double longest, in UpdateContext work, bool inRule);

    /// <summary>Computes the factor of step + Decay · weight by their norms, or applies it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="k">The coefficients.</param>
    /// <returns>The factor; <see langword="null"/> if the step has become the product.</returns>
    public abstract double? Trust(Tensor step, Tensor weight, in TrustCoefficients k);

    /// <summary>Sets a slot or a weight to new values.</summary>
    public virtual void Store(Tensor target, Tensor values) => target.CopyFrom(values);
}
