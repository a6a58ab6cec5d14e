namespace Lamina.Runs.Transfer;

/// <summary>
/// The means and deviations of features, by which they are standardized. Rows are divided by √features too, so that products
/// of rows are about 1 however many features there are.
/// </summary>
internal sealed class FeatureScale
{
    private readonly float[] _mean;
    private readonly float[] _factor;
    private readonly double[] _variance;

    /// <param name="features">(images, features).</param>
    public FeatureScale(NDArray features)
    {
        int width = features.Shape[1]!.Value;
        var sums = new double[width];
        var squares = new double[width];
        ReadOnlySpan<float> values = features.Values;
        for (int i = 0; i < values.Length; i++)
        {
            sums[i % width] += values[i];
            squares[i % width] += (double)values[i] * values[i];
        }
        _mean = [.. sums.Select(s => (float)(s / features.Count))];
        _variance =
        [
            .. sums.Zip(squares, (s, q) => Math.Max(0, (q / features.Count) - Math.Pow(s / features.Count, 2))),
        ];
        _factor =
        [
            .. _variance.Zip(
                _mean,
                // Features that are equal in all images carry no information.
                (v, m) => v > 1e-10 * (1 + ((double)m * m)) ? (float)(1 / Math.Sqrt(v * width)) : 0
            ),
        ];
    }

    /// <summary>The number of features.</summary>
    public int Width => _mean.Length;

    /// <summary>The mean of a feature.</summary>
    public float Mean(int feature) => _mean[feature];

    /// <summary>The variance of a feature.</summary>
    public double Variance(int feature) => _variance[feature];

    /// <summary>The factor of a feature, once its mean is subtracted.</summary>
    public double Factor(int feature) => _factor[feature];

    /// <summary>Sets the weights of batch normalization so that it standardizes the features by their statistics.</summary>
    /// <param name="norm">The layer, of as many features.</param>
    public void SetStatistics(BatchNormalization norm)
    {
        float[][] statistics =
        [
            [.. Enumerable.Repeat(1f, Width)],
            new float[Width],
            [.. Enumerable.Range(0, Width).Select(Mean)],
            [.. Enumerable.Range(0, Width).Select(i => (float)Variance(i))],
        ];
        foreach ((Weight weight, float[] values) in norm.Weights.Zip(statistics))
        {
            weight.SetValues(values);
        }
    }

    /// <summary>Returns one image's standardized features.</summary>
    public float[] Row(NDArray features, int row)
    {
        ReadOnlySpan<float> values = features.Values.Slice(row * _mean.Length, _mean.Length);
        var result = new float[_mean.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = (values[i] - _mean[i]) * _factor[i];
        }
        return result;
    }
}
