using System.Buffers.Binary;
using SkiaSharp;

namespace Lamina;

/// <summary>The orientation in an EXIF block: TIFF 6.0's header and first directory, tag 0x0112 (EXIF 2.3).</summary>
internal static class ExifOrientation
{
    private const ushort Tag = 0x0112;
    private const int EntrySize = 12;

    /// <summary>Reads the orientation of an EXIF block.</summary>
    /// <param name="exif">The block, with or without the "Exif\0\0" that JPEG puts before it.</param>
    /// <returns>The orientation; <see cref="SKEncodedOrigin.TopLeft"/> if the block has none or is malformed.</returns>
    public static SKEncodedOrigin Of(ReadOnlySpan<byte> exif)
    {
        if (exif.StartsWith("Exif\0\0"u8))
        {
            exif = exif[6..];
        }
        bool isLittle = exif.StartsWith("II*\0"u8);
        if ((!isLittle && !exif.StartsWith("MM\0*"u8)) || exif.Length < 8)
        {
            return SKEncodedOrigin.TopLeft;
        }
        uint directory = UInt32(exif[4..], isLittle);
        if (directory > exif.Length - 2)
        {
            return SKEncodedOrigin.TopLeft;
        }
        ReadOnlySpan<byte> entries = exif[(int)directory..];
        int count = UInt16(entries, isLittle);
        entries = entries[2..];
        for (int i = 0; i < count && entries.Length >= EntrySize; i++, entries = entries[EntrySize..])
        {
            if (UInt16(entries, isLittle) == Tag)
            {
                return Origin(entries, isLittle);
            }
        }
        return SKEncodedOrigin.TopLeft;
    }

    // The standard requires a SHORT; some programs write a BYTE or a LONG.
    private static SKEncodedOrigin Origin(ReadOnlySpan<byte> entry, bool isLittle)
    {
        uint value = UInt16(entry[2..], isLittle) switch
        {
            1 => entry[8],
            3 => UInt16(entry[8..], isLittle),
            4 => UInt32(entry[8..], isLittle),
            _ => 0,
        };
        return value is >= 1 and <= 8 ? (SKEncodedOrigin)value : SKEncodedOrigin.TopLeft;
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint UInt32(ReadOnlySpan<byte> bytes, bool isLittle) =>
        isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
