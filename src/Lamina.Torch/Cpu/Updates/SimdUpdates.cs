using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>The update rules by loops for float32 on the CPU, each in one pass over memory.</summary>
internal sealed class SimdUpdates : UpdateKernels
{
    private SimdUpdates() { }

    /// <summary>The only instance.</summary>
    public static SimdUpdates Instance { get; } = new();

    /// <inheritdoc/>
    public override bool IsOnePass => true;

    /// <inheritdoc/>
    public override long ElementsAtOnce => 64 * 1024;

    /// <inheritdoc/>
    public override void Sgd(
        Tensor weight,
        Tensor gradient,
        Tensor momentum,
        in SgdCoefficients k,
        in UpdateContext work = default
    ) => SgdUpdate.Run(weight, gradient, momentum, k, work);

    /// <inheritdoc/>
    public override void Blend(
        Tensor target,
        Tensor source,
        double targetScale,
        double sourceScale,
        in UpdateContext work = default
    ) => SgdUpdate.Blend(target, source, targetScale, sourceScale, work);

    /// <inheritdoc/>
    public override void Adam(
        Tensor weight,
        Tensor gradient,
        Tensor mean,
        Tensor square,
        in AdamCoefficients k,
        in UpdateContext work = default
    ) => AdamUpdate.Run(weight, gradient, mean, square, k, work);

    /// <inheritdoc/>
    public override void Elements<TRule>(Tensor target, Tensor gradient, ReadOnlySpan<Tensor> slots, TRule rule) =>
        ElementRules.Run(target, gradient, slots, rule);

    /// <inheritdoc/>
    public override void Prepare(Tensor gradient, in UpdateContext work)
    {
        if (work.Accumulated is not null || work.Clip is not null)
        {
            SgdUpdate.Prepare(gradient, work with { Average = null });
        }
    }

    /// <inheritdoc/>
    public override UpdateContext ClipNorm(Tensor gradient, double longest, in UpdateContext work, bool inRule)
    {
        double norm = TensorNorm.Of(gradient);
        if (!(norm > longest))
        {
            return work;
        }
        if (inRule)
        {
            return work with { Scale = longest / norm };
        }
        Aten.MulInPlace(gradient, longest / norm);
        return work;
    }

    /// <inheritdoc/>
    public override double? Trust(Tensor step, Tensor weight, in TrustCoefficients k)
    {
        double size = k.Kept * TensorNorm.Of(weight);
        double divisor = TensorNorm.Of(step) + (k.Decay * size);
        return size > 0 && divisor > 0 ? k.Scale * size / divisor : 1;
    }
}
