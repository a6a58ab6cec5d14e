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
    public override Kernel Create(OpNode node, in KernelRequest request = default) =>
        // Weights are cast where they are read, so nothing that is packed or halved for inference would be used again.
        new MixedKernel(
            inner.Create(node, request with { Inference = false, Precision = WeightPrecision.Float32 }),
            computesReduced
        );

    /// <inheritdoc/>
    public override bool ReadsLate => inner.ReadsLate;

    /// <inheritdoc/>
    public override UpdateKernels Updates(FiniteGuard? guard) => inner.Updates(guard);
}
