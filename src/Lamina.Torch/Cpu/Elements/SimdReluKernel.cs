using System.Runtime.CompilerServices;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Computes max(0, x); backward masks the gradient in one pass.</summary>
/// <param name="node">The op node.</param>
/// <typeparam name="TVector">The vectors.</typeparam>
internal sealed unsafe class SimdReluKernel<TVector>(OpNode node) : ReluKernel(node)
    where TVector : unmanaged, IFloats<TVector>
{
    /// <inheritdoc/>
    public override string BackwardAlgorithm => "SIMD mask in place";

    /// <inheritdoc/>
    public override long BackwardWorkspace(int batch, ReadOnlySpan<bool> wanted) => 0;

    /// <inheritdoc/>
    protected override void MaskInPlace(Tensor gradient, Tensor output)
    {
        var pair = new Pair(gradient.WriteData(), output.ReadData);
        ElementLoop.Run(gradient.Count, &Mask, &pair);
        GC.KeepAlive(output);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mask(long begin, long end, void* context)
    {
        float* gradient = ((Pair*)context)->Gradient;
        float* output = ((Pair*)context)->Output;
        long i = begin;
        for (; i <= end - TVector.Count; i += TVector.Count)
        {
            TVector.WherePositive(TVector.Load(gradient + i), TVector.Load(output + i)).Store(gradient + i);
        }
        for (; i < end; i++)
        {
            gradient[i] = output[i] <= 0 ? 0 : gradient[i];
        }
    }

    private readonly struct Pair(float* gradient, float* output)
    {
        public readonly float* Gradient = gradient;
        public readonly float* Output = output;
    }
}
