namespace Lamina.Torch.Kernels.Mixed;

/// <summary>
/// The kernels of another factory with bfloat16 between them, by the policy of each op (<see cref="MixedPolicies"/>). Weights
/// stay float32: they are cast where they are read, and their gradients are cast back.
/// </summary>
/// <param name="inner">The factory of the kernels.</param>
/// <param name="computesReduced">
/// <see langword="true"/> if the kernels compute with bfloat16 tensors; <see langword="false"/> to round to bfloat16 and compute in
/// float32, as for kernels that are loops over float32. Hardware for bfloat16 sums its products in float32, too.
/// </param>
internal sealed class MixedKernels(KernelFactory inner, bool computesReduced) : KernelFactory
{
    /// <inheritdoc/>
    public override Kernel Create(OpNode node, in KernelRequest request = default)
    {
        // On a GPU weights are cast where they are read, so nothing that is packed for inference would be used again.
        bool keeps = request.Inference && !computesReduced;
        Kernel kernel = inner.Create(
            node,
            request with
            {
                Inference = keeps,
                Precision = WeightPrecision.Float32,
                KeepsBFloat16 = keeps && node.Op is LinearOp,
            }
        );
        return new MixedKernel(kernel, computesReduced, keeps);
    }

    /// <inheritdoc/>
    public override bool ReadsLate => inner.ReadsLate;

    /// <inheritdoc/>
    public override UpdateKernels Updates(FiniteGuard? guard) => inner.Updates(guard);
}
