namespace Lamina.Inspect;

/// <summary>The principal components of vectors.</summary>
public static class Pca
{
    private const int Iterations = 60;

    /// <summary>Projects vectors onto the directions of their largest variance, the largest first.</summary>
    /// <param name="rows">The vectors, (N, features), N at least 2.</param>
    /// <param name="count">The number of components, 1 to the smaller of N and the features.</param>
    /// <param name="seed">The seed of the start of the iteration. Default: 0.</param>
    /// <returns>The projections, (N, count), and the share of the variance that each component has.</returns>
    public static (NDArray Projections, IReadOnlyList<double> Shares) Of(NDArray rows, int count, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(rows);
        int n = rows.Count;
        int width = rows.Shape[1]!.Value;
        if (n < 2 || count < 1 || count > Math.Min(n, width))
        {
            throw new LaminaException(
                $"{count} principal components of {n} vectors of {width} numbers: there are at most {Math.Min(n, width)}."
            );
        }
        double[][] x = Centered(rows, n, width);
        var random = new RandomStream(seed, RandomPurpose.User, 2);
        double[][] basis = new double[count][];
        for (int c = 0; c < count; c++)
        {
            basis[c] = new double[width];
            for (int i = 0; i < width; i++)
            {
                basis[c][i] = random.NextNormal();
            }
        }
        Orthonormalize(basis);
        double[][] projected = Project(x, basis);
        for (int i = 0; i < Iterations; i++)
        {
            basis = Back(x, projected, width);
            Orthonormalize(basis);
            projected = Project(x, basis);
        }
        return Sorted(projected, x, n, count);
    }

    private static double[][] Centered(NDArray rows, int n, int width)
    {
        var mean = new double[width];
        for (int i = 0; i < rows.Values.Length; i++)
        {
            mean[i % width] += (double)rows.Values[i] / n;
        }
        var x = new double[n][];
        for (int r = 0; r < n; r++)
        {
            x[r] = new double[width];
            for (int i = 0; i < width; i++)
            {
                x[r][i] = rows.Values[(r * width) + i] - mean[i];
            }
        }
        return x;
    }

    // For each component its projections of all rows.
    private static double[][] Project(double[][] x, double[][] basis)
    {
        double[][] result = [.. basis.Select(_ => new double[x.Length])];
        Parallel.For(
            0,
            x.Length,
            r =>
            {
                for (int c = 0; c < basis.Length; c++)
                {
                    result[c][r] = VectorMath.Dot(x[r], basis[c]);
                }
            }
        );
        return result;
    }

    private static double[][] Back(double[][] x, double[][] projected, int width)
    {
        double[][] basis = [.. projected.Select(_ => new double[width])];
        Parallel.For(
            0,
            basis.Length,
            c =>
            {
                for (int r = 0; r < x.Length; r++)
                {
                    VectorMath.AddScaled(basis[c], x[r], projected[c][r]);
                }
            }
        );
        return basis;
    }

    private static void Orthonormalize(double[][] basis)
    {
        for (int c = 0; c < basis.Length; c++)
        {
            // Twice, as once leaves rounding errors of nearly parallel vectors.
            for (int pass = 0; pass < 2; pass++)
            {
                for (int b = 0; b < c; b++)
                {
                    VectorMath.AddScaled(basis[c], basis[b], -VectorMath.Dot(basis[c], basis[b]));
                }
            }
            double length = Math.Sqrt(VectorMath.Dot(basis[c], basis[c]));
            double factor = length > 1e-30 ? 1 / length : 0;
            for (int i = 0; i < basis[c].Length; i++)
            {
                basis[c][i] *= factor;
            }
        }
    }

    private static (NDArray, IReadOnlyList<double>) Sorted(double[][] projected, double[][] x, int n, int count)
    {
        double total = x.Sum(r => VectorMath.Dot(r, r));
        double[] variances = [.. projected.Select(p => VectorMath.Dot(p, p))];
        int[] order = [.. Enumerable.Range(0, count).OrderByDescending(c => variances[c])];
        var result = new NDArray(Shape.Of(n, count));
        for (int c = 0; c < count; c++)
        {
            // The sign is arbitrary: the largest projection is positive.
            double[] values = projected[order[c]];
            double sign = Math.Sign(values.MaxBy(Math.Abs));
            for (int r = 0; r < n; r++)
            {
                result.Values[(r * count) + c] = (float)(sign * values[r]);
            }
        }
        return (result, [.. order.Select(c => total > 0 ? variances[c] / total : 0)]);
    }
}
