namespace Lamina;

/// <summary>
/// The pixels of one image, (height, width, channels) bytes, row-major. Decoding fills it and keeps its memory from
/// image to image, so one buffer belongs to one thread at a time.
/// </summary>
public sealed class PixelBuffer
{
    // A buffer that once held a huge image lets go of it before the next.
    private const int KeepBytes = 64 << 20;

    private byte[] _pixels = [];
    private int _top;
    private int _left;

    /// <summary>Rows.</summary>
    public int Height { get; private set; }

    /// <summary>Columns.</summary>
    public int Width { get; private set; }

    /// <summary>1 for grey, 3 for red, green, blue.</summary>
    public int Channels { get; private set; }

    /// <summary>The bytes: Height × Width × Channels of them.</summary>
    public Span<byte> Pixels => _pixels.AsSpan(0, Height * Width * Channels);

    /// <summary>Sets the size, and leaves the pixels undefined.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="channels">1 or 3.</param>
    public void Resize(int height, int width, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), $"Pixels have 1 or 3 channels, not {channels}.");
        }
        (Height, Width, Channels) = (height, width, channels);
        (Whole, _top, _left) = (new Size2(height, width), 0, 0);
        Ensure(ref _pixels, checked(height * width * channels));
    }

    /// <summary>The size of the image of which these pixels may be a part only; else their own.</summary>
    internal Size2 Whole { get; private set; }

    /// <summary>Says that the pixels, whose size <see cref="Resize"/> set, are a part of a larger image.</summary>
    internal void SetPart(Size2 whole, int top, int left) => (Whole, _top, _left) = (whole, top, left);

    /// <summary>Bytes of a row of the whole image, which must be in the part that is here.</summary>
    internal ReadOnlySpan<byte> Row(int y, int x, int width) =>
        _pixels.AsSpan((((y - _top) * Width) + x - _left) * Channels, width * Channels);

    /// <summary>The bytes of the file being decoded.</summary>
    internal byte[] File = [];

    /// <summary>A second image's worth of bytes, for turning.</summary>
    internal byte[] Spare = [];

    /// <summary>The memory behind the pixels, at least this long: a decoder may need four bytes a pixel for a while.</summary>
    internal byte[] Storage(int length) => Ensure(ref _pixels, length);

    /// <summary>Makes the spare bytes the pixels.</summary>
    internal void SwapSpare() => (_pixels, Spare) = (Spare, _pixels);

    /// <summary>Forgets memory of unusual size; the pixels are gone if they were that large.</summary>
    internal void Trim()
    {
        if (Math.Max(_pixels.Length, Math.Max(Spare.Length, File.Length)) > KeepBytes)
        {
            (_pixels, Spare, File) = ([], [], []);
            (Height, Width, Whole) = (0, 0, default);
        }
    }

    /// <summary>Turns red, green, blue into grey with the weights of ITU-R 601 in 16 bits, as Pillow does.</summary>
    internal void ToGrey()
    {
        Span<byte> pixels = Pixels;
        int count = Height * Width;
        for (int i = 0, j = 0; i < count; i++, j += 3)
        {
            int sum = (pixels[j] * 19595) + (pixels[j + 1] * 38470) + (pixels[j + 2] * 7471);
            pixels[i] = (byte)((sum + 0x8000) >> 16);
        }
        Channels = 1;
    }

    internal static byte[] Ensure(ref byte[] array, int length)
    {
        if (array.Length < length)
        {
            array = GC.AllocateUninitializedArray<byte>(length);
        }
        return array;
    }
}
