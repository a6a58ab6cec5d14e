using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Applies Adam's rules to the elements, in one pass over memory.</summary>
internal static unsafe class AdamUpdate
{
    public static void Run(
        Tensor weight,
        Tensor gradient,
        Tensor mean,
        Tensor square,
        in AdamCoefficients k,
        in UpdateContext work
    )
    {
        var context = new Context(
            weight.WriteData(),
            gradient.WriteData(),
            mean.WriteData(),
            square.WriteData(),
            k,
            work
        );
        ElementLoop.Run(weight.Count, &Loop, &context);
        GC.KeepAlive(weight);
        GC.KeepAlive(gradient);
        GC.KeepAlive(mean);
        GC.KeepAlive(square);
        work.KeepAlive();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop(long begin, long end, void* context)
    {
        Context k = *(Context*)context;
        for (long i = begin; i < end; )
        {
            long stop = k.Pass.EndOf(i, end);
            k.Pass.Before(i, stop);
            Step(k, i, stop);
            k.Pass.After(i, stop);
            i = stop;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step(in Context context, long i, long end)
    {
        // A local: through a reference the factors would be reloaded for each element.
        Context k = context;
        var epsilon = new Vector<float>(k.Epsilon);
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> g = Vector.Load(k.Gradient + i);
            Vector<float> m = (Vector.Load(k.Mean + i) * k.Beta1) + (g * k.Rest1);
            Vector<float> v = (Vector.Load(k.Square + i) * k.Beta2) + (g * g * k.Rest2);
            m.Store(k.Mean + i);
            v.Store(k.Square + i);
            Vector<float> w = Vector.Load(k.Weight + i) * k.Scale;
            (w - (m * k.Rate / (Vector.SquareRoot(v) + epsilon))).Store(k.Weight + i);
        }
        for (; i < end; i++)
        {
            float g = k.Gradient[i];
            k.Mean[i] = (k.Mean[i] * k.Beta1) + (g * k.Rest1);
            k.Square[i] = (k.Square[i] * k.Beta2) + (g * g * k.Rest2);
            float step = k.Mean[i] * k.Rate / (MathF.Sqrt(k.Square[i]) + k.Epsilon);
            k.Weight[i] = (k.Weight[i] * k.Scale) - step;
        }
    }

    private readonly struct Context(
        float* weight,
        float* gradient,
        float* mean,
        float* square,
        in AdamCoefficients k,
        in UpdateContext work
    )
    {
        public readonly UpdatePass Pass = new(weight, gradient, work);
        public readonly float* Weight = weight;
        public readonly float* Gradient = gradient;
        public readonly float* Mean = mean;
        public readonly float* Square = square;
        public readonly float Beta1 = (float)k.Beta1;
        public readonly float Beta2 = (float)k.Beta2;
        public readonly float Rest1 = (float)(1 - k.Beta1);
        public readonly float Rest2 = (float)(1 - k.Beta2);
        public readonly float Epsilon = (float)k.Epsilon;
        public readonly float Rate = (float)k.Rate;
        public readonly float Scale = (float)k.WeightScale;
    }
}
