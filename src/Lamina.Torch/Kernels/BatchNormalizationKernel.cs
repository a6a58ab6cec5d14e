namespace Lamina.Torch;

/// <summary>Batch normalisation. Forward keeps the batch's statistics, and moves the stored ones.</summary>
internal sealed class BatchNormalizationKernel(OpNode node, BatchNormalizationOp op) : Kernel(node)
{
    private const int MostOnStack = 1024;

    private readonly bool _frozen = node.Layer is { Trainable: false };
    private readonly Tensor?[] _gradients = new Tensor?[3];
    private readonly bool[] _mask = new bool[3];
    private readonly int _gamma = op.HasScale ? 3 : -1;
    private readonly int _beta =
        !op.HasCenter ? -1
        : op.HasScale ? 4
        : 3;
    private bool _batchStatistics;
    private bool _ours;
    private Tensor? _mean;
    private Tensor? _inverseStd;

    public override string Algorithm => _ours ? "SIMD over channels" : base.Algorithm;

    public override string BackwardAlgorithm => _frozen ? base.Algorithm : "SIMD over channels, in place";

    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => _frozen ? -1 : 0;

    // Where nobody wants them, the gradients of scale and shift are made with the input's all the same.
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => 5 * InputBytes(1, batch);

    public override bool KeepsState => true;

    public override long KeptBytes(int batch) => 2 * InputBytes(1, batch);

    public override bool BackwardReadsInput(int index) => index < 3 || index == _gamma;

    public override bool BackwardReadsOutput => false;

    public override bool CanOverwrite => true;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Release();
        Tensor? gamma = _gamma < 0 ? null : inputs[_gamma];
        Tensor? beta = _beta < 0 ? null : inputs[_beta];
        _batchStatistics = step.Training && !_frozen;
        _ours = inputs[0].IsCpuFloat;
        if (_ours)
        {
            Tensor result = overwrite ? inputs[0].Duplicate() : Tensor.Empty(inputs[0].Sizes);
            if (_batchStatistics)
            {
                ByBatch(step, inputs, result, gamma, beta);
            }
            else
            {
                BatchNormalizationForward.Affine(inputs[0], result, gamma, beta, inputs[1], inputs[2], op.Epsilon);
            }
            return result;
        }
        using Tensor x = View(inputs[0]);
        if (!_batchStatistics)
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
        // libtorch moves the averages by its own rule, Bessel-corrected; one value a channel has no such variance.
        bool stores = step.Estimate is null && !step.Recomputing;
        bool moves = stores && op.UnbiasedMovingVariance && inputs[0].Count > inputs[0].Sizes[^1];
        (Tensor output, _mean, _inverseStd) = Aten.BatchNorm(
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
            using Tensor squared = Aten.Pow(_inverseStd!, -2);
            using Tensor variance = Aten.Add(squared, -op.Epsilon);
            using Tensor positive = Aten.AtLeast(variance, 0);
            if (step.Estimate is { } estimate)
            {
                estimate.Add(inputs[1], inputs[2], _mean!, positive, inputs[0], op.UnbiasedMovingVariance);
            }
            else
            {
                Move(inputs[1], _mean!);
                Move(inputs[2], positive);
            }
        }
        return TakePublic(output, inputs[0]);
    }

    private void ByBatch(in StepContext step, ReadOnlySpan<Tensor> inputs, Tensor result, Tensor? gamma, Tensor? beta)
    {
        Tensor x = inputs[0];
        var channels = (int)x.Sizes[^1];
        long rows = x.Count / channels;
        Span<double> mean = channels <= MostOnStack ? stackalloc double[channels] : new double[channels];
        Span<double> spread = channels <= MostOnStack ? stackalloc double[channels] : new double[channels];
        BatchNormalizationForward.Statistics(x, mean, spread);
        if (step.Estimate is { } estimate)
        {
            estimate.Add(inputs[1], inputs[2], mean, spread, rows, op.UnbiasedMovingVariance);
        }
        else if (!step.Recomputing)
        {
            // One value a channel has no Bessel-corrected variance.
            double unbiased = op.UnbiasedMovingVariance && rows > 1 ? rows / (rows - 1.0) : 1;
            Move(inputs[1], mean, 1);
            Move(inputs[2], spread, unbiased);
        }
        _mean = Tensor.Empty([channels]);
        _inverseStd = Tensor.Empty([channels]);
        Span<float> means = _mean.WriteSpan();
        Span<float> inverseStds = _inverseStd.WriteSpan();
        for (int c = 0; c < channels; c++)
        {
            spread[c] = 1 / Math.Sqrt(spread[c] + op.Epsilon);
            means[c] = (float)mean[c];
            inverseStds[c] = (float)spread[c];
        }
        BatchNormalizationForward.Affine(x, result, gamma, beta, mean, spread);
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
        if (_batchStatistics && gradient.IsCpuFloat)
        {
            BackwardInPlace(inputs, gradient, wanted, results);
            return;
        }
        _mask[0] = wanted[0];
        _mask[1] = _gamma >= 0 && wanted[_gamma];
        _mask[2] = _beta >= 0 && wanted[_beta];
        using (gradient)
        {
            using Tensor g = View(gradient);
            using Tensor x = View(inputs[0]!);
            Aten.BatchNormBackward(
                g,
                x,
                _gamma < 0 ? null : inputs[_gamma],
                inputs[1],
                inputs[2],
                _mean,
                _inverseStd,
                _batchStatistics,
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
                results[_gamma] = _gradients[1];
            }
            if (_mask[2])
            {
                results[_beta] = _gradients[2];
            }
            Array.Clear(_gradients);
        }
        Release();
    }

    private void BackwardInPlace(
        ReadOnlySpan<Tensor?> inputs,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        (Tensor ofGamma, Tensor ofBeta) = BatchNormalizationBackward.Run(
            inputs[0]!,
            gradient,
            _gamma < 0 ? null : inputs[_gamma],
            _mean!,
            _inverseStd!,
            wanted[0]
        );
        Give(0, gradient, wanted, results);
        Give(_gamma, ofGamma, wanted, results);
        Give(_beta, ofBeta, wanted, results);
        Release();
    }

    private static void Give(int input, Tensor gradient, ReadOnlySpan<bool> wanted, Span<Tensor?> results)
    {
        if (input >= 0 && wanted[input])
        {
            results[input] = gradient;
        }
        else
        {
            gradient.Dispose();
        }
    }

    public override void Release()
    {
        _mean?.Dispose();
        _inverseStd?.Dispose();
        _mean = null;
        _inverseStd = null;
    }

    private void Move(Tensor moving, ReadOnlySpan<double> batch, double factor)
    {
        Span<float> values = moving.WriteSpan();
        for (int c = 0; c < values.Length; c++)
        {
            values[c] = (float)((values[c] * op.Momentum) + (batch[c] * factor * (1 - op.Momentum)));
        }
    }

    private void Move(Tensor moving, Tensor batch)
    {
        Aten.MulInPlace(moving, op.Momentum);
        using Tensor moved = Aten.AddScaled(moving, batch, 1 - op.Momentum);
        moving.CopyFrom(moved);
    }

    /// <summary>Channels in dimension 1, as libtorch wants them.</summary>
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
