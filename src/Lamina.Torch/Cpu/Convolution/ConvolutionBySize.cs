using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// A convolution that uses an algorithm of this backend for batches that are large enough, otherwise libtorch.
/// </summary>
/// <param name="node">The op node.</param>
/// <param name="algorithm">The algorithm.</param>
/// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows.</param>
/// <param name="library">The kernel of libtorch.</param>
internal sealed class ConvolutionBySize(OpNode node, ConvolutionAlgorithm algorithm, bool fuseRelu, Kernel library)
    : KernelBySize(node, new DirectConvolutionKernel(node, algorithm, fuseRelu), library)
{
    private readonly Kernel _library = library;

    // After a forward pass by the algorithm, libtorch's backward has to compute what its own forward pass would have
    // kept.
    /// <inheritdoc/>
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) =>
        base.BackwardWorkspace(batch, wanted)
        + (IsSpecial(batch, true) && !IsSpecial(batch, wanted) ? _library.KeptBytes(batch) : 0);

    /// <inheritdoc/>
    protected override bool IsSpecial(long batch, bool training) => algorithm.Pays(batch, training);

    /// <inheritdoc/>
    protected override bool IsSpecial(long batch, ReadOnlySpan<bool> wanted) =>
        algorithm.Pays(batch, training: true) && (algorithm.GivesInputGradient || !wanted[0]);
}
