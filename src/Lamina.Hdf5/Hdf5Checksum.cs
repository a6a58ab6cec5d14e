using System.Buffers.Binary;
using System.Numerics;

namespace Lamina.Hdf5;

/// <summary>
/// The checksum of HDF5's newer structures: Bob Jenkins' lookup3 of 2006, which is in the public domain.
/// </summary>
internal static class Hdf5Checksum
{
    /// <summary>Requires that the last four bytes are the checksum of the preceding ones.</summary>
    public static void Require(ReadOnlySpan<byte> bytes, string what)
    {
        if (bytes.Length < 4 || Compute(bytes[..^4]) != BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]))
        {
            throw new InvalidDataException($"{what} is damaged: its checksum does not match");
        }
    }

    public static uint Compute(ReadOnlySpan<byte> key)
    {
        uint a = 0xdeadbeef + (uint)key.Length;
        uint b = a;
        uint c = a;
        Span<byte> last = stackalloc byte[12];
        while (key.Length > 12)
        {
            Add(key, ref a, ref b, ref c);
            a = (a - c) ^ BitOperations.RotateLeft(c, 4);
            c += b;
            b = (b - a) ^ BitOperations.RotateLeft(a, 6);
            a += c;
            c = (c - b) ^ BitOperations.RotateLeft(b, 8);
            b += a;
            a = (a - c) ^ BitOperations.RotateLeft(c, 16);
            c += b;
            b = (b - a) ^ BitOperations.RotateLeft(a, 19);
            a += c;
            c = (c - b) ^ BitOperations.RotateLeft(b, 4);
            b += a;
            key = key[12..];
        }
        if (key.IsEmpty)
        {
            return c;
        }
        last.Clear();
        key.CopyTo(last);
        Add(last, ref a, ref b, ref c);
        c = (c ^ b) - BitOperations.RotateLeft(b, 14);
        a = (a ^ c) - BitOperations.RotateLeft(c, 11);
        b = (b ^ a) - BitOperations.RotateLeft(a, 25);
        c = (c ^ b) - BitOperations.RotateLeft(b, 16);
        a = (a ^ c) - BitOperations.RotateLeft(c, 4);
        b = (b ^ a) - BitOperations.RotateLeft(a, 14);
        return (c ^ b) - BitOperations.RotateLeft(b, 24);
    }

    private static void Add(ReadOnlySpan<byte> key, ref uint a, ref uint b, ref uint c)
    {
        a += BinaryPrimitives.ReadUInt32LittleEndian(key);
        b += BinaryPrimitives.ReadUInt32LittleEndian(key[4..]);
        c += BinaryPrimitives.ReadUInt32LittleEndian(key[8..]);
    }
}
