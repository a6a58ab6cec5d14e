using System.Buffers.Binary;
using System.Numerics;

namespace Lamina;

/// <summary>
/// Writes the framing of TensorFlow's record files: length (8 bytes), its masked CRC-32C (4), the data, its masked
/// CRC-32C (4), all little-endian.
/// </summary>
internal static class TfRecord
{
    private const uint MaskDelta = 0xA282EAD8;

    /// <summary>Writes one record.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> data)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteInt64LittleEndian(head, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], MaskedCrc(head[..8]));
        stream.Write(head);
        stream.Write(data);
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, MaskedCrc(data));
        stream.Write(tail);
    }

    /// <summary>Computes CRC-32C (Castagnoli).</summary>
    public static uint Crc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        for (; data.Length >= 8; data = data[8..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(data));
        }
        foreach (byte value in data)
        {
            crc = BitOperations.Crc32C(crc, value);
        }
        return ~crc;
    }

    // Rotated and shifted, since a CRC of data that contains its own CRC is weak.
    private static uint MaskedCrc(ReadOnlySpan<byte> data) =>
        unchecked(BitOperations.RotateRight(Crc(data), 15) + MaskDelta);
}
