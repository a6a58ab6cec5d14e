using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lamina.Torch;

/// <summary>max(0, x), in place where allowed; backward zeroes the gradient in place where the output is 0. NaN stays NaN.</summary>
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

    /// <summary>Zeroes the gradient where the ReLU's output is 0; where that is NaN the gradient passes, as in libtorch.</summary>
    public static void MaskInPlace(Tensor gradient, Tensor output)
    {
        if (gradient.IsCpuFloat)
        {
            var pair = new Pair(gradient.WriteData(), output.ReadData);
            ElementLoop.Run(gradient.Count, &Mask, &pair);
            GC.KeepAlive(output);
            return;
        }
        using Tensor zero = Tensor.Scalar(0);
        using Tensor mask = Aten.AtMostMask(output, 0);
        using Tensor masked = Aten.Where(mask, zero, gradient);
        gradient.CopyFrom(masked);
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
