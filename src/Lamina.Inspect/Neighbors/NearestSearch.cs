using System.Numerics;

namespace Lamina.Inspect;

/// <summary>A reference that is near to a query.</summary>
/// <param name="Index">The index of the reference.</param>
/// <param name="Distance">The Euclidean distance.</param>
public readonly record struct Neighbor(int Index, double Distance);

/// <summary>
/// Exact search for the nearest vectors by Euclidean distance. References arrive in blocks and are not kept, so that the
/// memory does not depend on their number.
/// </summary>
/// <remarks>
/// A blocked product of matrices in float32 finds the candidates; their distances are then summed in float64, so that the
/// result is that of comparing all pairs in float64. Of equal distances, the smaller index is nearer.
/// </remarks>
public sealed class NearestSearch
{
    // References per block: their product with the queries stays in the cache.
    private const int Block = 256;

    private readonly NDArray _queries;
    private readonly int _width;
    private readonly int _count;
    private readonly double[] _squares;
    private readonly SortedSet<Neighbor>[] _nearest;

    /// <summary>Creates a search.</summary>
    /// <param name="queries">The queries, (N, features).</param>
    /// <param name="count">The number of neighbors of each, at least 1.</param>
    public NearestSearch(NDArray queries, int count)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (queries.Shape.Rank != 2)
        {
            throw new ShapeException($"the queries must be (N, features), got {queries.Shape}.");
        }
        (_queries, _count, _width) = (queries, count, queries.Shape[1]!.Value);
        _squares = [.. Enumerable.Range(0, queries.Count).Select(i => Square(queries, i))];
        _nearest =
        [
            .. _squares.Select(_ => new SortedSet<Neighbor>(
                Comparer<Neighbor>.Create(static (a, b) => (a.Distance, a.Index).CompareTo((b.Distance, b.Index)))
            )),
        ];
    }

    /// <summary>Compares the queries with further references.</summary>
    /// <param name="references">The references, (M, features).</param>
    /// <param name="indices">The index of each.</param>
    /// <exception cref="ShapeException">The references have other features, or their number differs from the indices'.</exception>
    public void Add(NDArray references, IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(references);
        ArgumentNullException.ThrowIfNull(indices);
        if (references.Shape.Rank != 2 || references.Shape[1] != _width || references.Count != indices.Count)
        {
            throw new ShapeException(
                $"{indices.Count} references of {_width} features are needed, got {references.Shape}."
            );
        }
        for (int start = 0; start < references.Count; start += Block)
        {
            AddBlock(references.Samples(start, Math.Min(Block, references.Count - start)), indices, start);
        }
    }

    /// <summary>Returns the neighbors found so far, for each query the nearest first.</summary>
    public IReadOnlyList<IReadOnlyList<Neighbor>> Results => [.. _nearest.Select(n => (IReadOnlyList<Neighbor>)[.. n])];

    private void AddBlock(NDArray block, IReadOnlyList<int> indices, int start)
    {
        int count = block.Count;
        var squares = new double[count];
        var products = new float[_queries.Count * count];
        Parallel.For(
            0,
            count,
            r =>
            {
                squares[r] = Square(block, r);
                Products(block.Memory.Span.Slice(r * _width, _width), products, r, count);
            }
        );
        Parallel.For(
            0,
            _queries.Count,
            q =>
            {
                for (int r = 0; r < count; r++)
                {
                    Consider(q, indices[start + r], squares[r], products[(q * count) + r], block, r);
                }
            }
        );
    }

    private void Consider(int q, int index, double square, float product, NDArray block, int r)
    {
        SortedSet<Neighbor> nearest = _nearest[q];
        // A sum of n products in float32 is off by less than n ulps of the vectors' lengths.
        double slack = _width * 1.2e-7 * (_squares[q] + square);
        if (nearest.Count == _count)
        {
            double worst = nearest.Max.Distance;
            if (_squares[q] + square - (2.0 * product) - slack > worst * worst)
            {
                return;
            }
        }
        double distance = Math.Sqrt(SquaredDistance(q, block, r));
        if (double.IsFinite(distance))
        {
            nearest.Add(new Neighbor(index, distance));
            if (nearest.Count > _count)
            {
                nearest.Remove(nearest.Max);
            }
        }
    }

    private double SquaredDistance(int q, NDArray block, int r)
    {
        ReadOnlySpan<float> a = _queries.Values.Slice(q * _width, _width);
        ReadOnlySpan<float> b = block.Values.Slice(r * _width, _width);
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = (double)a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }

    private double Square(NDArray rows, int row)
    {
        double sum = 0;
        foreach (float value in rows.Values.Slice(row * _width, _width))
        {
            sum += (double)value * value;
        }
        return sum;
    }

    // One reference with four queries at a time: it is read once for four products.
    private void Products(ReadOnlySpan<float> reference, float[] products, int r, int count)
    {
        ReadOnlySpan<float> queries = _queries.Values;
        int q = 0;
        for (; q + 4 <= _queries.Count; q += 4)
        {
            ReadOnlySpan<float> four = queries.Slice(q * _width, 4 * _width);
            Vector<float> s0 = default;
            Vector<float> s1 = default;
            Vector<float> s2 = default;
            Vector<float> s3 = default;
            int i = 0;
            for (; i <= _width - Vector<float>.Count; i += Vector<float>.Count)
            {
                var x = new Vector<float>(reference[i..]);
                s0 += x * new Vector<float>(four[i..]);
                s1 += x * new Vector<float>(four[(i + _width)..]);
                s2 += x * new Vector<float>(four[(i + (2 * _width))..]);
                s3 += x * new Vector<float>(four[(i + (3 * _width))..]);
            }
            (float t0, float t1, float t2, float t3) = (Vector.Sum(s0), Vector.Sum(s1), Vector.Sum(s2), Vector.Sum(s3));
            for (; i < _width; i++)
            {
                t0 += reference[i] * four[i];
                t1 += reference[i] * four[i + _width];
                t2 += reference[i] * four[i + (2 * _width)];
                t3 += reference[i] * four[i + (3 * _width)];
            }
            (products[(q * count) + r], products[((q + 1) * count) + r]) = (t0, t1);
            (products[((q + 2) * count) + r], products[((q + 3) * count) + r]) = (t2, t3);
        }
        for (; q < _queries.Count; q++)
        {
            products[(q * count) + r] = Product(reference, queries.Slice(q * _width, _width));
        }
    }

    private static float Product(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Vector<float> sum = default;
        int i = 0;
        for (; i <= a.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            sum += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        }
        float rest = Vector.Sum(sum);
        for (; i < a.Length; i++)
        {
            rest += a[i] * b[i];
        }
        return rest;
    }
}
