using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>A kernel that runs forward only.</summary>
/// <param name="node">The op node.</param>
internal abstract class InferenceKernel(OpNode node) : Kernel(node)
{
    /// <inheritdoc/>
    public override bool BackwardReadsOutput => false;

    /// <inheritdoc/>
    public override bool BackwardReadsInput(int index) => false;

    /// <inheritdoc/>
    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    ) => throw new InvalidOperationException($"{Node} was compiled for inference and has no gradient.");
}
