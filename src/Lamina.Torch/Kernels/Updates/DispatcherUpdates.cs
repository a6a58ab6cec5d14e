namespace Lamina.Torch.Kernels;

/// <summary>
/// The update rules by libtorch's dispatcher alone, for any device. None waits for a value: whether an update takes effect
/// is a flag on the device.
/// </summary>
/// <param name="guard">The flag; <see langword="null"/> if every update takes effect.</param>
internal class DispatcherUpdates(FiniteGuard? guard) : UpdateKernels
{
    /// <inheritdoc/>
    public override bool IsOnePass => false;

    /// <inheritdoc/>
    public override bool IsGuarded => guard is not null;

    /// <inheritdoc/>
    public override void Sgd(
        Tensor weight,
        Tensor gradient,
        Tensor momentum,
        in SgdCoefficients k,
        in UpdateContext work = default
    )
    {
        RequireEmpty(work);
        TakeStored(
            momentum,
            TakeSum(TakeSum(Aten.Mul(momentum, k.Momentum), gradient, k.GradientToMomentum), weight, k.WeightToMomentum)
        );
        TakeStored(
            weight,
            TakeSum(
                TakeSum(Aten.Mul(weight, k.WeightScale + k.DecayToWeight), momentum, k.MomentumToWeight),
                gradient,
                k.GradientToWeight
            )
        );
    }

    /// <inheritdoc/>
    public override void Blend(
        Tensor target,
        Tensor source,
        double targetScale,
        double sourceScale,
        in UpdateContext work = default
    )
    {
        RequireEmpty(work);
        TakeStored(target, TakeSum(Aten.Mul(target, targetScale), source, sourceScale));
    }

    /// <inheritdoc/>
    public override void Adam(
        Tensor weight,
        Tensor gradient,
        Tensor mean,
        Tensor square,
        in AdamCoefficients k,
        in UpdateContext work = default
    )
    {
        RequireEmpty(work);
        Blend(mean, gradient, k.Beta1, 1 - k.Beta1);
        Aten.MulInPlace(gradient, gradient);
        Blend(square, gradient, k.Beta2, 1 - k.Beta2);
        using Tensor direction = Direction(mean, square, k.Epsilon);
        Blend(weight, direction, k.WeightScale, -k.Rate);
    }

    /// <inheritdoc/>
    public override void Prepare(Tensor gradient, in UpdateContext work)
    {
        if (work.Accumulated is { } sum)
        {
            using Tensor whole = TakeSum(Aten.Mul(gradient, work.Share), sum, work.Share);
            gradient.CopyFrom(whole);
        }
        if (work.Clip is { } most)
        {
            using Tensor clipped = Aten.Clamp(gradient, -most, most);
            gradient.CopyFrom(clipped);
        }
    }

    /// <inheritdoc/>
    public override UpdateContext ClipNorm(Tensor gradient, double longest, in UpdateContext work, bool inRule)
    {
        // longest / max(norm, longest). NaN stays NaN, as where a comparison would decide.
        using Tensor norm = Norm(gradient);
        using Tensor divisor = Aten.AtLeast(norm, longest);
        using Tensor kept = Aten.Mul(gradient, longest);
        using Tensor scaled = Aten.Div(kept, divisor);
        gradient.CopyFrom(scaled);
        return work;
    }

    /// <inheritdoc/>
    public override double? Trust(Tensor step, Tensor weight, in TrustCoefficients k)
    {
        using Tensor norm = Norm(weight);
        using Tensor size = Aten.Mul(norm, k.Kept);
        using Tensor length = Norm(step);
        using Tensor divisor = Aten.AddScaled(length, size, k.Decay);
        using Tensor share = Aten.Mul(size, k.Scale);
        using Tensor ratio = Aten.Div(share, divisor);
        using Tensor product = Aten.Mul(size, divisor);
        using Tensor isDefined = Aten.Greater(product, 0);
        using Tensor one = Tensor.Scalar(1);
        using Tensor factor = Aten.Where(isDefined, ratio, one);
        using Tensor decayed = Aten.AddScaled(step, weight, k.Decay);
        using Tensor result = Aten.Mul(decayed, factor);
        step.CopyFrom(result);
        return null;
    }

    /// <inheritdoc/>
    public override void Store(Tensor target, Tensor values)
    {
        if (guard is null)
        {
            target.CopyFrom(values);
            return;
        }
        guard.Store(target, values);
    }

    private void TakeStored(Tensor target, Tensor values)
    {
        using (values)
        {
            Store(target, values);
        }
    }

    // What a rule needs of memory beside its tensors is the most that exist at once, so each is freed by the next.
    private static Tensor TakeSum(Tensor a, Tensor b, double scale)
    {
        using (a)
        {
            return Aten.AddScaled(a, b, scale);
        }
    }

    private static Tensor Direction(Tensor mean, Tensor square, double epsilon)
    {
        using Tensor divisor = Sum(Aten.Unary("aten::sqrt"u8, square), epsilon);
        return Aten.Div(mean, divisor);

        static Tensor Sum(Tensor root, double added)
        {
            using (root)
            {
                return Aten.Add(root, added);
            }
        }
    }

    private static Tensor Norm(Tensor x)
    {
        using Tensor squares = Aten.Mul(x, x);
        using Tensor sum = Aten.Sum(squares, [.. Enumerable.Range(0, x.Rank).Select(d => (long)d)]);
        return Aten.Unary("aten::sqrt"u8, sum);
    }

    private static void RequireEmpty(in UpdateContext work)
    {
        if (!work.IsEmpty)
        {
            throw new ArgumentException(
                "The rules of this backend leave the work around them to the caller.",
                nameof(work)
            );
        }
    }
}
