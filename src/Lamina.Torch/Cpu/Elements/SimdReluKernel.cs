using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Computes max(0, x); backward masks the gradient in one pass.</summary>
/// <param name="node">The op node.</param>
internal sealed unsafe class SimdReluKernel(OpNode node) : ReluKernel(node)
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
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i <= end - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                Vector512<float> zero = Vector512.LessThanOrEqual(Vector512.Load(output + i), Vector512<float>.Zero);
                Vector512.AndNot(Vector512.Load(gradient + i), zero).Store(gradient + i);
            }
        }
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<int> zero = Vector.LessThanOrEqual(Vector.Load(output + i), Vector<float>.Zero);
            Vector.AndNot(Vector.Load(gradient + i), Vector.AsVectorSingle(zero)).Store(gradient + i);
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
