namespace Lamina.Runs.Transfer;

/// <summary>
/// Multinomial logistic regression with an L2 penalty: minimizes the mean cross-entropy + penalty · Σ kernel², by L-BFGS. The
/// objective is convex, so the result depends neither on a learning rate nor on a seed.
/// </summary>
internal static class SoftmaxRegression
{
    private const int MostIterations = 200;
    private const int Memory = 10;
    private const double Tolerance = 1e-6;

    /// <summary>Fits weights.</summary>
    /// <param name="rows">The images.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="penalty">The penalty, above 0. Biases have none.</param>
    /// <param name="start">The weights to begin with; <see langword="null"/> for zeros.</param>
    /// <param name="cancellation">Ends the fit.</param>
    /// <returns>For each class the weights of its features and, last, its bias.</returns>
    /// <exception cref="OperationCanceledException">It was canceled.</exception>
    public static double[] Fit(
        LabeledRows rows,
        int classes,
        double penalty,
        double[]? start,
        CancellationToken cancellation
    )
    {
        double[] w = start is null ? new double[classes * rows.Width] : [.. start];
        var gradient = new double[w.Length];
        double loss = Objective(rows, classes, penalty, w, gradient);
        Queue<(double[] Step, double[] Change, double Scale)> pairs = new();
        for (int i = 0; i < MostIterations; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            double[] direction = Direction(gradient, [.. pairs]);
            double slope = DotProduct.Of<double>(direction, gradient);
            // The first direction is a plain gradient, of any length.
            double rate = pairs.Count == 0 ? 1 / Math.Max(1, Math.Sqrt(-slope)) : 1;
            var next = new double[w.Length];
            var nextGradient = new double[w.Length];
            double nextLoss;
            while (true)
            {
                for (int k = 0; k < w.Length; k++)
                {
                    next[k] = w[k] + (rate * direction[k]);
                }
                nextLoss = Objective(rows, classes, penalty, next, nextGradient);
                if (nextLoss <= loss + (1e-4 * rate * slope) || rate < 1e-8)
                {
                    break;
                }
                rate /= 2;
            }
            if (!(nextLoss < loss))
            {
                break;
            }
            Remember(pairs, w, next, gradient, nextGradient);
            bool isDone = loss - nextLoss <= Tolerance * Math.Max(loss, 1e-3);
            (w, gradient, loss) = (next, nextGradient, nextLoss);
            if (isDone)
            {
                break;
            }
        }
        return w;
    }

    /// <summary>Returns the mean cross-entropy of rows, and how many of them have the most likely class.</summary>
    public static (double Loss, int Right) Test(LabeledRows rows, int classes, double[] weights)
    {
        float[] w = [.. weights.Select(v => (float)v)];
        double loss = 0;
        int right = 0;
        var scores = new double[classes];
        for (int i = 0; i < rows.Count; i++)
        {
            loss += Scores(rows, i, w, scores);
            right += Array.IndexOf(scores, scores.Max()) == rows.Labels[i] ? 1 : 0;
        }
        return (loss / rows.Count, right);
    }

    private static double Objective(LabeledRows rows, int classes, double penalty, double[] w, double[] gradient)
    {
        // A fixed number of parts, so that sums do not depend on the number of cores.
        const int Parts = 8;
        float[] single = [.. w.Select(v => (float)v)];
        (double Loss, float[] Gradient)[] parts = new (double, float[])[Parts];
        Parallel.For(
            0,
            Parts,
            part =>
            {
                var sums = new float[w.Length];
                var scores = new double[classes];
                double loss = 0;
                for (int i = rows.Count * part / Parts; i < rows.Count * (part + 1) / Parts; i++)
                {
                    loss += Scores(rows, i, single, scores);
                    ReadOnlySpan<float> x = rows.Row(i);
                    for (int c = 0; c < classes; c++)
                    {
                        float residual = (float)(scores[c] - (rows.Labels[i] == c ? 1 : 0));
                        DotProduct.AddScaled(sums.AsSpan(c * rows.Width, rows.Width), x, residual);
                    }
                }
                parts[part] = (loss, sums);
            }
        );
        double total = parts.Sum(p => p.Loss) / rows.Count;
        for (int k = 0; k < w.Length; k++)
        {
            double sum = 0;
            foreach ((_, float[] sums) in parts)
            {
                sum += sums[k];
            }
            bool isBias = k % rows.Width == rows.Width - 1;
            gradient[k] = (sum / rows.Count) + (isBias ? 0 : 2 * penalty * w[k]);
            total += isBias ? 0 : penalty * w[k] * w[k];
        }
        return total;
    }

    // Fills in the probabilities, and returns the cross-entropy.
    private static double Scores(LabeledRows rows, int row, float[] w, double[] scores)
    {
        ReadOnlySpan<float> x = rows.Row(row);
        for (int c = 0; c < scores.Length; c++)
        {
            scores[c] = DotProduct.Of(w.AsSpan(c * rows.Width, rows.Width), x);
        }
        double most = scores.Max();
        double sum = 0;
        for (int c = 0; c < scores.Length; c++)
        {
            sum += scores[c] = Math.Exp(scores[c] - most);
        }
        double loss = Math.Log(sum) - Math.Log(Math.Max(scores[rows.Labels[row]], double.Epsilon));
        for (int c = 0; c < scores.Length; c++)
        {
            scores[c] /= sum;
        }
        return loss;
    }

    // The two-loop recursion of Nocedal (1980).
    private static double[] Direction(double[] gradient, (double[] Step, double[] Change, double Scale)[] pairs)
    {
        double[] q = [.. gradient.Select(g => -g)];
        var alphas = new double[pairs.Length];
        for (int i = pairs.Length - 1; i >= 0; i--)
        {
            (double[] step, double[] change, double scale) = pairs[i];
            alphas[i] = scale * DotProduct.Of<double>(step, q);
            DotProduct.AddScaled(q.AsSpan(), change, -alphas[i]);
        }
        if (pairs is [.., var last])
        {
            double factor = 1 / (last.Scale * DotProduct.Of<double>(last.Change, last.Change));
            for (int k = 0; k < q.Length; k++)
            {
                q[k] *= factor;
            }
        }
        for (int i = 0; i < pairs.Length; i++)
        {
            (double[] step, double[] change, double scale) = pairs[i];
            DotProduct.AddScaled(q.AsSpan(), step, alphas[i] - (scale * DotProduct.Of<double>(change, q)));
        }
        return q;
    }

    private static void Remember(
        Queue<(double[] Step, double[] Change, double Scale)> pairs,
        double[] w,
        double[] next,
        double[] gradient,
        double[] nextGradient
    )
    {
        double[] step = [.. next.Zip(w, (a, b) => a - b)];
        double[] change = [.. nextGradient.Zip(gradient, (a, b) => a - b)];
        double curvature = DotProduct.Of<double>(step, change);
        if (curvature <= 1e-12)
        {
            return;
        }
        pairs.Enqueue((step, change, 1 / curvature));
        if (pairs.Count > Memory)
        {
            pairs.Dequeue();
        }
    }
}
