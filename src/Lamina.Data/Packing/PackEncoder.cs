using SkiaSharp;

namespace Lamina;

/// <summary>Decodes, shrinks and encodes images for shards. Keeps scratch memory, so an instance belongs to one thread at a time.</summary>
internal sealed class PackEncoder
{
    // The limit of JPEG in libjpeg.
    private const int LongestSide = 65_500;

    private readonly PackOptions _options;
    private readonly Preprocessing _preprocessing;
    private readonly Resizer _resizer = new();
    private readonly PixelBuffer _pixels = new();
    private float[] _values = [];
    private byte[] _bytes = [];

    public PackEncoder(PackOptions options)
    {
        _options = options;
        int target = options.Raw ? options.Side : 1;
        _preprocessing = new Preprocessing
        {
            Height = target,
            Width = target,
            ShortSide = options.Side,
        };
    }

    /// <summary>The extension of encoded images, with its dot.</summary>
    public static string ExtensionOf(PackOptions options) => options.Raw ? NpyImage.Extension : ".jpg";

    /// <summary>Returns the file of an image.</summary>
    /// <exception cref="DataException">The image cannot be read.</exception>
    public byte[] Encode(LabeledImages images, int index)
    {
        images.Decode(index, _pixels, new Size2(2 * _options.Side));
        Size2 whole = _pixels.Whole;
        SampleFrame frame = _preprocessing.FrameOf(whole);
        byte[] file = _options.Raw
            ? Raw(frame)
            : Jpeg(images, index, Math.Min(whole.Height, whole.Width) > _options.Side ? frame.Resized : whole);
        _pixels.Trim();
        return file;
    }

    private byte[] Raw(SampleFrame frame)
    {
        byte[] header = NpyImage.HeaderOf(frame.Target, _pixels.Channels);
        int length = frame.Target.Height * frame.Target.Width * _pixels.Channels;
        var file = new byte[header.Length + length];
        header.CopyTo(file, 0);
        Resize(frame.MiddleWindow, frame.Target, file.AsSpan(header.Length));
        return file;
    }

    private unsafe byte[] Jpeg(LabeledImages images, int index, Size2 size)
    {
        int channels = _pixels.Channels;
        if (Math.Max(size.Height, size.Width) > LongestSide)
        {
            throw new DataException(images.NameOf(index), $"is too long for JPEG: {size} pixels.");
        }
        int count = size.Height * size.Width;
        Span<byte> colors = PixelBuffer.Ensure(ref _bytes, checked(count * (channels + 4)));
        Span<byte> pixels = colors[..(count * channels)];
        if (size == _pixels.Whole)
        {
            _pixels.Pixels.CopyTo(pixels);
        }
        else
        {
            Resize(new SampleWindow(0, 0, _pixels.Height, _pixels.Width), size, pixels);
        }
        Span<byte> input = pixels;
        if (channels == 3)
        {
            // Skia encodes four bytes per pixel only.
            input = colors.Slice(count * channels, count * 4);
            for (int i = 0, from = 0, to = 0; i < count; i++, from += 3, to += 4)
            {
                (input[to], input[to + 1], input[to + 2]) = (pixels[from], pixels[from + 1], pixels[from + 2]);
                input[to + 3] = byte.MaxValue;
            }
        }
        var info = new SKImageInfo(
            size.Width,
            size.Height,
            channels == 1 ? SKColorType.Gray8 : SKColorType.Rgba8888,
            SKAlphaType.Opaque
        );
        fixed (byte* start = input)
        {
            using var pixmap = new SKPixmap(info, (nint)start);
            using SKData? encoded = pixmap.Encode(
                new SKJpegEncoderOptions(
                    _options.Quality,
                    SKJpegEncoderDownsample.Downsample420,
                    SKJpegEncoderAlphaOption.Ignore
                )
            );
            return encoded?.ToArray()
                ?? throw new DataException(images.NameOf(index), $"cannot be encoded as JPEG of {size} pixels.");
        }
    }

    private void Resize(SampleWindow window, Size2 size, Span<byte> output)
    {
        int length = size.Height * size.Width * _pixels.Channels;
        if (_values.Length < length)
        {
            _values = new float[length];
        }
        Span<float> values = _values.AsSpan(0, length);
        _resizer.Resize(_pixels, window, size, Affine.Identity(size.Width, _pixels.Channels), values);
        for (int i = 0; i < length; i++)
        {
            output[i] = (byte)Math.Clamp(MathF.Round(values[i]), 0, byte.MaxValue);
        }
    }
}
