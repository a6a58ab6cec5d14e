using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Inverted dropout whose mask is applied bit by bit in one pass.</summary>
/// <param name="node">The op node.</param>
/// <param name="op">The op.</param>
/// <param name="index">The op's position in the plan.</param>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed class SimdDropoutKernel<TVector>(OpNode node, DropoutOp op, int index) : DropoutKernel(node, op, index)
    where TVector : unmanaged, IFloats<TVector>
{
    /// <inheritdoc/>
    public override string Algorithm => "counter-based bits, SIMD";

    /// <inheritdoc/>
    public override long ForwardWorkspace(int batch, bool training) => 0;

    /// <inheritdoc/>
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => 0;

    /// <inheritdoc/>
    protected override void Apply(DropoutMask mask, Tensor source, Tensor result, float scale) =>
        MaskLoop<TVector>.Apply(mask, source, result, scale);
}
