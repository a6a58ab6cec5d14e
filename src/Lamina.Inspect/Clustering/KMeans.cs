namespace Lamina.Inspect;

/// <summary>Groups of vectors by k-means: each vector belongs to the nearest of k centers, which are the means of their groups.</summary>
/// <remarks>Starts are drawn by k-means++ (Arthur and Vassilvitskii 2007), and the best of several runs is returned.</remarks>
public static class KMeans
{
    private const int MostIterations = 100;

    /// <summary>Groups vectors.</summary>
    /// <param name="rows">The vectors, (N, features).</param>
    /// <param name="clusters">The number of groups, 2 to N.</param>
    /// <param name="seed">The seed of the starts. Default: 0.</param>
    /// <param name="starts">The number of runs, at least 1. Default: 8.</param>
    /// <param name="cancellation">Cancels the search.</param>
    /// <exception cref="LaminaException">The number of groups does not fit the number of vectors.</exception>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static Clusters Of(
        NDArray rows,
        int clusters,
        long seed = 0,
        int starts = 8,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(starts, 1);
        if (rows.Shape.Rank != 2 || clusters < 2 || clusters > rows.Count)
        {
            throw new LaminaException(
                $"{clusters} groups of {rows.Shape}: the number of groups must be from 2 to the number of vectors."
            );
        }
        float[][] x = [.. Enumerable.Range(0, rows.Count).Select(i => rows.Samples(i, 1).Values.ToArray())];
        var runs = new Clusters[starts];
        Parallel.For(
            0,
            starts,
            i => runs[i] = Run(x, clusters, new RandomStream(seed, RandomPurpose.User, i), cancellation)
        );
        return runs.MinBy(r => r.Inertia)!;
    }

    /// <summary>
    /// Returns the mean silhouette of groups (Rousseeuw 1987), by distances to the centers: 1 if they are far apart, 0 or less
    /// if they are one.
    /// </summary>
    /// <param name="clusters">The groups.</param>
    public static double Silhouette(Clusters clusters)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        return clusters.Margins.Average();
    }

    private static Clusters Run(float[][] x, int k, RandomStream random, CancellationToken cancellation)
    {
        float[][] centers = Starts(x, k, random);
        var labels = new int[x.Length];
        for (int i = 0; i < MostIterations; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            bool changed = false;
            for (int row = 0; row < x.Length; row++)
            {
                int nearest = Nearest(x[row], centers).Index;
                changed |= nearest != labels[row] || i == 0;
                labels[row] = nearest;
            }
            if (!changed)
            {
                break;
            }
            Move(x, labels, centers);
        }
        return Measure(x, labels, centers);
    }

    private static float[][] Starts(float[][] x, int k, RandomStream random)
    {
        List<float[]> centers =
        [
            [.. x[(int)(random.NextDouble() * x.Length)]],
        ];
        double[] squares = [.. x.Select(r => Square(r, centers[0]))];
        while (centers.Count < k)
        {
            double at = random.NextDouble() * squares.Sum();
            int chosen = 0;
            while (chosen < x.Length - 1 && (at -= squares[chosen]) > 0)
            {
                chosen++;
            }
            centers.Add([.. x[chosen]]);
            for (int i = 0; i < x.Length; i++)
            {
                squares[i] = Math.Min(squares[i], Square(x[i], centers[^1]));
            }
        }
        return [.. centers];
    }

    private static void Move(float[][] x, int[] labels, float[][] centers)
    {
        var counts = new int[centers.Length];
        var sums = new double[centers.Length, x[0].Length];
        for (int i = 0; i < x.Length; i++)
        {
            counts[labels[i]]++;
            for (int j = 0; j < x[i].Length; j++)
            {
                sums[labels[i], j] += x[i][j];
            }
        }
        for (int c = 0; c < centers.Length; c++)
        {
            if (counts[c] == 0)
            {
                // A group that lost all of its members begins again at the vector that is farthest from its center.
                int far = Enumerable.Range(0, x.Length).MaxBy(i => Square(x[i], centers[labels[i]]));
                centers[c] = [.. x[far]];
                continue;
            }
            for (int j = 0; j < x[0].Length; j++)
            {
                centers[c][j] = (float)(sums[c, j] / counts[c]);
            }
        }
    }

    private static Clusters Measure(float[][] x, int[] labels, float[][] centers)
    {
        double inertia = 0;
        var margins = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            (_, double own, double next) = Nearest(x[i], centers);
            inertia += own;
            margins[i] = next > 0 ? 1 - Math.Sqrt(own / next) : 0;
        }
        return new Clusters(labels, margins, inertia);
    }

    private static (int Index, double Square, double Next) Nearest(float[] row, float[][] centers)
    {
        (int best, double least, double next) = (0, double.PositiveInfinity, double.PositiveInfinity);
        for (int c = 0; c < centers.Length; c++)
        {
            double square = Square(row, centers[c]);
            (best, least, next) = square < least ? (c, square, least) : (best, least, Math.Min(next, square));
        }
        return (best, least, next);
    }

    private static double Square(float[] a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            double difference = a[i] - b[i];
            sum += difference * difference;
        }
        return sum;
    }
}
