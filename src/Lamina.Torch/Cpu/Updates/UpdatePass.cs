using System.Numerics;
using System.Runtime.CompilerServices;
using Lamina.Torch.Kernels;

namespace Lamina.Torch.Cpu;

/// <summary>
/// The work of an <see cref="UpdateContext"/> for loops. They run over blocks that stay in the cache, so that each value crosses the memory bus
/// once, however much is done with it.
/// </summary>
internal readonly unsafe struct UpdatePass(float* weight, float* gradient, in UpdateContext s)
{
    // 2 KB of each array: the first-level cache then still contains what the rule wrote. Larger blocks gain nothing.
    private const long Block = 512;

    private readonly float* _weight = weight;
    private readonly float* _gradient = gradient;
    private readonly float* _accumulated = s.Accumulated is { } sum ? sum.ReadData : null;
    private readonly float* _average = s.Average is { } average ? average.WriteData() : null;
    private readonly float _share = (float)s.Share;
    private readonly float _clip = s.Clip is { } most ? (float)most : float.PositiveInfinity;
    private readonly float _scale = s.Scale is { } scale ? (float)scale : 1;
    private readonly float _kept = (float)s.Momentum;
    private readonly float _added = (float)(1 - s.Momentum);
    private readonly bool _isEmpty = s.IsEmpty;

    /// <summary>Returns the end of the block that begins here.</summary>
    public long EndOf(long begin, long end) => _isEmpty ? end : Math.Min(begin + Block, end);

    /// <summary>Does the work before the rule.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Before(long begin, long end)
    {
        if (!_isEmpty)
        {
            Prepare(begin, end);
        }
    }

    /// <summary>Does the work after the rule.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void After(long begin, long end)
    {
        if (_average is not null)
        {
            Average(begin, end);
        }
    }

    private void Prepare(long begin, long end)
    {
        float* g = _gradient;
        float* sum = _accumulated;
        if (sum is not null)
        {
            float share = _share;
            long i = begin;
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                ((Vector.Load(g + i) * share) + (Vector.Load(sum + i) * share)).Store(g + i);
            }
            for (; i < end; i++)
            {
                g[i] = (g[i] * share) + (sum[i] * share);
            }
        }
        if (_clip < float.PositiveInfinity || _scale != 1)
        {
            (float most, float scale) = (_clip, _scale);
            var low = new Vector<float>(-most);
            var high = new Vector<float>(most);
            long i = begin;
            for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
            {
                (Vector.Min(Vector.Max(Vector.Load(g + i), low), high) * scale).Store(g + i);
            }
            for (; i < end; i++)
            {
                g[i] = MathF.Min(MathF.Max(g[i], -most), most) * scale;
            }
        }
    }

    private void Average(long begin, long end)
    {
        // Locals: fields would be reloaded for each element, as the written memory might overlap them.
        float* average = _average;
        float* values = _weight;
        (float kept, float added) = (_kept, _added);
        long i = begin;
        for (; i <= end - Vector<float>.Count; i += Vector<float>.Count)
        {
            ((Vector.Load(average + i) * kept) + (Vector.Load(values + i) * added)).Store(average + i);
        }
        for (; i < end; i++)
        {
            average[i] = (average[i] * kept) + (values[i] * added);
        }
    }
}
