using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina.Torch;

/// <summary>max(0, x), in place where allowed; backward zeroes the gradient in place where the output is 0.</summary>
internal sealed unsafe class ReluKernel(OpNode node) : Kernel(node)
{
    public override string BackwardAlgorithm => "SIMD mask in place";

    public override int GradientInPlace(ReadOnlySpan<bool> wanted) => 0;

    public override string Algorithm => "libtorch relu";

    public override bool BackwardReadsInput(int index) => false;

    public override bool BackwardReadsOutput => true;

    public override bool CanOverwrite => true;

    public override Tensor Forward(in StepContext step, ReadOnlySpan<Tensor> inputs, bool overwrite)
    {
        if (!overwrite)
        {
            return Aten.Unary("aten::relu"u8, inputs[0]);
        }
        Aten.UnaryInPlace("aten::relu_"u8, inputs[0]);
        return inputs[0].Duplicate();
    }

    public override void Backward(
        in StepContext step,
        ReadOnlySpan<Tensor?> inputs,
        Tensor? output,
        Tensor gradient,
        ReadOnlySpan<bool> wanted,
        Span<Tensor?> results
    )
    {
        if (!wanted[0])
        {
            gradient.Dispose();
            return;
        }
        MaskInPlace(gradient, output!);
        results[0] = gradient;
    }

    /// <summary>Zeroes the gradient where the ReLU's output is not positive.</summary>
    public static void MaskInPlace(Tensor gradient, Tensor output)
    {
        if (gradient.IsCpuFloat)
        {
            var pair = new Pair(gradient.Data, output.Data);
            ElementLoop.Run(gradient.Count, &Mask, &pair);
            GC.KeepAlive(output);
            return;
        }
        using Tensor mask = Aten.Greater(output, 0);
        Aten.MulInPlace(gradient, mask);
    }

    [UnmanagedCallersOnly]
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
                Vector512<float> positive = Vector512.GreaterThan(Vector512.Load(output + i), Vector512<float>.Zero);
                (Vector512.Load(gradient + i) & positive).Store(gradient + i);
            }
        }
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<int> positive = Vector.GreaterThan(Vector.Load(output + i), Vector<float>.Zero);
            (Vector.Load(gradient + i) & Vector.AsVectorSingle(positive)).Store(gradient + i);
        }
        for (; i < end; i++)
        {
            gradient[i] = output[i] > 0 ? gradient[i] : 0;
        }
    }

    private readonly struct Pair(float* gradient, float* output)
    {
        public readonly float* Gradient = gradient;
        public readonly float* Output = output;
    }
}
