using System.Numerics;
using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>Brute-force search for nearest neighbors.</summary>
internal static class NearestNeighbors
{
    // The number of thumbnails that fit into a core's cache while the references stream by.
    private const int QueryBlock = 16;

    // Squared differences of bytes are at most 65,025, so a lane's sum over a chunk is an integer that a float represents exactly.
    private const int PairsInChunk = 16;

    /// <summary>Finds the nearest reference of each query by Euclidean distance; the first of equals.</summary>
    /// <param name="references">The references, at least one.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="progress">Receives the finished fraction of queries, on any thread.</param>
    /// <param name="cancellation">Cancels the search.</param>
    public static int[] Find(
        ThumbnailMatrix references,
        ThumbnailMatrix queries,
        Action<double> progress,
        CancellationToken cancellation
    )
    {
        var nearest = new int[queries.Rows];
        int blocks = (queries.Rows + QueryBlock - 1) / QueryBlock;
        int done = 0;
        var options = new ParallelOptions
        {
            CancellationToken = cancellation,
            MaxDegreeOfParallelism = Environment.ProcessorCount,
        };
        Parallel.For(
            0,
            blocks,
            options,
            block =>
            {
                int begin = block * QueryBlock;
                int end = Math.Min(begin + QueryBlock, queries.Rows);
                FindBlock(references, queries, begin, nearest.AsSpan(begin, end - begin));
                progress((double)Interlocked.Increment(ref done) / blocks);
            }
        );
        return nearest;
    }

    private static void FindBlock(ThumbnailMatrix references, ThumbnailMatrix queries, int begin, Span<int> nearest)
    {
        Span<long> distances = stackalloc long[QueryBlock];
        distances.Fill(long.MaxValue);
        for (int row = 0; row < references.Rows; row++)
        {
            ReadOnlySpan<float> reference = references[row];
            for (int i = 0; i < nearest.Length; i++)
            {
                long distance = SquaredDistance(reference, queries[begin + i], distances[i]);
                if (distance < distances[i])
                {
                    (distances[i], nearest[i]) = (distance, row);
                }
            }
        }
    }

    /// <summary>Returns the squared distance, or a lower bound once that exceeds the limit.</summary>
    private static long SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b, long tooFar)
    {
        ReadOnlySpan<Vector<float>> left = MemoryMarshal.Cast<float, Vector<float>>(a);
        ReadOnlySpan<Vector<float>> right = MemoryMarshal.Cast<float, Vector<float>>(b)[..left.Length];
        long total = 0;
        for (int begin = 0; begin < left.Length; begin += 2 * PairsInChunk)
        {
            int end = Math.Min(begin + (2 * PairsInChunk), left.Length);
            Vector<float> even = Vector<float>.Zero;
            Vector<float> odd = Vector<float>.Zero;
            for (int i = begin; i + 1 < end; i += 2)
            {
                Vector<float> first = left[i] - right[i];
                Vector<float> second = left[i + 1] - right[i + 1];
                even += first * first;
                odd += second * second;
            }
            total += Vector.Sum(Vector.ConvertToInt32(even + odd));
            if (total >= tooFar)
            {
                return total;
            }
        }
        return total;
    }
}
