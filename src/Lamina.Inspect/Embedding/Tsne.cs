namespace Lamina.Inspect;

/// <summary>
/// Places vectors in a plane so that near ones stay near: t-SNE (van der Maaten and Hinton, 2008), exact, from the first two
/// principal components, so that the same vectors have the same places. Time and memory grow with the square of the number.
/// </summary>
public static class Tsne
{
    private const int Early = 250;
    private const double Exaggeration = 12;
    private const int MostPoints = 5000;

    /// <summary>Places vectors in a plane.</summary>
    /// <param name="rows">The vectors, (N, features), N from 4 to 5,000.</param>
    /// <param name="options">The perplexity and steps; the defaults if <see langword="null"/>.</param>
    /// <param name="progress">Called with the number of steps done. Default: none.</param>
    /// <param name="cancellation">Cancels the computation.</param>
    /// <returns>(N, 2), centered.</returns>
    /// <exception cref="LaminaException">There are too few or too many vectors.</exception>
    public static NDArray Of(
        NDArray rows,
        TsneOptions? options = null,
        Action<int>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new TsneOptions();
        int n = rows.Count;
        if (n is < 4 or > MostPoints)
        {
            throw new LaminaException($"t-SNE of {n} images: it needs from 4 to {MostPoints}.");
        }
        int width = rows.Shape[1]!.Value;
        int components = Math.Min(Math.Min(options.Components, width), n - 1);
        NDArray reduced = components < width ? Pca.Of(rows, components, options.Seed).Projections : rows;
        double perplexity = Math.Clamp(options.Perplexity, 1, (n - 1) / 3.0);
        float[] p = Affinities(reduced, perplexity);
        double[] y = Start(reduced, n);
        Descend(p, y, n, options.Steps, progress, cancellation);
        return new NDArray(Shape.Of(n, 2), y.Select(v => (float)v).ToArray());
    }

    // The symmetric probabilities that two points are neighbors; each point's deviation has the requested perplexity.
    private static float[] Affinities(NDArray rows, double perplexity)
    {
        int n = rows.Count;
        int width = rows.Shape[1]!.Value;
        var conditional = new float[n * n];
        Parallel.For(
            0,
            n,
            i =>
            {
                var squares = new double[n];
                ReadOnlySpan<float> a = rows.Values.Slice(i * width, width);
                for (int j = 0; j < n; j++)
                {
                    ReadOnlySpan<float> b = rows.Values.Slice(j * width, width);
                    for (int k = 0; k < width; k++)
                    {
                        double difference = (double)a[k] - b[k];
                        squares[j] += difference * difference;
                    }
                }
                Neighborhood(squares, i, Math.Log(perplexity), conditional.AsSpan(i * n, n));
            }
        );
        var joint = new float[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                joint[(i * n) + j] = Math.Max((conditional[(i * n) + j] + conditional[(j * n) + i]) / (2 * n), 1e-12f);
            }
        }
        return joint;
    }

    private static void Neighborhood(double[] squares, int self, double entropy, Span<float> result)
    {
        (double low, double high, double beta) = (0, double.PositiveInfinity, 1 / (squares.Average() + 1e-12));
        var weights = new double[squares.Length];
        double nearest = squares.Where((_, j) => j != self).Min();
        for (int step = 0; step < 64; step++)
        {
            double sum = 0;
            double mean = 0;
            for (int j = 0; j < weights.Length; j++)
            {
                weights[j] = j == self ? 0 : Math.Exp(-beta * (squares[j] - nearest));
                sum += weights[j];
                mean += weights[j] * (squares[j] - nearest);
            }
            double found = Math.Log(sum) + (beta * mean / sum);
            if (Math.Abs(found - entropy) < 1e-5)
            {
                break;
            }
            (low, high) = found > entropy ? (beta, high) : (low, beta);
            beta = double.IsInfinity(high) ? beta * 2 : (low + high) / 2;
        }
        double total = weights.Sum();
        for (int j = 0; j < weights.Length; j++)
        {
            result[j] = (float)(weights[j] / total);
        }
    }

    private static double[] Start(NDArray reduced, int n)
    {
        NDArray plane = Pca.Of(reduced, Math.Min(2, reduced.Shape[1]!.Value)).Projections;
        int width = plane.Shape[1]!.Value;
        var y = new double[2 * n];
        for (int i = 0; i < n; i++)
        {
            y[2 * i] = plane[i, 0];
            // Not exactly on a line or on each other, where nothing would part points.
            y[(2 * i) + 1] = width > 1 ? plane[i, 1] : 1e-4 * i / n;
        }
        double deviation = Math.Sqrt(Enumerable.Range(0, n).Average(i => y[2 * i] * y[2 * i]));
        double scale = deviation > 0 ? 1e-2 / deviation : 1;
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = (y[i] * scale) + (1e-6 * Math.Sin(i));
        }
        return y;
    }

    private static void Descend(
        float[] p,
        double[] y,
        int n,
        int steps,
        Action<int>? progress,
        CancellationToken cancellation
    )
    {
        var velocity = new double[y.Length];
        var gains = new double[y.Length];
        Array.Fill(gains, 1);
        double rate = Math.Max(n / Exaggeration / 4, 50);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            double[] gradient = Gradient(p, y, n, step < Early ? Exaggeration : 1);
            double momentum = step < Early ? 0.5 : 0.8;
            for (int i = 0; i < y.Length; i++)
            {
                gains[i] =
                    Math.Sign(gradient[i]) == Math.Sign(velocity[i]) ? Math.Max(gains[i] * 0.8, 0.01) : gains[i] + 0.2;
                velocity[i] = (momentum * velocity[i]) - (rate * gains[i] * gradient[i]);
                y[i] += velocity[i];
            }
            Center(y, n);
            progress?.Invoke(step + 1);
        }
    }

    private static double[] Gradient(float[] p, double[] y, int n, double exaggeration)
    {
        var rowSums = new double[n];
        Parallel.For(
            0,
            n,
            i =>
            {
                double sum = 0;
                for (int j = 0; j < n; j++)
                {
                    sum += j == i ? 0 : Closeness(y, i, j);
                }
                rowSums[i] = sum;
            }
        );
        double total = rowSums.Sum();
        var gradient = new double[2 * n];
        Parallel.For(
            0,
            n,
            i =>
            {
                (double gx, double gy) = (0, 0);
                for (int j = 0; j < n; j++)
                {
                    double close = Closeness(y, i, j);
                    double pull = ((exaggeration * p[(i * n) + j]) - (close / total)) * close;
                    gx += pull * (y[2 * i] - y[2 * j]);
                    gy += pull * (y[(2 * i) + 1] - y[(2 * j) + 1]);
                }
                (gradient[2 * i], gradient[(2 * i) + 1]) = (4 * gx, 4 * gy);
            }
        );
        return gradient;
    }

    private static double Closeness(double[] y, int i, int j)
    {
        double dx = y[2 * i] - y[2 * j];
        double dy = y[(2 * i) + 1] - y[(2 * j) + 1];
        return 1 / (1 + (dx * dx) + (dy * dy));
    }

    private static void Center(double[] y, int n)
    {
        for (int axis = 0; axis < 2; axis++)
        {
            double mean = 0;
            for (int i = 0; i < n; i++)
            {
                mean += y[(2 * i) + axis] / n;
            }
            for (int i = 0; i < n; i++)
            {
                y[(2 * i) + axis] -= mean;
            }
        }
    }
}
