namespace Lamina.Runs.Transfer;

/// <summary>
/// The means and deviations of features, by which they are standardized. Rows are divided by √features too, so that products
/// of rows are about 1 however many features there are.
/// </summary>
internal sealed class FeatureScale
{
    private readonly float[] _mean;
    private readonly float[] _factor;

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
        _factor =
        [
            .. sums.Zip(
                squares,
                (s, q) =>
                {
                    double mean = s / features.Count;
                    double variance = (q / features.Count) - (mean * mean);
                    // Features that are the same in all images say nothing.
                    return variance > 1e-10 * (1 + (mean * mean)) ? (float)(1 / Math.Sqrt(variance * width)) : 0;
                }
            ),
        ];
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
