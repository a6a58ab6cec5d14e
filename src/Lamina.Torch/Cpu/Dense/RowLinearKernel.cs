using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>The inference of a dense layer for a single row, which is bound by reading the kernel.</summary>
/// <param name="node">The op node.</param>
/// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows.</param>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed class RowLinearKernel<TVector>(OpNode node, bool fuseRelu) : LinearKernel(node, fuseRelu)
    where TVector : unmanaged, IFloats<TVector>
{
    private readonly PackedWeight<FiniteWeight> _finite = new();

    /// <inheritdoc/>
    protected override string Product => "SIMD, one row";

    /// <inheritdoc/>
    protected override Tensor Multiply(Tensor rows, Tensor weight, Tensor? bias)
    {
        bool finite = _finite.Of(weight, w => new FiniteWeight(w)).IsFinite;
        return RowProduct<TVector>.Run(rows, weight, bias, FusesRelu, skipsZeros: finite);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _finite.Dispose();
    }

    /// <summary>Determines if a weight is free of NaN and infinities, so that its product with 0 is 0.</summary>
    private sealed class FiniteWeight(Tensor weight) : IDisposable
    {
        public bool IsFinite { get; } = !weight.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue);

        public void Dispose() { }
    }
}
