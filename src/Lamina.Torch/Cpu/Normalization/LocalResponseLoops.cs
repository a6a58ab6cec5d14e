using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Lamina.Torch.Cpu;

/// <summary>Computes local response normalization in one pass over memory, one pixel's channels at a time.</summary>
internal static unsafe class LocalResponseLoops
{
    /// <summary>Computes the output.</summary>
    public static void Forward(Tensor x, Tensor result, LocalResponseNormalizationOp op)
    {
        var work = new Work(x, result, op);
        ElementLoop.Run(work.Pixels, &ForwardPixels, &work, work.Grain);
        GC.KeepAlive(x);
    }

    /// <summary>Overwrites the output's gradient by the input's.</summary>
    public static void Backward(Tensor x, Tensor gradient, LocalResponseNormalizationOp op)
    {
        var work = new Work(x, gradient, op);
        ElementLoop.Run(work.Pixels, &BackwardPixels, &work, work.Grain);
        GC.KeepAlive(x);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardPixels(long begin, long end, void* context)
    {
        var work = (Work*)context;
        float* squares = work->Scratch();
        for (long pixel = begin; pixel < end; pixel++)
        {
            float* a = work->X + (pixel * work->Channels);
            float* y = work->Y + (pixel * work->Channels);
            work->Square(a, squares);
            int c = 0;
            for (; c <= work->Channels - 8; c += 8)
            {
                Vector256<float> sum = work->Sum(squares + c);
                (Vector256.Load(a + c) * work->Power(sum)).Store(y + c);
            }
            for (; c < work->Channels; c++)
            {
                y[c] = a[c] * MathF.Pow(work->SumOne(squares + c), -work->Beta);
            }
        }
        NativeMemory.Free(squares);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardPixels(long begin, long end, void* context)
    {
        var work = (Work*)context;
        float* squares = work->Scratch();
        float* terms = work->Scratch();
        float factor = -2 * work->Alpha * work->Beta;
        for (long pixel = begin; pixel < end; pixel++)
        {
            float* a = work->X + (pixel * work->Channels);
            float* g = work->Y + (pixel * work->Channels);
            float* term = terms + work->Reach;
            work->Square(a, squares);
            int c = 0;
            for (; c <= work->Channels - 8; c += 8)
            {
                Vector256<float> sum = work->Sum(squares + c);
                Vector256<float> direct = Vector256.Load(g + c) * work->Power(sum);
                direct.Store(g + c);
                (direct * Vector256.Load(a + c) / sum).Store(term + c);
            }
            for (; c < work->Channels; c++)
            {
                float sum = work->SumOne(squares + c);
                g[c] *= MathF.Pow(sum, -work->Beta);
                term[c] = g[c] * a[c] / sum;
            }
            for (c = 0; c <= work->Channels - 8; c += 8)
            {
                Vector256<float> sum = Vector256.Load(terms + c);
                for (int i = 1; i < work->Size; i++)
                {
                    sum += Vector256.Load(terms + c + i);
                }
                (Vector256.Load(g + c) + (sum * Vector256.Load(a + c) * factor)).Store(g + c);
            }
            for (; c < work->Channels; c++)
            {
                float sum = 0;
                for (int i = 0; i < work->Size; i++)
                {
                    sum += terms[c + i];
                }
                g[c] += sum * a[c] * factor;
            }
        }
        NativeMemory.Free(squares);
        NativeMemory.Free(terms);
    }

    private readonly struct Work(Tensor x, Tensor y, LocalResponseNormalizationOp op)
    {
        public readonly float* X = x.ReadData;
        public readonly float* Y = y.WriteData();
        public readonly int Channels = checked((int)x.Sizes[3]);
        public readonly long Pixels = x.Count / x.Sizes[3];
        public readonly int Size = op.Size;
        public readonly float K = (float)op.K;
        public readonly float Alpha = (float)op.Alpha;
        public readonly float Beta = (float)op.Beta;

        public int Reach => Size / 2;

        public long Grain => Math.Max(1, ElementLoop.Grain / 4 / Channels);

        /// <summary>Returns memory for a pixel's channels, with zeros before and after them.</summary>
        public float* Scratch() => (float*)NativeMemory.AllocZeroed((nuint)(Channels + (2 * Reach) + 8), sizeof(float));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Square(float* a, float* squares)
        {
            float* target = squares + Reach;
            int c = 0;
            for (; c <= Channels - 8; c += 8)
            {
                Vector256<float> v = Vector256.Load(a + c);
                (v * v).Store(target + c);
            }
            for (; c < Channels; c++)
            {
                target[c] = a[c] * a[c];
            }
        }

        /// <summary>Returns k + α·Σ over the neighbors of eight channels.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Sum(float* squares)
        {
            Vector256<float> sum = Vector256.Load(squares);
            for (int i = 1; i < Size; i++)
            {
                sum += Vector256.Load(squares + i);
            }
            return (sum * Alpha) + Vector256.Create(K);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public float SumOne(float* squares)
        {
            float sum = 0;
            for (int i = 0; i < Size; i++)
            {
                sum += squares[i];
            }
            return K + (Alpha * sum);
        }

        /// <summary>Returns sum^−β; by roots for the paper's β of 3/4.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Power(Vector256<float> sum)
        {
            if (Beta == 0.75f)
            {
                Vector256<float> root = Vector256.Sqrt(sum);
                return Vector256<float>.One / (root * Vector256.Sqrt(root));
            }
            return Vector256.Exp(Vector256.Log(sum) * -Beta);
        }
    }
}
