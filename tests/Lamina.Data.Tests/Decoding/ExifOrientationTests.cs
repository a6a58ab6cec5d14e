using SkiaSharp;

namespace Lamina.Data.Tests.Decoding;

/// <summary>EXIF blocks and PNGs that are cut, or lie: upright, never an exception. Whole ones are in FormatTests.</summary>
public class ExifOrientationTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Goldens", "formats");

    private static byte[] RightTop => [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0];

    [Fact]
    public void A_block_that_ends_early_has_no_orientation()
    {
        Assert.Equal(SKEncodedOrigin.RightTop, ExifOrientation.Of(RightTop));
        Assert.Equal(SKEncodedOrigin.RightTop, ExifOrientation.Of([.. "Exif\0\0"u8, .. RightTop]));
        for (int length = 0; length < RightTop.Length; length++)
        {
            Assert.Equal(SKEncodedOrigin.TopLeft, ExifOrientation.Of(RightTop.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData(7, 0xff)] // The directory lies outside.
    [InlineData(4, 0xff)] // … and its place overflows an int.
    [InlineData(13, 7)] // The value is of an unknown type.
    [InlineData(19, 9)] // There are eight orientations.
    [InlineData(19, 0)]
    [InlineData(3, 0)] // Not TIFF.
    public void What_makes_no_sense_is_no_orientation(int at, byte value)
    {
        byte[] exif = RightTop;
        exif[at] = value;
        Assert.Equal(SKEncodedOrigin.TopLeft, ExifOrientation.Of(exif));
    }

    [Theory]
    [InlineData("exif_big.png")]
    [InlineData("exif_late.png")]
    [InlineData("exif_text.png")]
    [InlineData("exif_ztxt.png")]
    public void Every_damaged_byte_of_a_file_is_survived(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, name));
        Assert.NotEqual(SKEncodedOrigin.TopLeft, PngOrientation.Of(file));
        for (int at = 0; at < file.Length; at++)
        {
            byte[] damaged = [.. file];
            damaged[at] ^= 0xff;
            Assert.InRange(PngOrientation.Of(damaged), SKEncodedOrigin.TopLeft, SKEncodedOrigin.LeftBottom);
            Assert.InRange(PngOrientation.Of(file.AsSpan(0, at)), SKEncodedOrigin.TopLeft, SKEncodedOrigin.LeftBottom);
        }
    }
}
