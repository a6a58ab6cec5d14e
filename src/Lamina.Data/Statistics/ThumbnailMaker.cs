namespace Lamina;

/// <summary>A small image with its label.</summary>
/// <param name="Pixels">(height, width, channels) bytes.</param>
/// <param name="Channels">1 for gray, 3 for RGB.</param>
/// <param name="Label">The class index.</param>
internal sealed record Thumbnail(byte[] Pixels, int Channels, int Label);

/// <summary>Makes thumbnails of decoded images. Keeps scratch memory, so an instance belongs to one thread at a time.</summary>
internal sealed class ThumbnailMaker
{
    private readonly Resizer _resizer = new();
    private float[] _values = [];

    /// <summary>The buffer to decode images into.</summary>
    public PixelBuffer Pixels { get; } = new();

    /// <summary>Makes a thumbnail of the whole image, stretched to a size.</summary>
    public Thumbnail Make(Size2 size, int label)
    {
        int channels = Pixels.Channels;
        int length = size.Height * size.Width * channels;
        if (_values.Length < length)
        {
            _values = new float[length];
        }
        Span<float> values = _values.AsSpan(0, length);
        var stretch = new Preprocessing
        {
            Height = size.Height,
            Width = size.Width,
            Resize = ResizeMode.Stretch,
        };
        SampleWindow window = stretch.FrameOf(Pixels.Whole).MiddleWindow;
        _resizer.Resize(Pixels, window, size, Affine.Identity(size.Width, channels), values);
        var bytes = new byte[length];
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)Math.Clamp(MathF.Round(values[i]), 0, byte.MaxValue);
        }
        return new Thumbnail(bytes, channels, label);
    }
}
