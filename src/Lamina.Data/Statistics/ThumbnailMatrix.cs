using System.Numerics;

namespace Lamina;

/// <summary>A matrix of thumbnails as rows of floats, padded with zeros to whole vectors.</summary>
internal sealed class ThumbnailMatrix
{
    private readonly float[] _values;
    private readonly int _stride;

    /// <summary>Copies thumbnails of one size.</summary>
    /// <param name="thumbnails">The thumbnails, at least one.</param>
    /// <param name="channels">The channels of each row; gray is repeated if there are three.</param>
    public ThumbnailMatrix(IReadOnlyList<Thumbnail> thumbnails, int channels)
    {
        Rows = thumbnails.Count;
        int pixels = thumbnails[0].Pixels.Length / thumbnails[0].Channels;
        int unit = 2 * Vector<float>.Count;
        _stride = ((pixels * channels) + unit - 1) / unit * unit;
        _values = new float[checked(Rows * _stride)];
        for (int row = 0; row < Rows; row++)
        {
            Thumbnail thumbnail = thumbnails[row];
            int repeat = channels / thumbnail.Channels;
            Span<float> target = _values.AsSpan(row * _stride, pixels * channels);
            for (int i = 0; i < target.Length; i++)
            {
                target[i] = thumbnail.Pixels[i / repeat];
            }
        }
    }

    /// <summary>The number of thumbnails.</summary>
    public int Rows { get; }

    /// <summary>The values of a row, an even number of vectors.</summary>
    public ReadOnlySpan<float> this[int row] => _values.AsSpan(row * _stride, _stride);
}
