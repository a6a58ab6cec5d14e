using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lamina.Torch;

namespace Lamina;

/// <summary>
/// Adam (Kingma &amp; Ba 2015) as Keras 2 computes it: εₜ = ε·√(1 − β₂ᵗ) / (1 − β₁ᵗ); w ← w − εₜ·m / (√v + epsilon).
/// </summary>
public sealed unsafe class Adam : Optimizer
{
    private static readonly string[] s_slots = ["m", "v"];

    /// <summary>Creates the optimizer.</summary>
    /// <param name="learningRate">The step size, at least 0.</param>
    /// <param name="beta1">The decay of the mean gradient, 0 to 1.</param>
    /// <param name="beta2">The decay of the mean squared gradient, 0 to 1.</param>
    /// <param name="epsilon">Added to the root, at least 0.</param>
    public Adam(double learningRate = 0.001, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-7)
        : base("adam", learningRate)
    {
        Beta1 = Share(beta1, nameof(beta1), 1);
        Beta2 = Share(beta2, nameof(beta2), 1);
        Epsilon = Share(epsilon, nameof(epsilon));
    }

    /// <summary>The decay of the mean gradient.</summary>
    public double Beta1 { get; }

    /// <summary>The decay of the mean squared gradient.</summary>
    public double Beta2 { get; }

    /// <summary>Added to the root.</summary>
    public double Epsilon { get; }

    internal override IReadOnlyList<string> SlotNames => s_slots;

    internal override void Update(Tensor weight, Tensor gradient, Tensor[] slots, long iteration)
    {
        double rate = LearningRate * Math.Sqrt(1 - Math.Pow(Beta2, iteration)) / (1 - Math.Pow(Beta1, iteration));
        if (weight.IsCpuFloat)
        {
            var context = new Context(weight.Data, gradient.Data, slots[0].Data, slots[1].Data, this, rate);
            ElementLoop.Run(weight.Count, &Loop, &context);
            GC.KeepAlive(weight);
            GC.KeepAlive(gradient);
            GC.KeepAlive(slots);
            return;
        }
        Blend(slots[0], gradient, Beta1);
        Aten.MulInPlace(gradient, gradient);
        Blend(slots[1], gradient, Beta2);
        using Tensor root = Aten.Unary("aten::sqrt"u8, slots[1]);
        using Tensor divisor = Aten.Add(root, Epsilon);
        using Tensor direction = Aten.Div(slots[0], divisor);
        using Tensor result = Aten.AddScaled(weight, direction, -rate);
        weight.CopyFrom(result);
    }

    private static void Blend(Tensor mean, Tensor value, double beta)
    {
        using Tensor kept = Aten.Mul(mean, beta);
        using Tensor result = Aten.AddScaled(kept, value, 1 - beta);
        mean.CopyFrom(result);
    }

    [UnmanagedCallersOnly]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop(long begin, long end, void* context)
    {
        Context k = *(Context*)context;
        long i = begin;
        var epsilon = new Vector<float>(k.Epsilon);
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> g = Vector.Load(k.Gradient + i);
            Vector<float> m = (Vector.Load(k.Mean + i) * k.Beta1) + (g * k.Rest1);
            Vector<float> v = (Vector.Load(k.Square + i) * k.Beta2) + (g * g * k.Rest2);
            m.Store(k.Mean + i);
            v.Store(k.Square + i);
            (Vector.Load(k.Weight + i) - (m * k.Rate / (Vector.SquareRoot(v) + epsilon))).Store(k.Weight + i);
        }
        for (; i < end; i++)
        {
            float g = k.Gradient[i];
            k.Mean[i] = (k.Mean[i] * k.Beta1) + (g * k.Rest1);
            k.Square[i] = (k.Square[i] * k.Beta2) + (g * g * k.Rest2);
            k.Weight[i] -= k.Mean[i] * k.Rate / (MathF.Sqrt(k.Square[i]) + k.Epsilon);
        }
    }

    private readonly struct Context(float* weight, float* gradient, float* mean, float* square, Adam adam, double rate)
    {
        public readonly float* Weight = weight;
        public readonly float* Gradient = gradient;
        public readonly float* Mean = mean;
        public readonly float* Square = square;
        public readonly float Beta1 = (float)adam.Beta1;
        public readonly float Beta2 = (float)adam.Beta2;
        public readonly float Rest1 = (float)(1 - adam.Beta1);
        public readonly float Rest2 = (float)(1 - adam.Beta2);
        public readonly float Epsilon = (float)adam.Epsilon;
        public readonly float Rate = (float)rate;
    }
}
