using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Batch normalization by passes over rows of channels: statistics in float64 sums, backward in place. The backward
/// pass by stored statistics is libtorch's.
/// </summary>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <param name="node">The op node.</param>
/// <param name="op">The op.</param>
internal sealed class SimdBatchNormalizationKernel<TVector>(OpNode node, BatchNormalizationOp op)
    : BatchNormalizationKernel(node, op)
    where TVector : unmanaged, IFloats<TVector>
{
    private const int MostOnStack = 1024;

    private readonly BatchNormalizationOp _op = op;
    private long _rows;

    /// <inheritdoc/>
    public override string Algorithm => "SIMD over channels";

    /// <inheritdoc/>
    public override string BackwardAlgorithm => IsFrozen ? base.BackwardAlgorithm : "SIMD over channels, in place";

    /// <inheritdoc/>
    public override bool CanOverwrite => true;

    /// <inheritdoc/>
    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => IsFrozen ? -1 : 0;

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Release();
        Tensor? gamma = Gamma < 0 ? null : inputs[Gamma];
        Tensor? beta = Beta < 0 ? null : inputs[Beta];
        ByBatch = step.BehavesAsTraining && !IsFrozen;
        Tensor result = overwrite ? inputs[0].Duplicate() : Tensor.Empty(inputs[0].Sizes);
        if (ByBatch)
        {
            Normalize(step, inputs, result, gamma, beta);
        }
        else
        {
            BatchNormalizationForward<TVector>.Affine(
                inputs[0],
                result,
                gamma,
                beta,
                inputs[1],
                inputs[2],
                _op.Epsilon
            );
        }
        return result;
    }

    /// <inheritdoc/>
    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        if (ByBatch)
        {
            BackwardInPlace(step, inputs, gradient, wanted, results);
        }
        else
        {
            base.Backward(step, inputs, output, gradient, wanted, results);
        }
    }

    private void Normalize(in StepContext step, ReadOnlySpan<Tensor> inputs, Tensor result, Tensor? gamma, Tensor? beta)
    {
        Tensor x = inputs[0];
        var channels = (int)x.Sizes[^1];
        long rows = x.Count / channels;
        Span<double> mean = channels <= MostOnStack ? stackalloc double[channels] : new double[channels];
        Span<double> spread = channels <= MostOnStack ? stackalloc double[channels] : new double[channels];
        BatchNormalizationForward<TVector>.Statistics(x, mean, spread);
        if (step.Shared is { Synchronizes: true } shared)
        {
            rows = shared.Merge(mean, spread, rows, inputs[1].AsSpan());
        }
        _rows = rows;
        if (step.Estimate is not null)
        {
            AddTo(step, inputs, mean, spread, rows);
        }
        else if (!step.Recomputing)
        {
            // One value per channel has no Bessel-corrected variance.
            double unbiased = _op.UnbiasedMovingVariance && rows > 1 ? rows / (rows - 1.0) : 1;
            Move(inputs[1], mean, 1);
            Move(inputs[2], spread, unbiased);
        }
        Mean = Tensor.Empty([channels]);
        InverseStd = Tensor.Empty([channels]);
        Span<float> means = Mean.WriteSpan();
        Span<float> inverseStds = InverseStd.WriteSpan();
        for (int c = 0; c < channels; c++)
        {
            spread[c] = 1 / Math.Sqrt(spread[c] + _op.Epsilon);
            means[c] = (float)mean[c];
            inverseStds[c] = (float)spread[c];
        }
        BatchNormalizationForward<TVector>.Affine(x, result, gamma, beta, mean, spread);
    }

    private void AddTo(
        in StepContext step,
        ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<double> mean,
        ReadOnlySpan<double> variance,
        long rows
    )
    {
        double[] means = [.. mean];
        double[] variances = [.. variance];
        if (step.Shared is { Synchronizes: false } shared)
        {
            // Ranks normalize by their own rows, but an estimate is of all.
            rows = shared.Merge(means, variances, rows, inputs[1].AsSpan());
        }
        step.Estimate!.Add(inputs[1], inputs[2], means, variances, rows, _op.UnbiasedMovingVariance);
    }

    private void BackwardInPlace(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        (Tensor ofGamma, Tensor ofBeta) = BatchNormalizationBackward<TVector>.Run(
            inputs[0]!,
            gradient,
            Gamma < 0 ? null : inputs[Gamma],
            Mean!,
            InverseStd!,
            wanted[0],
            step.Shared is { Synchronizes: true } shared ? (shared, _rows) : null
        );
        Give(0, gradient, wanted, results);
        Give(Gamma, ofGamma, wanted, results);
        Give(Beta, ofBeta, wanted, results);
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

    private void Move(Tensor moving, ReadOnlySpan<double> batch, double factor)
    {
        Span<float> values = moving.WriteSpan();
        for (int c = 0; c < values.Length; c++)
        {
            values[c] = (float)((values[c] * _op.Momentum) + (batch[c] * factor * (1 - _op.Momentum)));
        }
    }
}
