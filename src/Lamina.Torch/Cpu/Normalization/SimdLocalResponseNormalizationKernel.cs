using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Local response normalization in one pass over memory in each direction; backward in place.</summary>
/// <param name="node">The op node.</param>
/// <param name="op">The op.</param>
internal sealed class SimdLocalResponseNormalizationKernel(OpNode node, LocalResponseNormalizationOp op) : Kernel(node)
{
    /// <inheritdoc/>
    public override string Algorithm => "SIMD over channels";

    /// <inheritdoc/>
    public override bool BackwardReadsOutput => false;

    /// <inheritdoc/>
    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => 0;

    /// <inheritdoc/>
    public override bool BackwardReadsInput(int index) => true;

    /// <inheritdoc/>
    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        Tensor result = Tensor.Empty(inputs[0].Sizes);
        LocalResponseLoops.Forward(inputs[0], result, op);
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
        if (!wanted[0])
        {
            gradient.Dispose();
            return;
        }
        LocalResponseLoops.Backward(inputs[0]!, gradient, op);
        results[0] = gradient;
    }
}
