using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using SkiaSharp;

namespace Lamina;

/// <summary>
/// The EXIF orientation of a PNG, which Skia's codec does not read: from its <c>eXIf</c> chunk (PNG, third edition, 11.3.4.6),
/// before or after the pixels, or from the text chunk that ImageMagick wrote before that chunk was standardized.
/// </summary>
internal static class PngOrientation
{
    private const int Signature = 8;

    // The length, type and checksum of a chunk.
    private const int Frame = 12;
    private const int MostText = 1 << 20;

    private static ReadOnlySpan<byte> LegacyKey => "Raw profile type exif\0"u8;

    /// <summary>Reads the orientation of a PNG.</summary>
    /// <param name="png">The whole file.</param>
    /// <returns>The orientation; <see cref="SKEncodedOrigin.TopLeft"/> if the file has none.</returns>
    public static SKEncodedOrigin Of(ReadOnlySpan<byte> png)
    {
        SKEncodedOrigin legacy = SKEncodedOrigin.TopLeft;
        for (int at = Signature; at <= png.Length - Frame; )
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png[at..]);
            if (length > png.Length - at - Frame)
            {
                break;
            }
            ReadOnlySpan<byte> kind = png.Slice(at + 4, 4);
            ReadOnlySpan<byte> data = png.Slice(at + 8, (int)length);
            if (kind.SequenceEqual("eXIf"u8))
            {
                return ExifOrientation.Of(data);
            }
            if (data.StartsWith(LegacyKey))
            {
                legacy = ExifOrientation.Of(LegacyProfile(kind, data[LegacyKey.Length..]));
            }
            at += Frame + (int)length;
        }
        return legacy;
    }

    /// <summary>Parses the text "\nexif\n  LENGTH\nHEX…\n" to bytes.</summary>
    private static byte[] LegacyProfile(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> data)
    {
        try
        {
            string text =
                kind.SequenceEqual("tEXt"u8) ? Encoding.Latin1.GetString(data)
                // One byte names the compression method; only one is defined.
                : kind.SequenceEqual("zTXt"u8) && data.Length > 1 ? Inflated(data[1..])
                : "";
            return Convert.FromHexString(string.Concat(text.Split('\n').Skip(3).Select(l => l.Trim())));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            return [];
        }
    }

    private static string Inflated(ReadOnlySpan<byte> data)
    {
        using var source = new MemoryStream(data.ToArray());
        using var inflater = new ZLibStream(source, CompressionMode.Decompress);
        var text = new byte[MostText];
        return Encoding.Latin1.GetString(text, 0, inflater.ReadAtLeast(text, MostText, throwOnEndOfStream: false));
    }
}
