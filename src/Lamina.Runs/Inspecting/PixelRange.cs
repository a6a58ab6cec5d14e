using Lamina.Inspect;

namespace Lamina.Runs.Inspecting;

/// <summary>
/// The prepared values of a black and of a white image, between which preprocessing is linear: converts prepared images back
/// to bytes, whatever the scale, mean image and order of channels.
/// </summary>
internal sealed class PixelRange
{
    private readonly bool _isBgr;

    public PixelRange(Preprocessing preprocessing)
    {
        Black = Prepared(preprocessing, 0);
        White = Prepared(preprocessing, byte.MaxValue);
        _isBgr = preprocessing.ChannelOrder == ChannelOrder.Bgr;
    }

    /// <summary>(1, height, width, channels).</summary>
    public NDArray Black { get; }

    /// <summary>(1, height, width, channels).</summary>
    public NDArray White { get; }

    /// <summary>Returns the bytes of a prepared image, gray or RGB.</summary>
    /// <param name="image">(1, height, width, channels).</param>
    public byte[] ToBytes(NDArray image)
    {
        ReadOnlySpan<float> values = image.Values;
        int channels = image.Shape[3]!.Value;
        var bytes = new byte[values.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            double share = (values[i] - Black.Values[i]) / (White.Values[i] - (double)Black.Values[i]);
            int channel = i % channels;
            int target = _isBgr ? i - channel + (channels - 1 - channel) : i;
            bytes[target] = (byte)Math.Clamp(Math.Round(255 * share), 0, 255);
        }
        return bytes;
    }

    /// <summary>Returns a prepared image as a tile of a sheet.</summary>
    public SheetTile ToTile(NDArray image) =>
        new(ToBytes(image), image.Shape[1]!.Value, image.Shape[2]!.Value, image.Shape[3]!.Value);

    /// <summary>Returns a part of a prepared image as a tile of a sheet; gray outside of the image.</summary>
    /// <param name="pixels">(height, width, channels).</param>
    /// <param name="area">The place of the part.</param>
    public SheetTile ToTile(NDArray pixels, PixelArea area)
    {
        int[] whole = Black.Shape.ToArray();
        int[] dims = pixels.Shape.ToArray();
        // Parts that cover the whole image are cut to it.
        int top = area.Bottom - area.Top >= whole[1] ? 0 : area.Top;
        int left = area.Right - area.Left >= whole[2] ? 0 : area.Left;
        var image = new NDArray(Black.Shape, Black.Values.ToArray());
        var bytes = new byte[pixels.Values.Length];
        bytes.AsSpan().Fill(128);
        ForEachRow(
            top,
            left,
            dims,
            whole,
            (at, from, length) => pixels.Values.Slice(from, length).CopyTo(image.Values[at..])
        );
        byte[] all = ToBytes(image);
        ForEachRow(top, left, dims, whole, (at, from, length) => all.AsSpan(at, length).CopyTo(bytes.AsSpan(from)));
        return new SheetTile(bytes, dims[0], dims[1], dims[2]);
    }

    private static void ForEachRow(int top, int left, int[] part, int[] whole, Action<int, int, int> act)
    {
        int first = Math.Max(left, 0);
        int length = (Math.Min(left + part[1], whole[2]) - first) * part[2];
        for (int y = Math.Max(top, 0); y < Math.Min(top + part[0], whole[1]); y++)
        {
            act(((y * whole[2]) + first) * part[2], (((y - top) * part[1]) + first - left) * part[2], length);
        }
    }

    private static NDArray Prepared(Preprocessing preprocessing, byte value)
    {
        var pixels = new PixelBuffer();
        int side = Math.Max(preprocessing.MeanSize.Height, preprocessing.MeanSize.Width);
        pixels.Resize(side, side, preprocessing.Channels);
        pixels.Pixels.Fill(value);
        return Images.Prepare(pixels, preprocessing);
    }
}
