namespace Lamina;

/// <summary>Subtracts the part of the mean image under a window. An instance belongs to one thread.</summary>
internal sealed class MeanSubtraction
{
    private readonly Preprocessing _preprocessing;
    private readonly MeanImage _mean;

    // Already divided by the standard deviation, like the values that it is subtracted from.
    private readonly float[] _values;
    private readonly int[] _columns;

    public MeanSubtraction(Preprocessing preprocessing, MeanImage mean)
    {
        (_preprocessing, _mean) = (preprocessing, mean);
        _columns = new int[preprocessing.Width];
        _values = new float[mean.Values.Length];
        for (int i = 0; i < _values.Length; i++)
        {
            IReadOnlyList<double> std = preprocessing.Std;
            _values[i] = (float)(mean.Values[i] / std[std.Count == 1 ? 0 : i % mean.Channels]);
        }
    }

    /// <summary>Subtracts the mean from a prepared image.</summary>
    /// <param name="image">The decoded image's size.</param>
    /// <param name="window">The window that was cut out; if it is mirrored, so is the mean.</param>
    /// <param name="output">(height, width, channels): the prepared pixels.</param>
    /// <remarks>
    /// A crop that is not resized further uses the mean pixel by pixel. Other windows use the nearest pixel of the mean, and
    /// its edge beyond the edges.
    /// </remarks>
    public void Subtract(Size2 image, SampleWindow window, Span<float> output)
    {
        (int height, int width, int channels) = (_preprocessing.Height, _preprocessing.Width, _mean.Channels);
        SampleWindow whole = _preprocessing.MeanWindowOf(image);
        for (int x = 0; x < width; x++)
        {
            double at = window.Left + ((x + 0.5) * window.Width / width);
            int to = window.Mirrored ? width - 1 - x : x;
            _columns[to] = Nearest((at - whole.Left) / whole.Width, _mean.Width) * channels;
        }
        for (int y = 0; y < height; y++)
        {
            double at = window.Top + ((y + 0.5) * window.Height / height);
            int row = Nearest((at - whole.Top) / whole.Height, _mean.Height) * _mean.Width * channels;
            ReadOnlySpan<float> mean = _values.AsSpan(row, _mean.Width * channels);
            Span<float> line = output.Slice(y * width * channels, width * channels);
            for (int x = 0, i = 0; x < width; x++)
            {
                for (int c = 0; c < channels; c++, i++)
                {
                    line[i] -= mean[_columns[x] + c];
                }
            }
        }
    }

    private static int Nearest(double share, int size) => Math.Clamp((int)Math.Floor(share * size), 0, size - 1);
}
