using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// Computes x · kernel + bias by oneDNN's matrix products, and the kernel's gradient by outer products if the sizes
/// match.
/// </summary>
/// <param name="node">The op node.</param>
/// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows; inference only.</param>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed class OneDnnLinearKernel<TVector>(OpNode node, bool fuseRelu) : LinearKernel(node, fuseRelu)
    where TVector : unmanaged, IFloats<TVector>
{
    private readonly bool _outer =
        ConvolutionAlgorithm.IsUsed<TVector>()
        && OuterProducts<TVector>.Fits(node.Inputs[1].Shape[0]!.Value, node.Inputs[1].Shape[1]!.Value);

    /// <inheritdoc/>
    public override string BackwardAlgorithm => _outer ? "SIMD, oneDNN" : Algorithm;

    /// <inheritdoc/>
    protected override string Product => TorchLibrary.HasOneDnn ? "oneDNN matrix product" : base.Product;

    // For the input's gradient, the output's is transposed, and the result transposed back; the weight's gradient comes
    // after.
    /// <inheritdoc/>
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted)
    {
        long weights = 0;
        for (int i = 1; i < wanted.Length; i++)
        {
            weights += wanted[i] ? InputBytes(i, batch) : 0;
        }
        return wanted[0] ? Math.Max(0, OutputBytes(batch) + InputBytes(0, batch) - weights) : 0;
    }

    /// <inheritdoc/>
    protected override Tensor Multiply(Tensor rows, Tensor weight, Tensor? bias) =>
        OneDnn.Linear(rows, weight, bias, FusesRelu);

    /// <inheritdoc/>
    protected override Tensor InputGradient(Tensor gradient, Tensor weight) =>
        OneDnn.LinearInputGradient(gradient, weight);

    /// <inheritdoc/>
    protected override Tensor WeightGradient(Tensor rows, Tensor gradient) =>
        _outer ? OuterProducts<TVector>.Sum(rows, gradient) : OneDnn.LinearWeightGradient(rows, gradient);
}
