namespace Lamina.Runs.Transfer;

/// <summary>
/// Ridge regression from features to classes, in closed form: how far a network's features separate classes by planes. Features
/// are standardized first, so that the penalty means the same for any network.
/// </summary>
internal sealed class LinearProbe
{
    private static readonly double[] s_penalties = [1e-3, 1e-2, 1e-1, 1];
    private readonly FeatureScale _scale;
    private readonly float[][] _rows;
    private readonly double[,] _dual;

    private LinearProbe(FeatureScale scale, float[][] rows, double[,] dual, double error, double accuracy) =>
        (_scale, _rows, _dual, LeaveOneOutError, LeaveOneOutAccuracy) = (scale, rows, dual, error, accuracy);

    /// <summary>The mean squared error of each image's scores by a probe that was fitted to the others.</summary>
    public double LeaveOneOutError { get; }

    /// <summary>The share of images whose class a probe finds that was fitted to the others.</summary>
    public double LeaveOneOutAccuracy { get; }

    /// <summary>Fits a probe, with the penalty by which the left-out images fare best.</summary>
    /// <param name="features">(images, features); at least one image. The time grows with the third power of the images.</param>
    /// <param name="labels">The images' classes.</param>
    /// <param name="classes">The number of classes.</param>
    public static LinearProbe Fit(NDArray features, IReadOnlyList<int> labels, int classes)
    {
        var scale = new FeatureScale(features);
        float[][] rows = [.. Enumerable.Range(0, features.Count).Select(i => scale.Row(features, i))];
        double[,] kernel = Kernel(rows);
        return s_penalties.Select(p => Fit(scale, rows, kernel, labels, classes, p)).MinBy(p => p.LeaveOneOutError)!;
    }

    /// <summary>Returns the most likely class of one image.</summary>
    /// <param name="features">(images, features).</param>
    /// <param name="row">The image.</param>
    public int Classify(NDArray features, int row)
    {
        float[] x = _scale.Row(features, row);
        var scores = new double[_dual.GetLength(1)];
        for (int i = 0; i < _rows.Length; i++)
        {
            double k = Dot(_rows[i], x);
            for (int c = 0; c < scores.Length; c++)
            {
                scores[c] += k * _dual[i, c];
            }
        }
        return Array.IndexOf(scores, scores.Max());
    }

    // A left-out image's residual follows from the inverse's diagonal: no probe is fitted anew.
    private static LinearProbe Fit(
        FeatureScale scale,
        float[][] rows,
        double[,] kernel,
        IReadOnlyList<int> labels,
        int classes,
        double penalty
    )
    {
        int n = rows.Length;
        double[,] inverse = PositiveMatrix.Inverse(kernel, penalty);
        var dual = new double[n, classes];
        double error = 0;
        int right = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                dual[i, labels[j]] += inverse[i, j];
            }
            (int best, double most) = (0, double.NegativeInfinity);
            for (int c = 0; c < classes; c++)
            {
                double residual = dual[i, c] / inverse[i, i];
                double score = (labels[i] == c ? 1 : 0) - residual;
                error += residual * residual;
                (best, most) = score > most ? (c, score) : (best, most);
            }
            right += best == labels[i] ? 1 : 0;
        }
        return new LinearProbe(scale, rows, dual, error / n, (double)right / n);
    }

    private static double[,] Kernel(float[][] rows)
    {
        var kernel = new double[rows.Length, rows.Length];
        Parallel.For(
            0,
            rows.Length,
            i =>
            {
                for (int j = 0; j <= i; j++)
                {
                    kernel[i, j] = kernel[j, i] = Dot(rows[i], rows[j]);
                }
            }
        );
        return kernel;
    }

    // One more feature that is always 1 stands for the bias.
    private static double Dot(float[] a, float[] b) => 1 + DotProduct.Of<float>(a, b);
}
