using System.Buffers.Binary;
using SkiaSharp;

namespace Lamina.Data.Tests.Decoding;

public sealed class BadImageTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly PixelBuffer _pixels = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_huge_declared_size_is_refused_before_decoding()
    {
        string path = _folder.Write("huge.png", HugePng(60000, 60000));

        DataException error = Assert.Throws<DataException>(() => Images.Decode(path, _pixels));

        Assert.Equal(
            $"{path}: declares 60000×60000 pixels, over the limit of 100 megapixels; it was not decoded. "
                + "Shrink the image, or raise the limit.",
            error.Message
        );
        Assert.True(_pixels.Storage(0).Length == 0, "memory was taken for the pixels");
    }

    [Fact]
    public void The_limit_counts_pixels_and_can_be_set()
    {
        string path = _folder.Write("a.png", Picture(SKEncodedImageFormat.Png, 10, 10));
        Images.Decode(path, _pixels, maxPixels: 100);
        Assert.Throws<DataException>(() => Images.Decode(path, _pixels, maxPixels: 99));
    }

    [Fact]
    public void A_text_file_is_no_image()
    {
        string path = _folder.Write("text.jpg", "just some words\n"u8.ToArray());
        Assert.Equal(
            $"{path}: is not an image that can be read (JPEG, PNG, WebP, BMP or GIF).",
            Assert.Throws<DataException>(() => Images.Decode(path, _pixels)).Message
        );
    }

    [Fact]
    public void An_empty_file_and_a_missing_one_are_named()
    {
        string path = _folder.Write("empty.png", []);
        Assert.Equal($"{path}: is empty.", Assert.Throws<DataException>(() => Images.Decode(path, _pixels)).Message);
        string missing = Path.Combine(_folder.Path, "none.png");
        Assert.Equal(
            $"{missing}: no such file.",
            Assert.Throws<DataException>(() => Images.Decode(missing, _pixels)).Message
        );
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void A_truncated_image_is_refused_wherever_it_ends(SKEncodedImageFormat format)
    {
        byte[] whole = Picture(format, 64, 48);
        Images.Load(whole, new Preprocessing { Height = 8, Width = 8 });
        // The last bytes are only end marks, which decoders may do without.
        for (int length = 0; length < whole.Length - 16; length += 37)
        {
            DataException error = Assert.Throws<DataException>(() =>
                Images.Load(whole.AsSpan(0, length), new Preprocessing { Height = 8, Width = 8 }, "cut")
            );
            Assert.StartsWith("cut: is ", error.Message, StringComparison.Ordinal);
        }
        DataException half = Assert.Throws<DataException>(() =>
            Images.Load(whole.AsSpan(0, whole.Length / 2), new Preprocessing { Height = 8, Width = 8 }, "cut")
        );
        Assert.StartsWith("cut: is truncated", half.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_photo_decoded_at_a_fraction_looks_the_same()
    {
        byte[] photo = TempFolder.Encode(
            801,
            603,
            SKEncodedImageFormat.Jpeg,
            (x, y) => new SKColor((byte)(x / 4), (byte)(y / 3), (byte)((x + y) / 8))
        );
        var size = new Preprocessing
        {
            Height = 64,
            Width = 64,
            Resize = ResizeMode.Stretch,
            Scale = 1,
        };
        ImageDecoder.Decode(photo, "photo", _pixels, default, 1_000_000);
        NDArray full = Images.Prepare(_pixels, size);
        NDArray reduced = Images.Load(photo, size);
        ImageDecoder.Decode(photo, "photo", _pixels, new Size2(128), 1_000_000);

        Assert.Equal((151, 201), (_pixels.Height, _pixels.Width));
        for (int i = 0; i < full.Values.Length; i++)
        {
            Assert.Equal(full.Values[i], reduced.Values[i], 2f);
        }
    }

    private static byte[] Picture(SKEncodedImageFormat format, int width, int height) =>
        TempFolder.Encode(
            width,
            height,
            format,
            (x, y) => new SKColor((byte)(x * 37), (byte)(y * 53), (byte)((x * y * 11) + x))
        );

    /// <summary>A small, real PNG whose header says that it is huge.</summary>
    private static byte[] HugePng(int width, int height)
    {
        byte[] png = Picture(SKEncodedImageFormat.Png, 4, 4);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        uint crc = ~0u;
        foreach (byte b in png.AsSpan(12, 17))
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
            }
        }
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), ~crc);
        return png;
    }
}
