namespace Lamina.Torch.Cpu;

/// <summary>
/// A dense layer whose outputs are computed from panels of the kernel if there are enough rows to share a copy of it,
/// and otherwise by oneDNN, as are the gradients.
/// </summary>
/// <param name="node">The op node.</param>
/// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows; inference only.</param>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed class LinearByPanels<TVector>(OpNode node, bool fuseRelu)
    : KernelBySize(
        node,
        new PanelLinearKernel<TVector>(node, fuseRelu),
        new OneDnnLinearKernel<TVector>(node, fuseRelu)
    )
    where TVector : unmanaged, IFloats<TVector>
{
    private const int FewestRows = 16;

    private readonly long _rowsPerSample = node.Shape.SampleCount / node.Shape[^1]!.Value;

    /// <summary>
    /// Returns <see langword="true"/> if panels can be faster than oneDNN for the op, as measured with 256 bits.
    /// </summary>
    public static bool Fits(OpNode node) =>
        TVector.Count < 16
        && ConvolutionAlgorithm.IsUsed<TVector>()
        && PanelProduct<TVector>.Fits(node.Inputs[1].Shape[1]!.Value);

    /// <inheritdoc/>
    protected override bool IsSpecial(long batch, bool training) => batch * _rowsPerSample >= FewestRows;

    /// <inheritdoc/>
    protected override bool IsSpecial(long batch, ReadOnlySpan<bool> wanted) => false;
}
