using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Computes x · kernel + bias from blocks of the kernel that are copied in order.</summary>
/// <param name="node">The op node.</param>
/// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows; inference only.</param>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed class PanelLinearKernel<TVector>(OpNode node, bool fuseRelu) : LinearKernel(node, fuseRelu)
    where TVector : unmanaged, IFloats<TVector>
{
    /// <inheritdoc/>
    protected override string Product => "product of panels";

    /// <inheritdoc/>
    protected override Tensor Multiply(Tensor rows, Tensor weight, Tensor? bias) =>
        PanelProduct<TVector>.Run(rows, weight, bias, FusesRelu);
}
