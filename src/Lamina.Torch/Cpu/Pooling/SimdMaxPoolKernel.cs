using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Max pooling, sixteen channels at a time. Forward keeps the position of each maximum in its window, in one byte each.
/// </summary>
/// <param name="node">The op node.</param>
/// <param name="op">The op, with windows accepted by <see cref="MaxPoolLoops.Fits"/>.</param>
internal sealed class SimdMaxPoolKernel(OpNode node, MaxPoolOp op) : Kernel(node)
{
    private Tensor? _places;

    /// <inheritdoc/>
    public override string Algorithm => "SIMD over channels";

    /// <inheritdoc/>
    public override bool KeepsState => true;

    /// <inheritdoc/>
    public override bool BackwardReadsOutput => false;

    /// <inheritdoc/>
    public override long KeptBytes(int batch) => OutputBytes(batch) / sizeof(float);

    /// <inheritdoc/>
    public override bool BackwardReadsInput(int index) => false;

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Release();
        Tensor pooled = Tensor.Empty(Layout.SizesOf(Node.Output, inputs[0].Sizes[0]));
        _places = step.Training ? Tensor.Empty(pooled.Sizes, DType.UInt8) : null;
        MaxPoolLoops.Forward(inputs[0], pooled, _places, op);
        return pooled;
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
        using (gradient)
        {
            if (wanted[0])
            {
                results[0] = Tensor.Empty(Layout.SizesOf(Node.Inputs[0], gradient.Sizes[0]));
                MaxPoolLoops.Backward(gradient, _places!, results[0]!, op);
            }
        }
        Release();
    }

    /// <inheritdoc/>
    public override void Release()
    {
        _places?.Dispose();
        _places = null;
    }
}
