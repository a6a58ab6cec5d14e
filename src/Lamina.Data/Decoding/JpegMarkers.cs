using System.Buffers.Binary;

namespace Lamina;

/// <summary>The segments of a JPEG before its pixels (ITU-T T.81, annex B).</summary>
internal static class JpegMarkers
{
    private const byte StartOfScan = 0xDA;
    private const byte App1 = 0xE1;

    /// <summary>Returns <see langword="true"/> if a file begins as JPEGs do.</summary>
    public static bool IsJpeg(ReadOnlySpan<byte> file) => file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    /// <summary>
    /// Returns <see langword="true"/> if the pixels follow well-formed segments none of which is an EXIF block, so that the
    /// image is stored upright.
    /// </summary>
    public static bool ArePlain(ReadOnlySpan<byte> file)
    {
        if (!IsJpeg(file))
        {
            return false;
        }
        for (int at = 2; at + 4 <= file.Length && file[at] == 0xFF; )
        {
            byte marker = file[at + 1];
            int length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (marker == StartOfScan)
            {
                return true;
            }
            if (marker == App1 && file[(at + 4)..].StartsWith("Exif"u8))
            {
                return false;
            }
            at += 2 + length;
        }
        return false;
    }
}
