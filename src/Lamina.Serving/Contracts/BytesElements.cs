using System.Buffers.Binary;

namespace Lamina.Serving;

/// <summary>Raw data of a BYTES tensor: each element is its length in 4 bytes, little-endian, and then its bytes.</summary>
internal static class BytesElements
{
    /// <summary>Returns the elements, without copying.</summary>
    /// <exception cref="ServingException">The lengths do not add up, or there are not as many elements.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Split(string input, ReadOnlyMemory<byte> raw, int count)
    {
        var elements = new List<ReadOnlyMemory<byte>>();
        while (!raw.IsEmpty)
        {
            long length = raw.Length < sizeof(uint) ? long.MaxValue : BinaryPrimitives.ReadUInt32LittleEndian(raw.Span);
            if (length > raw.Length - sizeof(uint) || elements.Count == count)
            {
                throw ServingException.Invalid(
                    $"input '{input}': its {DataType.Bytes} data is malformed: expected {count} element(s), each a 4-byte length and its bytes."
                );
            }
            elements.Add(raw.Slice(sizeof(uint), (int)length));
            raw = raw[(sizeof(uint) + (int)length)..];
        }
        return elements;
    }
}
