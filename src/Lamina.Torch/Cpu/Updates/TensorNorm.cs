using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lamina.Torch.Cpu;

/// <summary>Computes the Euclidean norm of a tensor's elements.</summary>
internal static unsafe class TensorNorm
{
    // Sums of fixed blocks, added in order: the same bits for any number of threads.
    private const long Block = 32 * 1024;

    public static double Of(Tensor x)
    {
        var sums = new double[(x.Count + Block - 1) / Block];
        fixed (double* first = sums)
        {
            var context = new Context(x.ReadData, first, x.Count);
            ElementLoop.Run(sums.Length, &Loop, &context, grain: 1);
        }
        GC.KeepAlive(x);
        return Math.Sqrt(sums.Sum());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop(long begin, long end, void* context)
    {
        Context k = *(Context*)context;
        for (long block = begin; block < end; block++)
        {
            long i = block * Block;
            long stop = Math.Min(i + Block, k.Count);
            Vector<double> low = default;
            Vector<double> high = default;
            for (; i <= stop - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector.Widen(Vector.Load(k.Values + i), out Vector<double> a, out Vector<double> b);
                low += a * a;
                high += b * b;
            }
            double sum = Vector.Sum(low + high);
            for (; i < stop; i++)
            {
                sum += (double)k.Values[i] * k.Values[i];
            }
            k.Sums[block] = sum;
        }
    }

    private readonly struct Context(float* values, double* sums, long count)
    {
        public readonly float* Values = values;
        public readonly double* Sums = sums;
        public readonly long Count = count;
    }
}
