using System.Numerics;

namespace Lamina.Distributed.Mpi;

/// <summary>Adds the parts of ranks in the order of ranks, whatever the library and the network.</summary>
internal interface IRankSum<T>
    where T : unmanaged
{
    /// <summary>Sets each element to the sum of those of all parts.</summary>
    /// <param name="parts">The parts one after the other, as many elements each as the result has.</param>
    /// <param name="sum">Receives the sums.</param>
    static abstract void Add(ReadOnlySpan<T> parts, Span<T> sum);
}

/// <summary>Adds bfloat16 values in float32, and rounds the sum.</summary>
internal readonly struct BFloat16Sum : IRankSum<ushort>
{
    public static void Add(ReadOnlySpan<ushort> parts, Span<ushort> sum)
    {
        const int block = 1024;
        int ranks = sum.Length == 0 ? 0 : parts.Length / sum.Length;
        Span<float> total = stackalloc float[block];
        Span<float> part = stackalloc float[block];
        for (int start = 0; start < sum.Length; start += block)
        {
            int length = Math.Min(block, sum.Length - start);
            BFloat16Values.Widen(parts.Slice(start, length), total);
            for (int rank = 1; rank < ranks; rank++)
            {
                BFloat16Values.Widen(parts.Slice((rank * sum.Length) + start, length), part);
                PlainSum<float>.AddTo(total[..length], part[..length]);
            }
            BFloat16Values.Round(total[..length], sum.Slice(start, length));
        }
    }
}

/// <summary>Adds numbers in their own type.</summary>
internal readonly struct PlainSum<T> : IRankSum<T>
    where T : unmanaged, INumber<T>
{
    public static void Add(ReadOnlySpan<T> parts, Span<T> sum)
    {
        // Blocks that stay in the cache.
        const int block = 1024;
        int ranks = sum.Length == 0 ? 0 : parts.Length / sum.Length;
        for (int start = 0; start < sum.Length; start += block)
        {
            Span<T> target = sum.Slice(start, Math.Min(block, sum.Length - start));
            parts.Slice(start, target.Length).CopyTo(target);
            for (int rank = 1; rank < ranks; rank++)
            {
                AddTo(target, parts.Slice((rank * sum.Length) + start, target.Length));
            }
        }
    }

    /// <summary>Adds a part.</summary>
    public static void AddTo(Span<T> target, ReadOnlySpan<T> part)
    {
        int i = 0;
        for (; i <= target.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            (new Vector<T>(target[i..]) + new Vector<T>(part[i..])).CopyTo(target[i..]);
        }
        for (; i < target.Length; i++)
        {
            target[i] += part[i];
        }
    }
}
