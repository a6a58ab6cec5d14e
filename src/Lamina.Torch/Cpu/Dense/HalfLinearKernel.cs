using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>The inference of a dense layer with its kernel kept in 16 bits.</summary>
/// <param name="node">The op node.</param>
/// <param name="fuseRelu"><see langword="true"/> to apply the ReLU that follows.</param>
/// <typeparam name="TVector">The vectors.</typeparam>
/// <typeparam name="TFormat">The 16 bits.</typeparam>
internal sealed class HalfLinearKernel<TVector, TFormat>(OpNode node, bool fuseRelu) : LinearKernel(node, fuseRelu)
    where TVector : unmanaged, IFloats<TVector>
    where TFormat : struct, IHalfFormat
{
    private readonly PackedWeight<HalfMatrix<TVector, TFormat>> _half = new();

    /// <inheritdoc/>
    protected override string Product => "SIMD on 16-bit weights";

    /// <inheritdoc/>
    public override bool RoundsWeight(int index) => index == 1 && typeof(TFormat) == typeof(BFloat16Format);

    /// <inheritdoc/>
    protected override Tensor Multiply(Tensor rows, Tensor weight, Tensor? bias)
    {
        HalfMatrix<TVector, TFormat> half = _half.Of(weight, w => new HalfMatrix<TVector, TFormat>(w));
        return rows.Sizes[0] == 1
            ? RowProduct<TVector>.Run(rows, half, bias, FusesRelu, skipsZeros: half.IsFinite)
            : half.Multiply(rows, bias, FusesRelu);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _half.Dispose();
    }
}
