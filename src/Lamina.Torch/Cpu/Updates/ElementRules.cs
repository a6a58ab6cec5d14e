using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>Applies element rules in one pass over memory on the CPU.</summary>
internal static unsafe class ElementRules
{
    /// <summary>Updates a tensor in place.</summary>
    /// <param name="target">The tensor that receives the new values.</param>
    /// <param name="gradient">The gradient.</param>
    /// <param name="slots">Up to three slots.</param>
    /// <param name="rule">The rule.</param>
    public static void Run<TRule>(Tensor target, Tensor gradient, ReadOnlySpan<Tensor> slots, TRule rule)
        where TRule : struct, IElementRule
    {
        float* w = target.WriteData();
        float* g = gradient.ReadData;
        float* a = slots.Length > 0 ? slots[0].WriteData() : null;
        float* b = slots.Length > 1 ? slots[1].WriteData() : null;
        float* c = slots.Length > 2 ? slots[2].WriteData() : null;
        ElementLoop.Run(
            target.Count,
            (begin, end) => Loop(new Pointers(w, g, a, b, c), begin, end, rule),
            ElementLoop.Grain
        );
        GC.KeepAlive(target);
        GC.KeepAlive(gradient);
        foreach (Tensor slot in slots)
        {
            GC.KeepAlive(slot);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<TRule>(in Pointers p, long i, long end, TRule rule)
        where TRule : struct, IElementRule
    {
        float* w = p.W;
        float* g = p.G;
        float* a = p.A;
        float* b = p.B;
        float* c = p.C;
        for (; i < end; i += Vector<float>.Count)
        {
            long left = end - i;
            VectorElements first = Load(a, i, left);
            VectorElements second = Load(b, i, left);
            VectorElements third = Load(c, i, left);
            VectorElements values = rule.Step(Load(w, i, left), Load(g, i, left), ref first, ref second, ref third);
            Store(values, w, i, left);
            Store(first, a, i, left);
            Store(second, b, i, left);
            Store(third, c, i, left);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static VectorElements Load(float* source, long i, long left)
    {
        if (source is null)
        {
            return default;
        }
        if (left >= Vector<float>.Count)
        {
            return new VectorElements(Vector.Load(source + i));
        }
        Vector<float> rest = default;
        for (int k = 0; k < left; k++)
        {
            rest = rest.WithElement(k, source[i + k]);
        }
        return new VectorElements(rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(VectorElements values, float* target, long i, long left)
    {
        if (target is null)
        {
            return;
        }
        if (left >= Vector<float>.Count)
        {
            values.Vector.Store(target + i);
            return;
        }
        for (int k = 0; k < left; k++)
        {
            target[i + k] = values.Vector[k];
        }
    }

    private readonly struct Pointers(float* w, float* g, float* a, float* b, float* c)
    {
        public readonly float* W = w;
        public readonly float* G = g;
        public readonly float* A = a;
        public readonly float* B = b;
        public readonly float* C = c;
    }
}
