using System.Numerics;

namespace Lamina.Distributed.Mpi;

/// <summary>Adds the parts of ranks in the order of ranks, whatever the library and the network.</summary>
internal static class RankSums
{
    /// <summary>Sets each element to the sum of those of all parts.</summary>
    /// <param name="parts">The parts one after the other, as many elements each as the result has.</param>
    /// <param name="sum">Receives the sums.</param>
    public static void Add<T>(ReadOnlySpan<T> parts, Span<T> sum)
        where T : unmanaged, INumber<T>
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

    private static void AddTo<T>(Span<T> target, ReadOnlySpan<T> part)
        where T : unmanaged, INumber<T>
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
