using System.Runtime.InteropServices;

namespace Lamina;

/// <summary>Reads bytes of a tensor from an offset.</summary>
internal delegate void ByteReader(long offset, Span<byte> destination);

/// <summary>Reads contiguous elements in their order.</summary>
/// <param name="type">The element type.</param>
/// <param name="isSwapped"><see langword="true"/> if the bytes are in the opposite order of this machine's.</param>
/// <param name="read">Reads the tensor's bytes.</param>
internal sealed class ContiguousReader(ElementType type, bool isSwapped, ByteReader read)
{
    // The size that a second-level cache keeps between reading, checking and converting.
    private const int BlockBytes = 1 << 17;

    private byte[] _block = [];
    private long _position;

    /// <summary>Reads the next elements as float32.</summary>
    public void Read(Span<float> values)
    {
        int size = type.Size();
        while (values.Length > 0)
        {
            Span<float> part = values[..Math.Min(BlockBytes / size, values.Length)];
            if (type == ElementType.Float32)
            {
                // Directly to the destination.
                Span<byte> bytes = MemoryMarshal.AsBytes(part);
                ReadNext(bytes);
            }
            else
            {
                if (_block.Length == 0)
                {
                    _block = GC.AllocateUninitializedArray<byte>(BlockBytes);
                }
                Span<byte> bytes = _block.AsSpan(0, part.Length * size);
                ReadNext(bytes);
                type.ToFloats(bytes, part);
            }
            values = values[part.Length..];
        }
    }

    private void ReadNext(Span<byte> bytes)
    {
        read(_position, bytes);
        _position += bytes.Length;
        if (isSwapped)
        {
            type.SwapBytes(bytes);
        }
    }
}
