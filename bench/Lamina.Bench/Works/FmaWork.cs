using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lamina.Bench;

/// <summary>Fused multiply-adds in registers, on every core: what the arithmetic units give; work is operations.</summary>
internal sealed class FmaWork : MachineWork
{
    private const int Loops = 20_000_000;

    // More chains than a core's latency times its units, so that none waits for another.
    private const int Chains = 12;

    private readonly int _lanes = Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count;

    public FmaWork() => Run();

    public override double Work => 2.0 * Loops * Chains * _lanes * Environment.ProcessorCount;

    public override double Run()
    {
        var sums = new float[Environment.ProcessorCount];
        Thread[] threads = [.. sums.Select((_, i) => new Thread(() => sums[i] = Loop(Loops, 1.0f)))];
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        return sums.Sum();
    }

    private static float Loop(int loops, float start) =>
        Vector512.IsHardwareAccelerated ? Loop512(loops, start) : Loop256(loops, start);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Loop512(int loops, float start)
    {
        Vector512<float> x = Vector512.Create(start);
        Vector512<float> y = Vector512.Create(1e-9f);
        Vector512<float> a = x;
        Vector512<float> b = x;
        Vector512<float> c = x;
        Vector512<float> d = x;
        Vector512<float> e = x;
        Vector512<float> f = x;
        Vector512<float> g = x;
        Vector512<float> h = x;
        Vector512<float> i = x;
        Vector512<float> j = x;
        Vector512<float> k = x;
        Vector512<float> l = x;
        for (int n = 0; n < loops; n++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Loop256(int loops, float start)
    {
        Vector256<float> x = Vector256.Create(start);
        Vector256<float> y = Vector256.Create(1e-9f);
        Vector256<float> a = x;
        Vector256<float> b = x;
        Vector256<float> c = x;
        Vector256<float> d = x;
        Vector256<float> e = x;
        Vector256<float> f = x;
        Vector256<float> g = x;
        Vector256<float> h = x;
        Vector256<float> i = x;
        Vector256<float> j = x;
        Vector256<float> k = x;
        Vector256<float> l = x;
        for (int n = 0; n < loops; n++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
