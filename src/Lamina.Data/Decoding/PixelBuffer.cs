namespace Lamina;

/// <summary>
/// The pixels of one image: (height, width, channels) bytes, row-major. Decoding reuses the buffer's memory, so one
/// buffer belongs to one thread at a time.
/// </summary>
public sealed class PixelBuffer
{
    // A buffer that held a huge image releases the memory before the next one.
    private const int KeepBytes = 64 << 20;

    private byte[] _pixels = [];
    private int _top;
    private int _left;

    /// <summary>The number of rows.</summary>
    public int Height { get; private set; }

    /// <summary>The number of columns.</summary>
    public int Width { get; private set; }

    /// <summary>The number of channels: 1 for gray, 3 for RGB.</summary>
    public int Channels { get; private set; }

    /// <summary>The pixels: Height × Width × Channels bytes.</summary>
    public Span<byte> Pixels => _pixels.AsSpan(0, Height * Width * Channels);

    /// <summary>Sets the size; the pixels are undefined afterward.</summary>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="channels">1 or 3.</param>
    public void Resize(int height, int width, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), $"Channels must be 1 or 3, not {channels}.");
        }
        (Height, Width, Channels) = (height, width, channels);
        (Whole, _top, _left) = (new Size2(height, width), 0, 0);
        Ensure(ref _pixels, checked(height * width * channels));
    }

    /// <summary>The size of the whole image, of which these pixels may be a part.</summary>
    internal Size2 Whole { get; private set; }

    /// <summary>Marks the pixels, whose size <see cref="Resize"/> set, as part of a larger image.</summary>
    internal void SetPart(Size2 whole, int top, int left) => (Whole, _top, _left) = (whole, top, left);

    /// <summary>Returns bytes of a row in coordinates of the whole image; they must lie in the decoded part.</summary>
    internal ReadOnlySpan<byte> Row(int y, int x, int width) =>
        _pixels.AsSpan((((y - _top) * Width) + x - _left) * Channels, width * Channels);

    /// <summary>The bytes of the file being decoded.</summary>
    internal byte[] File = [];

    /// <summary>A second buffer of the same kind, for rotating.</summary>
    internal byte[] Spare = [];

    /// <summary>The state of TurboJPEG for the images decoded to this buffer.</summary>
    internal TurboHandle? Turbo { get; set; }

    /// <summary>Returns the memory of the pixels, at least this long: decoders may need four bytes per pixel.</summary>
    internal byte[] Storage(int length) => Ensure(ref _pixels, length);

    /// <summary>Exchanges the pixels and the spare buffer.</summary>
    internal void SwapSpare() => (_pixels, Spare) = (Spare, _pixels);

    /// <summary>Releases unusually large buffers, including the pixels.</summary>
    internal void Trim()
    {
        if (Math.Max(_pixels.Length, Math.Max(Spare.Length, File.Length)) > KeepBytes)
        {
            (_pixels, Spare, File) = ([], [], []);
            (Height, Width, Whole) = (0, 0, default);
        }
    }

    /// <summary>Converts RGB to gray with the weights of ITU-R 601 in 16 bits, as Pillow does.</summary>
    internal void ToGray()
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
