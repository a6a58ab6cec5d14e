using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Applies the SGD rules to the elements, in one pass over memory.</summary>
internal static unsafe class SgdUpdate
{
    public static void Run(Tensor weight, Tensor gradient, Tensor momentum, in SgdCoefficients k, in UpdateContext work)
    {
        var context = new Context(weight.WriteData(), gradient.WriteData(), momentum.WriteData(), k, work);
        ElementLoop.Run(weight.Count, &Loop, &context);
        GC.KeepAlive(weight);
        GC.KeepAlive(gradient);
        GC.KeepAlive(momentum);
        work.KeepAlive();
    }

    /// <summary>Computes target ← targetScale·target + sourceScale·source.</summary>
    public static void Blend(
        Tensor target,
        Tensor source,
        double targetScale,
        double sourceScale,
        in UpdateContext work
    )
    {
        var k = new SgdCoefficients(0, 0, 0, targetScale, 0, sourceScale, 0);
        var context = new Context(target.WriteData(), source.ReadData, null, k, work);
        ElementLoop.Run(target.Count, &BlendLoop, &context);
        GC.KeepAlive(target);
        GC.KeepAlive(source);
        work.KeepAlive();
    }

    /// <summary>Applies the work of the context that precedes a rule.</summary>
    public static void Prepare(Tensor gradient, in UpdateContext work)
    {
        var context = new Context(null, gradient.WriteData(), null, default, work);
        ElementLoop.Run(gradient.Count, &PrepareLoop, &context);
        GC.KeepAlive(gradient);
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
    private static void BlendLoop(long begin, long end, void* context)
    {
        Context k = *(Context*)context;
        for (long i = begin; i < end; )
        {
            long stop = k.Pass.EndOf(i, end);
            k.Pass.Before(i, stop);
            BlendStep(k, i, stop);
            k.Pass.After(i, stop);
            i = stop;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PrepareLoop(long begin, long end, void* context) =>
        (*(Context*)context).Pass.Before(begin, end);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step(in Context context, long i, long end)
    {
        // A local: through a reference the factors would be reloaded for each element.
        Context k = context;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> w = Vector.Load(k.Weight + i);
            Vector<float> g = Vector.Load(k.Gradient + i);
            Vector<float> m = (Vector.Load(k.Moments + i) * k.Momentum) + (g * k.A) + (w * k.B);
            m.Store(k.Moments + i);
            ((w * k.C) + (m * k.D) + (g * k.E)).Store(k.Weight + i);
        }
        for (; i < end; i++)
        {
            float w = k.Weight[i];
            float g = k.Gradient[i];
            float m = (k.Moments[i] * k.Momentum) + (g * k.A) + (w * k.B);
            k.Moments[i] = m;
            k.Weight[i] = (w * k.C) + (m * k.D) + (g * k.E);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BlendStep(in Context context, long i, long end)
    {
        Context k = context;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            ((Vector.Load(k.Weight + i) * k.C) + (Vector.Load(k.Gradient + i) * k.E)).Store(k.Weight + i);
        }
        for (; i < end; i++)
        {
            k.Weight[i] = (k.Weight[i] * k.C) + (k.Gradient[i] * k.E);
        }
    }

    private readonly struct Context(
        float* weight,
        float* gradient,
        float* moments,
        SgdCoefficients k,
        in UpdateContext work
    )
    {
        public readonly UpdatePass Pass = new(weight, gradient, work);
        public readonly float* Weight = weight;
        public readonly float* Gradient = gradient;
        public readonly float* Moments = moments;
        public readonly float Momentum = (float)k.Momentum;
        public readonly float A = (float)k.GradientToMomentum;
        public readonly float B = (float)k.WeightToMomentum;
        public readonly float C = (float)(k.WeightScale + k.DecayToWeight);
        public readonly float D = (float)k.MomentumToWeight;
        public readonly float E = (float)k.GradientToWeight;
    }
}
