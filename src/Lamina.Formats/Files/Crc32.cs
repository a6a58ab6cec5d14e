using System.Buffers.Binary;

namespace Lamina;

/// <summary>The checksum of zip archives (CRC-32, polynomial 0xEDB88320), eight bytes at a time.</summary>
internal sealed class Crc32
{
    private static readonly uint[][] s_tables = Tables();

    private uint _state = uint.MaxValue;

    /// <summary>The checksum of what was appended.</summary>
    public uint Value => ~_state;

    /// <summary>Takes further bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        uint crc = _state;
        uint[][] t = s_tables;
        while (bytes.Length >= 8)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc =
                t[7][low & 255]
                ^ t[6][(low >> 8) & 255]
                ^ t[5][(low >> 16) & 255]
                ^ t[4][low >> 24]
                ^ t[3][high & 255]
                ^ t[2][(high >> 8) & 255]
                ^ t[1][(high >> 16) & 255]
                ^ t[0][high >> 24];
            bytes = bytes[8..];
        }
        foreach (byte b in bytes)
        {
            crc = t[0][(crc ^ b) & 255] ^ (crc >> 8);
        }
        _state = crc;
    }

    private static uint[][] Tables()
    {
        uint[][] tables = [.. Enumerable.Range(0, 8).Select(_ => new uint[256])];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
            }
            tables[0][i] = value;
        }
        for (int k = 1; k < 8; k++)
        {
            for (int i = 0; i < 256; i++)
            {
                uint before = tables[k - 1][i];
                tables[k][i] = tables[0][before & 255] ^ (before >> 8);
            }
        }
        return tables;
    }
}
