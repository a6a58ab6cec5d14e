namespace Lamina.Torch.Kernels;

/// <summary>
/// A kernel of batch normalization by libtorch. Forward keeps the batch's statistics and updates the stored ones.
/// </summary>
/// <param name="node">The op node.</param>
/// <param name="op">The op.</param>
internal class BatchNormalizationKernel(OpNode node, BatchNormalizationOp op) : Kernel(node)
{
    private readonly Tensor?[] _gradients = new Tensor?[3];
    private readonly bool[] _mask = new bool[3];

    /// <summary>
    /// <see langword="true"/> if the layer is frozen: the stored statistics normalize, in training, too.
    /// </summary>
    protected bool IsFrozen { get; } = node.Layer is { Trainable: false };

    /// <summary>The index of the scale among the inputs; −1 for none.</summary>
    protected int Gamma { get; } = op.HasScale ? 3 : -1;

    /// <summary>The index of the shift among the inputs; −1 for none.</summary>
    protected int Beta { get; } =
        !op.HasCenter ? -1
        : op.HasScale ? 4
        : 3;

    /// <summary><see langword="true"/> if the last forward normalized by its batch.</summary>
    protected bool ByBatch { get; set; }

    /// <summary>The batch's means, kept for backward.</summary>
    protected Tensor? Mean { get; set; }

    /// <summary>1/√(variance + epsilon) of the batch, kept for backward.</summary>
    protected Tensor? InverseStd { get; set; }

    // The gradients of scale and shift are computed together with the input's even if nobody needs them.
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => 5 * InputBytes(1, batch);

    public override bool KeepsState => true;

    public override long KeptBytes(int batch) => 2 * InputBytes(1, batch);

    public override bool BackwardReadsInput(int index) => index < 3 || index == Gamma;

    public override bool BackwardReadsOutput => false;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Release();
        Tensor? gamma = Gamma < 0 ? null : inputs[Gamma];
        Tensor? beta = Beta < 0 ? null : inputs[Beta];
        ByBatch = step.BehavesAsTraining && !IsFrozen;
        using Tensor x = View(inputs[0]);
        if (!ByBatch)
        {
            (Tensor y, Tensor? none, Tensor? nothing) = Aten.BatchNorm(
                x,
                gamma,
                beta,
                inputs[1],
                inputs[2],
                training: false,
                0,
                op.Epsilon
            );
            none?.Dispose();
            nothing?.Dispose();
            return TakePublic(y, inputs[0]);
        }
        if (step.Shared is { Synchronizes: true })
        {
            throw new LaminaException(
                $"{Node.Layer}: batch normalization is synchronized between ranks on the CPU only. Normalize each rank's part by itself."
            );
        }
        // libtorch updates the averages by its own rule, Bessel-corrected; one value per channel has no such variance.
        bool stores = step.Estimate is null && !step.Recomputing;
        bool moves = stores && op.UnbiasedMovingVariance && inputs[0].Count > inputs[0].Sizes[^1];
        (Tensor output, Mean, InverseStd) = Aten.BatchNorm(
            x,
            gamma,
            beta,
            moves ? inputs[1] : null,
            moves ? inputs[2] : null,
            training: true,
            1 - op.Momentum,
            op.Epsilon
        );
        if (step.Estimate is not null || (stores && !moves))
        {
            using Tensor squared = Aten.Pow(InverseStd!, -2);
            using Tensor variance = Aten.Add(squared, -op.Epsilon);
            using Tensor positive = Aten.AtLeast(variance, 0);
            if (step.Estimate is { } estimate)
            {
                estimate.Add(step.Shared, inputs, Mean!, positive, op.UnbiasedMovingVariance);
            }
            else
            {
                Move(inputs[1], Mean!);
                Move(inputs[2], positive);
            }
        }
        return TakePublic(output, inputs[0]);
    }

    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        _mask[0] = wanted[0];
        _mask[1] = Gamma >= 0 && wanted[Gamma];
        _mask[2] = Beta >= 0 && wanted[Beta];
        using (gradient)
        {
            using Tensor g = View(gradient);
            using Tensor x = View(inputs[0]!);
            Aten.BatchNormBackward(
                g,
                x,
                Gamma < 0 ? null : inputs[Gamma],
                inputs[1],
                inputs[2],
                Mean,
                InverseStd,
                ByBatch,
                op.Epsilon,
                _mask,
                _gradients
            );
            for (int i = 0; i < 3; i++)
            {
                if (!_mask[i])
                {
                    _gradients[i]?.Dispose();
                }
            }
            if (_mask[0])
            {
                results[0] = TakePublic(_gradients[0]!, gradient);
            }
            if (_mask[1])
            {
                results[Gamma] = _gradients[1];
            }
            if (_mask[2])
            {
                results[Beta] = _gradients[2];
            }
            Array.Clear(_gradients);
        }
        Release();
    }

    public override void Release()
    {
        Mean?.Dispose();
        InverseStd?.Dispose();
        Mean = null;
        InverseStd = null;
    }

    private void Move(Tensor moving, Tensor batch)
    {
        Aten.MulInPlace(moving, op.Momentum);
        using Tensor moved = Aten.AddScaled(moving, batch, 1 - op.Momentum);
        moving.CopyFrom(moved);
    }

    /// <summary>Returns a view with channels in dimension 1, as libtorch requires.</summary>
    private static Tensor View(Tensor x) => x.Rank == 4 ? Layout.ToChannelsFirst(x) : Layout.ToRows(x);

    private static Tensor TakePublic(Tensor y, Tensor like)
    {
        if (like.Rank == 4)
        {
            return Layout.TakeChannelsLast(y);
        }
        using Tensor contiguous = Layout.TakeContiguous(y);
        return contiguous.View(like.Sizes);
    }
}
