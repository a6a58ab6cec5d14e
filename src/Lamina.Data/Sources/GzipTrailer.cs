using System.Buffers.Binary;

namespace Lamina;

/// <summary>
/// The last eight bytes of a gzip file: the CRC-32 and length of its content (RFC 1952). <c>GZipStream</c> accepts
/// truncated files, so a reader that must detect them checks these bytes itself.
/// </summary>
internal static class GzipTrailer
{
    private const int Length = 8;
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i => Entry((uint)i))];

    /// <summary>Returns <see langword="true"/> if a gzip file of one member ends with the trailer of this content.</summary>
    public static bool Matches(FileStream file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        if (file.Length < Length)
        {
            return false;
        }
        Span<byte> trailer = stackalloc byte[Length];
        file.Position = file.Length - Length;
        file.ReadExactly(trailer);
        uint crc = ~Update(Update(~0u, head), rest);
        uint length = (uint)(head.Length + (long)rest.Length);
        return BinaryPrimitives.ReadUInt32LittleEndian(trailer) == crc
            && BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]) == length;
    }

    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            crc = Table[(byte)(crc ^ b)] ^ (crc >> 8);
        }
        return crc;
    }

    private static uint Entry(uint value)
    {
        for (int bit = 0; bit < 8; bit++)
        {
            value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320u : value >> 1;
        }
        return value;
    }
}
