using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The output stage of a kernel with an epilogue. Batch normalizations become one factor and one shift per channel, which
/// are computed again when a weight or a statistic changes; the kernel's own weights stay as they are.
/// </summary>
/// <param name="node">The kernel's op node.</param>
/// <param name="epilogue">The ops after it.</param>
internal sealed class EpilogueStage(OpNode node, Epilogue epilogue) : IDisposable
{
    private readonly DerivedWeights<Tensor> _first = new();
    private readonly DerivedWeights<Tensor> _last = new();
    private readonly int _channels = node.Shape[^1]!.Value;
    private readonly bool _hasBias = node.Inputs.Count > 2;

    /// <summary>The size of the factors and shifts in bytes.</summary>
    public long Bytes =>
        2L
        * sizeof(float)
        * _channels
        * ((epilogue.Normalization is null ? 0 : 1) + (epilogue.LastNormalization is null ? 0 : 1));

    /// <summary>Returns the stage for the inputs of a step; valid while they and this object exist.</summary>
    /// <param name="inputs">The kernel's inputs, as <see cref="Epilogue"/> orders them.</param>
    public unsafe OutputStage Of(ReadOnlySpan<Tensor> inputs)
    {
        int first = node.Inputs.Count;
        int added = first + Epilogue.WeightsOf(epilogue.Normalization);
        int last = added + (epilogue.Adds ? 1 : 0);
        float* scale = null;
        float* shift = _hasBias ? inputs[2].ReadData : null;
        if (epilogue.Normalization is { } normalization)
        {
            // The bias is the last input of the op itself.
            ReadOnlySpan<Tensor> sources = inputs[(_hasBias ? 2 : first)..added];
            scale = _first.Of(sources, s => Derive(normalization, s, _hasBias)).ReadData;
            shift = scale + _channels;
        }
        float* lastScale = epilogue.LastNormalization is { } after
            ? _last.Of(inputs[last..], s => Derive(after, s, hasBias: false)).ReadData
            : null;
        return new OutputStage
        {
            Scale = scale,
            Shift = shift,
            Added = epilogue.Adds ? inputs[added].ReadData : null,
            Rectifies = epilogue.Cap is not null,
            Cap = epilogue.Cap is { } cap && float.IsFinite(cap) ? cap : 0,
            LastScale = lastScale,
            LastShift = lastScale == null ? null : lastScale + _channels,
        };
    }

    // (x + bias − mean) · gamma / √(variance + epsilon) + beta, as x · factor + shift.
    private Tensor Derive(BatchNormalizationOp op, ReadOnlySpan<Tensor> sources, bool hasBias)
    {
        ReadOnlySpan<float> bias = hasBias ? sources[0].AsSpan() : default;
        ReadOnlySpan<Tensor> weights = hasBias ? sources[1..] : sources;
        ReadOnlySpan<float> mean = weights[0].AsSpan();
        ReadOnlySpan<float> variance = weights[1].AsSpan();
        ReadOnlySpan<float> gamma = op.HasScale ? weights[2].AsSpan() : default;
        ReadOnlySpan<float> beta = op.HasCenter ? weights[^1].AsSpan() : default;
        Tensor result = Tensor.Empty([2, _channels]);
        Span<float> values = result.WriteSpan();
        for (int c = 0; c < _channels; c++)
        {
            double scale = (op.HasScale ? gamma[c] : 1.0) / Math.Sqrt(variance[c] + op.Epsilon);
            double distance = (hasBias ? bias[c] : 0.0) - mean[c];
            values[c] = (float)scale;
            values[_channels + c] = (float)((distance * scale) + (op.HasCenter ? beta[c] : 0.0));
        }
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _last.Dispose();
    }
}
