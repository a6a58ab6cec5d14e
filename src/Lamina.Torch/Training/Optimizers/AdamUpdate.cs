using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lamina.Torch;

/// <summary>
/// The coefficients of m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← scale·w − rate·m / (√v + epsilon). On the CPU one
/// fused loop computes it, elsewhere libtorch's ops.
/// </summary>
internal readonly record struct AdamCoefficients(
    double Beta1,
    double Beta2,
    double Epsilon,
    double Rate,
    double WeightScale
)
{
    /// <summary>Returns the coefficients of a step: the rate corrects for both means starting at 0.</summary>
    public static AdamCoefficients Of(double beta1, double beta2, double epsilon, in WeightStep step, double scale) =>
        new(
            beta1,
            beta2,
            epsilon,
            step.LearningRate * Math.Sqrt(1 - Math.Pow(beta2, step.Update)) / (1 - Math.Pow(beta1, step.Update)),
            scale
        );
}

/// <summary>Applies Adam's rules to the elements.</summary>
internal static unsafe class AdamUpdate
{
    public static void Run(
        Tensor weight,
        Tensor gradient,
        Tensor mean,
        Tensor square,
        in AdamCoefficients k,
        in UpdateContext work = default
    )
    {
        if (weight.IsCpuFloat)
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
            return;
        }
        SgdUpdate.Blend(mean, gradient, k.Beta1, 1 - k.Beta1);
        Aten.MulInPlace(gradient, gradient);
        SgdUpdate.Blend(square, gradient, k.Beta2, 1 - k.Beta2);
        using Tensor root = Aten.Unary("aten::sqrt"u8, square);
        using Tensor divisor = Aten.Add(root, k.Epsilon);
        using Tensor direction = Aten.Div(mean, divisor);
        SgdUpdate.Blend(weight, direction, k.WeightScale, -k.Rate);
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
