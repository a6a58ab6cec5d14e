using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// A dense layer that in inference computes a single row by a special loop, and everything else by panels or oneDNN.
/// </summary>
/// <param name="node">The op node.</param>
/// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows; inference only.</param>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed class LinearBySize<TVector>(OpNode node, bool fuseRelu)
    : KernelBySize(node, new RowLinearKernel<TVector>(node, fuseRelu), Rows(node, fuseRelu))
    where TVector : unmanaged, IFloats<TVector>
{
    private readonly long _rowsPerSample = node.Shape.SampleCount / node.Shape[^1]!.Value;

    /// <inheritdoc/>
    protected override bool IsSpecial(long batch, bool training) => !training && batch * _rowsPerSample == 1;

    /// <inheritdoc/>
    protected override bool IsSpecial(long batch, ReadOnlySpan<bool> wanted) => false;

    private static Kernel Rows(OpNode node, bool fuseRelu) =>
        LinearByPanels<TVector>.Fits(node)
            ? new LinearByPanels<TVector>(node, fuseRelu)
            : new OneDnnLinearKernel<TVector>(node, fuseRelu);
}
